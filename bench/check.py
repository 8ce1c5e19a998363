"""Looks into the mails that leave: one for each reader, with that reader's own words in it."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlmodel import col, select

from bench.broken import BrokenRunError
from bench.engine import enlisted
from bench.houses import House
from publisher.audience.models import SubscriberRow
from publisher.delivery.carrier import Carrier
from publisher.delivery.plates import Printed
from publisher.delivery.press import Press
from publisher.delivery.reader import Reader
from publisher.delivery.send import send_batch
from publisher.editions.models import BatchRow

_RECIPIENT = re.compile(r"<([^>]+)>")
_START = re.compile(rb"^(?=X-Client-Addr: )", re.MULTILINE)


class _KeepingPress(Press):
    """A press that keeps what it prints."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier.runtime.settings)
        self.kept: list[bytes] = []

    def message(self, printed: Printed, reader: Reader) -> bytes:
        self.kept.append(super().message(printed, reader))
        return self.kept[-1]


def sample(house: House) -> bytes:
    """Send an edition from this process; the mail of middle length."""
    carrier = Carrier(house.runtime)
    carrier.press = press = _KeepingPress(carrier)
    edition_id = enlisted(house)
    for no in batches(house, edition_id):
        send_batch(carrier, edition_id, no)
    carrier.hang_up()
    return sorted(press.kept, key=len)[len(press.kept) // 2]


def batches(house: House, edition_id: int) -> list[int]:
    """The numbers of an edition's batches, in order."""
    statement = select(BatchRow.no).where(BatchRow.edition_id == edition_id)
    with house.runtime.sessions.read() as session:
        return list(session.exec(statement.order_by(col(BatchRow.no))))


def look_into(house: House, dump: bytes) -> int:
    """How many mails smtp-sink kept, once each of them is right; else raises BrokenRunError."""
    mails = [_parsed(part) for part in _START.split(dump) if part.strip()]
    names = _names(house)
    wrong = [to for to, mail in mails if names.get(to, "?") not in str(mail["To"]) or mail.defects]
    recipients = {to for to, _ in mails}
    ids = {str(mail["Message-ID"]) for _, mail in mails}
    if wrong or not len(mails) == len(recipients) == len(ids) == len(names):
        raise BrokenRunError(
            f"{len(mails)} mails for {len(names)} readers, {len(recipients)} recipients, "
            f"{len(ids)} Message-IDs, {len(wrong)} with another's name"
        )
    return len(mails)


def _parsed(part: bytes) -> tuple[str, EmailMessage]:
    """(recipient, mail) of a part of the dump, whose first lines are the sink's own."""
    mail = message_from_bytes(part, policy=policy.default)
    found = _RECIPIENT.search(str(mail["X-Rcpt-Args"]))
    return (found[1] if found else ""), mail


def _names(house: House) -> dict[str, str]:
    with house.runtime.sessions.read() as session:
        return {row.address or "": row.name for row in session.exec(select(SubscriberRow))}
