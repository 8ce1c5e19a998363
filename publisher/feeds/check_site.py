"""Asks a running site for its feeds as programs do, and says what is not as it should be."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from publisher.feeds.check import Checked, problems_of
from publisher.feeds.feedgen_repairs import ATOM, parsed
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.paths import MEDIA_TYPES
from publisher.fetch.client import Answer, Client, Limits
from publisher.pages.links import Links

_OK, _NOT_MODIFIED = 200, 304
_WORTH_BYTES = 2000  # what is shorter may be no smaller when it is compressed
_ANYWHERE = tuple(ip_network(one) for one in ("0.0.0.0/0", "::/0"))
_LIMITS = Limits(seconds=20.0, answer_bytes=4_000_000)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One document of a site; `hubs` are those that it should name."""

    client: Client
    url: str
    fmt: Format
    hubs: Sequence[str]

    def ask(self, encoding: str = "identity", **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Accept-Encoding": encoding, "User-Agent": "Publisher (check)"}
        return self.client.request("GET", self.url, headers=sent)


def open_client() -> Client:
    """A client that asks wherever it is told to: whoever runs a check names the address."""
    return Client(private=_ANYWHERE, limits=_LIMITS)


def check_site(client: Client, base_url: str, slug: str, hubs: Sequence[str]) -> list[Checked]:
    """Every document of the feed as the site at `base_url` serves it.

    What has a problem is asked for once more: it may have changed while it was looked at. Raises
    what `Client.request` raises.
    """
    links = Links(base_url)
    asking = [_Asking(client, links.feed(slug, fmt.name), fmt, hubs) for fmt in FORMATS]
    first = [(one, _check(one, slug)) for one in asking]
    return [_check(one, slug) if found.problems else found for one, found in first]


def _check(asking: _Asking, slug: str) -> Checked:
    plain = asking.ask()
    name = asking.fmt.name
    if plain.status != _OK:
        return Checked(slug, name, problems=(f"{asking.url} {plain.words()}",))
    entries, problems = problems_of(asking.fmt, plain.body)
    found = (
        *problems,
        *_media_type(plain, name),
        *_validators(asking, plain),
        *_compression(asking, plain),
        *([] if problems else _links(asking, plain)),
    )
    return Checked(slug, name, entries, len(plain.body), found)


def _media_type(plain: Answer, fmt: str) -> list[str]:
    wanted = MEDIA_TYPES[fmt]
    said = plain.headers.get("content-type", "none")
    if said.lower().replace(" ", "") == wanted.replace(" ", ""):
        return []
    return [f"Its media type is {said}; it should be {wanted}."]


def _validators(asking: _Asking, plain: Answer) -> list[str]:
    problems = []
    for header, condition in (("ETag", "If_None_Match"), ("Last-Modified", "If_Modified_Since")):
        value = plain.headers.get(header.lower())
        if value is None:
            problems.append(f"It has no {header}.")
            continue
        again = asking.ask(**{condition: value})
        if again.status != _NOT_MODIFIED or again.body:
            problems.append(f"Its {header} is answered by {again.status}, not by a bare 304.")
    return problems


def _compression(asking: _Asking, plain: Answer) -> list[str]:
    answer = asking.ask("gzip")
    if answer.headers.get("content-encoding") != "gzip":
        is_short = len(plain.body) < _WORTH_BYTES
        return [] if is_short else ["It is not sent compressed to who takes gzip."]
    try:
        same = gzip.decompress(answer.body) == plain.body
    except (OSError, EOFError):
        same = False
    problems = [] if same else ["What it sends as gzip is something else."]
    if answer.headers.get("etag") == plain.headers.get("etag"):
        problems.append("It has the same ETag compressed and plain.")
    return problems


def _links(asking: _Asking, plain: Answer) -> list[str]:
    """Whether it names its own address and the hubs (WebSub §4)."""
    own, hubs = _named(asking.fmt.name, plain.body)
    problems = []
    if own != [asking.url]:
        problems.append(f"It says that its address is {', '.join(own) or 'nowhere'}.")
    if sorted(hubs) != sorted(asking.hubs):
        wanted = ", ".join(asking.hubs) or "none"
        problems.append(f"It names as hubs {', '.join(hubs) or 'none'}; it should name {wanted}.")
    return problems


def _named(fmt: str, document: bytes) -> tuple[list[str], list[str]]:
    """The document's own addresses, and its hubs."""
    if fmt == "json":
        feed = json.loads(document)
        return [feed["feed_url"]], [hub["url"] for hub in feed.get("hubs", [])]
    root = parsed(document)
    above = root if fmt == "atom" else root[0]
    links = [
        (link.get("rel", ""), link.get("href", "")) for link in above.iterfind(f"{{{ATOM}}}link")
    ]
    own, hubs = ([href for rel, href in links if rel == wanted] for wanted in ("self", "hub"))
    return own, hubs
