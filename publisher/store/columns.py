"""Column shapes that the tables share."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


def choice(kind: type[StrEnum], name: str, *, nullable: bool = False, index: bool = False) -> Any:
    """A column of one of the words of `kind`, kept as text and checked by the database."""
    words = sa.Enum(
        kind,
        native_enum=False,
        length=16,
        values_callable=lambda members: [member.value for member in members],
        create_constraint=True,
        name=name,
    )
    return sa.Column(words, nullable=nullable, index=index)


def json_column(*, nullable: bool = False) -> sa.Column[Any]:
    """JSON on both databases. Assign a new value: a change in place is not saved."""
    return sa.Column(sa.JSON().with_variant(JSONB(), "postgresql"), nullable=nullable)


def new_uuid(now: datetime) -> str:
    """A UUIDv7 (RFC 9562 §5.7): sorts by the time it was minted."""
    millis = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (millis << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def partial_index(name: str, columns: Sequence[str], where: str) -> sa.Index:
    """An index over the rows that meet `where`, on both databases."""
    condition = sa.text(where)
    return sa.Index(name, *columns, postgresql_where=condition, sqlite_where=condition)
