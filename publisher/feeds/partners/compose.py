"""Writes what a partner gets, from the same entries as the public feeds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from publisher.errors import RefusedError, UnavailableError
from publisher.feeds import ninjs
from publisher.feeds.archive import fitting
from publisher.feeds.formats import FORMATS
from publisher.feeds.fragments import Written, writer_for
from publisher.feeds.partners.register import Contract
from publisher.feeds.partners.select import newest_given, one_given, revisions
from publisher.feeds.paths import MEDIA_TYPES
from publisher.feeds.render import ROOM, checked, head_of, present, sizes
from publisher.feeds.select import Story
from publisher.newsroom.models import ArticleRow
from publisher.pages.links import Links
from publisher.settings import Settings

log = logging.getLogger(__name__)

NINJS = "ninjs"
PULLED_AS = (*MEDIA_TYPES, NINJS)
_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Made:
    """The text of a document, the ids of the articles that it shows, the version of one item."""

    media_type: str
    text: bytes
    shown: tuple[int, ...] = ()
    version: int = 0


def feed_for(session: Session, contract: Contract, fmt: str, site: Settings, now: datetime) -> Made:
    """The feed of a partner in a format; the same stories in each, the newest that fit.

    Raises UnavailableError where not one can be written: better nothing than what is old.
    """
    selection = newest_given(session, contract.scopes, now)
    written, left_out = writer_for(site).write_all(
        selection.stories, summary_only=not contract.whole_texts
    )
    if selection.stories and not present(written):
        log.error("nothing to give to partner %s: %s", contract.slug, left_out[0])
        raise _unavailable()
    texts = written[: fitting(sizes(written), ROOM)]
    pairs = [(story, one) for story, one in zip(selection.stories, texts, strict=False) if one]
    shown = tuple(article.id or 0 for (article, _), _ in pairs)
    if fmt == NINJS:
        text = _ninjs(session, pairs, selection.gone, site)
        return Made(ninjs.MEDIA_TYPE, text, shown)
    return Made(MEDIA_TYPES[fmt], _feed(contract, fmt, present(texts), selection.gone, site), shown)


def item_for(
    session: Session,
    contract: Contract,
    uuid: str,
    site: Settings,
    now: datetime,
    *,
    anywhere: bool = False,
) -> Made | None:
    """One story in ninjs, however old; canceled where it is gone; None where there is none.

    `anywhere` is for a story that the partner has: whatever feed it belongs to now.
    """
    found = one_given(session, None if anywhere else contract.scopes, uuid, now)
    if found is None:
        return None
    article = found if isinstance(found, ArticleRow) else found[0]
    revision = revisions(session, [article])[article.id or 0]
    if isinstance(found, ArticleRow):
        item = ninjs.canceled(found, revision)
    else:
        [written], left_out = writer_for(site).write_all(
            [found], summary_only=not contract.whole_texts
        )
        if written is None:
            log.error("nothing to give to partner %s: %s", contract.slug, left_out[0])
            raise _unavailable()
        item = ninjs.usable(written.entry, *found, revision, trust=site.trust_pages)
    return Made(ninjs.MEDIA_TYPE, ninjs.item_document(item), version=revision.number)


def _ninjs(
    session: Session,
    pairs: Sequence[tuple[Story, Written]],
    gone: Sequence[ArticleRow],
    site: Settings,
) -> bytes:
    """What has to be taken down comes first."""
    known = revisions(session, [*gone, *(article for (article, _), _ in pairs)])
    items = [ninjs.canceled(article, known[article.id or 0]) for article in gone]
    items += [
        ninjs.usable(one.entry, article, version, known[article.id or 0], trust=site.trust_pages)
        for (article, version), one in pairs
    ]
    return ninjs.document(items)


def _feed(
    contract: Contract,
    fmt: str,
    written: Sequence[Written],
    gone: Sequence[ArticleRow],
    site: Settings,
) -> bytes:
    [chosen] = [one for one in FORMATS if one.name == fmt]
    title = f"{site.site_name}: {contract.name}"
    head = head_of(contract.uuid, title, gone, [one.entry for one in written], site)
    address = Links(site.base_url).partner_feed(contract.slug, fmt)
    try:
        return checked(chosen, replace(head, feed_url=address), written)
    except RefusedError:
        log.exception("nothing to give to partner %s", contract.slug)
        raise _unavailable() from None


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "Your feed cannot be made at the moment. Our newsroom has been told.", _RETRY_S
    )
