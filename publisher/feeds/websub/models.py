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


class IntentMode(StrEnum):
    """What somebody asks of our hub for a callback; denied is what we tell it."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


class IntentState(StrEnum):
    """Asked until the callback says whether it is meant."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    FAILED = "failed"


class HubIntentRow(SQLModel, table=True):
    """A request to our hub: anybody may send one, so its callback is asked whether it is meant.

    Or the end of a subscription from our side, which the callback is told.
    """

    __tablename__ = "hub_intent"
    __table_args__ = (
        sa.Index("ix_hub_intent_host_asked_at", "host", "asked_at"),
        partial_index("ix_hub_intent_due", ["next_at"], "state = 'asked'"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mode: IntentMode = Field(sa_column=choice(IntentMode, "hub_intent_mode"))
    callback: str = Field(max_length=500)
    host: str = Field(max_length=253, description="of the callback")
    slug: str = Field(foreign_key="feed.slug", max_length=64)
    fmt: str = Field(max_length=8)
    secret: str | None = Field(default=None, max_length=200)
    lease_s: int = Field(description="seconds the subscription will last")
    asked_at: datetime
    state: IntentState = Field(
        default=IntentState.ASKED, sa_column=choice(IntentState, "hub_intent_state")
    )
    next_at: datetime = Field(description="when to ask the callback; or when that claim ends")
    tries: int = 0
    problem: str | None = Field(default=None, max_length=300)
    reason: str | None = Field(default=None, max_length=200, description="why it is denied")


class PushState(StrEnum):
    """Idle: it has what is up, as far as we know."""

    IDLE = "idle"
    WAITING = "waiting"
    GIVEN_UP = "given_up"


class HubSubscriptionRow(SQLModel, table=True):
    """A callback that is brought a document of a feed whenever it changes, and how that goes."""

    __tablename__ = "hub_subscription"
    __table_args__ = (
        sa.UniqueConstraint("callback", "slug", "fmt"),
        sa.Index("ix_hub_subscription_slug_fmt", "slug", "fmt"),
        sa.Index("ix_hub_subscription_host", "host"),
        partial_index(
            "ix_hub_subscription_due", ["failures", "next_at", "id"], "state = 'waiting'"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    callback: str = Field(max_length=500)
    host: str = Field(max_length=253, description="of the callback")
    slug: str = Field(foreign_key="feed.slug", max_length=64)
    fmt: str = Field(max_length=8)
    secret: str | None = Field(default=None, max_length=200, description="signs what it is brought")
    lease_until: datetime
    changed_at: datetime = Field(description="Last-Modified of what it has, or is to be brought")
    wanted_at: datetime = Field(description="when that document was put up")
    state: PushState = Field(default=PushState.IDLE, sa_column=choice(PushState, "hub_push_state"))
    next_at: datetime
    claimed_until: datetime | None = Field(default=None, description="somebody is bringing it")
    failures: int = Field(default=0, description="one after another")
    brought_at: datetime | None = Field(default=None, description="when it last took a document")
    code: int | None = Field(default=None, description="HTTP status; None: no answer")
    problem: str | None = Field(default=None, max_length=300, description="of the last try")
