"""What an editor may do to a story: each act has a page that says what it means, then a POST."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import HTTPException, Request, Response
from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.errors import InvalidInputError
from publisher.newsroom import acts
from publisher.newsroom.exits import may_leave
from publisher.newsroom.find import current_version, find_article
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.newsroom.states import TRANSITIONS, after
from publisher.web.desk.frame import back_to, desk_page, desk_router
from publisher.web.desk.guard import AtDesk
from publisher.web.door import door_of
from publisher.web.public.forms import Form, text_of

router = desk_router("/desk/stories")
Doing = Callable[[Session, ArticleRow, str, Actor, datetime], None]


@dataclass(frozen=True, slots=True)
class Act:
    """An act as its page explains it; `asks` is the label of the text it needs, if any."""

    button: str
    title: str
    meaning: str
    do: Doing
    asks: str = "Why? The desk will show it."
    kind: Literal["plain", "danger"] = "plain"


def _hold(session: Session, article: ArticleRow, text: str, by: Actor, now: datetime) -> None:
    acts.hold(session, article, text, by=by, now=now)


def _release(session: Session, article: ArticleRow, _text: str, by: Actor, now: datetime) -> None:
    acts.release(session, article, by=by, now=now)


def _correct(session: Session, article: ArticleRow, text: str, by: Actor, now: datetime) -> None:
    acts.correct(session, article, text, by=by, now=now)


def _withdraw(session: Session, article: ArticleRow, text: str, by: Actor, now: datetime) -> None:
    acts.withdraw(session, article, text, by=by, now=now)


def _kill(session: Session, article: ArticleRow, text: str, by: Actor, now: datetime) -> None:
    acts.kill(session, article, text, by=by, now=now)


def _restore(session: Session, article: ArticleRow, text: str, by: Actor, now: datetime) -> None:
    acts.restore(session, article, text, by=by, now=now)


ACTS: Mapping[str, Act] = {
    "release": Act(
        "Release",
        "Release this story",
        "It goes into the feeds at once and into the next editions. An embargo that is still to "
        "come is kept.",
        _release,
        asks="",
    ),
    "correct": Act(
        "Correct",
        "Note a correction",
        "The note stands on the story's page, in the feeds and in editions that are still to go. "
        "The text itself is changed at its source.",
        _correct,
        asks="What was wrong, and what is right?",
    ),
    "hold": Act(
        "Hold",
        "Put this story on hold",
        "It leaves the feeds, its page and every mail that has not been sent, until somebody "
        "releases it.",
        _hold,
    ),
    "restore": Act(
        "Restore",
        "Bring this story back",
        "It comes back into review and goes nowhere until somebody releases it.",
        _restore,
    ),
    "withdraw": Act(
        "Withdraw",
        "Withdraw this story",
        "It is taken away quietly: out of the feeds, its page and every mail that has not been "
        "sent. New versions from its source do not bring it back.",
        _withdraw,
        kind="danger",
    ),
    "kill": Act(
        "Kill",
        "Kill this story",
        "It must not be used. It vanishes everywhere at once: the feeds carry a tombstone, its "
        "page says that it is gone, mails that have not been sent go without it. Mails that "
        "readers have already cannot be called back.",
        _kill,
        kind="danger",
    ),
}  # fmt: skip


def acts_for(state: ArticleState) -> dict[str, Act]:
    """What may be done to a story in this state, by name."""
    return {
        name: act
        for name, act in ACTS.items()
        if state in TRANSITIONS[name][0] and not (name == "kill" and state == ArticleState.KILLED)
    }


@router.get("/{ref}/{act}")
def ask(request: Request, ref: str, act: str) -> Response:
    """The page before the act; raises RefusedError where the story's state does not allow it."""
    return _asking(request, ref, act)


@router.post("/{ref}/{act}")
def do(request: Request, desk: AtDesk, form: Form, ref: str, act: str) -> Response:
    """Do it, and show the story."""
    doing = _act(act)
    door = door_of(request)
    try:
        with door.runtime.sessions.begin() as session:
            article = find_article(session, ref, lock=True)
            doing.do(session, article, text_of(form, "reason"), desk.by, door.now())
    except InvalidInputError as error:
        return _asking(request, ref, act, error=str(error), reason=text_of(form, "reason"))
    return back_to(f"/desk/stories/{article.uuid}", act)


def _asking(
    request: Request, ref: str, name: str, *, error: str = "", reason: str = ""
) -> Response:
    act = _act(name)
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        article = find_article(session, ref)
        version = current_version(session, article)
    after(article.state, name)
    return desk_page(
        request,
        "story_act.html",
        status=422 if error else 200,
        area="stories",
        article=article,
        version=version,
        name=name,
        act=act,
        out=may_leave(article, "page", door.now()),
        error=error,
        reason=reason,
        limit=acts.NOTE_LIMIT,
    )


def _act(name: str) -> Act:
    if name not in ACTS:
        raise HTTPException(404, "There is no such act.")
    return ACTS[name]
