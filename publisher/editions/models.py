"""Tables of the editions: who shall get what. Delivery reads and moves them on."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice, json_column, partial_index


class EditionKind(StrEnum):
    """A slot's digest, an editor's special, and what later kinds there are."""

    DIGEST = "digest"
    ALERT = "alert"
    SPECIAL = "special"
    CORRECTION = "correction"
    KILL_NOTICE = "kill_notice"


class EditionState(StrEnum):
    """Where an edition stands; cancelling leads back to draft."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    HOLDING = "holding"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    FAILED = "failed"


class DeliveryState(StrEnum):
    """What became of one edition for one reader."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


class BatchState(StrEnum):
    """Sending is a state of the batch, not of its deliveries."""

    READY = "ready"
    SENDING = "sending"
    DONE = "done"


class ExclusionReason(StrEnum):
    """Why a matched reader gets nothing."""

    NOTHING_NEW = "nothing_new"
    HAD_ALL = "had_all"
    PAUSED = "paused"
    UNCONFIRMED = "unconfirmed"
    SUPPRESSED = "suppressed"
    ERASED = "erased"


class SlotRow(SQLModel, table=True):
    """The moment at which a newsletter and cadence is due for some readers."""

    __tablename__ = "slot"
    __table_args__ = (sa.UniqueConstraint("newsletter_id", "cadence", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    newsletter_id: int = Field(foreign_key="newsletter.id")
    cadence: str = Field(max_length=16)
    due_at: datetime = Field(index=True)
    day_id: int = Field(foreign_key="edition_day.id")


class EditionDayRow(SQLModel, table=True):
    """The editions of one newsletter, cadence and local date: a reader gets one of them."""

    __tablename__ = "edition_day"
    __table_args__ = (sa.UniqueConstraint("newsletter_id", "cadence", "local_date"),)

    id: int | None = Field(default=None, primary_key=True)
    newsletter_id: int = Field(foreign_key="newsletter.id")
    cadence: str = Field(max_length=16)
    local_date: date


class EditionRow(SQLModel, table=True):
    """One issue of a newsletter."""

    __tablename__ = "edition"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    newsletter_id: int = Field(foreign_key="newsletter.id", index=True)
    kind: EditionKind = Field(sa_column=choice(EditionKind, "edition_kind"))
    state: EditionState = Field(sa_column=choice(EditionState, "edition_state", index=True))
    reason: str | None = Field(default=None, description="of skipped, failed and paused")
    slot_id: int | None = Field(default=None, foreign_key="slot.id", unique=True)
    cadence: str | None = Field(default=None, max_length=16, description="None: every cadence")
    subject: str | None = Field(default=None, description="None: made from the stories")
    chosen: list[str] | None = Field(
        default=None,
        sa_column=json_column(nullable=True),
        description="article uuids in an editor's order; None: chosen by the ledger rule",
    )
    created_at: datetime
    due_at: datetime | None = Field(default=None, index=True)
    hold_until: datetime | None = None
    cutoff_at: datetime | None = Field(default=None, description="stories eligible up to here")
    frozen_at: datetime | None = None
    finished_at: datetime | None = None
    resume_at: datetime | None = Field(
        default=None, index=True, description="paused until then by the clock, not by an editor"
    )
    matched: int | None = Field(default=None, description="counted by its own statement at freeze")
    message_domain: str = Field(
        default="", max_length=255, description="of its Message-IDs: the sender's when it froze"
    )


class EditionItemRow(SQLModel, table=True):
    """A story in an edition, at a frozen version and position."""

    __tablename__ = "edition_item"

    edition_id: int = Field(foreign_key="edition.id", primary_key=True)
    position: int = Field(primary_key=True)
    story_id: int = Field(foreign_key="story.id", index=True)
    article_id: int = Field(foreign_key="article.id", index=True)
    version_id: int = Field(foreign_key="article_version.id")


class VariantRow(SQLModel, table=True):
    """The readers of an edition who get exactly the same blocks share one; never changed."""

    __tablename__ = "variant"
    __table_args__ = (sa.UniqueConstraint("edition_id", "signature"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id")
    signature: str = Field(max_length=1000, description="positions of its items, by comma")
    language: str = Field(default="en", max_length=16)


class VariantItemRow(SQLModel, table=True):
    """Which stories a variant carries: the ledger is delivery joined with this."""

    __tablename__ = "variant_item"
    __table_args__ = (sa.Index("ix_variant_item_story", "story_id", "variant_id"),)

    variant_id: int = Field(foreign_key="variant.id", primary_key=True)
    position: int = Field(primary_key=True)
    story_id: int
    article_id: int = Field(index=True)


class BatchRow(SQLModel, table=True):
    """Up to 500 deliveries of one variant, claimed as one."""

    __tablename__ = "batch"
    __table_args__ = (partial_index("ix_batch_open", ["edition_id"], "state <> 'done'"),)

    edition_id: int = Field(foreign_key="edition.id", primary_key=True)
    no: int = Field(primary_key=True)
    variant_id: int = Field(foreign_key="variant.id")
    state: BatchState = Field(sa_column=choice(BatchState, "batch_state"))
    lease_until: datetime | None = None
    worker: str | None = Field(default=None, max_length=100)
    window_until: int | None = Field(
        default=None, description="last subscriber id that may be in flight"
    )


# That a batch is not done, as its index has it: with a parameter, no database would use that.
OPEN = sa.text("batch.state <> 'done'")


class DeliveryRow(SQLModel, table=True):
    """One edition to one subscriber. Its row changes once, at its outcome."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "subscriber_id"),
        sa.Index("ix_delivery_batch", "edition_id", "batch_no", "subscriber_id"),
        sa.Index("ix_delivery_reader", "subscriber_id", "variant_id"),
        partial_index("ix_delivery_next_at", ["next_at"], "next_at IS NOT NULL"),
        partial_index("ix_delivery_hard", ["edition_id"], "reason = 'hard'"),
        # Each row changes once, soon after it was written: with room on its page no index does.
        {"postgresql_with": {"fillfactor": 45}},
    )

    edition_id: int = Field(foreign_key="edition.id", primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    variant_id: int = Field(foreign_key="variant.id")
    batch_no: int
    day_id: int | None = Field(default=None, foreign_key="edition_day.id")
    state: DeliveryState = Field(sa_column=choice(DeliveryState, "delivery_state"))
    reason: str | None = Field(
        default=None, max_length=16, description="withdrawn, refused, waiting: why"
    )
    code: int | None = Field(default=None, description="SMTP reply code")
    reply: str | None = Field(default=None, max_length=200)
    attempts: int = 0
    next_at: datetime | None = None
    at: datetime | None = None
    resent_at: datetime | None = Field(
        default=None, description="when it was uncertain and put up to be sent again"
    )


class ExclusionRow(SQLModel, table=True):
    """A matched reader who gets no delivery, and why."""

    __tablename__ = "exclusion"

    edition_id: int = Field(foreign_key="edition.id", primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    reason: ExclusionReason = Field(sa_column=choice(ExclusionReason, "exclusion_reason"))


class EnlistLockRow(SQLModel, table=True):
    """The one row that an enlisting transaction holds from reading the ledger to its commit."""

    __tablename__ = "enlist_lock"

    id: int = Field(default=1, primary_key=True)
    held_at: datetime | None = None
