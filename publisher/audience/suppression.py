"""Suppressing many addresses by their keys, and writing to one of them again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from publisher.accounts.actor import Actor, record
from publisher.audience.addresses import address_key
from publisher.audience.models import SuppressionRow
from publisher.errors import NotFoundError, RefusedError

UNSUPPRESS = "address.unsuppress"  # the act, in the audit
_FINAL = {"complained": "complained about our mail", "erased": "had their data erased"}


def suppress_keys(
    session: Session, keys: Sequence[str], reason: str, *, by: Actor, now: datetime
) -> None:
    """Never write to these addresses again; those that are suppressed already stay as they are.

    `reason` as for `publisher.audience.subscribers.suppress`.
    """
    if not keys:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"address_key": key, "reason": reason[:32], "at": now} for key in keys]
    statement = insert(SuppressionRow).on_conflict_do_nothing()
    written = session.scalars(statement.returning(col(SuppressionRow.address_key)), rows)
    for key in written:
        record(session, by, "address.suppress", "address", key, at=now, reason=reason[:32])


def unsuppress(session: Session, address: str, *, key: str, by: Actor, now: datetime) -> None:
    """Write to an address again that had been refused or was suppressed by hand.

    Raises NotFoundError where it is not suppressed, RefusedError for one that complained or was
    erased.
    """
    known = address_key(key, address)
    row = session.get(SuppressionRow, known)
    if row is None:
        raise NotFoundError("suppressed address", address)
    if row.reason in _FINAL:
        raise RefusedError(
            f"This address is suppressed because its reader {_FINAL[row.reason]}; that is not ours "
            "to take back."
        )
    session.delete(row)
    record(session, by, UNSUPPRESS, "address", known, at=now, reason=row.reason)
