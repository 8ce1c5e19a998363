"""Asks servers of other people: within a time, up to a size, at addresses that may be asked."""

import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from types import TracebackType
from typing import Self

from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from publisher.errors import UnavailableError
from publisher.fetch.addresses import Network, check_address
from publisher.fetch.connection import Pinned, pinned
from publisher.fetch.resolve import Resolve, resolve
from publisher.fetch.urls import Target, target_of

AGENT = "Publisher"
_WORDS = 200
_DIGITS = 8  # of seconds: three years
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: seconds from its beginning to its end, bytes of the answer."""

    seconds: float = 10.0
    answer_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; `body` is cut where it is longer than the limit. Header names are small.

    Redirects are answers like any other and never followed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status in _OK

    def retry_after(self, now: datetime) -> timedelta | None:
        """How long it wants to be left alone (RFC 9110 §10.2.3); None where it does not say."""
        said = self.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdecimal():
            return timedelta(seconds=int(said[:_DIGITS]))
        try:
            until = parsedate_to_datetime(said)
        except (ValueError, OverflowError):  # a zone may be any number of hours away
            return None
        return until.replace(tzinfo=until.tzinfo or UTC) - now

    def words(self) -> str:
        """The status and the first words of the body in visible characters, for people."""
        text = self.body[: 4 * _WORDS].decode(errors="replace")
        return _visible(f"answered {self.status} {text}")


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request and the moment (monotonic) at which it is over."""

    target: Target
    method: str
    body: bytes | None
    headers: Mapping[str, str]
    until: float

    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def left(self) -> float:
        """Seconds that are left; raises UnavailableError where there are none."""
        if self.is_over():
            raise UnavailableError(f"{self.target.host} gave no whole answer in time.")
        return self.until - time.monotonic()


class Client:
    """Sends requests; the last connection is kept for the next request to the same server.

    `private` are networks that may be asked though they are not public. Use it in one thread, and
    in a `with` block, which ends the connection.
    """

    def __init__(
        self,
        *,
        private: Sequence[Network] = (),
        limits: Limits | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self._private = tuple(private)
        self._limits = limits or Limits()
        self._resolve = resolve
        self._line: tuple[tuple[str, str, int], Pinned] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection that is kept."""
        if self._line is not None:
            self._line[1].end()
            self._line = None

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once, without redirects and cookies.

        Raises InvalidInputError for an address that is none, RefusedError for one that must not be
        asked, UnavailableError where there is no whole answer in time; all three in words.
        """
        target = target_of(url)
        until = time.monotonic() + self._limits.seconds
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
        ask = _Ask(target, method, body, sent, until)
        answer = self._again(ask)
        if answer is not None:
            return answer
        self.close()
        line = pinned(target, self._checked(ask), ask.left())
        self._line = (target.origin, line)
        return self._exchange(line, ask)

    def _again(self, ask: "_Ask") -> Answer | None:
        """Over the connection that is kept; None where there is none, or its server closed it."""
        if self._line is None or self._line[0] != ask.target.origin:
            return None
        try:
            return self._exchange(self._line[1], ask)
        except UnavailableError as error:
            if isinstance(error.__cause__, ConnectionError):
                return None
            raise

    def _checked(self, ask: "_Ask") -> tuple[str, ...]:
        """The host's addresses; all of them must be allowed, or it is not asked at all."""
        port = ask.target.port
        found = self._resolve(ask.target.host, port, ask.left())
        return tuple(check_address(one, port, self._private) for one in found)

    def _exchange(self, line: Pinned, ask: "_Ask") -> Answer:
        watch = threading.Timer(ask.left(), line.cut)
        watch.daemon = True
        watch.start()
        try:
            line.request(
                ask.method,
                ask.target.path,
                body=ask.body,
                headers=ask.headers,
                preload_content=False,
            )
            return self._read(line, ask)
        except (OSError, HTTPError, HTTPException, ValueError) as error:
            self.close()
            is_late = ask.is_over() or isinstance(error, TimeoutError)
            raise UnavailableError(self._trouble(ask.target, error, is_late=is_late)) from error
        finally:
            watch.cancel()

    def _read(self, line: Pinned, ask: "_Ask") -> Answer:
        response = line.getresponse()
        try:
            body = self._body(response)
        finally:
            response.close()
        if ask.is_over():  # the line was cut, which looks like the end of a body without a length
            raise TimeoutError
        headers = {name.lower(): value for name, value in response.headers.items()}
        if len(body) > self._limits.answer_bytes or headers.get("connection") == "close":
            self.close()
        return Answer(response.status, headers, body[: self._limits.answer_bytes])

    def _body(self, response: HTTPResponse) -> bytes:
        """The body, or a byte more of it than there may be."""
        most = self._limits.answer_bytes + 1
        body = b""
        while piece := response.read(most - len(body), decode_content=False):
            body += piece
        return body

    def _trouble(self, target: Target, error: Exception, *, is_late: bool) -> str:
        if is_late:
            return f"{target.host} gave no whole answer within {self._limits.seconds:g} seconds."
        if isinstance(error, ssl.SSLError):
            return _visible(f"{target.host} has no safe connection for us: {error}")
        if isinstance(error, ConnectionRefusedError):
            return f"{target.host} takes no connection at port {target.port}."
        return _visible(f"The line to {target.host} broke: {error}")


def _visible(text: str) -> str:
    """The first words, without what cannot be seen: much of it was written by a stranger."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_WORDS]
