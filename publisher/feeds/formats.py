"""The formats that every feed is written in. A new one is one file and one line here."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.feeds import atom, json_feed, rss
from publisher.feeds.entry import Entry, Head


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a feed; `name` is the ending of its files.

    `fragment` writes an entry on its own, `document` joins fragments below a head, `seen` reads a
    document strictly and gives the id and date of each entry in order, `without` is a document less
    the entries of these ids.
    """

    name: str
    fragment: Callable[[Entry], bytes]
    document: Callable[[Head, Sequence[bytes]], bytes]
    seen: Callable[[bytes], list[tuple[str, datetime]]]
    without: Callable[[bytes, Collection[str]], bytes]


FORMATS = (
    Format("rss", rss.fragment, rss.document, rss.seen, rss.without),
    Format("atom", atom.fragment, atom.document, atom.seen, atom.without),
    Format("json", json_feed.fragment, json_feed.document, json_feed.seen, json_feed.without),
)
