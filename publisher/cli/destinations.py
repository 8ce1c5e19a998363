"""`publisher destinations`: how fast mail goes to each receiving domain."""

from datetime import datetime
from typing import Annotated, Any

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.times import shown
from publisher.delivery.destinations import NewPace, list_destinations, release, set_pace
from publisher.delivery.models import DestinationRow
from publisher.delivery.pace import allowance

app = typer.Typer(no_args_is_help=True)

Domain = Annotated[str, typer.Argument(help="What stands behind the @; '*' is all mail together.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the destinations that have a limit, or that mail is held for."""
    with opened() as runtime, runtime.sessions.read() as session:
        found = list_destinations(session)
        now, zone = runtime.clock(), runtime.settings.zone
    if as_json:
        for row in found:
            emit(destination_object(row, now))
        return
    rows = [
        (
            row.domain, row.per_minute, row.connections, allowance(row, now),
            shown(row.held_until, zone), row.reason,
        )
        for row in found
    ]  # fmt: skip
    table(
        ("Destination", "A minute", "Connections", "Today", "Held until", "Because"),
        rows,
        empty="No destination has a limit, and mail is held for none.",
    )


@app.command("set")
def set_(
    domain: Domain,
    per_minute: Annotated[int | None, typer.Option(help="Messages a minute; 0: no limit.")] = None,
    connections: Annotated[
        int | None, typer.Option(help="At a time, of one worker process; 0: no limit.")
    ] = None,
    warm_up: Annotated[
        int | None,
        typer.Option(help="Messages today, twice as many each day after; 0: no warm-up."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Limit the mail to a domain, or to all domains together."""
    with opened() as runtime:
        now = runtime.clock()
        new = NewPace(per_minute=per_minute, connections=connections, warm_up=warm_up)
        with runtime.sessions.begin() as session:
            row = set_pace(session, domain, new, by=at_the_shell(), now=now)
    if as_json:
        emit(destination_object(row or DestinationRow(domain=domain), now))
    elif row is None:
        say(f"Mail to {domain} goes as fast as it can.")
    else:
        say(f"Mail to {row.domain}: {_words(row, now)}.")


@app.command("release")
def release_(domain: Domain, as_json: Json = False) -> None:
    """Take a hold back: mail to the domain is tried again at once."""
    with opened() as runtime:
        now = runtime.clock()
        with runtime.sessions.begin() as session:
            row = release(session, domain, by=at_the_shell(), now=now)
    if as_json:
        emit(destination_object(row, now))
    else:
        say(f"Mail to {row.domain} is tried again at once.")


def destination_object(row: DestinationRow, now: datetime) -> dict[str, Any]:
    """The object that --json prints."""
    kept = row.model_dump(exclude={"free_at", "day", "day_count"})
    return {**kept, "today": allowance(row, now)}


def _words(row: DestinationRow, now: datetime) -> str:
    today = allowance(row, now)
    limits = (
        f"at most {row.per_minute:,} messages a minute" if row.per_minute else "",
        f"{row.connections} connections at a time of each worker process"
        if row.connections
        else "",
        f"{today:,} messages today, twice as many each day after" if today is not None else "",
    )
    return ", ".join(limit for limit in limits if limit) or "held, without a limit of its own"
