"""Saved web pages: structured data first, then the text."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.newsroom.incoming import Image, Incoming, Rights
from publisher.sources.page import parse_page

FIRST = (
    "The ferry ran again on Thursday after seven days of storms, and half the town came down to "
    "the pier to watch her leave with post, bread and forty passengers."
)
SECOND = (
    "Harbour master Ida Thorne said the pier had held through winds of 60 knots, and that the "
    "north light would be repaired in May by engineers from the capital."
)
THIRD = (
    "The next boat leaves on Friday at nine in the morning, weather permitting, the company said."
)
BODY = f"<p>PORT ELLERY, Ireland (HBR) — {FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
DATA = {
    "@type": "NewsArticle",
    "headline": "Ferry &amp; bread return",
    "datePublished": "2026-11-20T08:30:00+01:00",
    "dateModified": "2026-11-20T10:00:00Z",
    "author": [{"@type": "Person", "name": "Ann Other"}],
    "articleSection": ["HARBOUR"],
    "image": {"url": "https://harbour.example/f.jpg", "creditText": "Ida Thorne"},
    "isAccessibleForFree": True,
    "keywords": "ferry, storms",
}


def page(head: str = "", body: str = BODY, title: str = "Ferry | The Harbour Record") -> str:
    return (
        f"<!doctype html><html lang='en-IE'><head><title>{title}</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><main><article><h1>Ferry returns</h1>{body}</article>"
        "</main><footer>All rights reserved</footer></body></html>"
    )


def ld(data: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(data)}</script>"


def read(html: str | bytes) -> Incoming:
    raw = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    return parse_page(
        raw, source="web", external_id="p", language="en", zone=ZoneInfo("Europe/Dublin")
    )


def test_structured_data_names_the_article_and_the_rest_gives_the_text() -> None:
    canonical = "<link rel=canonical href='https://harbour.example/ferry'>"
    article = read(page(canonical + ld(DATA)))
    assert article.problem is None
    assert article.title == "Ferry & bread return"
    assert article.published_at == datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    assert article.version_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert (article.byline, article.credit) == ("Ann Other", "HBR")
    assert (article.section, article.section_name) == ("harbour", "Harbour")
    assert article.url == "https://harbour.example/ferry"
    assert article.image == Image("https://harbour.example/f.jpg", credit="Ida Thorne")
    assert (article.language, article.tags) == ("en-IE", ("ferry", "storms"))
    assert article.rights_status == "unknown"
    assert article.paragraphs == (FIRST, SECOND, THIRD)
    assert article.dateline is not None
    assert article.dateline.country_code == "IE"


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda data: data, id="one node"),
        pytest.param(lambda data: [{"@type": "WebSite", "name": "x"}, data], id="a list"),
        pytest.param(lambda data: {"@graph": [{"@type": "WebPage"}, data]}, id="a graph"),
        pytest.param(lambda data: {"@type": "WebPage", "mainEntity": data}, id="main entity"),
    ],
)
def test_json_ld_is_found_however_it_is_wrapped(wrap: object) -> None:
    assert callable(wrap)
    assert read(page(ld(wrap(DATA)))).title == "Ferry & bread return"


def test_json_ld_may_refer_to_its_author_and_picture_by_id() -> None:
    data = {
        "@graph": [
            {**DATA, "author": {"@id": "#ann"}, "image": {"@id": "#main"}},
            {"@id": "#ann", "@type": "Person", "name": "Ann Other"},
            {"@id": "#main", "@type": "ImageObject", "url": "https://harbour.example/g.jpg"},
        ]
    }
    article = read(page(ld(data)))
    assert article.byline == "Ann Other"
    assert article.image == Image("https://harbour.example/g.jpg")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Ferry sails",}',
        '<!-- {"@type": "NewsArticle", "headline": "Ferry sails"} -->',
        '{"@type": ["NewsArticle"], "headline": "Ferry\n sails"}',
    ],
)
def test_json_ld_is_read_leniently(script: str) -> None:
    assert read(page(f"<script type='application/ld+json'>{script}</script>")).title == (
        "Ferry sails"
    )


@pytest.mark.parametrize("script", ["{", "[" * 5000, "null", '"x"', '{"@type": 3}', "9" * 5000])
def test_broken_json_ld_is_passed_over(script: str) -> None:
    article = read(page(f"<script type='application/ld+json'>{script}</script>"))
    assert (article.title, article.problem) == ("Ferry returns", None)


def test_open_graph_is_read_where_there_is_no_json_ld() -> None:
    article = read(
        page(
            "<meta property=og:title content='Ferry sails | The Harbour Record'>"
            "<meta property=og:site_name content='The Harbour Record'>"
            "<meta property=article:published_time content=2026-11-20T08:30:00Z>"
            "<meta property=article:section content=Harbour>"
            "<meta property=og:url content=https://harbour.example/ferry>"
            "<meta property=og:image content=/f.jpg><meta property=og:image:alt content=Ferry>"
        )
    )
    assert (article.title, article.section) == ("Ferry sails", "harbour")
    assert article.published_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert article.image == Image("https://harbour.example/f.jpg", "Ferry")


def test_microdata_is_read_where_there_is_nothing_else() -> None:
    item = (
        "<div itemscope itemtype='http://schema.org/NewsArticle'>"
        "<h2 itemprop=headline>Ferry sails</h2><time itemprop=datePublished datetime=2026-11-20>"
        f"</time>{BODY}</div>"
    )
    article = read(page(body=item))
    assert article.title == "Ferry sails"
    assert article.published_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_page_that_says_no_date_has_none() -> None:
    article = read(page(body=f"<p>Nov 20, 2026</p>{BODY}"))
    assert article.published_at is None


def test_only_the_first_story_of_a_page_is_taken() -> None:
    more = (
        f"<article><h1>Another story</h1><p>{'Bread is dearer again in town. ' * 20}</p></article>"
    )
    article = read(page().replace("</main>", f"{more}</main>"))
    assert article.paragraphs == (FIRST, SECOND, THIRD)


@pytest.mark.parametrize("free", [False, "false", "No"])
def test_a_page_that_is_not_free_may_only_be_summarised(free: object) -> None:
    assert read(page(ld({**DATA, "isAccessibleForFree": free}))).rights_status == "summary"


def test_what_a_page_says_of_its_use_is_kept() -> None:
    source = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"
    article = read(
        page(
            "<link rel='canonical' href='https://harbour.example/ferry'>"
            "<link rel='license' href='/licence'><meta name=copyright content='© The Record'>"
            "<meta property='article:expiration_time' content='2026-12-24T18:00:00+01:00'>"
            + ld({**DATA, "copyrightHolder": {"name": "Record Ltd"}, "digitalSourceType": source})
        )
    )
    assert article.rights == Rights(
        "Record Ltd", "© The Record", url="https://harbour.example/licence"
    )
    assert article.expires_at == datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert article.digital_source == source


@pytest.mark.parametrize(
    ("licence", "url"),
    [
        ("https://cc.example/by", "https://cc.example/by"),
        (
            {"@type": "CreativeWork", "name": "CC", "url": "https://cc.example/by"},
            "https://cc.example/by",
        ),
        ({"@id": "https://cc.example/by"}, "https://cc.example/by"),
        ("All rights reserved", None),
        ("javascript://cc.example/%0aalert(1)", None),
    ],
)
def test_a_licence_is_an_address_or_nothing(licence: object, url: str | None) -> None:
    canonical = "<link rel=canonical href='https://harbour.example/ferry'>"
    article = read(page(canonical + ld({**DATA, "license": licence, "digitalSourceType": "own"})))
    assert article.rights == Rights(url=url)
    assert article.digital_source is None


@pytest.mark.parametrize("asked", ["noindex", "NOINDEX, nofollow", "none"])
def test_a_page_that_asks_not_to_be_indexed_is_not_used(asked: str) -> None:
    problem = read(page(f"<meta name=robots content='{asked}'>")).problem
    assert "asks not to be indexed" in (problem or "")


@pytest.mark.parametrize(
    ("html", "word"),
    [
        (page()[:600], "cut short"),
        (page(body="<p>Three words here</p>"), "words"),
        ("", "empty"),
        ("\ufeff", "no tags"),
        (b"<html>\0</html>", "binary"),
        (page(body="<br>" * 100_001), "more tags"),
    ],
)
def test_a_page_without_an_article_is_a_problem(html: str | bytes, word: str) -> None:
    assert word in (read(html).problem or "")


def test_links_and_pictures_become_absolute_and_scripts_go() -> None:
    canonical = "<link rel=canonical href='https://harbour.example/2026/ferry'>"
    body = BODY.replace("forty", "<a href='../list'>forty</a><script>x()</script>")
    html = read(page(canonical, body)).body_html
    assert '<a href="https://harbour.example/list">forty</a>' in html
    assert "script" not in html


def test_what_stands_above_the_text_is_not_text() -> None:
    body = f"<p>HARBOUR</p><h2>Ferry &amp; bread return</h2>{BODY}"
    assert read(page(ld(DATA), body)).paragraphs == (FIRST, SECOND, THIRD)


def test_an_old_character_set_is_read_as_declared() -> None:
    html = page("<meta charset=iso-8859-1>").replace("Ferry returns", "Fähre – zurück")
    assert read(html.replace("—", "-").encode("cp1252")).title == "Fähre – zurück"


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_page_is_an_article_or_a_problem(text: str) -> None:
    read(text)
    read(page(body=text))
    read(page(f"<script type='application/ld+json'>{text}</script>"))


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.text() | st.booleans(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["@type", "@graph", "@id", "author", "image", "headline", "url"]), x
            )
        ),
    )
)
def test_any_json_ld_is_survived(value: object) -> None:
    read(page(ld({**DATA, "author": value, "image": value, "articleSection": value}) + ld(value)))
