"""The loop that everybody writes first: render, inline, connect and commit for each reader.

Each library is used as its first example does; premailer with its defaults, validation included.
"""

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from markupsafe import Markup
from premailer import transform
from sqlmodel import Session, col, select

from bench.cast import SENDER
from bench.houses import House
from bench.plain import HOST, Pace, Span, in_processes, pace_of
from publisher.audience.models import SubscriberRow
from publisher.editions.arrange import Placed, Section, arranged
from publisher.editions.blocks import FRAME
from publisher.editions.contents import contents, picks_of_variant
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow
from publisher.editions.render import TEXT, block_sources
from publisher.editions.shapes import Frame
from publisher.mail.splice import SLOT_NAMES
from publisher.mail.styles import base_styles
from publisher.pages.environment import environment, render
from publisher.pages.languages import page_language
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime


@dataclass(frozen=True, slots=True)
class Errand:
    """What one process is to send: the readers whose number leaves `remainder`."""

    values: dict[str, Any]
    edition_id: int
    readers: int
    processes: int
    remainder: int


def send_naively(house: House, edition_id: int, readers: int, *, processes: int) -> Pace:
    """Send the deliveries of an edition of so many readers, one by one."""
    errands = [
        Errand(house.values, edition_id, readers, processes, remainder)
        for remainder in range(processes)
    ]
    return pace_of(in_processes(_send_share, errands), readers)


def _send_share(errand: Errand) -> Span:
    runtime = open_runtime(load_settings(**errand.values))
    env = environment(runtime.settings)
    port = runtime.settings.relay_port
    numbers = range(1 + errand.remainder, errand.readers + 1, errand.processes)
    began, cpu = time.monotonic(), time.process_time()
    for number in numbers:
        with Session(runtime.sessions.engine) as session:
            delivery, reader, frame, placed = _read(runtime, session, errand.edition_id, number)
            message = _message(env, frame, placed, reader)
            with smtplib.SMTP(HOST, port, local_hostname="bench.example") as line:
                line.send_message(message)
            delivery.state, delivery.at = DeliveryState.ACCEPTED, runtime.clock()
            session.add(delivery)
            session.commit()
    return began, time.monotonic(), time.process_time() - cpu


def _read(
    runtime: Runtime, session: Session, edition_id: int, number: int
) -> tuple[DeliveryRow, SubscriberRow, Frame, Placed]:
    """The rows of one delivery and what its mail is made of."""
    statement = (
        select(DeliveryRow, SubscriberRow)
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(DeliveryRow.edition_id == edition_id, DeliveryRow.subscriber_id == number)
    )
    delivery, reader = session.exec(statement).one()
    edition = session.get_one(EditionRow, edition_id)
    picks = picks_of_variant(session, edition, delivery.variant_id)
    return delivery, reader, *contents(session, edition, picks, runtime.settings)


def _message(env: Any, frame: Frame, placed: Placed, reader: SubscriberRow) -> EmailMessage:
    links = {name: f"https://news.harbour.example/{name}/{reader.uuid}" for name in SLOT_NAMES}
    links["name"] = reader.name
    sections = arranged(placed, frame.language)
    message = EmailMessage()
    message["From"], message["To"] = SENDER, reader.address
    message["Subject"] = placed[0][0].title
    message["List-Unsubscribe"] = f"<{links['unsubscribe_url']}>"
    words = page_language(frame.language)
    text = render(env, TEXT, frame=frame, sections=sections, slots=links, **words)
    message.set_content(text)
    message.add_alternative(transform(_page(env, frame, sections, links)), subtype="html")
    return message


def _page(env: Any, frame: Frame, sections: Sequence[Section], links: dict[str, str]) -> str:
    """The whole mail as one page, its styles still in its head."""
    blocks = "".join(block_sources(sections, frame.language, env))
    return render(
        env,
        FRAME,
        frame=frame,
        subject="Today",
        preheader="Today in Port Ellery",
        slots=links,
        styles=base_styles(env, frame.language),
        blocks=Markup(blocks),  # noqa: S704 - rendered by the very templates
        **page_language(frame.language),
    )
