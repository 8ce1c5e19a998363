"""The style sheet that a browser shows a feed with, and who gets which media type."""

import re
from pathlib import Path

import pytest
from lxml import etree

from publisher.feeds.files import Published
from publisher.feeds.negotiate import is_browser
from publisher.feeds.style import styled
from publisher.store import Runtime
from tests.feeds.samples import bring, story

BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
)
READERS = (
    None,
    "*/*",
    "application/atom+xml, application/rss+xml, application/xml;q=0.8, text/html;q=0.7",
    "application/xml, application/atom+xml, application/rss+xml, text/html, */*;q=0.9",
    "application/feed+json, application/json",
)


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def up(runtime: Runtime) -> Path:
    """The public folder of a newsroom with a story."""
    bring(runtime, story())
    return runtime.settings.public_folder


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_a_document_names_its_style_sheet_once_after_the_declaration(up: Path, fmt: str) -> None:
    document = (up / f"feeds/all.{fmt}").read_bytes()
    assert document.splitlines()[:2] == [
        b"<?xml version='1.0' encoding='UTF-8'?>",
        b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>',
    ]
    assert document.count(b"<?xml-stylesheet") == 1
    root = etree.fromstring(document)
    assert root.getprevious().target == "xml-stylesheet"


def test_the_style_sheet_is_below_the_address_of_the_site() -> None:
    document = b"<?xml version='1.0'?>\n<rss/>"
    assert b'href="/news/static/feed.css"' in styled(document, "https://x.example/news/")


@pytest.mark.parametrize("accept", BROWSERS)
@pytest.mark.parametrize("path", ["/feeds/all.rss", "/feeds/all.atom"])
def test_a_browser_gets_what_it_can_show_and_no_cache_keeps_it_for_others(
    up: Path, path: str, accept: str
) -> None:
    published = Published(up)
    theirs, plain = published.answer(path, accept=accept), published.answer(path)
    assert theirs.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert theirs.headers["Cache-Control"] == plain.headers["Cache-Control"].replace(
        "public", "private"
    )
    assert theirs.body == plain.body
    assert theirs.headers["ETag"] == plain.headers["ETag"]


@pytest.mark.parametrize("accept", READERS)
def test_a_feed_reader_gets_the_media_type_of_the_format(up: Path, accept: str | None) -> None:
    published = Published(up)
    for fmt in ("rss", "atom"):
        answer = published.answer(f"/feeds/all.{fmt}", accept=accept)
        assert answer.headers["Content-Type"] == f"application/{fmt}+xml; charset=utf-8"
        assert answer.headers["Cache-Control"].startswith("public")
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_json_is_json_for_everybody(up: Path) -> None:
    answer = Published(up).answer("/feeds/all.json", accept=BROWSERS[0])
    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"


def test_nginx_tells_browsers_by_the_same_sign() -> None:
    conf = (Path(__file__).parents[2] / "docker" / "nginx.conf").read_text()
    [pattern] = re.findall(r'"~(\S+)" 1;', conf)
    for accept in (*BROWSERS, *READERS):
        assert bool(re.search(pattern, accept or "")) == is_browser(accept)
