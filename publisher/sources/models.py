"""The tables of sources: where articles come from, and what was last seen there."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class SourceRow(SQLModel, table=True):
    """A polled source; the command line's pick-ups belong to the source `pickup`."""

    __tablename__ = "source"

    slug: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    location: str = Field(description="folder or address")
    language: str = Field(default="en", max_length=16)
    zone: str = Field(default="UTC", max_length=64)
    trust: str = Field(default="auto", max_length=8, description="auto or review")
    baseline_done: bool = Field(default=False, description="the first sync is over")
    claimed_until: datetime | None = None
    polled_at: datetime | None = None
    problem: str | None = None


class SourceFileRow(SQLModel, table=True):
    """What was last seen of one file, so that only whole and changed files are read."""

    __tablename__ = "source_file"

    source: str = Field(primary_key=True, foreign_key="source.slug", max_length=64)
    path: str = Field(primary_key=True, max_length=1024)
    size: int = Field(sa_type=sa.BigInteger)
    mtime_ns: int = Field(sa_type=sa.BigInteger)
    taken: bool = Field(default=False, description="read in this shape")
    baseline: bool = Field(default=False, description="lay there at the source's first look")
    problem: str | None = None
