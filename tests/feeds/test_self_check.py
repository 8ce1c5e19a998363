"""A document that is not what was meant does not go up."""

import pytest

from publisher.errors import RefusedError
from publisher.feeds import render
from publisher.feeds.formats import FORMATS
from publisher.feeds.fragments import Written
from publisher.feeds.models import FeedRow
from publisher.feeds.render import Place, render_documents
from publisher.feeds.sitemap import render_sitemap
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.versions import version_row
from publisher.settings import load_settings
from tests.feeds.samples import NOON, entry, story

FEED = FeedRow(slug="all", uuid="01957f00-0000-7000-8000-ffffffffffff", title="All stories")


def test_a_story_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(RefusedError, match="other entries than it should have"):
        render_documents(FEED, [_written(1), _written(1)], [], load_settings())


def test_an_entry_that_says_another_id_is_refused() -> None:
    other = Written(entry(1), _written(2).fragments)
    with pytest.raises(RefusedError, match="other entries than it should have"):
        render_documents(FEED, [other], [], load_settings())


def test_a_feed_with_the_oldest_first_is_refused() -> None:
    with pytest.raises(RefusedError, match="not in order, newest first"):
        render_documents(FEED, [_written(2), _written(1)], [], load_settings())


def test_a_feed_that_is_too_long_is_refused_but_an_archive_may_have_grown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "DOCUMENT_BYTES", 500)
    with pytest.raises(RefusedError, match="bytes long"):
        render_documents(FEED, [_written(1)], [], load_settings())
    assert render_documents(FEED, [_written(1)], [], load_settings(), Place(1))


def test_a_sitemap_that_names_a_story_twice_is_refused() -> None:
    article = ArticleRow(uuid="01957f00-0000-7000-8000-000000000001", eligible_at=NOON)
    twice = [(article, version_row(1, 1, story(), "0" * 64, NOON))] * 2
    with pytest.raises(RefusedError, match="other addresses than it should have"):
        render_sitemap(twice, load_settings())


def _written(number: int) -> Written:
    one = entry(number)
    return Written(one, {fmt.name: fmt.fragment(one) for fmt in FORMATS})
