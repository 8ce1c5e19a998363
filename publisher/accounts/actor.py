"""Who does what: the actor of every act that changes something, and the record of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from publisher.accounts.models import AuditRow


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an editor at the desk, somebody at a shell, a reader, a source, or the clock."""

    kind: Literal["editor", "cli", "reader", "source", "clock"]
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


CLOCK = Actor("clock")


def record(
    session: Session,
    by: Actor,
    action: str,
    subject: str,
    ref: object,
    *,
    at: datetime,
    **detail: Any,
) -> None:
    """Write the audit row of an act in the act's own transaction; `detail` must be JSON."""
    session.add(
        AuditRow(
            at=at,
            actor_kind=by.kind,
            actor_name=by.name[:200],
            action=action,
            subject=subject,
            ref=str(ref)[:64],
            detail=detail,
        )
    )
