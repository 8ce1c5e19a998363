"""Reads rows and record back once all is quiet, and has them compared."""

from dataclasses import replace

from sqlmodel import col, select

from publisher.audience.models import SubscriberRow
from publisher.cli.drill.house import House
from publisher.cli.drill.sink import read_record
from publisher.cli.drill.sums import (
    Delivery,
    Recipient,
    Sums,
    account,
    doubt_differences,
    sum_differences,
)
from publisher.delivery.press import delivery_id
from publisher.delivery.report import Report, report
from publisher.editions.models import DeliveryRow, EditionRow


def outcome(house: House, kills: int) -> Sums:
    """The sums after so many kills; for when no edition has anything left to do."""
    eligible = [Recipient(number, who) for number in house.editions for who in house.readers]
    found = account(eligible, _deliveries(house), read_record(house.sink.record))
    more = [
        *sum_differences(_reports(house), len(house.readers)),
        *doubt_differences(found.uncertain, kills, house.sink.most_open),
    ]
    return replace(found, differences=(*found.differences, *more))


def _deliveries(house: House) -> list[Delivery]:
    """Every delivery, with the Message-ID that is its own."""
    secret = house.runtime.settings.secret_key.get_secret_value()
    statement = (
        select(DeliveryRow, EditionRow, SubscriberRow)
        .join(EditionRow, col(EditionRow.id) == col(DeliveryRow.edition_id))
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
    )
    with house.runtime.sessions.read() as session:
        return [
            Delivery(
                Recipient(row.edition_id, reader.address or ""),
                delivery_id(secret, edition, reader.uuid),
                row.state.value,
            )
            for row, edition, reader in session.exec(statement)
        ]


def _reports(house: House) -> dict[int, Report]:
    with house.runtime.sessions.read() as session:
        return {
            number: report(session, session.get_one(EditionRow, number))
            for number in house.editions
        }
