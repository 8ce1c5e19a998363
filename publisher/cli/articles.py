"""`publisher articles`: seeing what came in, and what an editor may do with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.cli.article_view import article_object, article_sheet, state_named
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, sheet, table
from publisher.cli.times import shown
from publisher.cli.words import split
from publisher.newsroom import acts
from publisher.newsroom.find import current_version, find_article, list_articles
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.states import in_words

app = typer.Typer(no_args_is_help=True)

Ref = Annotated[
    str, typer.Argument(metavar="ID", help="The id, its beginning, or the source's own id.")
]
Reason = Annotated[str, typer.Option(help="Why; the desk shows it.")]
Act = Callable[[Session, ArticleRow, Actor, datetime], None]


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state, such as quarantined.")
    ] = None,
    section: Annotated[str | None, typer.Option(help="Only of this section.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List articles, the newest first."""
    states = [state_named(name) for name in split(state)]
    with opened() as runtime, runtime.sessions.read() as session:
        found = list_articles(session, states=states, section=section, limit=limit)
        if as_json:
            for article, version in found:
                emit(article_object(article, version))
            return
        zone = runtime.settings.zone
        rows = [
            (
                article.uuid,
                in_words(article.state),
                article.section,
                version.title,
                shown(article.received_at, zone),
            )
            for article, version in found
        ]
    nothing = "No such articles." if states or section else "No articles have come in yet."
    table(("Id", "State", "Section", "Headline", "Received"), rows, empty=nothing)


@app.command("show")
def show(ref: Ref, as_json: Json = False) -> None:
    """Show one article: what it says, where it may go, and what happened to it."""
    with opened() as runtime, runtime.sessions.read() as session:
        article = find_article(session, ref)
        version = current_version(session, article)
        if as_json:
            emit(article_object(article, version))
        else:
            sheet(article_sheet(session, article, version, runtime))


@app.command("correct")
def correct(
    ref: Ref,
    note: Annotated[str, typer.Option(help="What was wrong and what is right.")],
    as_json: Json = False,
) -> None:
    """Mark the current text as the corrected one; the note stands with it everywhere."""
    _do(
        ref, as_json, lambda session, row, by, now: acts.correct(session, row, note, by=by, now=now)
    )


@app.command("hold")
def hold(ref: Ref, reason: Reason, as_json: Json = False) -> None:
    """Take a story out of everything while it is looked into."""
    _do(ref, as_json, lambda session, row, by, now: acts.hold(session, row, reason, by=by, now=now))


@app.command("release")
def release(ref: Ref, as_json: Json = False) -> None:
    """Let a story out that was on hold or in review."""
    _do(ref, as_json, lambda session, row, by, now: acts.release(session, row, by=by, now=now))


@app.command("withdraw")
def withdraw(ref: Ref, reason: Reason, as_json: Json = False) -> None:
    """Take a story away quietly, for good."""
    _do(
        ref,
        as_json,
        lambda session, row, by, now: acts.withdraw(session, row, reason, by=by, now=now),
    )


@app.command("kill")
def kill(ref: Ref, reason: Reason, as_json: Json = False) -> None:
    """Take a story away everywhere at once; it must not be used."""
    _do(ref, as_json, lambda session, row, by, now: acts.kill(session, row, reason, by=by, now=now))


@app.command("restore")
def restore(ref: Ref, reason: Reason, as_json: Json = False) -> None:
    """Bring a story back into review; `release` lets it out."""
    _do(
        ref,
        as_json,
        lambda session, row, by, now: acts.restore(session, row, reason, by=by, now=now),
    )


def _do(ref: str, as_json: bool, act: Act) -> None:
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            article = find_article(session, ref, lock=True)
            act(session, article, at_the_shell(), runtime.clock())
            version = current_version(session, article)
        if as_json:
            emit(article_object(article, version))
        else:
            say(f"“{version.title}” is {in_words(article.state)} now.")
