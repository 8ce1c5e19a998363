"""The states of an article and what may happen in each: pure, one table.

The table is `reference` practice of news agencies: kill is allowed from anywhere and is left only
by an editor's restore; hold and release go between published and on_hold; nothing that was
withdrawn or killed comes back without a person.
"""

from publisher.errors import RefusedError
from publisher.newsroom.models import ArticleState as S

LIVE = frozenset({S.PUBLISHED, S.ON_HOLD})
WAITING = frozenset({S.RECEIVED, S.QUARANTINED, S.IN_REVIEW, S.EMBARGOED})
GONE = frozenset({S.WITHDRAWN, S.KILLED, S.MERGED, S.EXPIRED})

TRANSITIONS: dict[str, tuple[frozenset[S], S | None]] = {
    # event: (from, to); None keeps the state
    "publish": (frozenset({S.RECEIVED, S.QUARANTINED}), S.PUBLISHED),
    "quarantine": (frozenset({S.RECEIVED, S.QUARANTINED}), S.QUARANTINED),
    "review": (frozenset({S.RECEIVED, S.QUARANTINED, S.EMBARGOED}), S.IN_REVIEW),
    "embargo": (frozenset({S.RECEIVED, S.QUARANTINED, S.IN_REVIEW, S.EMBARGOED}), S.EMBARGOED),
    "lift": (frozenset({S.EMBARGOED}), S.PUBLISHED),
    "update": (LIVE | WAITING, None),
    "correct": (LIVE, None),
    "hold": (frozenset({S.PUBLISHED}), S.ON_HOLD),
    "release": (frozenset({S.ON_HOLD, S.IN_REVIEW}), S.PUBLISHED),
    "withdraw": (LIVE | frozenset({S.IN_REVIEW, S.EMBARGOED}), S.WITHDRAWN),
    "kill": (frozenset(S), S.KILLED),
    "restore": (frozenset({S.KILLED, S.WITHDRAWN, S.ON_HOLD}), S.IN_REVIEW),
    "expire": (frozenset({S.PUBLISHED}), S.EXPIRED),
    "merge": (LIVE | WAITING, S.MERGED),
}

_WORDS = {S.IN_REVIEW: "in review", S.ON_HOLD: "on hold"}


def after(state: S, event: str) -> S:
    """The state that `event` leads to from `state`.

    Raises RefusedError, saying from which states the event is possible.
    """
    allowed, target = TRANSITIONS[event]
    if state not in allowed:
        listed = ", ".join(sorted(in_words(one) for one in allowed))
        raise RefusedError(
            f"A story that is {in_words(state)} cannot be changed by “{event}”; "
            f"that is possible while it is: {listed}."
        )
    return state if target is None else target


def in_words(state: S) -> str:
    """The state as editors say it."""
    return _WORDS.get(state, state.value)
