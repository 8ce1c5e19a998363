"""A desk for tests: sources hand in, editors act, each in a transaction of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from publisher.accounts.actor import Actor
from publisher.accounts.models import AuditRow
from publisher.newsroom.find import find_article
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import (
    ArticleEventRow,
    ArticleRow,
    ArticleState,
    ArticleVersionRow,
)
from publisher.newsroom.receive import Received, Terms, receive
from publisher.store import Runtime

EDITOR = Actor("editor", "Mara Ellis")
WIRE = Actor("source", "wire")
TEXT = "The ferry to the outer islands left Port Ellery on Tuesday with forty passengers aboard."


def story(external_id: str = "ferry", **changes: Any) -> Incoming:
    """A story as the wire hands it in."""
    fields: dict[str, Any] = {
        "source": "wire",
        "title": "Ferry returns to Port Ellery",
        "paragraphs": (TEXT,),
        "body_html": f"<p>{TEXT}</p>",
        "section": "harbour",
        "section_name": "Harbour",
    }
    return Incoming(external_id=external_id, **{**fields, **changes})


def order(signal: str, **changes: Any) -> Incoming:
    """An order without a story, such as a kill."""
    nothing = {"title": "", "paragraphs": (), "body_html": "", "section": None}
    return story(signal=signal, **{**nothing, **changes})


class Desk:
    """What happens to one article, `ferry` unless told otherwise."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    @property
    def now(self) -> datetime:
        """The time on the runtime's clock."""
        return self.runtime.clock()

    def take(self, incoming: Incoming, *, by: Actor = WIRE, **terms: Any) -> Received:
        """Receive what a source hands in."""
        with self.runtime.sessions.begin() as session:
            return receive(session, incoming, by=by, now=self.now, terms=Terms(**terms))

    def act(self, act: Callable[..., object], *words: object, ref: str = "ferry") -> ArticleRow:
        """Do one act as an editor; gives the article after it."""
        with self.runtime.sessions.begin() as session:
            article = find_article(session, ref, lock=True)
            act(session, article, *words, by=EDITOR, now=self.now)
        return article

    def put(self, state: ArticleState, ref: str = "ferry", **values: object) -> None:
        """Put an article that is out into a state, behind the newsroom's back."""
        with self.runtime.sessions.begin() as session:
            article = find_article(session, ref)
            article.state = state
            for name, value in values.items():
                setattr(article, name, value)
            session.add(article)

    def article(self, ref: str = "ferry") -> ArticleRow:
        """Its row."""
        with self.runtime.sessions.read() as session:
            return find_article(session, ref)

    def state(self, ref: str = "ferry") -> ArticleState:
        """Its state."""
        return self.article(ref).state

    def current(self, ref: str = "ferry") -> ArticleVersionRow:
        """The version that readers see."""
        with self.runtime.sessions.read() as session:
            return session.get_one(ArticleVersionRow, find_article(session, ref).version_id)

    def versions(self) -> list[ArticleVersionRow]:
        """All versions of all articles, by number."""
        with self.runtime.sessions.read() as session:
            numbers = col(ArticleVersionRow.article_id), col(ArticleVersionRow.number)
            return list(session.exec(select(ArticleVersionRow).order_by(*numbers)))

    def articles(self) -> list[ArticleRow]:
        """All articles, in the order in which they came."""
        with self.runtime.sessions.read() as session:
            return list(session.exec(select(ArticleRow).order_by(col(ArticleRow.id))))

    def events(self) -> list[ArticleEventRow]:
        """All events, oldest first."""
        with self.runtime.sessions.read() as session:
            return list(session.exec(select(ArticleEventRow).order_by(col(ArticleEventRow.id))))

    def history(self) -> list[str]:
        """The names of all events, oldest first."""
        return [event.event for event in self.events()]

    def audits(self) -> list[AuditRow]:
        """The audit rows, oldest first."""
        with self.runtime.sessions.read() as session:
            return list(session.exec(select(AuditRow).order_by(col(AuditRow.id))))

    def woken(self) -> int:
        """How many hints lie in the queue."""
        return len(list(self.runtime.settings.queue_folder.glob("*.msg")))

    def in_hours(self, hours: float) -> datetime:
        """A time to come."""
        return self.now + timedelta(hours=hours)
