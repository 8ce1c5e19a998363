"""How delivery reacts to the news of an article."""

from datetime import datetime

from sqlmodel import Session

from publisher.editions.refit import refit_waiting
from publisher.newsroom.models import ArticleEventRow


def react(session: Session, event: ArticleEventRow, now: datetime) -> None:
    """Take a story that may not leave any more out of every batch that waits.

    Batches that are being sent look for themselves between two windows.
    """
    refit_waiting(session, event.article_id, now)
