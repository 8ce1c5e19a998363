"""What becomes of deliveries in doubt: nothing by itself, or once more by a newsletter's policy."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from publisher.audience.unsubscribe import unsubscribe
from publisher.delivery.sweep import sweep
from publisher.delivery.uncertain import PATIENCE
from publisher.editions.commands import stop
from publisher.editions.models import DeliveryRow, EditionRow, EditionState
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from tests.delivery.doubt import in_doubt, mails_to, policy
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

DOUBTFUL = ("reader0001@reader.example", "reader0003@reader.example")


@pytest.fixture
def edition(world: World, smtp_server: SmtpServer) -> int:
    """An edition of five readers, sent; of two nobody knows whether they have it."""
    return in_doubt(world, smtp_server, DOUBTFUL, readers=5)


def test_nothing_is_sent_twice_by_itself(
    world: World, edition: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    for _ in range(3):
        clock.advance(hours=1)
        sweep(world.runtime)
        world.send_all(edition)

    assert len(smtp_server.messages) == 5
    assert world.row(edition).state == EditionState.SENT
    assert world.report(edition).uncertain == 2


def test_by_policy_they_are_sent_once_more_the_same_to_the_last_byte(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    assert world.row(edition).state == EditionState.SENDING
    assert "sent again at 09:40 UTC" in (world.row(edition).reason or "")

    _later(world, clock, edition, PATIENCE)

    for address in DOUBTFUL:
        first, second = mails_to(smtp_server, address)
        assert first.raw == second.raw
    assert len(smtp_server.messages) == 7
    report = world.report(edition)
    assert (report.accepted, report.uncertain, report.adds_up) == (5, 0, True)
    assert world.row(edition).state == EditionState.SENT
    assert world.row(edition).reason is None


def test_not_before_ten_minutes_have_passed(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    _later(world, clock, edition, PATIENCE - timedelta(seconds=1))
    assert len(smtp_server.messages) == 5


def test_a_server_that_always_hangs_up_does_not_make_it_go_round(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True, times=99)
    for _ in range(4):
        _later(world, clock, edition, PATIENCE)

    assert [len(mails_to(smtp_server, address)) for address in DOUBTFUL] == [2, 2]
    assert world.report(edition).uncertain == 2
    assert world.row(edition).state == EditionState.SENT


def test_a_policy_taken_back_in_time_leaves_them_in_doubt(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    policy(world, resend=False)
    _later(world, clock, edition, PATIENCE)
    assert (len(smtp_server.messages), world.report(edition).uncertain) == (5, 2)
    assert world.row(edition).state == EditionState.SENT


def test_a_policy_is_for_editions_to_come(
    world: World, edition: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    policy(world, resend=True)
    _later(world, clock, edition, PATIENCE)
    assert len(smtp_server.messages) == 5


def test_they_hold_their_stories_as_before(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    meanwhile = world.report(world.digest())
    _later(world, clock, edition, PATIENCE)
    assert meanwhile.excluded == world.report(world.digest()).excluded == {"had_all": 5}


def test_a_mail_whose_story_was_killed_stays_in_doubt(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    with world.runtime.sessions.begin() as session:
        kill(session, find_article(session, "ferry"), "wrong", by=EDITOR, now=world.now)
    _later(world, clock, edition, PATIENCE)
    assert (len(smtp_server.messages), world.report(edition).uncertain) == (5, 2)
    assert world.row(edition).state == EditionState.SENT


def test_killed_while_it_waits_to_go_again_it_is_in_doubt_again(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    variants = _variants(world, edition)
    clock.advance(seconds=PATIENCE.total_seconds())
    sweep(world.runtime)
    with world.runtime.sessions.begin() as session:
        kill(session, find_article(session, "ferry"), "wrong", by=EDITOR, now=world.now)
    world.send_all(edition)

    report = world.report(edition)
    assert (report.uncertain, report.withdrawn, report.adds_up) == (2, {}, True)
    assert (len(smtp_server.messages), _variants(world, edition)) == (5, variants)


@pytest.mark.parametrize("ended", ["stopped", "unsubscribed"])
def test_given_up_while_it_waits_to_go_again_it_is_in_doubt_again(
    world: World, clock: Clock, smtp_server: SmtpServer, ended: str
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL[:1], readers=5, resend=True)
    clock.advance(seconds=PATIENCE.total_seconds())
    sweep(world.runtime)
    with world.runtime.sessions.begin() as session:
        if ended == "stopped":
            stop(session, session.get_one(EditionRow, edition), by=EDITOR, now=world.now)
        else:
            subscription = world.subscription_of(DOUBTFUL[0]).uuid
            unsubscribe(session, subscription, by=EDITOR, now=world.now)
    world.send_all(edition)

    report = world.report(edition)
    assert (report.accepted, report.uncertain, report.withdrawn) == (4, 1, {})
    assert len(smtp_server.messages) == 5


def test_stopped_before_it_goes_again_it_stays_in_doubt(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5, resend=True)
    with world.runtime.sessions.begin() as session:
        stop(session, session.get_one(EditionRow, edition), by=EDITOR, now=world.now)
    _later(world, clock, edition, PATIENCE)
    assert (len(smtp_server.messages), world.report(edition).uncertain) == (5, 2)
    assert world.row(edition).state == EditionState.STOPPED


def test_old_news_is_not_sent_again(world: World, clock: Clock, smtp_server: SmtpServer) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5)
    policy(world, resend=True)
    clock.advance(days=3)
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(EditionRow).values(state=EditionState.SENDING))
    _later(world, clock, edition, PATIENCE)
    assert (len(smtp_server.messages), world.row(edition).state) == (5, EditionState.SENT)


def _later(world: World, clock: Clock, edition: int, span: timedelta) -> None:
    """The clock moves on, the sweep looks, workers work, the sweep looks again."""
    clock.advance(seconds=span.total_seconds())
    sweep(world.runtime)
    world.send_all(edition)
    sweep(world.runtime)


def _variants(world: World, edition: int) -> list[int]:
    with world.runtime.sessions.read() as session:
        statement = select(DeliveryRow.variant_id).where(DeliveryRow.edition_id == edition)
        return list(session.exec(statement.order_by(col(DeliveryRow.subscriber_id))))
