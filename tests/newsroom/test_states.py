"""The table of states: every event in every state, against a table written down here."""

import pytest

from publisher.errors import RefusedError
from publisher.newsroom.models import ArticleState
from publisher.newsroom.states import GONE, LIVE, TRANSITIONS, WAITING, after, in_words

S = ArticleState
LETTERS = {
    "R": S.RECEIVED, "Q": S.QUARANTINED, "V": S.IN_REVIEW, "E": S.EMBARGOED, "P": S.PUBLISHED,
    "H": S.ON_HOLD, "W": S.WITHDRAWN, "K": S.KILLED, "M": S.MERGED, "X": S.EXPIRED,
}  # fmt: skip
TABLE_OF_EVENTS = """
from        R Q V E P H W K M X
publish     P P . . . . . . . .
quarantine  Q Q . . . . . . . .
review      V V . V . . . . . .
embargo     E E E E . . . . . .
lift        . . . P . . . . . .
update      R Q V E P H . . . .
correct     . . . . P H . . . .
hold        . . . . H . . . . .
release     . . P . . P . . . .
withdraw    . . W W W W . . . .
kill        K K K K K K K K K K
restore     . . . . . V V V . .
expire      . . . . X . . . . .
merge       M M M M M M . . . .
"""
HEAD, *LINES = (line.split() for line in TABLE_OF_EVENTS.strip().splitlines())
TABLE = {
    event: dict(zip(map(LETTERS.get, HEAD[1:]), map(LETTERS.get, cells), strict=True))
    for event, *cells in LINES
}
CASES = [(event, state) for event in TABLE for state in ArticleState]


def _leads_to(event: str, state: ArticleState) -> ArticleState | None:
    return TABLE[event][state]


def test_the_table_here_names_every_state_and_every_event() -> None:
    assert set(TABLE) == set(TRANSITIONS)
    assert all(set(line) == set(ArticleState) for line in TABLE.values())


@pytest.mark.parametrize(("event", "state"), CASES)
def test_every_event_in_every_state_is_as_written(event: str, state: ArticleState) -> None:
    expected = _leads_to(event, state)
    if expected is None:
        with pytest.raises(RefusedError):
            after(state, event)
    else:
        assert after(state, event) is expected


@pytest.mark.parametrize(("event", "state"), CASES)
def test_a_refusal_says_from_where_the_event_is_possible(event: str, state: ArticleState) -> None:
    if _leads_to(event, state) is not None:
        return
    with pytest.raises(RefusedError) as refusal:
        after(state, event)
    said = str(refusal.value).partition("possible while it is: ")
    assert in_words(state) in said[0]
    assert f"“{event}”" in said[0]
    possible = {one for one in ArticleState if _leads_to(event, one) is not None}
    assert set(said[2].rstrip(".").split(", ")) == {in_words(one) for one in possible}


def test_kill_is_possible_from_anywhere_and_left_only_by_restore() -> None:
    assert all(after(state, "kill") is ArticleState.KILLED for state in ArticleState)
    ways_out = [event for event in TABLE if _leads_to(event, ArticleState.KILLED) is not None]
    assert ways_out == ["kill", "restore"]


def test_nothing_that_is_gone_comes_back_but_into_review() -> None:
    for event, state in CASES:
        target = _leads_to(event, state) if state in GONE else None
        assert target in {None, *GONE, ArticleState.IN_REVIEW}


def test_every_state_is_waiting_live_or_gone_and_only_one_of_them() -> None:
    assert sorted([*WAITING, *LIVE, *GONE]) == sorted(ArticleState)


def test_states_are_said_in_words() -> None:
    assert all("_" not in in_words(state) for state in ArticleState)
