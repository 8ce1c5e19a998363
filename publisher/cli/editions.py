"""`publisher editions`: composing, sending and stopping them, and what became of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.audience.models import NewsletterRow
from publisher.audience.newsletters import find_newsletter
from publisher.cli.edition_doubts import resend, settle, uncertain
from publisher.cli.edition_report import Ref, report, verify
from publisher.cli.edition_view import edition_object, edition_sheet, edition_state_named
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, sheet, table
from publisher.cli.times import moment, shown
from publisher.cli.words import split
from publisher.delivery.breaker import resume_by_hand
from publisher.editions import commands
from publisher.editions.commands import NewEdition, create_edition
from publisher.editions.find import find_edition, list_editions
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import InvalidInputError

app = typer.Typer(no_args_is_help=True)

At = Annotated[str | None, typer.Option(help="When: 'YYYY-MM-DD HH:MM' on the zone's clocks.")]
Zone = Annotated[str | None, typer.Option(help="Whose clocks; else the newsletter's.")]
Act = Callable[[Session, EditionRow, Actor, datetime], None]


@app.command("create")
def create(
    *,
    newsletter: Annotated[str, typer.Option(help="Its slug.")],
    stories: Annotated[
        list[str] | None,
        typer.Option(help="Article ids in order, by comma; else chosen for each reader."),
    ] = None,
    cadence: Annotated[
        str | None, typer.Option(help="Only its daily or weekly readers; else all.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Else made from the stories.")] = None,
    at: At = None,
    zone: Zone = None,
    send_it: Annotated[bool, typer.Option("--send", help="Send it at once.")] = False,
    as_json: Json = False,
) -> None:
    """Make a draft; with --at it is scheduled at once, with --send it goes out at once."""
    if at and send_it:
        raise InvalidInputError("An edition goes at a time or at once: leave out --at or --send.")
    with opened() as runtime:
        now = runtime.clock()
        with runtime.sessions.begin() as session:
            wanted = find_newsletter(session, newsletter)
            new = NewEdition(
                newsletter=newsletter,
                stories=None if stories is None else split(stories),
                cadence=cadence,
                subject=subject,
                due_at=moment(at, zone or wanted.zone, now) if at else None,
            )
            edition = create_edition(session, new, by=at_the_shell(), now=now)
            if send_it:
                commands.send(session, edition, hold=timedelta(), by=at_the_shell(), now=now)
    _present(edition, wanted, as_json, now)


@app.command("list")
def list_(
    *,
    newsletter: Annotated[str | None, typer.Option(help="Only of this newsletter.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state, such as sent.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List editions, the newest first."""
    states = [edition_state_named(name) for name in split(state)]
    with opened() as runtime, runtime.sessions.read() as session:
        if newsletter:
            find_newsletter(session, newsletter)
        found = list_editions(session, states=states, newsletter=newsletter, limit=limit)
    if as_json:
        for row in found:
            emit(edition_object(*row))
        return
    rows = [
        (
            edition.id,
            row.slug,
            edition.kind.value,
            edition.cadence or "all",
            edition.state.value,
            shown(edition.due_at or edition.hold_until or edition.frozen_at, row.zone),
            edition.reason,
        )
        for edition, row in found
    ]
    columns = ("Edition", "Newsletter", "Kind", "Cadence", "State", "When", "Reason")
    table(columns, rows, empty="No such editions.")


@app.command("show")
def show(ref: Ref, *, as_json: Json = False) -> None:
    """Show one edition."""
    with opened() as runtime, runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    if as_json:
        emit(edition_object(edition, newsletter))
    else:
        sheet(edition_sheet(edition, newsletter))


app.command("report")(report)
app.command("verify")(verify)
app.command("uncertain")(uncertain)
app.command("resend")(resend)
app.command("settle")(settle)


@app.command("schedule")
def schedule(
    ref: Ref,
    *,
    at: Annotated[str, typer.Option(help="When: 'YYYY-MM-DD HH:MM' on the zone's clocks.")],
    zone: Zone = None,
    as_json: Json = False,
) -> None:
    """Send a draft at that time."""

    def act(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
        clocks = zone or session.get_one(NewsletterRow, edition.newsletter_id).zone
        commands.schedule(session, edition, moment(at, clocks, now), by=by, now=now)

    _do(ref, as_json, act)


@app.command("send")
def send(
    ref: Ref,
    *,
    hold: Annotated[float, typer.Option(min=0, help="Minutes in which cancelling is certain.")] = 0,
    as_json: Json = False,
) -> None:
    """Send a draft now, or after a hold."""
    waiting = timedelta(minutes=hold)
    _do(
        ref,
        as_json,
        lambda session, row, by, now: commands.send(session, row, hold=waiting, by=by, now=now),
    )


@app.command("cancel")
def cancel(ref: Ref, *, as_json: Json = False) -> None:
    """Make it a draft again; certain until the first mail is claimed."""
    _do(ref, as_json, lambda session, row, by, now: commands.cancel(session, row, by=by, now=now))


@app.command("pause")
def pause(ref: Ref, *, as_json: Json = False) -> None:
    """Send nothing more for now."""
    _do(ref, as_json, lambda session, row, by, now: commands.pause(session, row, by=by, now=now))


@app.command("resume")
def resume(ref: Ref, *, as_json: Json = False) -> None:
    """Go on where a pause left off."""
    _do(ref, as_json, lambda session, row, by, now: resume_by_hand(session, row, by=by, now=now))


@app.command("stop")
def stop(ref: Ref, *, as_json: Json = False) -> None:
    """End it for good: what was not sent is withdrawn."""
    _do(ref, as_json, lambda session, row, by, now: commands.stop(session, row, by=by, now=now))


def _do(ref: str, as_json: bool, act: Act) -> None:
    with opened() as runtime, runtime.sessions.begin() as session:
        edition = find_edition(session, ref, lock=True)
        now = runtime.clock()
        act(session, edition, at_the_shell(), now)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    _present(edition, newsletter, as_json, now)


def _present(edition: EditionRow, newsletter: NewsletterRow, as_json: bool, now: datetime) -> None:
    if as_json:
        emit(edition_object(edition, newsletter))
        return
    say(f"Edition {edition.id} of “{newsletter.name}” {_state_of(edition, newsletter, now)}.")


def _state_of(edition: EditionRow, newsletter: NewsletterRow, now: datetime) -> str:
    """Its state as a sentence goes on; times on the newsletter's clocks."""
    if edition.state is EditionState.HOLDING and edition.hold_until is not None:
        if edition.hold_until <= now:
            return "is on its way"
        return f"goes out at {shown(edition.hold_until, newsletter.zone)}; until then: cancel"
    if edition.state is EditionState.SCHEDULED:
        return f"is scheduled for {shown(edition.due_at, newsletter.zone)}"
    return f"is {edition.state.value}"
