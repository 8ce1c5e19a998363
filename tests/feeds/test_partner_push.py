"""Stories are brought to partners: each once, signed, as they are; a bad server harms nobody."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from publisher.errors import NotFoundError
from publisher.feeds.partners.compose import item_for
from publisher.feeds.partners.endpoint import (
    PushStanding,
    change_secret,
    end_push,
    push_standing,
    set_push,
)
from publisher.feeds.partners.models import PartnerGivenRow, PartnerPushRow
from publisher.feeds.partners.push import CLAIM, PATIENCE, push_to
from publisher.feeds.partners.register import (
    PartnerChange,
    change_partner,
    contract_of,
    find_partner,
)
from publisher.feeds.partners.signature import signed_headers
from publisher.feeds.publish import build_due
from publisher.newsroom.acts import correct, hold, kill, release
from publisher.store import Runtime
from tests.feeds.partners import partner
from tests.feeds.samples import EDITOR, article, bring, follow
from tests.feeds.subscribers import news
from tests.services.listener import Listener, Reply, Seen, listening
from tests.services.runtimes import Clock


@pytest.fixture
def server() -> Iterator[Listener]:
    """The partner's server, which takes everything."""
    with listening() as listener:
        yield listener


@pytest.fixture
def pushing(runtime: Runtime, server: Listener) -> Runtime:
    """A newsroom with one partner whose stories are brought to a server on loopback."""
    settings = runtime.settings.model_copy(update={"private_networks": "127.0.0.0/8"})
    made = replace(runtime, settings=settings)
    partner(made)
    _set(made, server.url)
    return made


def test_a_story_is_brought_as_the_item_that_may_be_pulled(
    pushing: Runtime, server: Listener
) -> None:
    bring(pushing, news())
    assert push_to(pushing, "post") == 1
    [seen] = server.seen
    assert (seen.method, seen.headers["content-type"]) == (
        "POST",
        "application/json; charset=utf-8",
    )
    assert seen.body == _item(pushing)
    assert json.loads(seen.body)["pubStatus"] == "usable"
    assert push_to(pushing, "post") == 0
    assert _standing(pushing).taken_at == pushing.clock()


def test_what_is_brought_is_signed_as_standard_webhooks_have_it(
    pushing: Runtime, server: Listener
) -> None:
    bring(pushing, news())
    push_to(pushing, "post")
    [seen] = server.seen
    at, message_id = seen.headers["webhook-timestamp"], seen.headers["webhook-id"]
    with pushing.sessions.read() as session:
        secret = session.exec(select(PartnerPushRow.secret)).one()
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret[6:])
    assert len(key) == 32
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + seen.body, hashlib.sha256).digest()
    assert seen.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert int(at) == int(pushing.clock().timestamp())
    assert message_id == f"{json.loads(seen.body)['uri'][9:]}.{json.loads(seen.body)['version']}"


