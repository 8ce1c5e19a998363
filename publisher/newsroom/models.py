"""Tables of the newsroom: stories, articles, their versions, and what happened to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice, json_column, partial_index


class ArticleState(StrEnum):
    """Design §2. What each state allows at each exit stands in `newsroom.exits`."""

    RECEIVED = "received"
    QUARANTINED = "quarantined"
    IN_REVIEW = "in_review"
    EMBARGOED = "embargoed"
    PUBLISHED = "published"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"
    KILLED = "killed"
    MERGED = "merged"
    EXPIRED = "expired"


class StoryRow(SQLModel, table=True):
    """The cluster an article belongs to; the ledger speaks of stories, not of articles."""

    __tablename__ = "story"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime


class ArticleRow(SQLModel, table=True):
    """A story as (source, external_id): its state, and which version is current."""

    __tablename__ = "article"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_article_section_eligible_at", "section", "eligible_at"),
        partial_index("ix_article_embargo", ["embargo_until"], "state = 'embargoed'"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    story_id: int = Field(foreign_key="story.id", index=True)
    source: str = Field(max_length=64)
    external_id: str = Field(max_length=512)
    state: ArticleState = Field(sa_column=choice(ArticleState, "article_state", index=True))
    reason: str | None = Field(default=None, description="why it is in this state, for the desk")
    version_id: int | None = Field(default=None, description="the current version")
    version: int = Field(default=0, description="the current version's number, from 1")
    language: str = Field(default="en", max_length=16)
    section: str | None = Field(default=None, max_length=64)
    urgency: int | None = None
    rights_status: str = Field(default="unknown", max_length=16)
    published_at: datetime | None = Field(default=None, description="the source's own claim")
    received_at: datetime
    eligible_at: datetime | None = Field(
        default=None, index=True, description="when it first might go out; set once"
    )
    updated_at: datetime = Field(description="last significant change: correction, kill, restore")
    baseline: bool = Field(default=False, description="came with a source's first sync: not mailed")
    embargo_until: datetime | None = None
    corrected_at: datetime | None = None
    correction: str | None = None
    left_at: datetime | None = Field(default=None, description="withdrawn or killed at")


class ArticleVersionRow(SQLModel, table=True):
    """One version of an article: its content never changes, only its place in their order."""

    __tablename__ = "article_version"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    number: int
    created_at: datetime
    version_at: datetime = Field(description="orders versions: the source's time, or ours")
    content_hash: str = Field(max_length=64)
    title: str
    slug: str = Field(max_length=200)
    section_name: str | None = None
    deck: str | None = None
    summary: str = ""
    body_html: str = ""
    paragraphs: list[str] = Field(default_factory=list, sa_column=json_column())
    dateline: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    credit: str | None = None
    byline: str | None = None
    url: str | None = None
    image: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    tags: list[str] = Field(default_factory=list, sa_column=json_column())
    comments: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    related: list[str] = Field(default_factory=list, sa_column=json_column())
    unparsed_head: list[str] = Field(default_factory=list, sa_column=json_column())
    rights: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    expires_at: datetime | None = Field(default=None, description="the source's: told, not obeyed")
    digital_source: str | None = Field(default=None, max_length=120)
    word_count: int = 0
    reading_minutes: int = 1


class ArticleEventRow(SQLModel, table=True):
    """Something that happened to an article; rooms react to it and leave a receipt."""

    __tablename__ = "article_event"

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id", index=True)
    at: datetime
    event: str = Field(max_length=16)
    before: str = Field(max_length=16)
    after: str = Field(max_length=16)
    version: int
    actor: str = Field(max_length=220)
    reason: str | None = None
    section_before: str | None = Field(default=None, max_length=64)


class ArticleReceiptRow(SQLModel, table=True):
    """A room has dealt with an event."""

    __tablename__ = "article_receipt"

    event_id: int = Field(foreign_key="article_event.id", primary_key=True)
    room: str = Field(primary_key=True, max_length=16)
    at: datetime
