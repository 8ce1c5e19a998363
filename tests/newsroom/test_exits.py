"""The gate: the rule in Python and the rule in SQL are one rule."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col

from publisher.newsroom.exits import EXITS, Exit, full_text, leavable, may_leave
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.store import Runtime
from tests.newsroom.desk import Desk, story

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
OUT = {
    "feed": {ArticleState.PUBLISHED},
    "mail": {ArticleState.PUBLISHED},
    "page": {ArticleState.PUBLISHED, ArticleState.EXPIRED},
    "partner": {ArticleState.PUBLISHED},
}
NEAR = (
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(microseconds=-1),
    timedelta(seconds=1),
    timedelta(seconds=-1),
)
MOMENTS = st.one_of(
    st.none(),
    st.sampled_from([NOW + span for span in NEAR]),
    st.datetimes(
        datetime(1990, 1, 1), datetime(2199, 1, 1), timezones=st.timezones(no_cache=False)
    ),
)
EVERY_CASE = list(product(ArticleState, EXITS, (None, *NEAR), (None, *NEAR)))


@given(
    state=st.sampled_from(ArticleState),
    embargo_until=MOMENTS,
    eligible_at=MOMENTS,
    now=st.one_of(st.just(NOW), MOMENTS.filter(bool)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_the_gate_and_its_sql_agree(
    desk: Desk,
    state: ArticleState,
    embargo_until: datetime | None,
    eligible_at: datetime | None,
    now: datetime,
) -> None:
    if not desk.articles():
        desk.take(story())
    with desk.runtime.sessions.begin() as session:
        article = _set(session, state, embargo_until, eligible_at)
        for exit_ in EXITS:
            assert may_leave(article, exit_, now) == _leaves(session, exit_, now)


def test_nothing_but_what_is_published_or_archived_ever_leaves(desk: Desk) -> None:
    desk.take(story())
    with desk.runtime.sessions.begin() as session:
        for state, exit_, embargo, eligible in EVERY_CASE:
            article = _set(session, state, _at(embargo), _at(eligible))
            expected = state in OUT[exit_] and _is_over(embargo) and _has_begun(eligible)
            assert may_leave(article, exit_, NOW) is expected
            assert _leaves(session, exit_, NOW) is expected


def test_an_exit_that_nobody_knows_lets_nothing_out(runtime: Runtime) -> None:
    with pytest.raises(KeyError):
        leavable("printer", NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rights", "exit_", "whole"),
    [
        ("unknown", "feed", False),
        ("unknown", "mail", False),
        ("unknown", "page", True),
        ("summary", "page", False),
        ("full", "feed", True),
        ("unknown", "partner", False),
        ("summary", "partner", False),
        ("full", "partner", True),
    ],
)
def test_the_whole_text_leaves_only_where_its_rights_allow_it(
    desk: Desk, rights: str, exit_: Exit, *, whole: bool
) -> None:
    desk.take(story(rights_status=rights))
    assert full_text(desk.article(), exit_) is whole


def _set(
    session: Session,
    state: ArticleState,
    embargo_until: datetime | None,
    eligible_at: datetime | None,
) -> ArticleRow:
    session.execute(
        sa.update(ArticleRow).values(
            state=state, embargo_until=embargo_until, eligible_at=eligible_at
        )
    )
    session.expire_all()
    return session.execute(sa.select(ArticleRow)).scalar_one()


def _leaves(session: Session, exit_: Exit, now: datetime) -> bool:
    statement = sa.select(col(ArticleRow.id)).where(leavable(exit_, now))
    return session.execute(statement).scalar() is not None


def _at(span: timedelta | None) -> datetime | None:
    return None if span is None else NOW + span


def _is_over(embargo: timedelta | None) -> bool:
    return embargo is None or embargo <= timedelta(0)


def _has_begun(eligible: timedelta | None) -> bool:
    return eligible is not None and eligible <= timedelta(0)
