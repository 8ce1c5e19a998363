"""Many ids as one parameter of a statement that is built once, on both databases."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

_NAME = "ids"


def is_among(dialect: str, column: Mapped[int]) -> sa.ColumnElement[bool]:
    """Whether the column is one of the ids that `among` gives to the statement."""
    if dialect == "postgresql":
        return column == sa.func.any(sa.bindparam(_NAME, type_=ARRAY(sa.Integer)))
    values = sa.func.json_each(sa.bindparam(_NAME, type_=sa.Text)).table_valued("value")
    return column.in_(sa.select(values.c.value))


def among(dialect: str, ids: Iterable[int]) -> dict[str, Any]:
    """The parameter, by name, for a statement with `is_among`."""
    found = list(ids)
    return {_NAME: found if dialect == "postgresql" else json.dumps(found)}
