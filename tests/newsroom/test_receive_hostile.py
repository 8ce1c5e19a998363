"""Whatever a source hands in: it is stored, cut or quarantined, and nothing fails."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.newsroom.acts import correct, hold, kill
from publisher.newsroom.incoming import Comments, Dateline, Image, Incoming, Rights
from publisher.newsroom.models import ArticleState as S
from tests.newsroom.desk import EDITOR, Desk, order, story

NASTY = "\x00a\ud800b\udfff\x1b[31m\u202e\ufffe"
SMALL = {"max_size": 12}
TEXTS = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), **SMALL),
    st.sampled_from([NASTY, "x" * 3000, ""]),
)
TIMES = st.one_of(
    st.none(),
    st.datetimes(timezones=st.one_of(st.none(), st.timezones())),
    st.just(datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))),
    st.just(datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))),
)
MAYBE = st.one_of(st.none(), TEXTS)
MANY = st.lists(TEXTS, max_size=2).map(tuple)
ARTICLES = st.builds(
    Incoming,
    source=st.just("wire"),
    external_id=st.one_of(st.sampled_from(["a", "b", "\x00", "\ud800", "x" * 600]), TEXTS),
    title=TEXTS,
    paragraphs=MANY,
    body_html=TEXTS,
    version_at=TIMES,
    language=TEXTS,
    section=MAYBE,
    section_name=MAYBE,
    deck=MAYBE,
    summary=MAYBE,
    dateline=st.one_of(st.none(), st.builds(Dateline, TEXTS, TEXTS, MAYBE, MAYBE)),
    credit=MAYBE,
    byline=MAYBE,
    published_at=TIMES,
    url=MAYBE,
    image=st.one_of(st.none(), st.builds(Image, TEXTS, TEXTS, MAYBE, MAYBE)),
    tags=MANY,
    comments=st.one_of(st.none(), st.builds(Comments, st.booleans(), st.none(), MAYBE)),
    related=MANY,
    unparsed_head=MANY,
    urgency=st.one_of(st.none(), st.integers()),
    rights=st.one_of(st.none(), st.builds(Rights, MAYBE, MAYBE, MAYBE, MAYBE)),
    expires_at=TIMES,
    digital_source=MAYBE,
    embargo_until=TIMES,
    embargo_held=st.booleans(),
    signal=st.sampled_from(["usable", "hold", "withdraw", "kill", "correction"]),
    note=MAYBE,
    problem=MAYBE,
)


@given(incoming=ARTICLES, review=st.one_of(st.none(), st.just("Look first.")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_whatever_comes_in_is_taken_and_nothing_barred_leaves(
    desk: Desk, incoming: Incoming, review: str | None
) -> None:
    received = desk.take(incoming, review=review)
    assert len(received.article.external_id) <= 512
    until = incoming.embargo_until
    if received.article.state == S.PUBLISHED and received.outcome == "new":
        assert incoming.title
        assert incoming.paragraphs
        assert until is None or (until.tzinfo and until <= desk.now)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": f"Ferry{NASTY}"},
        {"paragraphs": (NASTY, "x")},
        {"body_html": f"<p>{NASTY}</p>"},
        {"image": Image("https://a.example/x.jpg", NASTY)},
        {"section": "s" * 300},
        {"language": "l" * 300},
        {"byline": "b" * 100_000},
        {"urgency": 10**12},
        {"note": NASTY, "signal": "hold"},
        {"version_at": datetime(2026, 3, 10, 9, 30)},
        {"published_at": datetime(2026, 3, 10, 9, 30)},
    ],
)
def test_text_that_a_database_refuses_is_made_to_fit(desk: Desk, changes: dict[str, Any]) -> None:
    desk.take(story(**changes))
    assert desk.take(story(**changes)).outcome == "unchanged"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("pt-BR", "pt-BR"),
        ("zh_Hant", "zh_Hant"),
        ("de-AT-1996-x-quays", "de"),
        ("english, uk", "und"),
        ("l" * 300, "und"),
        ("", "und"),
    ],
)
def test_what_is_no_language_is_stored_as_undetermined(desk: Desk, written: str, kept: str) -> None:
    desk.take(story(language=written))
    assert desk.article().language == kept


def test_a_headline_that_is_a_text_is_quarantined(desk: Desk) -> None:
    desk.take(story(title="word " * 200))
    article = desk.article()
    assert article.state == S.QUARANTINED
    assert "at most 500" in (article.reason or "")


def test_what_is_said_of_rights_is_never_cut(desk: Desk) -> None:
    desk.take(story(rights=Rights(terms="Not in Ireland. " * 200)))
    article = desk.article()
    assert article.state == S.QUARANTINED
    assert "at most" in (article.reason or "")


@pytest.mark.parametrize(
    "changes", [{"title": "word " * 200}, {"rights": Rights(terms="Not in Ireland. " * 200)}]
)
def test_no_kill_fails_because_of_the_story_it_comes_with(
    desk: Desk, changes: dict[str, Any]
) -> None:
    desk.take(story())
    desk.take(story(signal="kill", **changes))
    assert desk.state() == S.KILLED


def test_of_rights_nothing_is_kept_that_is_not_said(desk: Desk) -> None:
    desk.take(story(rights=Rights(" ", "", None, "javascript:alert(1)"), digital_source="by hand"))
    version = desk.current()
    assert (version.rights, version.digital_source) == (None, None)


@pytest.mark.parametrize("changes", [{"title": ""}, {"paragraphs": ()}])
def test_a_story_without_headline_or_text_is_quarantined(
    desk: Desk, changes: dict[str, Any]
) -> None:
    desk.take(story(**changes))
    assert desk.state() == S.QUARANTINED


def test_two_long_ids_that_begin_alike_stay_two_articles(desk: Desk) -> None:
    for ending in "ab":
        desk.take(story("x" * 2000 + ending))
    desk.take(story("x" * 2000 + "a"))
    assert len(desk.articles()) == 2


def test_ids_with_characters_that_cannot_be_stored_stay_apart(desk: Desk) -> None:
    for external_id in ("a\x00", "a\ud800", "a"):
        desk.take(story(external_id))
    assert [one.external_id for one in desk.articles()] == ["a%00", "a%ED%A0%80", "a"]


@pytest.mark.parametrize("act", [hold, kill, correct])
def test_reasons_of_editors_may_hold_anything(desk: Desk, act: Any) -> None:
    desk.take(story())
    desk.act(act, "  \x00Checking\ud800 ")
    assert desk.events()[-1].reason == "Checking"


def test_an_order_by_an_editor_with_nothing_else_is_kept(desk: Desk) -> None:
    desk.take(order("kill"), by=EDITOR)
    assert desk.state() == S.KILLED
