"""Small archives, and what the tests of archives do with them."""

from pathlib import Path

import pytest

from publisher.feeds import archive, assemble
from publisher.feeds.publish import build, build_due
from publisher.newsroom import acts
from publisher.newsroom.incoming import Incoming
from publisher.store import Runtime
from tests.feeds.samples import EDITOR, answer, article, bring, story, titles, walk
from tests.services.runtimes import Clock

FORMATS = ("rss", "atom", "json")


def make_small(patch: pytest.MonkeyPatch) -> None:
    """Archives of two stories behind feeds of three."""
    for name, value in {"NEWEST": 3, "AT_ONCE": 2, "MOST_OPEN": 4}.items():
        patch.setattr(archive, name, value)
    patch.setattr(assemble, "MOST_OPEN", 4)


def nine(runtime: Runtime, clock: Clock) -> None:
    for number in range(9):
        publish_one(runtime, clock, numbered(number))


def publish_one(runtime: Runtime, clock: Clock, incoming: Incoming) -> None:
    clock.advance(minutes=10)
    bring(runtime, incoming)


def numbered(number: int, **changes: object) -> Incoming:
    name = f"s{number}"
    body = f"<p>The lamps of {name} again.</p>"
    fields = {"title": name, "body_html": body, "byline": None, "tags": ()}
    return story(name, **{**fields, **changes})


def act(
    runtime: Runtime, name: str, external_id: str, said: str = "So.", *, build_too: bool = True
) -> None:
    with runtime.sessions.begin() as session:
        row = article(session, external_id)
        getattr(acts, name)(session, row, said, by=EDITOR, now=runtime.clock())
    answer(runtime)
    if build_too:
        build_due(runtime)


def follow_up(runtime: Runtime) -> None:
    answer(runtime)
    while any(build(runtime, slug) for slug in ("all", "harbour")):
        pass


def walked(runtime: Runtime, slug: str) -> list[str]:
    found = [
        [one for text in walk(runtime, fmt, slug) for one in titles(text, fmt)] for fmt in FORMATS
    ]
    assert found[0] == found[1] == found[2]
    return found[0]


def marks(runtime: Runtime) -> dict[str, tuple[int, int]]:
    """What tells each archive's file from any other: by feed and name."""
    folder: Path = runtime.settings.public_folder / "feeds" / "archive"
    files = [path for path in folder.glob("*/*.*") if path.is_file()]
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in files
    }
