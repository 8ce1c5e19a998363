"""What `publisher doctor` looks at in the rows: what keeps mail back, and the second relay."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from publisher.cli.checks import SMTP_PATIENCE_S, Check
from publisher.cli.times import shown
from publisher.delivery.environment import why_not_here
from publisher.delivery.relay import relays_of
from publisher.delivery.relay_health import rows_of
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import UnavailableError
from publisher.mail.smtp import connect
from publisher.settings import Settings
from publisher.store.engine import make_engine
from publisher.store.sessions import Sessions


def examine_sending(settings: Settings) -> Iterator[Check]:
    """Look whether mail may leave from here, how the relays did, and what waits for that.

    Says nothing of a database that cannot be read: that is told before.
    """
    yield from _second_relay(settings)
    if not settings.database_url and not (settings.home / "publisher.db").exists():
        return
    sessions = Sessions(make_engine(settings.database))
    try:
        with sessions.read() as session:
            found = [*_place(session, settings), *_relays(session, settings)]
            found += [*_editions(session, settings), *_memory(session)]
    except SQLAlchemyError:
        return
    finally:
        sessions.close()
    yield from found


def _second_relay(settings: Settings) -> Iterator[Check]:
    for relay in relays_of(settings)[1:]:
        try:
            connect(replace(relay, timeout_s=min(relay.timeout_s, SMTP_PATIENCE_S))).close()
        except UnavailableError as error:
            yield Check("fallback", "failed", str(error))
        else:
            yield Check("fallback", "ok", f"the second mail server {relay.place} answers")


def _place(session: Session, settings: Settings) -> Iterator[Check]:
    why = why_not_here(session, settings)
    if why:
        yield Check("place", "failed", why)
    else:
        yield Check("place", "ok", "mail may be sent from here")


def _relays(session: Session, settings: Settings) -> Iterator[Check]:
    rows = rows_of(session, relays_of(settings))
    for place, row in rows.items():
        if row.not_before is not None:
            tries = "once" if row.failures == 1 else f"{row.failures} times in a row"
            again = shown(row.not_before, settings.zone)
            said = f"workers could not use {place} {tries}; they try again at {again}."
            yield Check("relay", "note", f"{said} Last: {row.reason}")


def _editions(session: Session, settings: Settings) -> Iterator[Check]:
    waiting = select(EditionRow).where(
        EditionRow.state == EditionState.PAUSED, col(EditionRow.resume_at).is_not(None)
    )
    for edition in session.exec(waiting.order_by(col(EditionRow.id))).all():
        again = shown(edition.resume_at, settings.zone)
        said = f"edition {edition.id} is paused and tried again at {again}: {edition.reason}"
        yield Check("edition", "note", said)


def _memory(session: Session) -> Iterator[Check]:
    """Whether the database keeps what it has committed when it crashes."""
    if session.get_bind().dialect.name != "postgresql":
        return
    asked = ("fsync", "synchronous_commit")
    off = [name for name in asked if session.execute(text(f"SHOW {name}")).scalar_one() == "off"]
    if off:
        said = f"PostgreSQL has {' and '.join(off)} off: a crash forgets the last outcomes"
        yield Check("database", "note", f"{said}, and those readers are mailed again.")
