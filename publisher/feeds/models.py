"""Tables of the feeds: what is up and wanted, which stories are in which, archives, readings."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice


class FeedKind(StrEnum):
    """What a feed's stories have in common; the last two are documents about the others."""

    SITE = "site"
    SECTION = "section"
    LANGUAGE = "language"
    NEWSLETTER = "newsletter"
    AUTHOR = "author"
    TAG = "tag"
    SITEMAP = "sitemap"
    OPML = "opml"


class FeedRow(SQLModel, table=True):
    """A selection of stories served in every format; `all` is the whole site."""

    __tablename__ = "feed"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)

    slug: str = Field(primary_key=True, max_length=64, description="the name of its files")
    uuid: str = Field(unique=True, max_length=36)
    kind: FeedKind = Field(default=FeedKind.SITE, sa_column=choice(FeedKind, "feed_kind"))
    value: str = Field(default="", max_length=200, description="which section, author, tag, …")
    title: str = Field(max_length=200)
    language: str | None = Field(default=None, max_length=16, description="None: the site's")
    summary_only: bool = Field(default=False, description="even where rights allow the whole text")
    wanted_event: int = Field(default=0, description="the newest event it should show")
    built_event: int = Field(default=-1, description="the newest event it does show")
    due_at: datetime | None = Field(default=None, description="out of date then by itself")
    claimed_until: datetime | None = Field(default=None, description="somebody is building it")
    changed_at: datetime | None = Field(
        default=None, description="Last-Modified of it or of its newest archive, whole seconds"
    )
    entries: int = 0
    problem: str | None = Field(default=None, description="why the last build was not put up")

    @property
    def section(self) -> str | None:
        """The slug of the section that it is the feed of."""
        return self.value if self.kind == FeedKind.SECTION else None


class FeedEntryRow(SQLModel, table=True):
    """A story that went out belongs to a feed; what it shows of it is decided at each build."""

    __tablename__ = "feed_entry"
    __table_args__ = (sa.Index("ix_feed_entry_slug_archive", "slug", "archive"),)

    slug: str = Field(foreign_key="feed.slug", primary_key=True, max_length=64)
    article_id: int = Field(foreign_key="article.id", primary_key=True, index=True)
    archive: int | None = Field(default=None, description="number of its archive; None: current")


class FeedArchiveRow(SQLModel, table=True):
    """An archive document (RFC 5005 §4) of a feed; the higher its number, the newer."""

    __tablename__ = "feed_archive"

    slug: str = Field(foreign_key="feed.slug", primary_key=True, max_length=64)
    number: int = Field(primary_key=True)
    wanted: int = Field(default=1, description="grows when one of its stories changes")
    built: int = Field(default=0, description="what was wanted when it was last written")
    changed_at: datetime | None = Field(default=None, description="Last-Modified, whole seconds")


class FeedReadingRow(SQLModel, table=True):
    """How often a program was served a feed on a day: sums, and nothing of who asked."""

    __tablename__ = "feed_reading"

    day: date = Field(primary_key=True, description="in UTC")
    slug: str = Field(foreign_key="feed.slug", primary_key=True, max_length=64)
    fmt: str = Field(primary_key=True, max_length=8)
    program: str = Field(primary_key=True, max_length=32, description="a name of `programs`")
    whole: int = Field(default=0, description="answers with the document")
    unchanged: int = Field(default=0, description="answers that it has not changed (304)")
    readers: int = Field(default=0, description="the most that the program said it asks for")
