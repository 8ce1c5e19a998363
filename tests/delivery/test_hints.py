"""How the thousands of batches of a big edition are woken: some at once, the others in turn."""

import json

import sqlalchemy as sa

from publisher.delivery.send import send_batch
from publisher.editions.commands import pause, resume
from publisher.editions.hints import AHEAD
from publisher.editions.models import BatchRow, BatchState, EditionRow, EditionState
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World


def test_only_the_first_batches_are_woken_at_once(world: World) -> None:
    edition = _edition(world, batches=3 * AHEAD)
    with world.runtime.sessions.begin() as session:
        row = session.get_one(EditionRow, edition)
        pause(session, row, by=EDITOR, now=world.now)
    _hints(world)

    with world.runtime.sessions.begin() as session:
        row = session.get_one(EditionRow, edition)
        resume(session, row, by=EDITOR, now=world.now)

    assert _hints(world) == list(range(AHEAD))


def test_every_batch_is_woken_by_one_before_it(world: World, smtp_server: SmtpServer) -> None:
    count = 2 * AHEAD + 3
    edition = _edition(world, batches=count)
    waiting = _hints(world) + list(range(1, AHEAD))  # as enlisting so many would have woken
    done = 0

    while waiting:
        send_batch(world.carrier, edition, waiting.pop(0))
        waiting += _hints(world)
        done += 1

    assert done == count
    assert world.row(edition).state == EditionState.SENT


def test_a_hint_that_comes_twice_wakes_nothing(world: World, smtp_server: SmtpServer) -> None:
    edition = _edition(world, batches=2 * AHEAD)
    send_batch(world.carrier, edition, 7)
    assert 7 + AHEAD in _hints(world)

    send_batch(world.carrier, edition, 7)

    assert _hints(world) == []


def _edition(world: World, *, batches: int) -> int:
    """An edition to one reader, with empty batches behind the first."""
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        first = session.get_one(BatchRow, (edition, 0))
        rows = [
            {
                "edition_id": edition,
                "no": no,
                "variant_id": first.variant_id,
                "state": BatchState.READY,
            }
            for no in range(1, batches)
        ]
        session.connection().execute(sa.insert(BatchRow), rows)
    return edition


def _hints(world: World) -> list[int]:
    """The batches that wait to be sent, in order; afterwards there are none."""
    found = []
    for path in sorted(world.runtime.settings.queue_folder.glob("*.mail.bulk.msg")):
        message = json.loads(path.read_text())
        path.unlink()
        found.append(int(message["headers"]["kwargsrepr"].rpartition(" ")[2].rstrip("}")))
    return found
