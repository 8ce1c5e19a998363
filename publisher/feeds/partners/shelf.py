"""What partners pull: documents kept in memory, made from the rows when something has happened.

None of it is a file: what lies in the public folder is served to everybody, without a token. The
same rows give the same bytes in every process, so the digest of the bytes is the validator, and no
process has to know of another.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.compress import encodings
from publisher.feeds.directory import NEWS_SITEMAP
from publisher.feeds.files import Answer, body_headers, tag_of
from publisher.feeds.models import FeedRow
from publisher.feeds.negotiate import IDENTITY, choose_encoding, has_it
from publisher.feeds.partners.compose import PULLED_AS, Made, feed_for, item_for
from publisher.feeds.partners.register import Contract
from publisher.feeds.partners.select import all_may_leave
from publisher.newsroom.models import ArticleEventRow
from publisher.settings import Settings

KEPT_BYTES = 64_000_000  # of one process
PRIVATE: Mapping[str, str] = {
    "Cache-Control": "private, no-cache",  # asked again each time: a token may have been revoked
    "Vary": "Authorization, Accept-Encoding",
}
_FEED = re.compile(r"(?P<slug>[a-z0-9-]{1,64})/stories\.(?P<fmt>[a-z]+)")
_ITEM = re.compile(r"(?P<slug>[a-z0-9-]{1,64})/items/(?P<uuid>[0-9a-f-]{36})\.ninjs")


@dataclass(frozen=True, slots=True)
class Document:
    """A document in every encoding that is worth it, and its tag."""

    media_type: str
    etag: str
    bodies: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return sum(map(len, self.bodies.values()))

    def answer(self, *, accept_encoding: str | None, if_none_match: str | None) -> Answer:
        """The answer to GET (RFC 9110 §12.5.3, §13.1.2)."""
        encoding = choose_encoding(accept_encoding, tuple(self.bodies))
        if encoding is None:
            return Answer(406, {**PRIVATE, "Content-Length": "0"})
        headers = {**PRIVATE, "ETag": tag_of(self.etag, encoding)}
        if if_none_match is not None and has_it(self.etag, if_none_match):
            return Answer(304, headers)
        body = self.bodies[encoding]
        return Answer(200, {**headers, **body_headers(self.media_type, encoding, body)}, body)


@dataclass(frozen=True, slots=True)
class _Kept:
    state: tuple[object, ...]
    shown: tuple[int, ...]
    document: Document


class Shelf:
    """The documents of a site's partners."""

    def __init__(self, site: Settings) -> None:
        self._site = site
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()
        self._lock = Lock()

    def document(
        self, session: Session, contract: Contract, path: str, now: datetime
    ) -> Document | None:
        """What a partner finds under a path below `/partners/`; None for nothing.

        `session` is a snapshot. Raises UnavailableError where not one story can be written.
        """
        found = _FEED.fullmatch(path) or _ITEM.fullmatch(path)
        if found is None or found["slug"] != contract.slug:
            return None
        asked = found.groupdict()
        if "uuid" in asked:
            made = item_for(session, contract, asked["uuid"], self._site, now)
            return _document(made) if made else None
        return (
            self._feed(session, contract, asked["fmt"], now) if asked["fmt"] in PULLED_AS else None
        )

    def _feed(self, session: Session, contract: Contract, fmt: str, now: datetime) -> Document:
        """The feed as it was made, if nothing has happened since and all in it may still leave."""
        state = _state(session, contract)
        key = (contract.partner_id, fmt)
        with self._lock:  # of many that ask at once the first makes it
            kept = self._kept.get(key)
            if kept is None or kept.state != state or not all_may_leave(session, kept.shown, now):
                made = feed_for(session, contract, fmt, self._site, now)
                kept = _Kept(state, made.shown, _document(made))
            self._kept[key] = kept
            self._kept.move_to_end(key)
            self._make_room()
        return kept.document

    def _make_room(self) -> None:
        size = sum(kept.document.size for kept in self._kept.values())
        while size > KEPT_BYTES and len(self._kept) > 1:
            size -= self._kept.popitem(last=False)[1].document.size


def _state(session: Session, contract: Contract) -> tuple[object, ...]:
    """All that the feed depends on: what happened to stories, what feeds hold, the contract.

    Every event that concerns a feed has the news sitemap built, so its number grows with each.
    """
    newest = sa.select(sa.func.max(col(ArticleEventRow.id))).scalar_subquery()
    rows = session.execute(
        sa.select(col(FeedRow.slug), col(FeedRow.wanted_event), newest)
        .where(col(FeedRow.slug).in_([*contract.scopes, NEWS_SITEMAP]))
        .order_by(col(FeedRow.slug))
    )
    return contract.name, contract.whole_texts, *map(tuple, rows)


def _document(made: Made) -> Document:
    bodies = {**encodings(made.text), IDENTITY: made.text}
    return Document(made.media_type, f'"{hashlib.sha256(made.text).hexdigest()}"', bodies)
