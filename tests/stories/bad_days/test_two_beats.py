"""Two beats by mistake: everything is asked for twice and done once."""

from datetime import timedelta

from sqlmodel import col, select

from publisher.editions.models import EditionRow, EditionState
from publisher.store import Runtime, utc_now
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until
from tests.world import World

TICKS_OF_TWO = 12


def test_two_beats_make_one_edition_of_a_slot_and_one_mail_for_each(
    newsroom: LiveNewsroom,
) -> None:
    readers = _a_slot_that_is_due(newsroom)
    newsroom.start("beat", "second beat")
    until("both have ticked", lambda: newsroom.hints_waiting() >= TICKS_OF_TWO)
    newsroom.start("worker")

    until("the edition is sent", lambda: EditionState.SENT in _states(newsroom))
    until("every tick was dealt with", lambda: newsroom.hints_waiting() == 0)
    assert _states(newsroom) == [EditionState.SENT, EditionState.SCHEDULED]
    assert sorted(newsroom.mail.recipients()) == readers


def _a_slot_that_is_due(newsroom: LiveNewsroom) -> list[str]:
    """A newsletter of two hours ago, due at the last full hour; returns its readers."""
    earlier = World(
        Runtime(
            newsroom.runtime.settings,
            newsroom.runtime.sessions,
            lambda: utc_now() - timedelta(hours=2),
        )
    )
    earlier.newsletter("hourly", hour=utc_now().hour, cadences=("daily",))
    earlier.story("ferry")
    return earlier.readers(20, "hourly")


def _states(newsroom: LiveNewsroom) -> list[EditionState]:
    with newsroom.runtime.sessions.read() as session:
        statement = select(EditionRow.state).order_by(col(EditionRow.due_at))
        return list(session.exec(statement))
