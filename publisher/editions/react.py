"""How the editions react to the news of an article."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, record
from publisher.editions.models import EditionRow, EditionState
from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleState

OPEN = (EditionState.DRAFT, EditionState.SCHEDULED, EditionState.HOLDING)
GONE = (ArticleState.KILLED, ArticleState.WITHDRAWN)


def react(session: Session, event: ArticleEventRow, now: datetime) -> None:
    """Take a killed or withdrawn story out of the specials that an editor is still composing.

    Digests choose when they freeze, so nothing has to be done for them.
    """
    article = session.get_one(ArticleRow, event.article_id)
    if article.state not in GONE:
        return
    for edition in _composed_with(session, article.uuid):
        edition.chosen = [uuid for uuid in edition.chosen or () if uuid != article.uuid]
        session.add(edition)
        record(session, CLOCK, "edition.drop_story", "edition", edition.uuid, at=now,
               article=article.uuid)  # fmt: skip


def _composed_with(session: Session, article_uuid: str) -> Sequence[EditionRow]:
    statement = select(EditionRow).where(
        col(EditionRow.state).in_(OPEN), col(EditionRow.chosen).is_not(None)
    )
    return [one for one in session.exec(statement).all() if article_uuid in (one.chosen or ())]
