"""Readers ask all the while documents are put up: each answer is one whole version."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from publisher.feeds.directory import want
from publisher.feeds.formats import FORMATS
from publisher.feeds.publish import build, build_due
from publisher.feeds.swap import stage
from publisher.newsroom.models import ArticleVersionRow
from publisher.store import Runtime
from tests.feeds.samples import DECODE, NOON, entry, head
from tests.services.web import PATIENCE_S
from tests.web.nginx import nginx
from tests.world import World

PUBLISHES = 500
ENTRIES = (2, 12)  # in turns: of two versions mixed, or one cut short, the sums are wrong
ENCODINGS = ("identity", "gzip", "br")
VERSION = re.compile(rb"Version (\d{4})")


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture(params=["application", "nginx"])
def front(
    request: pytest.FixtureRequest, client: httpx.Client, runtime: Runtime, tmp_path: Path
) -> Iterator[httpx.Client]:
    """What readers ask: the web process itself, or nginx before it."""
    if request.param == "application":
        yield client
        return
    with nginx(tmp_path, runtime.settings.public_folder, str(client.base_url)) as opened:
        yield opened


def test_every_answer_is_whole_while_five_hundred_versions_are_put_up(
    front: httpx.Client, runtime: Runtime
) -> None:
    folder, originals = runtime.settings.public_folder / "feeds", _originals()
    for number in range(len(FORMATS)):
        _put_up(folder, originals, number)
    over, bodies = threading.Event(), dict[tuple[str, ...], bytes]()
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(_Reader(str(front.base_url)).read_until, over)
        try:
            for number in range(len(FORMATS), PUBLISHES):
                _put_up(folder, originals, number)
        finally:
            over.set()
    reader = reading.result()
    for key, body in reader.answers:
        assert bodies.setdefault(key, body) == body  # a strong tag is of one sequence of bytes
    for numbers in reader.numbers().values():
        assert numbers == sorted(numbers)
        assert len(set(numbers)) > 1
    assert len(reader.numbers()) == len(FORMATS) * len(ENCODINGS)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_where_a_build_fails_the_last_good_documents_are_still_served(
    front: httpx.Client, runtime: Runtime, world: World, encoding: str
) -> None:
    world.story("ferry", rights_status="full")
    build_due(runtime)
    paths = [f"/feeds/all.{fmt.name}" for fmt in FORMATS]
    asked = {"Accept-Encoding": encoding}
    before = [front.get(path, headers=asked) for path in paths]
    with runtime.sessions.begin() as session:
        broken = {"image": {"url": 7}, "content_hash": "0" * 64}
        session.execute(sa.update(ArticleVersionRow).values(broken))
        want(session, ["all"])
    assert not build(runtime, "all")
    for path, was in zip(paths, before, strict=True):
        now = front.get(path, headers=asked)
        assert (now.status_code, now.content) == (200, was.content)
        assert "Ferry in Port Ellery" in now.text
        same = front.get(path, headers={**asked, "If-None-Match": was.headers["etag"]})
        assert same.status_code == 304


@dataclass
class _Reader:
    """A program that asks for every format in every encoding, and keeps what it got.

    `answers`: path, encoding asked for, encoding used and tag; the bytes as they came.
    """

    address: str
    answers: list[tuple[tuple[str, str, str, str], bytes]] = field(default_factory=list)

    def read_until(self, over: threading.Event) -> "_Reader":
        asked = cycle([(f"/feeds/all.{fmt.name}", one) for fmt in FORMATS for one in ENCODINGS])
        with httpx.Client(base_url=self.address, timeout=PATIENCE_S) as client:
            while not over.is_set():
                self._ask(client, *next(asked))
        return self

    def _ask(self, client: httpx.Client, path: str, encoding: str) -> None:
        with client.stream("GET", path, headers={"Accept-Encoding": encoding}) as answer:
            body = b"".join(answer.iter_raw())
        assert answer.status_code == 200
        used = answer.headers.get("content-encoding", "identity")
        assert used in {encoding, "identity"}
        self.answers.append(((path, encoding, used, answer.headers["etag"]), body))

    def numbers(self) -> dict[tuple[str, str], list[int]]:
        """The versions in the order in which they came, by path and encoding."""
        found: dict[tuple[str, str], list[int]] = {}
        for (path, encoding, used, _), body in self.answers:
            text = DECODE[used](body) if used in DECODE else body
            found.setdefault((path, encoding), []).append(_number(path, text))
        return found


def _number(path: str, text: bytes) -> int:
    """Which version the document is; it is read strictly, and none of another is in it."""
    fmt = next(one for one in FORMATS if path.endswith(one.name))
    [number] = {int(found) for found in VERSION.findall(text)}
    assert len(fmt.seen(text)) == len(VERSION.findall(text)) == ENTRIES[number // len(FORMATS) % 2]
    return number


def _originals() -> list[dict[str, bytes]]:
    """The documents of few and of many entries, as version 0."""
    return [
        {
            f"all.{fmt.name}": fmt.document(head(fmt.name), [fmt.fragment(one) for one in entries])
            for fmt in FORMATS
        }
        for entries in ([entry(n, title="Version 0000") for n in range(many)] for many in ENTRIES)
    ]


def _put_up(folder: Path, originals: list[dict[str, bytes]], number: int) -> None:
    """The next version, of one format after the other: each has few and many entries in turns."""
    texts = originals[number // len(FORMATS) % 2]
    name = sorted(texts)[number % len(FORMATS)]
    text = texts[name].replace(b"Version 0000", b"Version %04d" % number)
    stage(folder, {name: text}).swap(NOON + timedelta(seconds=number), None)
