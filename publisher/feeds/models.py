"""The table of feeds: what is up, what it was built from, and what is wanted."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class FeedRow(SQLModel, table=True):
    """A selection of stories served in every format; `all` is the whole site."""

    __tablename__ = "feed"

    slug: str = Field(primary_key=True, max_length=64)
    uuid: str = Field(unique=True, max_length=36)
    section: str | None = Field(default=None, max_length=64, description="None: every section")
    title: str = Field(max_length=200)
    wanted_event: int = Field(default=0, description="the newest event it should show")
    built_event: int = Field(default=-1, description="the newest event it does show")
    claimed_until: datetime | None = Field(default=None, description="somebody is building it")
    changed_at: datetime | None = Field(default=None, description="Last-Modified, whole seconds")
    entries: int = 0
    problem: str | None = Field(default=None, description="why the last build was not put up")
