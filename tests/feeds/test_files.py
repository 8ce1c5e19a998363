"""Serving: the rules of conditional requests, on files as a build puts them up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.feeds.files import Published
from publisher.feeds.swap import stage
from tests.feeds.samples import NOON
from tests.services.environment import ROOT

DATE = "Tue, 10 Mar 2026 12:00:00 GMT"


@pytest.fixture
def public(tmp_path: Path) -> Path:
    documents = {"all.rss": b"<rss/>", "all.atom": b"<feed/>", "all.json": b"{}"}
    stage(tmp_path / "feeds", documents).swap(NOON, None)
    return tmp_path


@pytest.fixture
def published(public: Path) -> Published:
    return Published(public)


@pytest.fixture
def etag(published: Published) -> str:
    return published.answer("/feeds/all.rss").headers["ETag"]


@pytest.mark.parametrize(
    ("fmt", "media_type", "body"),
    [
        ("rss", "application/rss+xml; charset=utf-8", b"<rss/>"),
        ("atom", "application/atom+xml; charset=utf-8", b"<feed/>"),
        ("json", "application/feed+json; charset=utf-8", b"{}"),
    ],
)
def test_a_document_comes_with_all_that_caches_need(
    published: Published, fmt: str, media_type: str, body: bytes
) -> None:
    answer = published.answer(f"/feeds/all.{fmt}")
    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Last-Modified"] == DATE
    assert answer.headers["Cache-Control"] == (
        "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
    )
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_head_has_the_headers_of_get_and_no_body(published: Published) -> None:
    head, get = (
        published.answer("/feeds/all.rss", method="HEAD"),
        published.answer("/feeds/all.rss"),
    )
    assert head.headers == get.headers
    assert head.body == b""


@pytest.mark.parametrize(
    "given",
    [
        "{0}",
        "W/{0}",
        '"other", {0}',
        'W/"other" ,W/{0}, "third"',
        "*",
        "{1}-gzip{2}",
        "{1};br{2}",
        "W/{1}--gzip{2}",
        "{0}-gzip",
    ],
)
def test_a_reader_that_has_it_gets_a_bodiless_304(
    published: Published, etag: str, given: str
) -> None:
    answer = published.answer("/feeds/all.rss", if_none_match=given.format(etag, etag[:-1], '"'))
    assert (answer.status, answer.body) == (304, b"")
    assert {"ETag", "Cache-Control", "Vary", "Last-Modified"} <= set(answer.headers)
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize("given", ['"other"', "", "garbage", 'W/"-gzip"', '"*"'])
def test_a_reader_that_has_another_gets_the_document(published: Published, given: str) -> None:
    assert published.answer("/feeds/all.rss", if_none_match=given).status == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (DATE, 304),
        ("Tue, 10 Mar 2026 12:00:01 GMT", 304),
        ("Tue, 10 Mar 2026 13:00:00 +0100", 304),
        ("Tuesday, 10-Mar-26 12:00:00 GMT", 304),
        ("Tue Mar 10 12:00:00 2026", 304),
        ("Tue, 10 Mar 2026 11:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Tue, 99 Mar 2026 12:00:00 GMT", 200),
    ],
)
def test_a_date_is_compared_with_the_last_change(
    published: Published, since: str, status: int
) -> None:
    assert published.answer("/feeds/all.rss", if_modified_since=since).status == status


def test_the_tag_wins_over_the_date(published: Published, etag: str) -> None:
    old = "Mon, 09 Mar 2026 12:00:00 GMT"
    other = published.answer("/feeds/all.rss", if_none_match='"other"', if_modified_since=DATE)
    same = published.answer("/feeds/all.rss", if_none_match=etag, if_modified_since=old)
    assert (other.status, same.status) == (200, 304)


def test_a_changed_document_is_seen_at_once(public: Path, published: Published, etag: str) -> None:
    stage(public / "feeds", {"all.rss": b"<rss>2</rss>"}).swap(NOON, NOON)
    answer = published.answer("/feeds/all.rss", if_none_match=etag, if_modified_since=DATE)
    assert (answer.status, answer.body) == (200, b"<rss>2</rss>")
    assert answer.headers["ETag"] != etag
    assert answer.headers["Last-Modified"] == "Tue, 10 Mar 2026 12:00:01 GMT"


@pytest.mark.parametrize(
    ("slug", "fmt"),
    [
        ("none", "rss"),
        ("all", "xml"),
        ("../feeds/all", "rss"),
        (".all", "rss"),
        ("all\0", "rss"),
        ("/etc/passwd", "rss"),
        ("all", "../secret"),
        ("", "rss"),
        ("a" * 5000, "rss"),
    ],
)
def test_what_is_no_feed_is_not_found(published: Published, slug: str, fmt: str) -> None:
    assert published.answer(f"/feeds/{slug}.{fmt}").status == 404


def test_a_disk_that_does_not_answer_is_not_taken_for_a_feed_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "all.rss").symlink_to("all.rss")  # it leads nowhere, for ever
    answer = Published(tmp_path).answer("/feeds/all.rss")
    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers["Retry-After"] == "60"


def test_serving_knows_no_database_no_xml_and_no_template() -> None:
    program = (
        "import sys, publisher.feeds.files\n"
        "heavy = {'sqlalchemy', 'sqlmodel', 'lxml', 'feedgen', 'jinja2', 'celery'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
