"""What holds for every answer, whoever makes it: headers, plain addresses, no traceback.

Pure ASGI, so that streams stay streams.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src * data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
LastWord = Callable[[Scope, Receive, Send], Awaitable[None]]


def headers_of(*, https: bool) -> dict[str, str]:
    """The headers of every page; over https also that there is no other way to it."""
    return {**HEADERS, **(HSTS if https else {})}


class SecurityHeaders:
    """Sets the headers that a page has not set itself."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class PlainAddresses:
    """Answers `/x/` like `/x` and HEAD like GET, without ever sending anyone elsewhere.

    RFC 8058 forbids an unsubscribe address to redirect; so no address of ours does for a slash.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain address."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        plain: MutableMapping[str, Any] = {**scope, "path": scope["path"].rstrip("/") or "/"}
        if scope["method"] != "HEAD":
            await self.app(plain, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**plain, "method": "GET"}, receive, send_head)


class NoTraceback:
    """Logs what nobody expected and answers with a page instead."""

    def __init__(self, app: ASGIApp, *, last_word: LastWord) -> None:
        self.app = app
        self.last_word = last_word

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer in its place if it fails before it answered."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            log.exception("%s %s failed", scope["method"], _shown(scope["path"]))
            await self.last_word(scope, receive, send)


def _shown(path: str) -> str:
    """The kind of page; what follows may be a reader's token, which belongs in no log."""
    return "/" + path.split("/")[1]
