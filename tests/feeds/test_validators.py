"""Every change moves both validators, and no date is ahead of the clock (RFC 9110 §8.8.2.1)."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest

from publisher.feeds.files import Published
from publisher.store import Runtime
from tests.feeds.archives import act, make_small, nine
from tests.feeds.samples import bring, feed_row, path
from tests.feeds.subscribers import news
from tests.services.runtimes import Clock

FORMATS = ("rss", "atom", "json")


@pytest.mark.parametrize("publishes", [2, 10])
def test_each_of_many_changes_within_a_second_has_validators_of_its_own(
    runtime: Runtime, clock: Clock, publishes: int
) -> None:
    bring(runtime, news())
    clock.advance(minutes=5)
    seen = [_validators(runtime)]
    for number in range(publishes):
        bring(runtime, news(f"s{number}"))
        seen.append(_validators(runtime))
        assert all(at <= clock.now for _, at in seen[-1])
        clock.advance(milliseconds=999 / publishes)
    for before, after in pairwise(seen):
        for (old_tag, old_at), (new_tag, new_at) in zip(before, after, strict=True):
            assert old_tag != new_tag
            assert old_at < new_at
    assert feed_row(runtime).changed_at == seen[-1][0][1]


def test_what_is_taken_back_in_the_second_in_which_it_came_is_gone_a_second_later(
    runtime: Runtime, clock: Clock
) -> None:
    bring(runtime, news(), news("goal", title="A goal"))
    clock.advance(minutes=5)
    bring(runtime, news("wrong", title="The mayor has resigned"))
    clock.advance(milliseconds=300)
    began = clock.now
    act(runtime, "kill", "wrong")
    assert b"has resigned" not in path(runtime, "rss").read_bytes()
    assert clock.now - began < timedelta(seconds=1)
    assert all(at <= clock.now for _, at in _validators(runtime))


def test_an_archive_that_changes_twice_within_a_second_has_two_dates(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    nine(runtime, clock)
    clock.advance(minutes=5)
    seen = []
    for words in ("It was Tuesday.", "It was Wednesday."):
        act(runtime, "correct", "s0", words)
        seen.append(_validators(runtime, "archive/all/1"))
        assert all(at <= clock.now for _, at in seen[-1])
        clock.advance(milliseconds=100)
    for (old_tag, old_at), (new_tag, new_at) in zip(*seen, strict=True):
        assert old_tag != new_tag
        assert old_at < new_at


def test_a_clock_that_was_set_back_holds_nothing_up(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, news())
    last = _validators(runtime)
    clock.advance(hours=-1)
    began = clock.now
    bring(runtime, news("goal"))
    assert clock.now - began <= timedelta(seconds=1)
    assert all(new > old for (_, new), (_, old) in zip(_validators(runtime), last, strict=True))


def _validators(runtime: Runtime, slug: str = "all") -> list[tuple[str, datetime]]:
    """ETag and Last-Modified of each format, as they are served."""
    published = Published(runtime.settings.public_folder)
    headers = [published.answer(f"/feeds/{slug}.{fmt}").headers for fmt in FORMATS]
    return [(one["ETag"], parsedate_to_datetime(one["Last-Modified"])) for one in headers]
