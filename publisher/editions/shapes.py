"""What goes into a rendered digest and what comes out: plain values, no rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from publisher.newsroom.incoming import Image

Role = Literal["lead", "story", "line"]


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story version as readers see it; all texts are plain, `url` is absolute."""

    story_id: int
    article_uuid: str
    version_id: int
    title: str
    summary: str
    url: str
    section: str
    section_name: str
    language: str
    byline: str | None = None
    credit: str | None = None
    place: str | None = None
    published_at: datetime | None = None
    reading_minutes: int = 1
    image: Image | None = None
    correction: str | None = None
    comments_url: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything of an edition but its stories.

    An empty `subject` or `preheader` is made from the stories. `description` says why the reader
    gets this: list and frequency, a whole sentence.
    """

    site_name: str
    newsletter: str
    description: str
    edition_date: datetime
    zone: str
    language: str
    postal_address: str
    site_url: str
    subject: str = ""
    preheader: str = ""
    intro: str | None = None


@dataclass(frozen=True, slots=True)
class RenderedVariant:
    """One mail, complete but for the personal slots; `html_bytes` counts UTF-8."""

    subject: str
    preheader: str
    html: str
    text: str
    html_bytes: int
    warnings: tuple[str, ...] = ()
