"""Tables of partners: who they are, what they get, their tokens, and what is pushed to them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from publisher.store.columns import choice, partial_index


class PartnerRow(SQLModel, table=True):
    """Somebody who takes stories over by contract."""

    __tablename__ = "partner"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36, description="the id of the partner's feed")
    slug: str = Field(unique=True, max_length=64, description="its name in addresses")
    name: str = Field(max_length=200)
    contact: str = Field(max_length=200, description="whom to call or write to")
    whole_texts: bool = Field(default=False, description="where the rights of a story allow it")
    created_at: datetime


class PartnerScopeRow(SQLModel, table=True):
    """The partner gets the stories of this feed."""

    __tablename__ = "partner_scope"

    partner_id: int = Field(foreign_key="partner.id", primary_key=True)
    slug: str = Field(foreign_key="feed.slug", primary_key=True, max_length=64)


class PartnerTokenRow(SQLModel, table=True):
    """A token: its public half, which tells it from others, and a hash of its secret half."""

    __tablename__ = "partner_token"

    key: str = Field(primary_key=True, max_length=12)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    secret_hash: str = Field(max_length=64)
    note: str = Field(default="", max_length=200, description="where it is used")
    created_at: datetime
    used_at: datetime | None = Field(default=None, description="to about an hour")
    revoked_at: datetime | None = None


class PartnerPushRow(SQLModel, table=True):
    """Where a partner wants its stories brought, and how that goes. One address a partner."""

    __tablename__ = "partner_push"

    partner_id: int = Field(foreign_key="partner.id", primary_key=True)
    url: str = Field(max_length=500)
    secret: str = Field(max_length=100, description="signs what is brought")
    created_at: datetime
    next_at: datetime = Field(description="not before: its server asked for it, or gave no answer")
    failures: int = Field(default=0, description="of the server, one after another")
    taken_at: datetime | None = Field(default=None, description="when it last took a story")
    code: int | None = Field(default=None, description="HTTP status; None: no answer")
    problem: str | None = Field(default=None, max_length=300, description="of the last try")
    ended_at: datetime | None = Field(default=None, description="its server said 410")


class GivenState(StrEnum):
    """Taken: the partner has the newest revision, as far as we know."""

    WAITING = "waiting"
    TAKEN = "taken"
    GIVEN_UP = "given_up"


class PartnerGivenRow(SQLModel, table=True):
    """What a partner has of one story, or is to be brought. A newer revision replaces one."""

    __tablename__ = "partner_given"
    __table_args__ = (
        sa.Index("ix_partner_given_article_id", "article_id"),
        partial_index("ix_partner_given_due", ["partner_id", "next_at"], "state = 'waiting'"),
    )

    partner_id: int = Field(foreign_key="partner.id", primary_key=True)
    article_id: int = Field(foreign_key="article.id", primary_key=True)
    revision: int = Field(description="the newest event of the story that it is to know of")
    wanted_at: datetime = Field(description="when that happened")
    state: GivenState = Field(
        default=GivenState.WAITING, sa_column=choice(GivenState, "partner_given_state")
    )
    next_at: datetime
    claimed_until: datetime | None = Field(default=None, description="somebody is bringing it")
    failures: int = Field(default=0, description="one after another")
    taken_at: datetime | None = Field(default=None, description="when it first took the story")
    code: int | None = Field(default=None, description="HTTP status; None: no answer")
    problem: str | None = Field(default=None, max_length=300, description="of the last try")
