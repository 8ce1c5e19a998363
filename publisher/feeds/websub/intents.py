"""What strangers ask of our hub: to subscribe a callback, or to unsubscribe it (WebSub §5.1).

Nothing is believed here: the callback is asked later, and the limits keep us from being led to ask
somebody who never wanted to hear from us more than now and then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from publisher.feeds.directory import find_feed
from publisher.feeds.paths import MEDIA_TYPES
from publisher.feeds.websub.models import (
    HubIntentRow,
    HubSubscriptionRow,
    IntentMode,
    IntentState,
)
from publisher.fetch.addresses import check_host, usual_ports
from publisher.fetch.urls import target_of
from publisher.pages.links import Links
from publisher.queue import wake
from publisher.settings import Settings

VERIFY = "publisher.websub.verify"
LEASE = timedelta(days=10)
SHORTEST_LEASE, LONGEST_LEASE = timedelta(hours=1), timedelta(days=30)
WINDOW = timedelta(minutes=10)
MOST_ASKED_A_HOST, MOST_ASKED = 300, 3000  # within the window
MOST_A_HOST, MOST = 2000, 50_000  # subscriptions
_SECRET_BYTES = 200
_CALLBACK_CHARACTERS = 500


def ask(session: Session, site: Settings, form: Mapping[str, str], now: datetime) -> HubIntentRow:
    """Take a request in and have its callback asked; `form` are the fields `hub.…`.

    Raises NotFoundError where there is no hub, InvalidInputError for what it does not take,
    UnavailableError where there is too much of it.
    """
    if site.own_hub is None:
        raise NotFoundError("hub", site.base_url)
    asked = _read(session, site, form)
    _check_room(session, asked, now)
    intent = HubIntentRow(
        mode=asked.mode,
        callback=asked.callback,
        host=asked.host,
        slug=asked.slug,
        fmt=asked.fmt,
        secret=asked.secret or None,
        lease_s=asked.lease_s,
        asked_at=now,
        next_at=now,
    )
    session.add(intent)
    wake(session, VERIFY)
    return intent


@dataclass(frozen=True, slots=True)
class _Asked:
    mode: IntentMode
    callback: str
    host: str
    slug: str
    fmt: str
    secret: str
    lease_s: int


def _read(session: Session, site: Settings, form: Mapping[str, str]) -> _Asked:
    mode = form.get("hub.mode", "")
    if mode not in {IntentMode.SUBSCRIBE, IntentMode.UNSUBSCRIBE}:
        raise InvalidInputError("hub.mode must be subscribe or unsubscribe.")
    callback = form.get("hub.callback", "")
    if len(callback) > _CALLBACK_CHARACTERS:
        raise InvalidInputError(f"hub.callback may have {_CALLBACK_CHARACTERS} characters at most.")
    host = _host_of(callback, site)
    slug, fmt = _topic(session, site, form.get("hub.topic", ""))
    secret = form.get("hub.secret", "")
    if len(secret.encode()) >= _SECRET_BYTES or "\0" in secret:
        raise InvalidInputError(f"hub.secret must be shorter than {_SECRET_BYTES} bytes.")
    lease_s = _lease_s(form.get("hub.lease_seconds", ""))
    return _Asked(IntentMode(mode), callback, host, slug, fmt, secret, lease_s)


def _host_of(callback: str, site: Settings) -> str:
    """Where the callback is, if we may ever ask there; said in the words of who asks us."""
    target = target_of(callback)
    try:
        check_host(target.host, target.port, site.open_networks)
    except RefusedError:
        raise InvalidInputError(
            "hub.callback must be at a public address of the internet, at one of the ports "
            f"{usual_ports()}."
        ) from None
    return target.host


def _topic(session: Session, site: Settings, topic: str) -> tuple[str, str]:
    """Slug and format of the feed with exactly that address, in the scheme that feeds announce."""
    links = Links(site.base_url)
    name = unquote(topic.removeprefix(f"{links.feeds()}/"))
    slug, _, fmt = name.rpartition(".")
    if fmt in MEDIA_TYPES and links.feed(slug, fmt) == topic and "\0" not in slug:
        try:
            return find_feed(session, slug).slug, fmt
        except NotFoundError:
            pass
    raise InvalidInputError(
        f"hub.topic must be the address of one of our feeds, such as {links.feed('all', 'atom')}"
    )


def _lease_s(text: str) -> int:
    """Seconds within our bounds; what is asked for is a wish (WebSub §5.1)."""
    if text and not (text.isascii() and text.isdecimal()):
        raise InvalidInputError("hub.lease_seconds must be a number of seconds.")
    wish = float(text) if text else LEASE.total_seconds()
    return int(min(max(wish, SHORTEST_LEASE.total_seconds()), LONGEST_LEASE.total_seconds()))


def is_due(site: Settings, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of callbacks to be asked or told now; where we are no hub, only told."""
    asked = (col(HubIntentRow.state) == IntentState.ASKED, col(HubIntentRow.next_at) <= now)
    if site.own_hub is None:
        return (*asked, col(HubIntentRow.mode) == IntentMode.DENIED)
    return asked


def _check_room(session: Session, asked: _Asked, now: datetime) -> None:
    recent = sa.select(sa.func.count()).where(
        col(HubIntentRow.asked_at) > now - WINDOW, col(HubIntentRow.mode) != IntentMode.DENIED
    )
    held = sa.select(sa.func.count()).select_from(HubSubscriptionRow)
    limits = [
        (recent.where(col(HubIntentRow.host) == asked.host), MOST_ASKED_A_HOST),
        (recent, MOST_ASKED),
    ]
    if asked.mode == IntentMode.SUBSCRIBE:
        limits += [
            (held.where(col(HubSubscriptionRow.host) == asked.host), MOST_A_HOST),
            (held, MOST),
        ]
    for count, most in limits:
        if (session.execute(count).scalar() or 0) >= most:
            raise UnavailableError(
                "There are too many requests or subscriptions. Try again later.",
                WINDOW.total_seconds(),
            )
