"""Tables of partners: who they are, what they get, and their tokens."""

from datetime import datetime

from sqlmodel import Field, SQLModel


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
