"""Each delivery that was not accepted says why, in the class of what the server said."""

from datetime import timedelta

from aiosmtpd.smtp import Envelope

from publisher.delivery.claim import claim_batch
from publisher.delivery.journal import Journal
from publisher.delivery.recover import recover
from publisher.editions.models import DeliveryState, EditionState
from tests.delivery.post import deliveries, pass_time, reasons, states
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import World

S = DeliveryState


def test_every_no_gets_its_class_and_harms_no_neighbour(
    world: World, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    gone, blocked, silent, full, spam, late, *fine = world.readers(60)
    world.story("ferry")
    smtp_server.refuse = {
        gone: "550 5.1.1 no such reader",
        blocked: "550 5.7.1 not from you",
        silent: "550 no",
        late: "451 4.3.0 later",
    }
    at_the_end = {full: "552 5.2.2 over quota", spam: "554 5.7.1 spam"}

    def answer(envelope: Envelope) -> str | None:
        return at_the_end.get(envelope.rcpt_tos[0])

    smtp_server.before_data = answer
    edition = world.digest()
    world.send_all(edition)

    found = reasons(world, edition)
    assert [found[who] for who in (gone, blocked, silent, full, spam, late)] == [
        "hard", "policy", "unknown", "soft", "policy", "soft",
    ]  # fmt: skip
    assert {found[who] for who in fine} == {None}
    assert states(world, edition) == {S.ACCEPTED: 54, S.REFUSED: 5, S.DEFERRED: 1}


def test_what_is_put_off_for_two_days_is_refused_as_too_old(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    world.newsletter()
    late, _ = world.readers(2)
    world.story("ferry")
    smtp_server.refuse[late] = "450 4.2.0 greylisted"
    edition = world.digest()
    world.send_all(edition)
    begin, tries = clock.now, 0
    while world.row(edition).state != EditionState.SENT and tries < 40:
        pass_time(world, clock, edition, timedelta(hours=4, minutes=50))
        tries += 1

    row = deliveries(world, edition)[late]
    assert (row.state, row.reason, row.code) == (S.REFUSED, "too_old", 450)
    assert timedelta(hours=40) <= clock.now - begin <= timedelta(hours=54)
    assert world.report(edition).adds_up


def test_a_reason_goes_when_the_mail_does(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    world.newsletter()
    late = world.reader("ada")
    world.story("ferry")
    smtp_server.refuse[late] = "450 4.2.0 greylisted"
    edition = world.digest()
    world.send_all(edition)
    assert reasons(world, edition) == {late: "soft"}

    smtp_server.refuse = {}
    pass_time(world, clock, edition, timedelta(minutes=10))
    assert reasons(world, edition) == {late: None}


def test_a_lost_workers_journal_tells_codes_only_and_blames_nobody(world: World) -> None:
    world.newsletter()
    world.readers(3)
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        assert claim_batch(session, edition, 0, "lost", world.now)
    rows = sorted(row.subscriber_id for row in deliveries(world, edition).values())
    folder = world.runtime.settings.journal_folder
    journal = Journal(folder, edition, 0, "lost")
    for who, code in zip(rows, (550, 451, 250), strict=True):
        journal.offering(who)
        journal.answered(who, code)
    journal.__exit__(OSError, None, None)  # the worker is gone, its journal stays

    assert recover(world.runtime) == 1

    assert sorted(reasons(world, edition).values(), key=str) == [None, "soft", "unknown"]
