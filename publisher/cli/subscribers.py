"""`publisher subscribers`: who reads what."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from publisher.audience.choices import Choice
from publisher.audience.export import COLUMNS, export_rows
from publisher.audience.models import NewsletterRow, SubscriberRow, SubscriptionRow
from publisher.audience.subscribe import NewSubscriber, add_subscriber
from publisher.audience.subscribers import find_subscriber, list_subscribers, subscriptions_of
from publisher.audience.suppression import unsuppress
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, sheet, table, write
from publisher.cli.times import shown
from publisher.cli.words import split
from publisher.errors import RefusedError

app = typer.Typer(no_args_is_help=True)


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(help="The reader's e-mail address.")],
    newsletter: Annotated[list[str], typer.Option(help="Slugs, by comma.")],
    proof: Annotated[str, typer.Option(help="How they agreed, in your words; kept as proof.")] = "",
    cadence: Annotated[
        str | None, typer.Option(help="daily or weekly; else the newsletter's first.")
    ] = None,
    sections: Annotated[
        list[str] | None, typer.Option(help="Slugs, by comma; without them all sections.")
    ] = None,
    name: Annotated[str, typer.Option(help="How mails address them.")] = "",
    language: Annotated[str | None, typer.Option(help="Else the newsroom's.")] = None,
    as_json: Json = False,
) -> None:
    """Subscribe somebody who has agreed; the same address again changes the choices."""
    with opened() as runtime:
        choices = [Choice(slug, cadence, split(sections)) for slug in split(newsletter)]
        new = NewSubscriber(
            address=address,
            choices=tuple(choices),
            name=name,
            language=language or runtime.settings.language,
            proof=proof,
        )
        key = runtime.settings.secret_key.get_secret_value()
        with runtime.sessions.begin() as session:
            row = add_subscriber(session, new, key=key, by=at_the_shell(), now=runtime.clock())
            session.flush()
            described = subscriber_object(session, row)
    if as_json:
        emit(described)
    else:
        say(f"{row.address} reads {', '.join(one.newsletter for one in choices)} now.")


@app.command("list")
def list_(
    newsletter: Annotated[str | None, typer.Option(help="Only those who get this one now.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List subscribers, the newest first."""
    with opened() as runtime, runtime.sessions.read() as session:
        found = list_subscribers(session, newsletter=newsletter, limit=limit)
        if as_json:
            for row in found:
                emit(subscriber_object(session, row))
            return
        zone = runtime.settings.zone
    rows = [
        (row.address, row.name, row.state.value, row.language, shown(row.created_at, zone))
        for row in found
    ]
    table(
        ("Address", "Name", "State", "Language", "Since"),
        rows,
        empty="No such subscribers. Add one with: publisher subscribers add ADDRESS --newsletter …",
    )


@app.command("show")
def show(
    ref: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address or the id.")],
    as_json: Json = False,
) -> None:
    """Show one subscriber and what they chose."""
    with opened() as runtime, runtime.sessions.read() as session:
        row = find_subscriber(session, ref, key=runtime.settings.secret_key.get_secret_value())
        described = subscriber_object(session, row)
        zone = runtime.settings.zone
    if as_json:
        emit(described)
        return
    facts: list[tuple[str, object]] = [
        ("Address", row.address),
        ("Id", row.uuid),
        ("Name", row.name),
        ("State", row.state.value),
        ("Language", row.language),
        ("Since", shown(row.created_at, zone)),
    ]
    facts += [(one["newsletter"], _in_words(one)) for one in described["subscriptions"]]
    sheet(facts)


@app.command("unsuppress")
def unsuppress_(
    address: Annotated[str, typer.Argument(help="The e-mail address.")], as_json: Json = False
) -> None:
    """Write to an address again that its server had called unknown."""
    with opened() as runtime, runtime.sessions.begin() as session:
        key = runtime.settings.secret_key.get_secret_value()
        unsuppress(session, address, key=key, by=at_the_shell(), now=runtime.clock())
    if as_json:
        emit({"address": address})
    else:
        say(f"{address} is written to again, with the next edition.")


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; else standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write every subscription as CSV, or with --json as an object a line."""
    with opened() as runtime, runtime.sessions.read() as session:
        rows = export_rows(session)
        if as_json:
            next(rows)
            for row in rows:
                emit(dict(zip(COLUMNS, row, strict=True)))
        elif file is None:
            for row in rows:
                write(_csv_line(row))
        else:
            _write_file(file, [_csv_line(row) for row in rows])


def subscriber_object(session: Session, row: SubscriberRow) -> dict[str, Any]:
    """The object that --json prints."""
    return {
        "id": row.uuid,
        "address": row.address,
        "name": row.name,
        "language": row.language,
        "state": row.state.value,
        "created_at": row.created_at,
        "confirmed_at": row.confirmed_at,
        "subscriptions": [
            _subscription_object(session, one) for one in subscriptions_of(session, row)
        ],
    }


def _subscription_object(session: Session, row: SubscriptionRow) -> dict[str, Any]:
    return {
        "id": row.uuid,
        "newsletter": session.get_one(NewsletterRow, row.newsletter_id).slug,
        "cadence": row.cadence.value,
        "sections": [section for section in row.sections.split(",") if section],
        "state": row.state.value,
        "subscribed_at": row.subscribed_at,
        "confirmed_at": row.confirmed_at,
        "ended_at": row.ended_at,
        "ended_reason": row.ended_reason,
    }


def _in_words(one: dict[str, Any]) -> str:
    sections = ", ".join(one["sections"]) or "all sections"
    reason = f" ({one['ended_reason']})" if one["ended_reason"] else ""
    return f"{one['state']}{reason}, {one['cadence']}, {sections}"


def _csv_line(row: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(row)
    return line.getvalue()


def _write_file(file: Path, lines: Sequence[str]) -> None:
    """Write a file that only its owner may read: it is full of addresses."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as target:
            target.writelines(lines)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
    say(f"{len(lines) - 1} subscriptions are in {file}.")