def test_the_signature_is_the_one_of_the_published_example(clock: Clock) -> None:
    """The test vector of the Standard Webhooks libraries."""
    clock.now = clock.now.fromtimestamp(1614265330, tz=clock.now.tzinfo)
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        clock.now,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_corrections_and_kills_follow_with_higher_versions(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    bring(pushing, news())
    push_to(pushing, "post")
    for act in (correct, kill):
        clock.advance(minutes=5)
        _act(pushing, act, "The lamps number nine.")
        assert push_to(pushing, "post") == 1
    first, corrected, killed = _bodies(server)
    assert "edNote" in corrected
    assert killed["pubStatus"] == "canceled"
    assert "bodies" not in killed
    versions = [int(one["version"]) for one in (first, corrected, killed)]
    assert versions == sorted(set(versions))
    assert len({one["uri"] for one in (first, corrected, killed)}) == 1


def test_what_was_killed_before_it_was_brought_is_brought_as_killed(
    pushing: Runtime, server: Listener
) -> None:
    bring(pushing, news())
    _act(pushing, kill, "wrong")
    push_to(pushing, "post")
    [body] = _bodies(server)
    assert (body["pubStatus"], "bodies" in body) == ("canceled", False)


def test_a_story_on_hold_is_not_spoken_of_until_it_is_back(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    bring(pushing, news())
    _act(pushing, hold, "a doubt")
    bring(pushing, news("goal"))
    push_to(pushing, "post")
    _act(pushing, hold, "a doubt", of="goal")
    assert push_to(pushing, "post") == 0
    assert [one["headlines"][0]["value"] for one in _bodies(server)] == [news("goal").title]
    clock.advance(minutes=5)
    for one in ("lights", "goal"):
        _act(pushing, release, of=one)
    assert push_to(pushing, "post") == 2


def test_an_embargoed_story_is_brought_when_its_time_has_come(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    bring(pushing, news(embargo_until=clock.now + timedelta(hours=1)))
    assert (push_to(pushing, "post"), server.seen) == (0, [])


def test_only_the_stories_of_the_contract_are_brought_and_followed_out_of_it(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    bring(pushing, news("earlier"))  # there is a feed of harbour stories now
    push_to(pushing, "post")
    server.seen.clear()
    change = PartnerChange(scopes=("harbour",))
    with pushing.sessions.begin() as session:
        change_partner(session, "post", change, by=EDITOR, now=clock.now)
    bring(pushing, news(), news("goal", section="sports", section_name="Sports"))
    assert push_to(pushing, "post") == 1
    clock.advance(minutes=5)
    bring(pushing, news(section="sports", section_name="Sports", title="It moved"))
    _act(pushing, kill, "wrong")
    push_to(pushing, "post")
    assert {one["uri"] for one in _bodies(server)} == {_bodies(server)[0]["uri"]}
    assert _bodies(server)[-1]["pubStatus"] == "canceled"


def test_without_whole_texts_a_summary_is_brought(pushing: Runtime, server: Listener) -> None:
    with pushing.sessions.begin() as session:
        change = PartnerChange(whole_texts=False)
        change_partner(session, "post", change, by=EDITOR, now=pushing.clock())
    bring(pushing, news())
    push_to(pushing, "post")
    assert _bodies(server)[0]["representationType"] == "partial"
    assert b"Crews worked for a week." not in server.seen[0].body


def test_a_server_without_an_answer_is_left_alone_and_loses_nothing(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    server.reply = lambda _: Reply(503, b"tired")
    bring(pushing, news(), news("goal"))
    assert push_to(pushing, "post") == 0
    assert len(server.seen) == 1
    standing = _standing(pushing)
    assert (standing.waiting, standing.problem) == (2, "Its server answered 503 tired")
    assert push_to(pushing, "post") == 0
    assert len(server.seen) == 1

    server.reply = lambda _: Reply()
    clock.advance(seconds=15)
    assert push_to(pushing, "post") == 2
    assert (_standing(pushing).waiting, _standing(pushing).problem) == (0, None)


def test_a_server_that_names_a_time_is_left_alone_for_so_long(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    server.reply = lambda _: Reply(429, headers={"Retry-After": "1800"})
    bring(pushing, news())
    push_to(pushing, "post")
    assert _standing(pushing).next_at == clock.now + timedelta(minutes=30)


def test_a_story_that_is_refused_holds_up_no_other(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    def picky(seen: Seen) -> Reply:
        return Reply(422, b"no goals") if b"Goal" in seen.body else Reply()

    server.reply = picky
    bring(pushing, news("goal", title="Goal"), news())
    assert push_to(pushing, "post") == 1
    assert (_standing(pushing).waiting, _standing(pushing).problem) == (
        1,
        "Its server answered 422 no goals",
    )
    clock.advance(days=4)
    push_to(pushing, "post")
    assert (_standing(pushing).waiting, _standing(pushing).given_up) == (0, 1)


def test_a_server_that_refuses_a_story_is_no_longer_said_to_be_away(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    server.reply = lambda _: Reply(503)
    bring(pushing, news())
    push_to(pushing, "post")
    server.reply = lambda _: Reply(422, b"too long")
    clock.advance(seconds=15)
    push_to(pushing, "post")
    assert _standing(pushing).problem == "Its server answered 422 too long"


def test_after_days_without_an_answer_it_is_given_up_and_news_tries_again(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    server.reply = lambda _: Reply(500)
    bring(pushing, news())
    push_to(pushing, "post")
    clock.advance(seconds=PATIENCE.total_seconds() + 60)
    push_to(pushing, "post")
    assert _standing(pushing).given_up == 1
    server.reply = lambda _: Reply()
    clock.advance(hours=2)
    bring(pushing, news("goal"))
    assert push_to(pushing, "post") == 1
    _set(pushing, f"{server.url}/again")
    assert push_to(pushing, "post") == 1
    assert server.seen[-1].path == "/again"


def test_a_server_that_says_gone_gets_nothing_more(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    server.reply = lambda _: Reply(410)
    bring(pushing, news())
    push_to(pushing, "post")
    clock.advance(days=1)
    bring(pushing, news("goal"))
    assert push_to(pushing, "post") == 0
    assert len(server.seen) == 1
    assert _standing(pushing).ended_at is not None


def test_processes_that_push_at_once_bring_each_story_once(
    pushing: Runtime, server: Listener
) -> None:
    bring(pushing, *(news(f"story-{number}") for number in range(12)))
    with ThreadPoolExecutor(3) as threads:
        counts = list(threads.map(lambda _: push_to(pushing, "post"), range(3)))
    assert sum(counts) == 12
    assert len({one["uri"] for one in _bodies(server)}) == len(server.seen) == 12


def test_what_a_process_took_with_it_is_brought_by_another(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    bring(pushing, news())
    with pushing.sessions.begin() as session:
        until = clock.now + CLAIM
        session.execute(sa.update(PartnerGivenRow).values(claimed_until=until))
    assert push_to(pushing, "post") == 0
    clock.advance(seconds=CLAIM.total_seconds() + 1)
    for message in pushing.settings.queue_folder.glob("*.msg"):
        message.unlink()
    build_due(pushing)
    messages = [path.read_text() for path in pushing.settings.queue_folder.glob("*.msg")]
    assert any("publisher.partners.push" in text and "post" in text for text in messages)
    assert push_to(pushing, "post") == 1


def test_news_that_comes_while_it_is_being_brought_goes_next(
    pushing: Runtime, server: Listener
) -> None:
    def killing(seen: Seen) -> Reply:
        server.reply = lambda _: Reply()
        _act(pushing, kill, "wrong")
        return Reply()

    server.reply = killing
    bring(pushing, news())
    assert push_to(pushing, "post") == 2
    assert [one["pubStatus"] for one in _bodies(server)] == ["usable", "canceled"]


def test_a_kill_that_feeds_have_not_heard_of_is_brought_once_and_as_a_message_of_its_own(
    pushing: Runtime, server: Listener, clock: Clock
) -> None:
    def lost(_: Seen) -> Reply:
        with pushing.sessions.begin() as session:
            kill(session, article(session), "wrong", by=EDITOR, now=clock.now)
        server.reply = lambda _: Reply()
        return Reply(500)

    server.reply = lost
    bring(pushing, news())
    push_to(pushing, "post")
    clock.advance(seconds=15)
    push_to(pushing, "post")
    follow(pushing)
    assert push_to(pushing, "post") == 0
    assert [one["pubStatus"] for one in _bodies(server)] == ["usable", "canceled"]
    assert len({one.headers["webhook-id"] for one in server.seen}) == 2


def test_nothing_is_brought_once_it_was_ended(pushing: Runtime, server: Listener) -> None:
    bring(pushing, news())
    with pushing.sessions.begin() as session:
        end_push(session, "post", by=EDITOR, now=pushing.clock())
    bring(pushing, news("goal"))
    assert (push_to(pushing, "post"), server.seen) == (0, [])
    with pushing.sessions.begin() as session, pytest.raises(NotFoundError, match="push to partner"):
        end_push(session, "post", by=EDITOR, now=pushing.clock())


def test_another_secret_signs_what_comes_from_then_on(pushing: Runtime, server: Listener) -> None:
    with pushing.sessions.begin() as session:
        secret = change_secret(session, "post", by=EDITOR, now=pushing.clock())
    bring(pushing, news())
    push_to(pushing, "post")
    [seen] = server.seen
    expected = signed_headers(secret, seen.headers["webhook-id"], seen.body, pushing.clock())
    assert seen.headers["webhook-signature"] == expected["webhook-signature"]


def _set(runtime: Runtime, url: str) -> None:
    with runtime.sessions.begin() as session:
        ours = runtime.settings.open_networks
        set_push(session, "post", url, ours=ours, by=EDITOR, now=runtime.clock())


def _standing(runtime: Runtime) -> PushStanding:
    with runtime.sessions.read() as session:
        standing = push_standing(session, find_partner(session, "post"))
    assert standing is not None
    return standing


def _item(runtime: Runtime) -> bytes:
    with runtime.sessions.snapshot() as session:
        contract = contract_of(session, find_partner(session, "post"))
        uuid = article(session).uuid
        made = item_for(session, contract, uuid, runtime.settings, runtime.clock())
    assert made is not None
    return made.text


def _bodies(server: Listener) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in server.seen]


def _act(runtime: Runtime, act: Any, *words: str, of: str = "lights") -> None:
    with runtime.sessions.begin() as session:
        act(session, article(session, of), *words, by=EDITOR, now=runtime.clock())
    follow(runtime)
