"""The news sitemap: two days, a thousand addresses, nothing that may not leave."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from lxml import etree
from sqlmodel import col

from publisher.feeds import sitemap
from publisher.feeds.models import FeedRow
from publisher.feeds.publish import build_due
from publisher.newsroom import acts
from publisher.newsroom.receive import receive
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, EDITOR, article, bring, follow, story
from tests.services.runtimes import Clock

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}


def test_a_story_stands_there_with_all_that_search_engines_want(
    runtime: Runtime, clock: Clock
) -> None:
    at = clock.now - timedelta(hours=2)
    bring(runtime, story(published_at=at, language="en-GB", title="Lights & <lamps>"))
    [url] = _urls(runtime)
    assert _text(url, "s:loc").startswith(f"{ADDRESS}/articles/")
    assert _text(url, "n:news/n:publication/n:name") == "The Harbour Record"
    assert _text(url, "n:news/n:publication/n:language") == "en"
    assert datetime.fromisoformat(_text(url, "n:news/n:publication_date")) == at
    assert _text(url, "n:news/n:title") == "Lights & <lamps>"


def test_a_story_stands_there_for_two_days(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story(), story("old", published_at=clock.now - timedelta(hours=47)))
    bring(runtime, story("older", published_at=clock.now - timedelta(hours=49)))
    assert len(_urls(runtime)) == 2
    clock.advance(minutes=59)
    assert build_due(runtime) == 0
    clock.advance(minutes=2)
    assert build_due(runtime) == 1
    assert len(_urls(runtime)) == 1
    clock.advance(hours=48)
    assert build_due(runtime) == 1
    assert _urls(runtime) == []
    assert build_due(runtime) == 0


@pytest.mark.parametrize("act", ["kill", "withdraw", "hold"])
def test_what_is_taken_out_leaves_the_sitemap(runtime: Runtime, act: str) -> None:
    bring(runtime, story(), story("goal"))
    with runtime.sessions.begin() as session:
        getattr(acts, act)(session, article(session), "So.", by=EDITOR, now=runtime.clock())
    follow(runtime)
    assert len(_urls(runtime)) == 1


def test_the_newest_thousand_stand_there(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_URLS", 3)
    now = runtime.clock()
    bring(runtime, *(story(f"s{n}", published_at=now - timedelta(hours=n)) for n in range(5)))
    dates = [_text(url, "n:news/n:publication_date") for url in _urls(runtime)]
    assert dates == [(now - timedelta(hours=n)).isoformat() for n in range(3)]


@pytest.mark.parametrize(
    ("tag", "told"),
    [("de-AT", "de"), ("zh-Hans", "zh-cn"), ("zh_TW", "zh-tw"), ("zh-Hant-HK", "zh-tw")],
)
def test_a_language_is_told_as_search_engines_know_it(
    runtime: Runtime, tag: str, told: str
) -> None:
    bring(runtime, story(language=tag))
    assert _text(_urls(runtime)[0], "n:news/n:publication/n:language") == told


def test_unchanged_news_leaves_the_sitemap_alone(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    path = runtime.settings.public_folder / "sitemap-news.xml"
    before = path.stat().st_mtime_ns
    clock.advance(hours=1)
    with runtime.sessions.begin() as session:
        receive(session, story("held", embargo_held=True), by=EDITOR, now=clock.now)
        wanted = sa.update(FeedRow).values(wanted_event=col(FeedRow.wanted_event) + 1)
        session.execute(wanted)
    follow(runtime)
    assert path.stat().st_mtime_ns == before


def _urls(runtime: Runtime) -> list[etree._Element]:
    root = etree.parse(runtime.settings.public_folder / "sitemap-news.xml").getroot()
    assert root.tag == f"{{{NAMES['s']}}}urlset"
    return root.findall("s:url", NAMES)


def _text(url: etree._Element, path: str) -> str:
    return url.findtext(path, "", NAMES)
