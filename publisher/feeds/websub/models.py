"""Tables of WebSub: what each hub is to be told."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice, partial_index


class PingState(StrEnum):
    """Waiting until it was told, or until it has been tried for too long."""

    WAITING = "waiting"
    TOLD = "told"
    GIVEN_UP = "given_up"


class HubPingRow(SQLModel, table=True):
    """What one hub knows of one document of a feed. A newer change replaces one that waits."""

    __tablename__ = "hub_ping"
    __table_args__ = (
        sa.Index("ix_hub_ping_slug", "slug"),
        partial_index("ix_hub_ping_due", ["next_at"], "state = 'waiting'"),
    )

    hub: str = Field(primary_key=True, max_length=500)
    slug: str = Field(foreign_key="feed.slug", primary_key=True, max_length=64)
    fmt: str = Field(primary_key=True, max_length=8, description="rss, atom or json")
    changed_at: datetime = Field(description="Last-Modified of the document it is to be told of")
    wanted_at: datetime = Field(description="when that document was put up")
    state: PingState = Field(
        default=PingState.WAITING, sa_column=choice(PingState, "hub_ping_state")
    )
    next_at: datetime = Field(description="when to try; while one tries: when its claim ends")
    failures: int = Field(default=0, description="one after another")
    told_at: datetime | None = Field(default=None, description="when it last took a ping")
    code: int | None = Field(default=None, description="HTTP status; None: no answer")
    problem: str | None = Field(default=None, max_length=300, description="of the last try")
