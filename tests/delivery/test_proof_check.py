from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, delete

from publisher.delivery.proof.check import Comparison, compared_with_database
from publisher.delivery.proof.seal import examined
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    ExclusionRow,
)
from publisher.newsroom.models import ArticleVersionRow
from tests.delivery.outcomes import crowd, file, finish, mixed_edition, move
from tests.world import World

S = DeliveryState


@pytest.fixture
def edition(world: World) -> int:
    number = mixed_edition(world)
    finish(world, number)
    return number


def _compared(world: World, raw: bytes) -> Comparison:
    content = examined(raw, world.secret).content
    assert content is not None
    with world.runtime.sessions.snapshot() as session:
        return compared_with_database(session, content, secret=world.secret)


def _set(world: World, of: DeliveryState, **values: object) -> None:
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(DeliveryRow).where(col(DeliveryRow.state) == of).values(**values))


def test_a_database_that_nobody_touched_says_the_same(world: World, edition: int) -> None:
    assert _compared(world, file(world, edition)) == Comparison(())


def test_an_outcome_that_was_changed_since_is_told(world: World, edition: int) -> None:
    raw = file(world, edition)
    _set(world, S.REFUSED, state=S.ACCEPTED, reason=None)
    found = _compared(world, raw).differences
    assert "Accepted: 2 then, 3 now." in found
    assert "Domain big.example, refused: 1 then, 0 now." in found
    assert "Reason refused, no_such_reader: 1 then, nothing now." in found
    assert "Code accepted, 550: nothing then, 1 now." in found
    assert "Variant 1, accepted: 2 then, 3 now." in found


def test_a_story_whose_kept_text_was_changed_is_told(world: World, edition: int) -> None:
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        first = col(ArticleVersionRow.title).startswith("Ferry")
        session.execute(sa.update(ArticleVersionRow).where(first).values(summary="Other."))
    (found,) = _compared(world, raw).differences
    assert found.endswith("sha256: the text that is kept is not the one that was sent.")


def test_a_reader_who_was_struck_out_is_told(world: World, edition: int) -> None:
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        session.exec(delete(ExclusionRow))
    assert _compared(world, raw).differences == (
        "Adds up: yes then, no now.",
        "Excluded nothing_new: 1 then, nothing now.",
    )


def test_another_time_is_told(world: World, edition: int) -> None:
    raw = file(world, edition)
    _set(world, S.UNCERTAIN, at=world.now + timedelta(seconds=51))
    (found,) = _compared(world, raw).differences
    assert found.startswith("Uncertain delivery of subscriber ")
    assert found.endswith("at: 2026-03-10T09:30:50Z then, 2026-03-10T09:30:51Z now.")


def test_an_edition_that_is_not_here_is_told(world: World, edition: int) -> None:
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(EditionRow).values(uuid="00000000-0000-7000-8000-000000000000"))
    assert _compared(world, raw).differences == ("This database has no such edition.",)


@pytest.mark.parametrize("names", [["ada"], ["ada", "eli", "fay"], ["fay", "gus"]])
def test_readers_who_were_erased_since_are_no_difference(
    world: World, edition: int, names: list[str]
) -> None:
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        for name in names:
            move(session, name, None)
    assert _compared(world, raw) == Comparison((), erased=len(names))


def test_erasing_a_reader_of_a_domain_that_is_not_named_is_no_difference(
    world: World, edition: int
) -> None:
    crowd(world, edition, 104)
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        move(session, "fay", None)
        move(session, "ben", None)
    assert _compared(world, raw) == Comparison((), erased=2)


def test_erasing_one_reader_hides_no_other_change(world: World, edition: int) -> None:
    raw = file(world, edition)
    with world.runtime.sessions.begin() as session:
        move(session, "fay", None)
        move(session, "ada", "ada@small.example")
    found = _compared(world, raw)
    assert "Domain small.example, accepted: 0 then, 1 now." in found.differences
