"""Tables of the people at the desk and of what they did."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from publisher.store.columns import json_column


class AuditRow(SQLModel, table=True):
    """One act that changed something: who, when, what, to what."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor_kind: str = Field(max_length=16)
    actor_name: str = Field(max_length=200)
    action: str = Field(max_length=64)
    subject: str = Field(max_length=32)
    ref: str = Field(max_length=64, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class DeskPassRow(SQLModel, table=True):
    """A one-time link or a session of the desk; only the hash of its secret is kept."""

    __tablename__ = "desk_pass"

    secret_hash: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=8, description="link or session")
    name: str = Field(max_length=100)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
