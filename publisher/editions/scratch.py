"""The temporary tables of enlisting: they live as long as its transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from publisher.editions.masks import WORD, words_of


class Scratch:
    """The tables, whose masks have as many words as the stories of the edition need."""

    def __init__(self, stories: int) -> None:
        self.words = [f"mask{word}" for word in range(max(1, -(-stories // WORD)))]
        self.reader = _temporary(
            "reader",
            _key("subscriber_id", sa.Integer),
            sa.Column("sections", sa.String),
            sa.Column("subscribed_at", UTCDateTime),
            sa.Column("reason", sa.String),
        )
        self.choice = _temporary("choice", _key("sections", sa.String), *self._masks())
        self.step = _temporary(
            "step", _key("since", UTCDateTime), sa.Column("until", UTCDateTime), *self._masks()
        )
        self.had = _temporary("had", _key("variant_id", sa.Integer), *self._masks())
        self.share = _temporary(
            "share",
            _key("subscriber_id", sa.Integer),
            sa.Column("whole", sa.Boolean),
            *self._masks(),
        )
        self.map = _temporary(
            "map",
            sa.Column("variant_id", sa.Integer),
            sa.Column("first_batch", sa.Integer),
            *(_key(word, sa.BigInteger) for word in self.words),
        )

    def open(self, session: Session) -> None:
        """Make the tables, empty, whatever an earlier transaction on this connection left."""
        for table in self._tables():
            table.drop(session.connection(), checkfirst=True)
            table.create(session.connection())

    def close(self, session: Session) -> None:
        """Give the space back, because the connection may live on for long."""
        for table in self._tables():
            table.drop(session.connection())

    def values(self, mask: int) -> dict[str, int]:
        """A mask as the values of a row's words."""
        return dict(zip(self.words, words_of(mask, len(self.words)), strict=True))

    def has_bits(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Whether a mask of the table has any bit."""
        return sa.or_(*(table.c[word] != 0 for word in self.words))

    def same_mask(self) -> sa.ColumnElement[bool]:
        """Joins a share with its entry in the map."""
        return sa.and_(*(self.share.c[word] == self.map.c[word] for word in self.words))

    def _tables(self) -> tuple[sa.Table, ...]:
        return self.reader, self.choice, self.step, self.had, self.share, self.map

    def _masks(self) -> list[sa.Column[Any]]:
        return [sa.Column(word, sa.BigInteger) for word in self.words]


def fill(session: Session, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows that were worked out here."""
    if rows:
        session.connection().execute(table.insert(), rows)
    tell_planner(session, table)


def fill_from(session: Session, table: sa.Table, query: sa.Select[*tuple[Any, ...]]) -> None:
    """Write rows that the database works out, in the order of the table's columns."""
    session.execute(table.insert().from_select(list(table.columns.keys()), query))
    tell_planner(session, table)


def tell_planner(session: Session, table: sa.Table) -> None:
    """Let PostgreSQL see how big the table is: of a temporary one nobody else tells it.

    Without that it may walk a million readers in nested loops.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"ANALYZE {table.name}"))


def _temporary(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(f"enlist_{name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])


def _key(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)
