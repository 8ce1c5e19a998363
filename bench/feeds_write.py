"""Writing: one new story in a feed, against feedgen writing the whole feed again."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.feeds_peer import from_scratch
from bench.feeds_stories import invented
from bench.results import Results
from publisher.feeds.compose import entry_of
from publisher.feeds.compress import SUFFIXES, encodings
from publisher.feeds.entry import Entry, Head
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.fragments import Writer, Written
from publisher.feeds.models import FeedRow
from publisher.feeds.render import render_documents
from publisher.feeds.select import Story
from publisher.feeds.swap import stage
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.newsroom.versions import version_row
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import Settings
from publisher.store import utc_now

SIZES = (50, 5_000)
PEERS = ("rss", "atom")  # feedgen writes no JSON Feed
_NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
_FEED = FeedRow(slug="all", uuid="01957f00-0000-7000-8000-ffffffffffff", title="All stories")


def measure_writing(site: Settings, results: Results, rounds: int) -> None:
    """`write/FORMAT/SIZE`: both sides in turns; what is beside is done by us alone."""
    stories = [_story(number) for number in range(max(SIZES))]
    links, env = Links(site.base_url), environment(site)
    entries = [entry_of(*story, links=links, env=env) for story in stories]
    for size in SIZES:
        for fmt in FORMATS:
            if fmt.name in PEERS:
                case = _Case(fmt, entries[:size], _head(site, fmt))
                for number in range(rounds):
                    beside = {
                        "compose_s": _timed(lambda: entry_of(*stories[0], links=links, env=env))
                    }
                    run = {"case": f"write/{fmt.name}/{size}", "round": number + 1}
                    results.add(run | case.round(number) | beside)


def measure_publishing(site: Settings, results: Results, rounds: int) -> None:
    """`publish/50`: from a new story to all files of all formats, and feedgen to those of two."""
    links, env = Links(site.base_url), environment(site)
    stories = [_story(number) for number in range(rounds + SIZES[0])]
    known, _ = Writer(links, env).write_all(stories)
    kept = [one for one in known if one is not None]
    fresh = Writer(links, env)
    fresh.write_all(stories[-1:])  # the templates are compiled
    with tempfile.TemporaryDirectory(prefix="publisher-bench-") as name:
        for number in reversed(range(rounds)):
            shown = kept[number : number + SIZES[0]]
            act = _Publication(site, Path(name), fresh, stories[number], shown)
            figures = _both({"ours_s": act.ours, "peer_s": act.peer}, 1, number)
            results.add(
                {"case": f"publish/{SIZES[0]}", "round": rounds - number}
                | figures
                | {"compress_s": _timed(act.compress)}
            )


@dataclass(frozen=True, slots=True)
class _Publication:
    """A feed that shows `shown`, the first of which is new."""

    site: Settings
    folder: Path
    writer: Writer
    newest: Story
    shown: list[Written]

    def ours(self) -> None:
        """As a build does it: write the new entry, join, check, compress, put up."""
        [first], _ = self.writer.write_all([self.newest])
        named = {f"all.{fmt}": text for fmt, text in self._documents(first).items()}
        stage(self.folder, named).swap(utc_now(), None)

    def peer(self) -> None:
        """feedgen, the same compression, and files that are simply written over."""
        entries = [one.entry for one in self.shown]
        for fmt in FORMATS:
            if fmt.name in PEERS:
                text = from_scratch(_head(self.site, fmt), entries, fmt.name)
                for name, packed in encodings(text).items():
                    (self.folder / f"peer.{fmt.name}{SUFFIXES[name]}").write_bytes(packed)
                (self.folder / f"peer.{fmt.name}").write_bytes(text)

    def compress(self) -> None:
        """What compression alone takes of all three formats."""
        for text in self._documents(self.shown[0]).values():
            encodings(text)

    def _documents(self, first: Written | None) -> dict[str, bytes]:
        return render_documents(_FEED, [first, *self.shown[1:]], [], self.site)


class _Case:
    """One format and size: `entries` newest first, all but the newest written before."""

    def __init__(self, fmt: Format, entries: list[Entry], head: Head) -> None:
        self.fmt, self.entries, self.head = fmt, entries, head
        self.kept = [fmt.fragment(entry) for entry in entries]
        self.document = self.ours()
        self.times = 1 if len(entries) > SIZES[0] else 20

    def ours(self) -> bytes:
        """One new entry, and the join."""
        newest = self.fmt.fragment(self.entries[0])
        return self.fmt.document(self.head, [newest, *self.kept[1:]])

    def peer(self) -> bytes:
        """All of it."""
        return from_scratch(self.head, self.entries, self.fmt.name)

    def check(self) -> bool:
        """What is read back before a document goes up."""
        return len(self.fmt.seen(self.document)) == len(self.entries)

    def round(self, number: int) -> dict[str, float]:
        """Seconds of each side, and of what is beside."""
        return _both({"ours_s": self.ours, "peer_s": self.peer}, self.times, number) | {
            "check_s": _timed(self.check),
            "compress_s": _timed(lambda: encodings(self.document)),
            "bytes": len(self.document),
        }


def _story(number: int) -> Story:
    incoming = invented(number, _NOON)
    at = incoming.published_at or _NOON
    row = ArticleRow(
        story_id=number,
        source=incoming.source,
        external_id=incoming.external_id,
        uuid=f"01957f00-0000-7000-8000-{number:012d}",
        state=ArticleState.PUBLISHED,
        rights_status="full",
        received_at=at,
        eligible_at=at,
        updated_at=at,
        published_at=at,
    )
    return row, version_row(number, 1, incoming, f"{number:064d}", at)


def _head(site: Settings, fmt: Format) -> Head:
    links = Links(site.base_url)
    return Head(
        id=f"urn:uuid:{_FEED.uuid}",
        title=site.site_name,
        site_name=site.site_name,
        home_url=links.home(),
        feed_url=links.feed("all", fmt.name),
        language="en",
        updated_at=_NOON + timedelta(minutes=1),
    )


def _both(sides: dict[str, Callable[[], object]], times: int, number: int) -> dict[str, float]:
    """Seconds of each side, the one that goes first changing, and their ratio."""
    figures = {name: _timed(sides[name], times) for name in sorted(sides, reverse=bool(number % 2))}
    return figures | {"ratio": figures["peer_s"] / figures["ours_s"]}


def _timed(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of one call, on average."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times
