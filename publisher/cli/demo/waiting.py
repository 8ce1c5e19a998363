"""What the demo waits for: looks at the newsroom from outside, and changes nothing."""

import sqlalchemy as sa
from sqlmodel import col, select

from publisher.audience.models import LetterRow, LetterState
from publisher.cli.demo.proof_feeds import feed_differences
from publisher.cli.demo.screen import Step
from publisher.cli.demo.stage import Stage
from publisher.cli.demo.visit import visit
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.states import in_words

_OPEN_LETTERS = (LetterState.QUEUED, LetterState.SENDING, LetterState.DEFERRED)


def articles(stage: Stage) -> dict[str, ArticleRow]:
    """Every article that came in, by the name of its file."""
    with stage.runtime.sessions.read() as session:
        return {row.external_id: row for row in session.exec(select(ArticleRow))}


def arrived(stage: Stage, wanted: int, step: Step) -> bool:
    """Whether so many articles are there."""
    count = len(articles(stage))
    step.show(count, wanted)
    return count >= wanted


def state_counts(stage: Stage) -> str:
    """How many articles there are in each state, in words."""
    states = [in_words(row.state) for row in articles(stage).values()]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))


def letters_settled(stage: Stage) -> bool:
    """Whether every letter has an outcome."""
    statement = (
        select(sa.func.count())
        .select_from(LetterRow)
        .where(col(LetterRow.state).in_(_OPEN_LETTERS))
    )
    with stage.runtime.sessions.read() as session:
        return session.exec(statement).one() == 0


def feeds_show(stage: Stage) -> bool:
    """Whether the feeds, as served, hold exactly what may leave."""
    return not feed_differences(stage.runtime, visit)
