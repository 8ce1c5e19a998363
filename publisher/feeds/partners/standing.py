"""How partners do, for people: what each gets, when it last asked, how its push goes."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from publisher.feeds.partners.endpoint import PushStanding, push_standing
from publisher.feeds.partners.models import PartnerRow
from publisher.feeds.partners.register import list_partners, scopes_given
from publisher.feeds.partners.tokens import list_tokens


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """One partner. `used_at` is when it last asked with one of its tokens, to about an hour."""

    partner: PartnerRow
    scopes: tuple[str, ...]
    good_tokens: int
    used_at: datetime | None
    push: PushStanding | None


def partner_standings(session: Session) -> list[PartnerStanding]:
    """All partners, the oldest first. There are tens of them, and three look-ups for each."""
    return [_standing(session, partner) for partner in list_partners(session)]


def _standing(session: Session, partner: PartnerRow) -> PartnerStanding:
    tokens = list_tokens(session, partner)
    return PartnerStanding(
        partner=partner,
        scopes=scopes_given(session, partner),
        good_tokens=sum(token.revoked_at is None for token in tokens),
        used_at=max((token.used_at for token in tokens if token.used_at), default=None),
        push=push_standing(session, partner),
    )
