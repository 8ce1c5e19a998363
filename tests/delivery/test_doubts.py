"""What an editor may do about deliveries in doubt: look, send again, write down what a log says."""

import pytest
from sqlmodel import Session, select

from publisher.accounts.models import AuditRow
from publisher.audience.addresses import address_key
from publisher.delivery.doubts import Doubt, Settlement, list_doubts, resend, settle
from publisher.delivery.why import why
from publisher.editions.commands import stop
from publisher.editions.models import BatchRow, EditionRow, EditionState
from publisher.errors import NotFoundError, RefusedError
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from tests.delivery.doubt import in_doubt, mails_to
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

DOUBTFUL = ("reader0001@reader.example", "reader0003@reader.example")


@pytest.fixture
def edition(world: World, smtp_server: SmtpServer) -> int:
    """An edition of five readers, sent; of two nobody knows whether they have it."""
    return in_doubt(world, smtp_server, DOUBTFUL, readers=5)


def test_each_is_listed_with_what_finds_it_in_a_log(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    found = _doubts(world, edition)

    assert [one.address for one in found] == list(DOUBTFUL)
    assert {one.at for one in found} == {world.now}
    assert all(one.words for one in found)
    for one in found:
        [mail] = mails_to(smtp_server, one.address or "")
        assert mail.parsed()["Message-ID"] == one.message_id


def test_an_editor_sends_them_again_and_the_edition_finishes_again(
    world: World, edition: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    finished = world.row(edition).finished_at
    clock.advance(minutes=1)

    assert _resend(world, edition) == 2
    assert (world.row(edition).state, world.row(edition).finished_at) == (
        EditionState.SENDING,
        None,
    )
    assert world.report(edition).adds_up
    world.send_all(edition)

    for address in DOUBTFUL:
        first, second = mails_to(smtp_server, address)
        assert first.raw == second.raw
    report = world.report(edition)
    assert (report.accepted, report.uncertain, report.adds_up) == (5, 0, True)
    assert world.row(edition).state == EditionState.SENT
    assert finished != world.row(edition).finished_at == world.now


def test_only_those_whom_an_editor_names_are_sent_again(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    first, second = _doubts(world, edition)

    assert _resend(world, edition, second.subscriber) == 1
    world.send_all(edition)

    assert len(mails_to(smtp_server, first.address or "")) == 1
    assert len(mails_to(smtp_server, second.address or "")) == 2
    assert [one.subscriber for one in _doubts(world, edition)] == [first.subscriber]


def test_sent_again_and_put_off_for_too_long_they_are_in_doubt_again(
    world: World, edition: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    clock.advance(days=3)
    smtp_server.refuse[DOUBTFUL[0]] = "450 4.2.0 try later"

    _resend(world, edition)
    world.send_all(edition)

    report = world.report(edition)
    assert (report.accepted, report.uncertain, report.refused) == (4, 1, 0)
    assert world.row(edition).state == EditionState.SENT
    assert world.report(world.digest()).enlisted == 0  # the first one may have arrived


def test_a_paused_edition_keeps_them_until_it_goes_on(world: World, edition: int) -> None:
    _set_state(world, edition, EditionState.PAUSED)
    _resend(world, edition)
    world.send_all(edition)
    assert (world.row(edition).state, world.report(edition).queued) == (EditionState.PAUSED, 2)


@pytest.mark.parametrize("said", Settlement)
def test_what_a_log_says_is_written_down_with_who_looked(
    world: World, edition: int, said: Settlement, smtp_server: SmtpServer
) -> None:
    with world.runtime.sessions.begin() as session:
        assert settle(session, _row(session, edition), said, by=EDITOR, now=world.now) == 2

    report = world.report(edition)
    assert (getattr(report, said.value), report.uncertain, report.adds_up) == (
        5 if said is Settlement.ACCEPTED else 2,
        0,
        True,
    )
    assert len(smtp_server.messages) == 5
    sentence = _why(world, edition, DOUBTFUL[0])
    assert "Mara Ellis" in sentence
    assert sentence.endswith(f"It was {said.value}.")


def test_readers_whose_mail_was_refused_get_the_story_later(world: World, edition: int) -> None:
    with world.runtime.sessions.begin() as session:
        settle(session, _row(session, edition), Settlement.REFUSED, by=EDITOR, now=world.now)
    assert world.report(world.digest()).enlisted == 2


def test_every_act_is_in_the_audit_without_an_address(world: World, edition: int) -> None:
    first, second = _doubts(world, edition)
    _resend(world, edition, first.subscriber)
    with world.runtime.sessions.begin() as session:
        who = [second.subscriber]
        settle(
            session, _row(session, edition), Settlement.REFUSED, only=who, by=EDITOR, now=world.now
        )
    with world.runtime.sessions.read() as session:
        acts = session.exec(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(one.action, one.actor_name, one.detail) for one in acts[-2:]] == [
        ("edition.resend", "Mara Ellis", {"deliveries": 1}),
        ("edition.settle", "Mara Ellis", {"outcome": "refused", "deliveries": 1}),
    ]


def test_a_stranger_or_nobody_in_doubt_is_refused(world: World, edition: int) -> None:
    with pytest.raises(NotFoundError):
        _resend(world, edition, "nobody")
    _resend(world, edition)
    with pytest.raises(RefusedError, match="No delivery of edition 1 is in doubt"):
        _resend(world, edition)


def test_a_stopped_edition_stays_stopped(world: World, edition: int) -> None:
    _set_state(world, edition, EditionState.SENDING)
    with world.runtime.sessions.begin() as session:
        stop(session, _row(session, edition), by=EDITOR, now=world.now)
    with pytest.raises(RefusedError, match="is stopped"):
        _resend(world, edition)


def test_mails_with_a_story_taken_back_can_only_be_settled(world: World, edition: int) -> None:
    with world.runtime.sessions.begin() as session:
        kill(session, find_article(session, "ferry"), "wrong", by=EDITOR, now=world.now)
    with pytest.raises(RefusedError, match="settle"):
        _resend(world, edition)
    assert world.row(edition).state == EditionState.SENT


def test_many_go_in_batches_of_their_own(
    world: World, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.delivery.resend.BATCH_SIZE", 2)
    everybody = [f"reader{number:04}@reader.example" for number in range(5)]
    edition = in_doubt(world, smtp_server, everybody, readers=5)

    assert _resend(world, edition) == 5
    with world.runtime.sessions.read() as session:
        batches = session.exec(select(BatchRow.no).order_by(BatchRow.no)).all()
    world.send_all(edition)

    assert list(batches) == [0, 1, 2, 3]
    assert (world.report(edition).accepted, world.row(edition).state) == (5, EditionState.SENT)


def _doubts(world: World, edition: int) -> list[Doubt]:
    with world.runtime.sessions.read() as session:
        return list_doubts(session, _row(session, edition), secret=world.secret)


def _resend(world: World, edition: int, *only: str) -> int:
    with world.runtime.sessions.begin() as session:
        return resend(session, _row(session, edition), only=only, by=EDITOR, now=world.now)


def _row(session: Session, edition: int) -> EditionRow:
    return session.get_one(EditionRow, edition)


def _set_state(world: World, edition: int, state: EditionState) -> None:
    with world.runtime.sessions.begin() as session:
        _row(session, edition).state = state


def _why(world: World, edition: int, address: str) -> str:
    with world.runtime.sessions.read() as session:
        return why(session, address_key(world.secret, address), _row(session, edition)).sentence
