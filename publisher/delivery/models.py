"""Tables of delivery itself: how fast each destination may be written to, and from where."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class DestinationRow(SQLModel, table=True):
    """The pace of one receiving domain, shared by all workers; domain `*` is all mail together."""

    __tablename__ = "destination"

    domain: str = Field(primary_key=True, max_length=253)
    per_minute: int | None = Field(default=None, description="messages; None: no limit")
    connections: int | None = Field(
        default=None, description="of one worker process at a time; None: no limit"
    )
    free_at: datetime | None = Field(default=None, description="when the next message may go")
    held_until: datetime | None = Field(default=None, description="it asked to be left alone")
    strikes: int = Field(default=0, description="policy blocks one after another")
    reason: str | None = Field(default=None, max_length=200, description="of held_until")
    warm_up_since: date | None = Field(default=None, description="first day of the schedule, UTC")
    warm_up_first: int = Field(default=0, description="messages on that day")
    day: date | None = Field(default=None, description="the UTC day that day_count counts")
    day_count: int = 0


class RelayRow(SQLModel, table=True):
    """How the way to a mail server does, as all workers see it; no row means well."""

    __tablename__ = "relay"

    name: str = Field(primary_key=True, max_length=300, description="host:port")
    failures: int = Field(default=0, description="one after another")
    not_before: datetime | None = Field(default=None, description="when to try it again")
    reason: str | None = Field(default=None, max_length=500)


class EnvironmentRow(SQLModel, table=True):
    """Where this store may send from. A copy of it elsewhere must not mail the same readers."""

    __tablename__ = "environment"

    id: int = Field(default=1, primary_key=True)
    uuid: str = Field(max_length=36)
    base_url: str = Field(max_length=500)
    fingerprint: str = Field(max_length=200, description="of the database that holds this row")
    confirmed_at: datetime
