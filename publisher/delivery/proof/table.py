"""Every matched reader of an edition as a row for a spreadsheet, however many there are.

Rows are read from the database as they are wanted: a million take no more room than a thousand.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.export import cell
from publisher.audience.models import SubscriberRow
from publisher.delivery.press import delivery_id
from publisher.delivery.proof.contents import variant_numbers
from publisher.delivery.proof.seal import utc
from publisher.delivery.proof.sums import domain_of
from publisher.editions.models import DeliveryRow, EditionRow, ExclusionRow

COLUMNS = (
    "subscriber", "domain", "state", "reason", "code", "reply", "attempts", "at", "variant",
    "message_id",
)  # fmt: skip
ADDRESS = "address"
AT_ONCE = 1000
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
Row = tuple[str, ...]


def reader_rows(
    session: Session, edition: EditionRow, *, secret: str, addresses: bool = False
) -> Iterator[Row]:
    """The head line, then the deliveries, then those left out; each by the age of its reader.

    Times are UTC. Replies come from strangers: what a spreadsheet would run gets an apostrophe in
    front, and addresses in them are taken out unless `addresses` asks for a column of them.
    """
    yield (COLUMNS[0], ADDRESS, *COLUMNS[1:]) if addresses else COLUMNS
    who = attrgetter("uuid", "address", "domain") if addresses else attrgetter("uuid", "domain")
    numbers = variant_numbers(session, edition)
    with session.execute(_deliveries(edition)) as deliveries:  # closed if nobody reads on
        for found in deliveries:
            outcome = _outcome(
                found, _said(found, with_addresses=addresses), numbers[found.variant_id]
            )
            name = delivery_id(secret, edition, found.uuid)
            yield _cells(*who(found), *outcome, name)
    with session.execute(_exclusions(edition)) as exclusions:
        for found in exclusions:
            yield _cells(*who(found), "excluded", found.reason.value, *[""] * 6)


def csv_text(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as CSV (RFC 4180), many lines at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        text = io.StringIO()
        csv.writer(text).writerows(some)
        yield text.getvalue()


def _deliveries(edition: EditionRow) -> sa.Select[Any]:
    delivery = DeliveryRow
    return (
        _readers(
            col(delivery.state),
            col(delivery.reason),
            col(delivery.code),
            col(delivery.reply),
            col(delivery.attempts),
            col(delivery.at),
            col(delivery.variant_id),
        )
        .join(delivery, col(delivery.subscriber_id) == col(SubscriberRow.id))
        .where(col(delivery.edition_id) == edition.id)
        .order_by(col(delivery.subscriber_id))
    )


def _exclusions(edition: EditionRow) -> sa.Select[Any]:
    return (
        _readers(col(ExclusionRow.reason))
        .join(ExclusionRow, col(ExclusionRow.subscriber_id) == col(SubscriberRow.id))
        .where(col(ExclusionRow.edition_id) == edition.id)
        .order_by(col(ExclusionRow.subscriber_id))
    )


def _readers(*columns: Any) -> sa.Select[Any]:
    address = col(SubscriberRow.address)
    return (
        sa.select(col(SubscriberRow.uuid), address, domain_of(address).label("domain"), *columns)
        .select_from(SubscriberRow)
        .execution_options(yield_per=AT_ONCE)
    )


def _said(found: sa.Row[Any], *, with_addresses: bool) -> str:
    """The server's reply in one line; an erased reader's address is not ours to show any more."""
    if not found.reply:
        return ""
    shown = (
        found.reply
        if with_addresses and found.address
        else _ANY_ADDRESS.sub("(address)", found.reply)
    )
    return "".join(sign if sign.isprintable() else " " for sign in shown).strip()


def _outcome(found: sa.Row[Any], said: str, variant: int) -> tuple[object, ...]:
    state, at = found.state.value, utc(found.at)
    return state, found.reason, found.code, said, found.attempts, at, variant


def _cells(*values: object) -> Row:
    return tuple(cell("" if value is None else str(value)) for value in values)
