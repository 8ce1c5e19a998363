"""Windows, as a worker takes them between two of its own."""

from datetime import datetime

from sqlmodel import Session

from publisher.delivery.claim import Claim
from publisher.delivery.question import ask
from publisher.delivery.window import NOTHING, Window, next_window


def take_window(session: Session, claim: Claim, now: datetime) -> Window:
    """Ask, and take the next one; nothing of a batch that was taken over."""
    answer = ask(session, claim, now)
    return NOTHING if answer is None else next_window(session, claim, answer, now)
