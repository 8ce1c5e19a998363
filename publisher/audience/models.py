"""Tables of the audience: newsletters, readers, what they chose, and letters to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice, json_column, partial_index


class Cadence(StrEnum):
    """How often a subscription's mail comes: the reader's choice."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriberState(StrEnum):
    """Whether an address has once said yes; erased means the person is blanked."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    ERASED = "erased"


class SubscriptionState(StrEnum):
    """Pending waits for the reader's yes; ended never comes back by itself."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class LetterState(StrEnum):
    """As for deliveries, and sending while one worker has it."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


class LetterKind(StrEnum):
    """What a letter says; each has its folder in templates/email/letters."""

    CONFIRM = "confirm"
    WELCOME = "welcome"
    GOODBYE = "goodbye"


class NewsletterRow(SQLModel, table=True):
    """What may be subscribed to."""

    __tablename__ = "newsletter"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    slug: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    description: str = ""
    sender_name: str = Field(max_length=200)
    sender_address: str = Field(max_length=254)
    reply_to: str | None = Field(default=None, max_length=254)
    dkim_domain: str | None = Field(default=None, max_length=254, description="signs its mails")
    dkim_selector: str | None = Field(default=None, max_length=100, description="with this key")
    sections: list[str] = Field(default_factory=list, sa_column=json_column())
    cadences: list[str] = Field(default_factory=list, sa_column=json_column())
    language: str = Field(default="en", max_length=16)
    zone: str = Field(max_length=64, description="IANA name")
    hour: int = Field(description="local hour of its slots, 0 to 23")
    weekday: int = Field(default=1, description="of weekly slots: 0 Sunday to 6 Saturday, as cron")
    max_stories: int = Field(default=24)
    quiet_from: int | None = Field(default=None, description="local hour after which it waits")
    quiet_until: int | None = Field(default=None, description="local hour at which it goes on")
    resend_uncertain: bool = Field(default=False, description="rather twice than not at all")
    active: bool = True
    created_at: datetime


class SubscriberRow(SQLModel, table=True):
    """A person's address. Erasing blanks the person and keeps the row."""

    __tablename__ = "subscriber"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    address: str | None = Field(default=None, max_length=254)
    address_key: str = Field(unique=True, max_length=64, description="HMAC of the address")
    name: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=16)
    state: SubscriberState = Field(sa_column=choice(SubscriberState, "subscriber_state"))
    created_at: datetime
    confirmed_at: datetime | None = None


class SubscriptionRow(SQLModel, table=True):
    """A reader's choice of a newsletter, with the proof of consent."""

    __tablename__ = "subscription"
    __table_args__ = (
        sa.UniqueConstraint("subscriber_id", "newsletter_id"),
        sa.Index("ix_subscription_match", "newsletter_id", "cadence", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    newsletter_id: int = Field(foreign_key="newsletter.id")
    cadence: Cadence = Field(sa_column=choice(Cadence, "cadence"))
    sections: str = Field(
        default="", max_length=1000, description="chosen slugs, sorted, by comma; empty: all"
    )
    state: SubscriptionState = Field(sa_column=choice(SubscriptionState, "subscription_state"))
    subscribed_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = Field(default=None, max_length=32)
    paused_until: datetime | None = None
    consent: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class SuppressionRow(SQLModel, table=True):
    """An address that must not be written to, known only by its key."""

    __tablename__ = "suppression"

    address_key: str = Field(primary_key=True, max_length=64)
    reason: str = Field(max_length=32)
    at: datetime


class LetterRow(SQLModel, table=True):
    """One transactional mail to one person."""

    __tablename__ = "letter"
    __table_args__ = (
        partial_index("ix_letter_due", ["next_at"], "state IN ('queued', 'deferred', 'sending')"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    kind: LetterKind = Field(sa_column=choice(LetterKind, "letter_kind"))
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    state: LetterState = Field(sa_column=choice(LetterState, "letter_state"))
    created_at: datetime
    next_at: datetime = Field(description="when it may next be tried, or its claim lapses")
    attempts: int = 0
    code: int | None = None
    reply: str | None = Field(default=None, max_length=200)
    at: datetime | None = Field(default=None, description="of its outcome")
