"""The temporary tables of enlisting: they live as long as its transaction."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from publisher.editions.masks import WORD, Choice, words_of


def _temporary(name: str, *columns: sa.Column[object]) -> sa.Table:
    return sa.Table(f"enlist_{name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])


READER = _temporary(
    "reader",
    sa.Column("subscriber_id", sa.Integer, primary_key=True),
    sa.Column("sections", sa.String),
    sa.Column("subscribed_at", UTCDateTime),
    sa.Column("reason", sa.String),
)


class Scratch:
    """The tables that hold masks, with as many words as the longest choice needs."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        longest = max((len(choice.positions) for choice in choices), default=0)
        self.words = [f"mask{word}" for word in range(max(1, -(-longest // WORD)))]
        self.step = self._table(
            "step",
            sa.Column("sections", sa.String),
            sa.Column("since", UTCDateTime),
            sa.Column("until", UTCDateTime),
            sa.Column("whole", sa.Boolean),
        )
        self.had = self._table(
            "had", sa.Column("variant_id", sa.Integer), sa.Column("sections", sa.String)
        )
        self.share = self._table(
            "share",
            sa.Column("subscriber_id", sa.Integer, primary_key=True),
            sa.Column("sections", sa.String),
            sa.Column("whole", sa.Boolean),
        )
        self.map = self._table(
            "map",
            sa.Column("sections", sa.String),
            sa.Column("variant_id", sa.Integer),
            sa.Column("first_batch", sa.Integer),
        )

    def open(self, session: Session) -> None:
        """Make the tables, empty."""
        empty(session, self.step, self.had, self.share, self.map)

    def close(self, session: Session) -> None:
        """Give the space back, because the connection may live on for long."""
        for table in (READER, self.step, self.had, self.share, self.map):
            table.drop(session.connection(), checkfirst=True)

    def values(self, mask: int) -> dict[str, int]:
        """A mask as the values of a row's words."""
        return dict(zip(self.words, words_of(mask, len(self.words)), strict=True))

    def holds_a_story(self) -> sa.ColumnElement[bool]:
        """Whether a share's mask has any bit."""
        return sa.or_(*(self.share.c[word] != 0 for word in self.words))

    def same_mask(self) -> sa.ColumnElement[bool]:
        """Joins a share with its entry in the map."""
        same = (self.share.c[word] == self.map.c[word] for word in self.words)
        return sa.and_(self.share.c.sections == self.map.c.sections, *same)

    def _table(self, name: str, *columns: sa.Column[object]) -> sa.Table:
        words: list[sa.Column[object]] = [sa.Column(word, sa.BigInteger) for word in self.words]
        return _temporary(name, *columns, *words)


def empty(session: Session, *tables: sa.Table) -> None:
    """Make the tables anew, whatever an earlier transaction on this connection left."""
    for table in tables:
        table.drop(session.connection(), checkfirst=True)
        table.create(session.connection())
