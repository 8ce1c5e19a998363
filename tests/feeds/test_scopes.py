"""Which feeds a story belongs to, and what they are called."""

from typing import Any

import pytest

from publisher.audience.models import NewsletterRow
from publisher.feeds.bylines import people
from publisher.feeds.models import FeedKind
from publisher.feeds.paths import feed_path
from publisher.feeds.scopes import MOST_TAGS, Scope, language_scope, scopes_of
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.versions import version_row
from tests.feeds.samples import NOON, story


def test_a_story_belongs_to_the_widest_feed_first() -> None:
    briefing = NewsletterRow(slug="briefing", name="Morning briefing", sections=[], language="en")
    assert [(one.kind.value, one.slug, one.title) for one in _scopes(briefing)] == [
        ("site", "all", "All stories"),
        ("section", "harbour", "Harbour"),
        ("newsletter", "newsletter-briefing", "Morning briefing"),
        ("language", "language-en", "English"),
        ("author", "author-mara-quill", "Mara Quill"),
        ("tag", "tag-lamps", "lamps"),
        ("tag", "tag-quays-piers", "quays & piers"),
    ]


@pytest.mark.parametrize(
    ("sections", "language", "belongs"),
    [
        (["harbour"], "en", True),
        (["harbour", "sport"], "en-GB", True),
        (["sport"], "en", False),
        ([], "nl", False),
    ],
)
def test_a_newsletter_has_the_stories_its_editions_choose_from(
    *, sections: list[str], language: str, belongs: bool
) -> None:
    row = NewsletterRow(slug="briefing", name="Briefing", sections=sections, language=language)
    assert ("newsletter-briefing" in [one.slug for one in _scopes(row)]) == belongs


def test_a_story_in_no_known_language_is_in_the_feed_of_none() -> None:
    assert _values(FeedKind.LANGUAGE, language="und") == []
    assert _values(FeedKind.LANGUAGE, language="de") == ["de"]


def test_spellings_of_a_tag_are_one_feed() -> None:
    tags = ("Lamps", "lamps", "LAMPS!", "Lämps", "piers", "?!", "")
    assert _values(FeedKind.TAG, tags=tags) == ["lamps", "piers"]


def test_a_story_has_no_more_tags_than_can_be_built_at_once() -> None:
    tags = tuple(f"tag number {number}" for number in range(100))
    assert len(_values(FeedKind.TAG, tags=tags)) == MOST_TAGS


@pytest.mark.parametrize(
    "tag", ["../../etc", "a/b", "हिन्दी", "🐟 day", "x" * 500, "漢" * 64, "الميناء"]
)
def test_any_tag_has_a_name_that_a_file_can_have(tag: str) -> None:
    [slug] = [one.slug for one in _scopes(tags=(tag,)) if one.kind == FeedKind.TAG]
    assert slug is not None
    assert slug.startswith("tag-")
    assert len(feed_path(slug, "json").encode()) < 150


def test_a_section_whose_slug_is_no_name_has_no_feed() -> None:
    assert Scope(FeedKind.SECTION, "../../etc", "Evil").slug is None


@pytest.mark.parametrize(
    ("tag", "value", "title"),
    [
        ("en", "en", "English"),
        ("de-AT", "de", "Deutsch"),
        ("pt_BR", "pt", "Português"),
        ("zh-hant-TW", "zh-Hant", "中文 (繁體)"),
        ("ar", "ar", "العربية"),
        ("xx-test", "xx-Test", "xx-Test"),
    ],
)
def test_a_language_is_called_what_it_calls_itself(tag: str, value: str, title: str) -> None:
    scope = language_scope(tag)
    assert (scope.value, scope.title) == (value, title)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Mara Quill", ("Mara Quill",)),
        ("Mara Quill, Tom Reed", ("Mara Quill", "Tom Reed")),
        ("Mara Quill, Tom Reed and Ines Carrow", ("Mara Quill", "Tom Reed", "Ines Carrow")),
        ("Mara Quill & Tom Reed; Mara Quill", ("Mara Quill", "Tom Reed")),
        ("Tom Reed, Jr., Ines Carrow", ("Tom Reed, Jr.", "Ines Carrow")),
        ("Staff and agencies", ("Staff and agencies",)),
        ("Ann Andersen und Emil Sand", ("Ann Andersen", "Emil Sand")),
        ("José Ortega y Vega", ("José Ortega y Vega",)),
        ("Mara Quill <mara@harbour.example>, Tom Reed (tom@x.example)", ("Mara Quill", "Tom Reed")),
        ("mara@harbour.example", ()),
        ("b" * 100_000, ("b" * 100_000,)),
        ("Mara Quill, @mara", ("Mara Quill", "@mara")),
        (" , ", ()),
        (None, ()),
    ],
)
def test_a_byline_names_people(byline: str | None, names: tuple[str, ...]) -> None:
    assert people(byline) == names


def _values(kind: FeedKind, **changes: Any) -> list[str]:
    return [one.value for one in _scopes(**changes) if one.kind == kind]


def _scopes(*newsletters: NewsletterRow, **changes: Any) -> list[Scope]:
    incoming = story(**changes)
    article = ArticleRow(language=incoming.language, section=incoming.section)
    return scopes_of(article, version_row(1, 1, incoming, "0" * 64, NOON), newsletters)
