"""While no relay can be had editions are paused by the clock, in words, and go on by themselves."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.newsletter_change import NewsletterChange, change_newsletter
from publisher.delivery.breaker import resume_by_hand
from publisher.delivery.relay_health import LONGEST_WAIT, note_failure, wait_after
from publisher.delivery.sweep import sweep
from publisher.editions import commands
from publisher.editions.models import BatchRow, EditionRow, EditionState
from publisher.errors import RefusedError
from publisher.store import Runtime
from tests.delivery.relays import Weather, mailing, newsroom_of, over_one, over_two, relay_rows
from tests.mail.servers import make_certificate, scripted, secured
from tests.mail.wire import Wire
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 4
S = EditionState


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """Four readers and a story."""
    return newsroom_of(runtime, READERS)


@pytest.fixture
def weather() -> Weather:
    """Bad: nobody gets in."""
    return Weather(away="")


@pytest.fixture
def stranded(newsroom: World, weather: Weather) -> Iterator[tuple[World, Wire, int]]:
    """An edition whose first try found no mail server; the sweep looks after it."""
    with over_one(newsroom, weather) as (world, server):
        edition = world.digest()
        world.send_all(edition)
        yield world, server, edition


def test_the_first_failure_puts_the_batch_back_for_half_a_minute(
    stranded: tuple[World, Wire, int], weather: Weather
) -> None:
    world, _, edition = stranded
    row = world.row(edition)
    assert (row.state, row.resume_at) == (S.SENDING, None)
    assert "closed for now" in (row.reason or "")
    assert _batch(world, edition).lease_until == world.now + timedelta(seconds=30)

    asked = weather.asked
    world.send_all(edition)
    assert weather.asked == asked


def test_the_third_failure_in_a_row_pauses_every_edition_and_says_until_when(
    stranded: tuple[World, Wire, int], clock: Clock
) -> None:
    world, _, edition = stranded
    world.newsletter("evening")
    world.reader("ada", "evening")
    other = world.digest("evening")
    _wait(world, clock, seconds=31)
    assert world.row(edition).state == S.SENDING
    _wait(world, clock, seconds=31)

    for number in (edition, other):
        row = world.row(number)
        assert (row.state, row.resume_at) == (S.PAUSED, clock.now + timedelta(minutes=1))
        assert "421 4.3.2 closed for now" in (row.reason or "")
        assert ("clock", "edition.pause") in _audit(world, number)
    assert world.report(edition).queued == READERS


def test_an_edition_goes_on_by_itself_when_the_relay_is_back(
    stranded: tuple[World, Wire, int], clock: Clock, weather: Weather
) -> None:
    world, server, edition = stranded
    for _ in range(10):
        _wait(world, clock, minutes=5)
    assert world.row(edition).state == S.PAUSED
    weather.away = None
    _wait(world, clock, minutes=6)

    row = world.row(edition)
    assert (row.state, row.reason, row.resume_at) == (S.SENDING, None, None)
    assert ("clock", "edition.resume") in _audit(world, edition)
    world.send_all(edition)
    assert sorted(server.kept) == sorted(set(server.kept))
    assert (len(server.kept), world.row(edition).state) == (READERS, S.SENT)
    assert relay_rows(world) == {}


def test_a_relay_that_answers_once_and_is_away_again_pauses_at_once(
    stranded: tuple[World, Wire, int], clock: Clock, weather: Weather
) -> None:
    world, _, edition = stranded
    _wait(world, clock, seconds=31)
    _wait(world, clock, seconds=31)
    weather.away = None
    _wait(world, clock, minutes=2)
    assert world.row(edition).state == S.SENDING

    weather.away = ""
    world.send_all(edition)
    row = world.row(edition)
    assert (row.state, row.resume_at) == (S.PAUSED, clock.now + timedelta(minutes=2))


def test_with_two_relays_both_must_be_away(newsroom: World, clock: Clock) -> None:
    weather, other = Weather(away=""), Weather()
    with over_two(newsroom, weather, other) as (world, _, second):
        for _ in range(5):
            _wait(world, clock, minutes=5)
            edition = world.digest()
            world.send_all(edition)
            clock.advance(days=1)
            world.story(f"news-{clock.now}")
        other.away = ""
        world.carrier.hang_up()
        edition = world.digest()
        world.send_all(edition)
        assert world.row(edition).state == S.SENDING
        for _ in range(2):
            _wait(world, clock, seconds=31)
        row = world.row(edition)

    assert row.state == S.PAUSED
    assert (row.reason or "").count("The mail server") == 2
    assert set(second.kept) == {f"reader{n:04}@reader.example" for n in range(READERS)}


def test_wrong_credentials_are_said_in_words_and_mended_without_an_editor(
    newsroom: World, clock: Clock
) -> None:
    login = b"250-scripted\r\n250 AUTH PLAIN\r\n"
    with scripted(EHLO=login, AUTH=b"535 5.7.8 who are you?\r\n") as server:
        relay = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_username": "desk"}
        with mailing(newsroom, **relay) as world:
            edition = world.digest()
            world.send_all(edition)
            for _ in range(2):
                _wait(world, clock, seconds=31)
            row = world.row(edition)
            server.answer(AUTH=b"235 2.7.0 welcome\r\n")
            _wait(world, clock, minutes=2)
            world.send_all(edition)

    assert row.state == S.PAUSED
    assert "refuses the user name or password (535 5.7.8 who are you?)" in (row.reason or "")
    assert "PUBLISHER_SMTP_PASSWORD" in (row.reason or "")
    assert (world.row(edition).state, len(server.bodies)) == (S.SENT, READERS)


def test_a_certificate_that_is_not_good_is_said_in_words_and_seen_when_it_is_renewed(
    newsroom: World, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    with secured(certificate, security="starttls") as (port, bodies):
        relay = {"smtp_host": "localhost", "smtp_port": port, "smtp_security": "starttls"}
        with mailing(newsroom, **relay) as world:
            edition = world.digest()
            world.send_all(edition)
            for _ in range(2):
                _wait(world, clock, seconds=31)
            row = world.row(edition)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            _wait(world, clock, minutes=2)
            world.send_all(edition)

    assert row.state == S.PAUSED
    assert "shows a certificate that is not trusted" in (row.reason or "")
    assert (world.row(edition).state, len(bodies)) == (S.SENT, READERS)


def test_a_refused_sender_waits_for_an_editor(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = _refused_for_its_sender(world, smtp_server)
    for _ in range(3):
        _wait(world, clock, minutes=10)
    row = world.row(edition)
    assert (row.state, row.resume_at) == (S.PAUSED, None)
    assert "refuses the sender news@harbour.example: 550 5.7.1" in (row.reason or "")

    _as_editor(world, edition, commands.resume)
    world.send_all(edition)
    assert (world.row(edition).state, len(smtp_server.messages)) == (S.SENT, READERS)


def test_a_mended_sender_is_in_the_mails_of_a_process_that_printed_them_before(
    world: World, smtp_server: SmtpServer
) -> None:
    edition = _refused_for_its_sender(world, smtp_server)
    with world.runtime.sessions.begin() as session:
        change = NewsletterChange(sender_address="desk@harbour.example")
        change_newsletter(session, "briefing", change, by=EDITOR, now=world.now)
    _as_editor(world, edition, commands.resume)
    world.send_all(edition)

    assert [one.sender for one in smtp_server.messages] == ["desk@harbour.example"] * READERS
    assert all(b"<desk@harbour.example>" in one.raw for one in smtp_server.messages)


def test_what_an_editor_pauses_is_not_resumed_by_the_clock(
    stranded: tuple[World, Wire, int], clock: Clock, weather: Weather
) -> None:
    world, server, edition = _paused(stranded, clock)
    _as_editor(world, edition, commands.pause)
    weather.away = None
    _wait(world, clock, minutes=6)

    row = world.row(edition)
    assert (row.state, row.resume_at, row.reason) == (
        S.PAUSED,
        None,
        "Paused by editor Mara Ellis.",
    )
    assert server.kept == []
    with pytest.raises(RefusedError, match="paused already"):
        _as_editor(world, edition, commands.pause)


def test_what_an_editor_stops_stays_stopped(
    stranded: tuple[World, Wire, int], clock: Clock, weather: Weather
) -> None:
    world, server, edition = _paused(stranded, clock)
    _as_editor(world, edition, commands.stop)
    weather.away = None
    _wait(world, clock, minutes=6)

    assert (world.row(edition).state, world.row(edition).resume_at) == (S.STOPPED, None)
    assert (world.report(edition).withdrawn, server.kept) == ({"stopped": READERS}, [])


def test_an_editor_who_resumes_has_the_relay_tried_at_once(
    stranded: tuple[World, Wire, int], clock: Clock, weather: Weather
) -> None:
    world, server, edition = _paused(stranded, clock)
    weather.away = None
    _as_editor(world, edition, resume_by_hand)
    sweep(world.runtime)
    world.send_all(edition)

    assert (world.row(edition).state, len(server.kept)) == (S.SENT, READERS)


def test_workers_who_find_out_at_the_same_time_count_as_one(world: World) -> None:
    for _ in range(5):
        with world.runtime.sessions.begin() as session:
            note_failure(session, "127.0.0.1:25", "It is away.", world.now)

    assert relay_rows(world)["127.0.0.1:25"].failures == 1


@given(failures=st.integers(1, 10_000))
def test_waits_grow_from_half_a_minute_to_five(failures: int) -> None:
    assert timedelta(seconds=30) <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


def _refused_for_its_sender(world: World, smtp_server: SmtpServer) -> int:
    """An edition that was paused because the relay would not have its sender; it would now."""
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    smtp_server.refuse_sender = "550 5.7.1 sender not allowed"
    edition = world.digest()
    world.send_all(edition)
    smtp_server.refuse_sender = ""
    return edition


def _paused(stranded: tuple[World, Wire, int], clock: Clock) -> tuple[World, Wire, int]:
    world, _, edition = stranded
    for _ in range(2):
        _wait(world, clock, seconds=31)
    assert world.row(edition).state == S.PAUSED
    return stranded


def _wait(world: World, clock: Clock, **span: float) -> None:
    clock.advance(**span)
    sweep(world.runtime)


def _as_editor(world: World, number: int, act: object) -> None:
    with world.runtime.sessions.begin() as session:
        edition = session.get_one(EditionRow, number)
        act(session, edition, by=EDITOR, now=world.now)  # type: ignore[operator]


def _batch(world: World, edition: int) -> BatchRow:
    with world.runtime.sessions.read() as session:
        return session.get_one(BatchRow, (edition, 0))


def _audit(world: World, edition: int) -> list[tuple[str, str]]:
    with world.runtime.sessions.read() as session:
        rows = session.exec(select(AuditRow).where(AuditRow.ref == world.row(edition).uuid))
        return [(row.actor_kind, row.action) for row in rows]
