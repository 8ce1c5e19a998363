"""Counting what is served: little in memory, sums in rows, nothing of who asked."""

import threading
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from publisher.feeds import programs, tally
from publisher.feeds.models import FeedReadingRow
from publisher.feeds.programs import BROWSERS, OTHERS, UNNAMED, Program, program_of
from publisher.feeds.tally import MOST, Tally, keep
from publisher.store import Runtime
from tests.feeds.samples import NOON, bring, story

FEEDLY = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 1234 subscribers; like FeedFetcher)"
NEWSBLUR = b"NewsBlur Feed Fetcher - 7 subscribers - https://www.newsblur.com/site/1"


def rows(runtime: Runtime) -> list[FeedReadingRow]:
    with runtime.sessions.read() as session:
        keys = (FeedReadingRow.day, FeedReadingRow.slug, FeedReadingRow.fmt)
        return list(session.exec(select(FeedReadingRow).order_by(*keys, FeedReadingRow.program)))


def flush(runtime: Runtime, counted: Tally) -> None:
    with runtime.sessions.begin() as session:
        keep(session, counted.take(), runtime.clock())


def test_programs_are_known_by_name_and_by_how_many_they_ask_for() -> None:
    assert program_of(FEEDLY) == Program("Feedly", 1234)
    assert program_of(NEWSBLUR.decode()) == Program("NewsBlur", 7)
    inoreader = "Mozilla/5.0 (compatible; inoreader.com; 1 subscriber)"
    assert program_of(inoreader) == Program("Inoreader", 1)
    assert program_of("FreshRSS/1.24.0 (Linux; https://freshrss.org)") == Program("FreshRSS")
    assert program_of("") == program_of(" - ") == Program(UNNAMED)
    assert program_of("Mozilla/5.0 (X11; Linux) Firefox/140.0") == Program(BROWSERS)
    assert program_of("Mozilla/5.0 (compatible; SomeBot/2)") == Program(OTHERS)
    assert program_of("my-reader; 12 subscribers") == Program(OTHERS, 12)


def test_a_claim_that_nobody_believes_is_none() -> None:
    for claim in ("99999999 subscribers", "9" * 300 + " subscribers", "-5 readers", "1.5 readers"):
        assert program_of(f"Feedly; {claim}").readers in {0, 5}
    assert program_of("Feedly; 99999999 subscribers").readers == 0


@given(st.binary(max_size=400))
def test_no_user_agent_makes_a_name_of_its_own(agent: bytes) -> None:
    known = {name for _, name in programs.KNOWN}
    found = program_of(agent.decode("latin-1"))
    assert found.name in known | {UNNAMED, BROWSERS, OTHERS}
    assert len(found.name) <= 32
    assert 0 <= found.readers <= 10_000_000


def test_answers_are_added_up_by_day_feed_format_and_program(runtime: Runtime) -> None:
    bring(runtime, story())
    counted = Tally()
    for status, times in ((200, 2), (304, 5), (406, 1)):
        for _ in range(times):
            counted.count("feeds/all.rss", status, FEEDLY.encode())
    counted.count("feeds/all.rss", 304, b"Feedly/1.0; 99 subscribers")
    counted.count("feeds/harbour.atom", 200, NEWSBLUR)
    flush(runtime, counted)
    counted.count("feeds/all.rss", 304, FEEDLY.encode())
    flush(runtime, counted)
    found = [
        (row.day, row.slug, row.fmt, row.program, row.whole, row.unchanged, row.readers)
        for row in rows(runtime)
    ]
    today = runtime.clock().date()
    assert found == [
        (today, "all", "rss", "Feedly", 2, 7, 1234),
        (today, "harbour", "atom", "NewsBlur", 1, 0, 7),
    ]


def test_what_is_no_feed_of_ours_is_not_written(runtime: Runtime) -> None:
    bring(runtime, story())
    counted = Tally()
    for path in ("feeds/gone.rss", "feeds.opml", "sitemap-news.xml", "feeds/archive/all/1.rss"):
        counted.count(path, 200, b"curl/8")
    flush(runtime, counted)
    assert rows(runtime) == []


def test_many_invented_programs_fill_neither_memory_nor_rows(runtime: Runtime) -> None:
    bring(runtime, story())
    counted = Tally()
    for number in range(3 * MOST):
        counted.count("feeds/all.rss", 304, f"Invented{number}/1 {'x' * 5000}".encode())
    taken = counted.take()
    assert len(taken) == MOST + 1
    assert max(len(agent) for _, _, agent in taken) <= tally.AGENT_BYTES
    with runtime.sessions.begin() as session:
        keep(session, taken, runtime.clock())
    found = {row.program: row.unchanged for row in rows(runtime)}
    assert found == {OTHERS: MOST, UNNAMED: 2 * MOST}


def test_what_could_not_be_kept_is_counted_on() -> None:
    counted = Tally()
    counted.count("feeds/all.rss", 304, b"x")
    taken = counted.take()
    counted.count("feeds/all.rss", 304, b"x")
    counted.give_back(taken)
    assert dict(counted.take()) == {("feeds/all.rss", 304, b"x"): 2}
    assert dict(counted.take()) == {}


def test_old_sums_are_forgotten(runtime: Runtime) -> None:
    bring(runtime, story())
    counted = Tally()
    days = [NOON - timedelta(days=ago) for ago in (36, 35, 1)]
    for now in days:
        counted.count("feeds/all.rss", 200, b"curl/8")
        with runtime.sessions.begin() as session:
            keep(session, counted.take(), now)
    with runtime.sessions.begin() as session:
        keep(session, {}, NOON)
    assert [row.day for row in rows(runtime)] == [date(2026, 2, 3), date(2026, 3, 9)]


def test_several_processes_add_to_the_same_rows(runtime: Runtime) -> None:
    bring(runtime, story())
    paths = [f"feeds/{slug}.{fmt}" for slug in ("all", "harbour") for fmt in ("rss", "atom")]

    def work(order: int) -> None:
        for _ in range(10):
            counted = Tally()
            for path in paths[::order]:
                counted.count(path, 304, b"Miniflux/2")
            flush(runtime, counted)

    threads = [threading.Thread(target=work, args=(order,)) for order in (1, -1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.unchanged for row in rows(runtime)] == [30] * len(paths)
