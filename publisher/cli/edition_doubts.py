"""`publisher editions uncertain`, `resend`, `settle`: mails that may have arrived or not."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer
from sqlmodel import Session

from publisher.audience.models import NewsletterRow
from publisher.cli.edition_report import Ref
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.times import shown
from publisher.cli.words import split
from publisher.delivery import doubts
from publisher.delivery.doubts import Doubt, Settlement, list_doubts
from publisher.editions.find import find_edition
from publisher.editions.models import EditionRow
from publisher.store import Runtime

Only = Annotated[
    list[str] | None, typer.Option(help="Subscribers' ids, by comma; else all of them.")
]


def uncertain(ref: Ref, *, as_json: Json = False) -> None:
    """List the deliveries of which nobody knows whether they arrived."""
    with opened() as runtime, runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        zone = session.get_one(NewsletterRow, edition.newsletter_id).zone
        secret = runtime.settings.secret_key.get_secret_value()
        found = list_doubts(session, edition, secret=secret)
    if as_json:
        for one in found:
            emit(asdict(one))
        return
    rows = [_row(one, zone) for one in found]
    columns = ("Reader", "Subscriber", "Message-ID", "Since", "What is known")
    table(columns, rows, empty="No delivery of this edition is uncertain.")
    if found:
        say()
        say(f"The Message-ID finds them in the mail server's log. Then, for edition {edition.id}:")
        say("  publisher editions settle EDITION --as accepted (or refused) --only SUBSCRIBER")
        say("  publisher editions resend EDITION --only SUBSCRIBER")


def resend(ref: Ref, *, only: Only = None, as_json: Json = False) -> None:
    """Send uncertain deliveries once more, the same to the last byte."""

    def act(session: Session, edition: EditionRow, runtime: Runtime) -> int:
        by, now = at_the_shell(), runtime.clock()
        return doubts.resend(session, edition, only=split(only), by=by, now=now)

    _do(ref, as_json, act, "put up to be sent again")


def settle(
    ref: Ref,
    *,
    outcome: Annotated[Settlement, typer.Option("--as", help="What the mail server's log says.")],
    only: Only = None,
    as_json: Json = False,
) -> None:
    """Write down what the mail server's log says of uncertain deliveries."""

    def act(session: Session, edition: EditionRow, runtime: Runtime) -> int:
        by, now = at_the_shell(), runtime.clock()
        return doubts.settle(session, edition, outcome, only=split(only), by=by, now=now)

    _do(ref, as_json, act, f"settled as {outcome.value}")


def _do(
    ref: str, as_json: bool, act: Callable[[Session, EditionRow, Runtime], int], done: str
) -> None:
    with opened() as runtime, runtime.sessions.begin() as session:
        edition = find_edition(session, ref, lock=True)
        count = act(session, edition, runtime)
    if as_json:
        emit({"edition": edition.id, "state": edition.state.value, "deliveries": count})
        return
    deliveries = "1 delivery is" if count == 1 else f"{count} deliveries are"
    say(f"{deliveries} {done}. Edition {edition.id} is {edition.state.value}.")


def _row(one: Doubt, zone: str) -> tuple[str, ...]:
    return (
        one.address or "an erased reader",
        one.subscriber,
        one.message_id,
        shown(one.at, zone),
        one.words + _notes(one, zone),
    )


def _notes(one: Doubt, zone: str) -> str:
    if one.again_at:
        return f" It is sent again at {shown(one.again_at, zone)}."
    return f" It was sent again at {shown(one.resent_at, zone)}." if one.resent_at else ""
