"""Two hundred stories, nasty ones among them: every document is valid and says the same."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import feedparser
import jsonschema
import pytest
from lxml import etree, html

from publisher.store import Runtime, open_runtime
from tests.feeds.corpus import STORIES, corpus
from tests.feeds.samples import bring, feed_row, read, walk
from tests.services.left_out import leave_out
from tests.services.runtimes import SECRET_KEY, Clock, load_settings, point_queue_at

FORMATS = ("rss", "atom", "json")
SCOPES = ("all", "harbour", "author-tom-reed", "tag-lamps", "language-en", "language-ar")
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "c": "http://purl.org/rss/1.0/modules/content/",
    "d": "http://purl.org/dc/elements/1.1/",
    "m": "http://search.yahoo.com/mrss/",
}
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
RFC_822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RISKY = ["script", "iframe", "object", "embed", "style", "link", "meta", "form", "svg", "math"]
ADDRESSES = ("href", "src", "poster", "srcset", "cite", "action", "data")

Texts = dict[tuple[str, str], list[bytes]]


@pytest.fixture(scope="module")
def newsroom(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The stories are out, their feeds are up."""
    home = tmp_path_factory.mktemp("corpus")
    copy = shutil.copy(migrated_sqlite, home / "corpus.db")
    settings = load_settings(
        home=home / "home",
        secret_key=SECRET_KEY,
        database_url=f"sqlite:///{copy}",
        site_name="Harbour & Quay <Record>",
        websub_hubs="https://hub.example/?a=1&b=2",
    )
    runtime = open_runtime(settings, clock := Clock(), clock.pause)
    point_queue_at(settings)
    bring(runtime, *corpus(runtime.clock()))
    yield runtime
    runtime.sessions.close()


@pytest.fixture(scope="module")
def texts(newsroom: Runtime) -> Texts:
    """By scope and format: the feed, then its archives, the newest first."""
    return {(slug, fmt): walk(newsroom, fmt, slug) for slug in SCOPES for fmt in FORMATS}


def test_no_story_is_lost_and_none_is_there_twice(newsroom: Runtime, texts: Texts) -> None:
    for fmt in FORMATS:
        ids = [one["id"] for text in texts["all", fmt] for one in read(text, fmt)]
        assert len(ids) == len(set(ids)) == STORIES - 1  # one is dated in seventy years
    assert all(feed_row(newsroom, slug).problem is None for slug in SCOPES)


@pytest.mark.parametrize("slug", SCOPES)
def test_all_formats_say_the_same(texts: Texts, slug: str) -> None:
    first, *others = [[read(text, fmt) for text in texts[slug, fmt]] for fmt in FORMATS]
    assert sum(map(len, first)) > (0 if slug == "language-ar" else 40)
    assert others == [first, first]


def test_rss_and_atom_say_the_same_of_rights(texts: Texts) -> None:
    """JSON Feed has no word for them."""
    rss, atom = (
        {
            entry.id: entry.rights
            for text in texts["all", fmt]
            for entry in feedparser.parse(text).entries
            if "rights" in entry
        }
        for fmt in ("rss", "atom")
    )
    assert rss == atom
    assert list(rss.values()) == ["© 2026 The <Record> & sons ]]>"]


@pytest.mark.parametrize("slug", SCOPES)
def test_a_reader_that_sanitises_opens_our_page_and_loses_nothing(texts: Texts, slug: str) -> None:
    for fmt in ("rss", "atom"):
        for text in texts[slug, fmt]:
            plain = read(text, fmt)
            parsed = feedparser.parse(text)
            assert not parsed.bozo
            assert [entry.link for entry in parsed.entries] == [one["link"] for one in plain]
            assert all("/articles/" in entry.link for entry in parsed.entries)
            for entry, one in zip(parsed.entries, plain, strict=True):
                assert _words(entry.content[0].value) == _words(one["content"])


def test_rss_keeps_to_what_validators_know(texts: Texts) -> None:
    for text in _all_of(texts, "rss"):
        channel = etree.fromstring(text)[0]
        once = ("title", "link", "description", "language", "lastBuildDate", "ttl")
        assert all(len(channel.findall(name)) == 1 for name in once)
        assert LANGUAGE.fullmatch(channel.findtext("language", ""))
        assert len(channel.findall("a:link[@rel='self']", NAMES)) == 1
        for item in channel.findall("item"):
            names = [etree.QName(child).localname for child in item]
            assert names.index("description") < names.index("encoded")
            several = {"category", "creator"}
            assert all(names.count(name) == 1 for name in set(names) - several)
            assert "author" not in names
            assert RFC_822.fullmatch(item.findtext("pubDate", ""))
            assert RFC_3339.fullmatch(item.findtext("a:updated", "", NAMES))
            assert LANGUAGE.fullmatch(item.findtext("d:language", "", NAMES))
            assert (item.findtext("title") or "").strip()
            assert "@" not in "".join(one.text or "" for one in item.findall("d:creator", NAMES))
            _assert_harmless(item.findtext("c:encoded", "", NAMES))


def test_atom_keeps_to_what_validators_know(texts: Texts) -> None:
    for text in _all_of(texts, "atom"):
        feed = etree.fromstring(text)
        assert feed.find("a:author/a:name", NAMES) is not None
        for place in (feed, *feed.findall("a:entry", NAMES)):
            assert len(place.findall("a:link[@rel='alternate']", NAMES)) == 1
            assert all(len(place.findall(f"a:{one}", NAMES)) == 1 for one in ("id", "title"))
            assert LANGUAGE.fullmatch(place.get(LANG) or "")
            assert RFC_3339.fullmatch(place.findtext("a:updated", "", NAMES))
        for content in feed.iterfind("a:entry/a:content", NAMES):
            assert content.get("type") == "html"
            _assert_harmless(content.text or "")


def test_pictures_have_addresses_and_whole_sizes(texts: Texts) -> None:
    for fmt in ("rss", "atom"):
        for text in _all_of(texts, fmt):
            for picture in etree.fromstring(text).iterfind(".//m:content", NAMES):
                assert re.fullmatch(r"https?://[!-~]+", picture.get("url"))
                assert all(picture.get(one, "1").isdigit() for one in ("width", "height"))


def test_json_keeps_to_its_schema(shared_fixtures: Path, texts: Texts) -> None:
    schema = json.loads((shared_fixtures / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    found = [list(validator.iter_errors(json.loads(text))) for text in _all_of(texts, "json")]
    assert not any(found)


def test_atom_keeps_to_its_schema(shared_fixtures: Path, tmp_path: Path, texts: Texts) -> None:
    jing = shutil.which("jing")
    if jing is None:
        leave_out("jing", "install jing, which reads RELAX NG in its compact form")
    paths = []
    for number, text in enumerate(_all_of(texts, "atom")):
        paths.append(tmp_path / f"{number}.atom")
        paths[-1].write_bytes(text)
    schema = shared_fixtures / "schemas" / "atom.rnc"
    run = subprocess.run([jing, "-c", schema, *paths], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


def _all_of(texts: Texts, fmt: str) -> list[bytes]:
    return [text for slug in SCOPES for text in texts[slug, fmt]]


def _assert_harmless(content: str) -> None:
    root = html.fromstring(f"<div>{content}</div>")
    for element in root.iter():
        assert element.tag not in RISKY
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        for name in ADDRESSES:
            assert re.match(r"https?://|mailto:", element.get(name, "https://"))


def _words(content: str) -> list[str]:
    return html.fromstring(f"<div>{content}</div>").text_content().split()
