"""What a source hands in: an article parsed and cleaned, before the newsroom decides."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Signal = Literal["usable", "hold", "withdraw", "kill", "correction"]


@dataclass(frozen=True, slots=True)
class Dateline:
    """`TEL AVIV, Israel (WSN) —`: `text` as printed, `country_code` ISO 3166-1 alpha-2 or None."""

    text: str
    place: str
    country: str | None = None
    country_code: str | None = None


@dataclass(frozen=True, slots=True)
class Comments:
    """The comment box of the page an article came from; `url` only where the source gives one."""

    open: bool
    count: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture with absolute http(s) `url`; `alt` empty means decorative; sizes in pixels."""

    url: str
    alt: str = ""
    credit: str | None = None
    caption: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What a source says of rights, in its own words; `url` is a page that says more of them."""

    holder: str | None = None
    notice: str | None = None
    terms: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One version of one article from one source.

    `body_html` is sanitised and balanced (see `newsroom.text.clean_html`); `paragraphs` are plain
    text without the dateline, in reading order. `version_at` orders versions (aware UTC).
    `section` is the slug, `section_name` for people, `section_printed` as the source wrote it.
    `problem` says why the article cannot be used; it is then quarantined, never half published.
    `embargo_until` None with `embargo_held` True means: held until an editor acts.
    `expires_at` is when its source holds it for news no more; `digital_source` says what made it,
    as the address of a NewsCode of the IPTC.
    """

    source: str
    external_id: str
    title: str
    paragraphs: tuple[str, ...]
    body_html: str
    version_at: datetime | None = None
    language: str = "en"
    section: str | None = None
    section_name: str | None = None
    section_printed: str | None = None
    deck: str | None = None
    summary: str | None = None
    dateline: Dateline | None = None
    credit: str | None = None
    byline: str | None = None
    published_at: datetime | None = None
    url: str | None = None
    image: Image | None = None
    tags: tuple[str, ...] = ()
    comments: Comments | None = None
    related: tuple[str, ...] = ()
    unparsed_head: tuple[str, ...] = ()
    urgency: int | None = None
    rights_status: Literal["unknown", "full", "summary"] = "unknown"
    rights: Rights | None = None
    expires_at: datetime | None = None
    digital_source: str | None = None
    embargo_until: datetime | None = None
    embargo_held: bool = False
    signal: Signal = "usable"
    note: str | None = None
    problem: str | None = None
    chrome_dropped: tuple[str, ...] = field(default=())
