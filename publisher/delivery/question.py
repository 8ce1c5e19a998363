"""The question a window asks: in one statement, all that decides how its batch goes on."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import NewsletterRow
from publisher.delivery import standing
from publisher.delivery.claim import MINE, Claim, mine
from publisher.delivery.models import DestinationRow, RelayRow
from publisher.delivery.plates import News, news_columns
from publisher.delivery.standing import Standing
from publisher.editions.models import BatchRow, EditionRow
from publisher.editions.refit import all_leave


@dataclass(frozen=True, slots=True)
class Answer:
    """How a batch stands that still is this worker's: its variant, its edition, the news of that.

    `relays` says whether any is in trouble, `paces` whether any destination has one, `strikes`
    whether one blocked us. Mostly none is, and what these would change need not be looked up.
    """

    variant_id: int
    is_whole: bool
    relays: bool
    paces: bool
    strikes: bool
    edition: Standing
    news: News


def ask(session: Session, claim: Claim, now: datetime) -> Answer | None:
    """Fence and ask; None where another worker has taken the batch over.

    Until the transaction ends nobody else can have the batch, so what follows needs no fence.
    """
    asked = mine(claim) | {"now": now}
    row = session.connection().execute(_QUESTION, asked).first()
    if row is None:
        return None
    variant_id, is_whole, relays, paces, strikes, *more = row
    edition, news = Standing(*more[:_EDITION]), tuple(more[_EDITION:])
    return Answer(variant_id, is_whole, relays, paces, strikes, edition, news)


_EDITION = len(standing.COLUMNS)
_BATCH = (
    col(BatchRow.variant_id),
    all_leave(col(BatchRow.variant_id), sa.bindparam("now")),
    sa.exists().select_from(RelayRow),
    sa.exists().select_from(DestinationRow),
    sa.exists().where(col(DestinationRow.strikes) > 0),
)
_QUESTION = (
    sa.select(*_BATCH, *standing.COLUMNS, *news_columns(sa.bindparam("edition")))
    .select_from(BatchRow)
    .join(EditionRow, col(EditionRow.id) == col(BatchRow.edition_id))
    .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
    .where(MINE)
    .with_for_update(of=BatchRow, key_share=True)
)
