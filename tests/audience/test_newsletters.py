from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.models import NewsletterRow
from publisher.audience.newsletter_change import NewsletterChange, change_newsletter
from publisher.audience.newsletters import (
    create_newsletter,
    find_newsletter,
    list_newsletters,
)
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.store import Runtime
from tests.audience.conftest import BRIEFING, CLI


def test_a_newsletter_is_found_by_its_slug(newsroom: Runtime) -> None:
    with newsroom.sessions.read() as session:
        assert find_newsletter(session, "briefing").name == "Morning briefing"
        assert [row.slug for row in list_newsletters(session)] == ["briefing", "tides"]


def test_making_one_is_on_record(newsroom: Runtime) -> None:
    with newsroom.sessions.read() as session:
        acts = session.exec(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(act.action, act.actor_name, act.detail) for act in acts] == [
        ("newsletter.create", "ellis", {"slug": "briefing"}),
        ("newsletter.create", "ellis", {"slug": "tides"}),
    ]


def test_a_newsletter_may_have_a_signing_key_of_its_own(runtime: Runtime) -> None:
    new = replace(BRIEFING, dkim_domain="HARBOUR.example", dkim_selector="Tide")
    with runtime.sessions.begin() as session:
        row = create_newsletter(session, new, by=CLI, now=runtime.clock())
    assert (row.dkim_domain, row.dkim_selector) == ("harbour.example", "tide")


def test_an_unknown_newsletter_is_not_found(newsroom: Runtime) -> None:
    with newsroom.sessions.read() as session, pytest.raises(NotFoundError, match="“ferries”"):
        find_newsletter(session, "ferries")


def test_a_slug_is_taken_once(newsroom: Runtime) -> None:
    with newsroom.sessions.begin() as session, pytest.raises(RefusedError, match="another slug"):
        create_newsletter(session, BRIEFING, by=CLI, now=newsroom.clock())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slug": "Morning Briefing"}, "single hyphens"),
        ({"slug": "x" * 65}, "1 to 64"),
        ({"sections": ("local", "Sport!")}, "Sport!"),
        ({"name": " "}, "name must be one line"),
        ({"name": "a\nb"}, "name must be one line"),
        ({"sender_name": "x" * 201}, "sender name"),
        ({"sender_address": "news"}, "name@example.org"),
        ({"reply_to": "editor@"}, "name@example.org"),
        ({"dkim_domain": "harbour.example"}, "give both, or neither"),
        ({"dkim_selector": "tide"}, "give both, or neither"),
        ({"dkim_domain": "harbour", "dkim_selector": "tide"}, "not a domain"),
        ({"dkim_domain": "harbour.example", "dkim_selector": "../key"}, "not a selector"),
        ({"dkim_domain": "port.example", "dkim_selector": "tide"}, "does not count for mail from"),
        ({"dkim_domain": "a.harbour.example", "dkim_selector": "tide"}, "does not count for mail"),
        ({"cadences": ()}, "daily, weekly"),
        ({"cadences": ("hourly",)}, "daily, weekly"),
        ({"zone": "Port Ellery"}, "Europe/Lisbon"),
        ({"hour": 24}, "0 to 23"),
        ({"weekday": 7}, "0 .Sunday. to 6"),
        ({"max_stories": 0}, "1 to 62"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    runtime: Runtime, wrong: dict[str, Any], said: str
) -> None:
    new = replace(BRIEFING, **wrong)
    with runtime.sessions.begin() as session, pytest.raises(InvalidInputError, match=said):
        create_newsletter(session, new, by=CLI, now=runtime.clock())


def test_its_sender_is_changed_and_what_was_is_taken_away(newsroom: Runtime) -> None:
    key = {"dkim_domain": "PIER.example", "dkim_selector": "tide"}
    whole = NewsletterChange("The Pier", "desk@Pier.example", "answers@pier.example", **key)
    row = _changed(newsroom, whole)
    assert (row.sender_name, row.sender_address) == ("The Pier", "desk@pier.example")
    assert (row.reply_to, row.dkim_domain) == ("answers@pier.example", "pier.example")
    row = _changed(newsroom, NewsletterChange(reply_to="", dkim_domain="", dkim_selector=""))
    assert (row.reply_to, row.dkim_domain, row.dkim_selector) == (None, None, None)
    assert row.sender_name == "The Pier"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (NewsletterChange(), "Say what is to change"),
        (NewsletterChange(sender_name="a\nb"), "sender name must be one line"),
        (NewsletterChange(sender_address="desk"), "name@example.org"),
        (NewsletterChange(reply_to="desk@"), "name@example.org"),
        (NewsletterChange(dkim_domain="harbour.example"), "give both, or neither"),
        (
            NewsletterChange(dkim_domain="pier.example", dkim_selector="tide"),
            "does not count for mail from",
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    newsroom: Runtime, change: NewsletterChange, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        _changed(newsroom, change)
    with newsroom.sessions.read() as session:
        row = find_newsletter(session, "briefing")
    assert (row.sender_name, row.dkim_domain) == (BRIEFING.sender_name, None)


def test_a_sender_that_its_key_does_not_vouch_for_is_refused(newsroom: Runtime) -> None:
    key = NewsletterChange(dkim_domain="harbour.example", dkim_selector="tide")
    _changed(newsroom, key)
    with pytest.raises(InvalidInputError, match="does not count for mail from"):
        _changed(newsroom, NewsletterChange(sender_address="desk@pier.example"))


def _changed(runtime: Runtime, change: NewsletterChange) -> NewsletterRow:
    with runtime.sessions.begin() as session:
        return change_newsletter(session, "briefing", change, by=CLI, now=runtime.clock())
