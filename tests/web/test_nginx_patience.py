"""nginx asks whoever takes whole feeds again and again for patience, and nobody else."""

from collections import Counter

import httpx
import pytest

AT_ONCE = 61  # as docker/nginx.conf has it
READER = {"X-Forwarded-For": "203.0.113.7"}
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
FEED = "/feeds/all.rss"
FORMATS = ("rss", "atom", "json")


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def test_a_reader_that_always_takes_the_whole_feed_is_told_when_to_come_again(
    front: httpx.Client,
) -> None:
    answers = [front.get(FEED, headers=READER) for _ in range(2 * AT_ONCE)]
    assert {one.status_code for one in answers[:AT_ONCE]} == {200}
    refused = [one for one in answers if one.status_code != 200]
    assert {one.status_code for one in refused} == {429}
    assert {one.headers["retry-after"] for one in refused} == {"60"}
    assert not [one for one in answers if one.status_code == 200 and "retry-after" in one.headers]


def test_nobody_pays_for_it_but_that_address_and_that_document(front: httpx.Client) -> None:
    tag = front.get(FEED).headers["etag"]
    _exhaust(front, FEED)
    assert front.get(FEED, headers=READER).status_code == 429
    for condition in (
        {"If-None-Match": tag},
        {"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"},
    ):
        assert front.get(FEED, headers=READER | condition).status_code in {200, 304}
    assert front.get("/feeds/all.atom", headers=READER).status_code == 200
    assert front.get(FEED, headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200
    spoofed = {"X-Forwarded-For": f"203.0.113.8, {READER['X-Forwarded-For']}, 172.18.0.1"}
    assert front.get(FEED, headers=spoofed).status_code == 429


def test_readers_who_know_what_they_have_are_never_asked(front: httpx.Client) -> None:
    known = {**READER, "If-None-Match": front.get(FEED).headers["etag"]}
    said = Counter(front.get(FEED, headers=known).status_code for _ in range(3 * AT_ONCE))
    assert said == {304: 3 * AT_ONCE}


@pytest.mark.parametrize("inside", ["10.1.2.3", "172.18.0.1", "192.168.0.9", "fd00::7"])
def test_where_all_readers_seem_to_be_inside_none_is_asked(
    front: httpx.Client, inside: str
) -> None:
    asked = {"X-Forwarded-For": inside}
    assert {front.get(FEED, headers=asked).status_code for _ in range(2 * AT_ONCE)} == {200}


def test_a_browser_is_asked_likewise(front: httpx.Client) -> None:
    _exhaust(front, FEED)
    answer = front.get(FEED, headers=READER | BROWSER)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


def test_a_reader_may_take_every_document_once(front: httpx.Client) -> None:
    paths = [f"/feeds/{name}.{fmt}" for name in ("all", "local", "sport") for fmt in FORMATS]
    said = Counter(front.get(path, headers=READER).status_code for path in paths * 20)
    assert said == {200: len(paths) * 20}


def test_what_is_no_document_is_never_refused(front: httpx.Client) -> None:
    said = {front.get("/feeds", headers=READER).status_code for _ in range(2 * AT_ONCE)}
    assert said == {200}


def _exhaust(front: httpx.Client, path: str) -> None:
    for _ in range(AT_ONCE + 5):
        front.get(path, headers=READER)
