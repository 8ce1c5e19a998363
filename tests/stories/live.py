"""A newsroom that is up: workers and beats as processes of their own, a real clock, real mail."""

import contextlib
import signal
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
from sqlmodel import col, select

from publisher import queue
from publisher.audience.models import SubscriberRow
from publisher.cli.supervisor import Program, Supervisor
from publisher.delivery.report import Report
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import DeliveryRow, DeliveryState, EditionState
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from publisher.settings import load_settings
from publisher.store import open_runtime, utc_now
from publisher.web.app import create_app
from tests.services.runtimes import SECRET_KEY
from tests.services.smtp import SmtpServer
from tests.services.web import PATIENCE_S, serving
from tests.stories.waiting import until
from tests.world import EDITOR, World

ENDED = (EditionState.SENT, EditionState.SKIPPED, EditionState.FAILED, EditionState.STOPPED)
HALF_A_DAY = 12


@dataclass(frozen=True, slots=True)
class Stack:
    """Where rows and messages are kept; empty is the embedded default."""

    database_url: str = ""
    broker_url: str = ""


class LiveNewsroom:
    """`processes` can start and kill "worker", "beat" and "second beat"."""

    def __init__(self, home: Path, stack: Stack, mail: SmtpServer) -> None:
        given: dict[str, object] = {
            "home": home,
            "database_url": stack.database_url,
            "broker_url": stack.broker_url,
            "secret_key": SECRET_KEY,
            "smtp_host": mail.host,
            "smtp_port": mail.port,
            "smtp_connections": 1,  # a window is fifty messages then, however long they take
            "site_name": "The Harbour Record",
            "postal_address": "The Harbour Record, 1 Quay Street, Port Ellery",
        }
        self.mail = mail
        self.runtime = open_runtime(load_settings(**given))
        self.world = World(self.runtime)
        programs = [
            Program("worker", ("worker",), given, signal.SIGQUIT),
            Program("beat", ("beat",), given),
            Program("second beat", ("beat",), given),
        ]
        self._given = given
        self._names = [program.name for program in programs]
        self.processes = Supervisor(programs, home / "log")

    def use_lines(self, count: int) -> None:
        """Have each process that starts from now on mail over so many connections."""
        self._given["smtp_connections"] = count

    def use_hubs(self, *addresses: str) -> None:
        """Have processes that start from now on tell these hubs, on loopback, of changes."""
        self._given["websub_hubs"] = ",".join(addresses)
        self.open_loopback()

    def open_loopback(self) -> None:
        """From now on servers of other people may be on loopback."""
        opened = {"private_networks": "127.0.0.0/8"}
        self._given.update(opened)
        settings = self.runtime.settings.model_copy(update=opened)
        self.runtime = replace(self.runtime, settings=settings)

    def be_hub(self) -> None:
        """From now on it is the hub of its own feeds, for subscribers on loopback."""
        self.open_loopback()
        hub = {"websub_hub": True}
        self._given.update(hub)
        settings = self.runtime.settings.model_copy(update=hub)
        self.runtime = replace(self.runtime, settings=settings)

    def start(self, *names: str) -> None:
        """Start processes; those that are asked for nothing else: the worker and one beat."""
        for name in names or ("worker", "beat"):
            self.processes.start(name)

    def close(self) -> None:
        """End what runs, kindly, and let go of the database."""
        self.processes.stop()
        self.runtime.sessions.close()

    def abandon(self) -> None:
        """The same at once, for tests that have seen what they wanted."""
        for name in self._names:
            with contextlib.suppress(KeyError):  # it does not run
                self.processes.kill(name)
        self.close()

    def newsletter(self, slug: str, *sections: str, **changes: object) -> str:
        """A newsletter whose own slot is far away from now."""
        hour = (utc_now().hour + HALF_A_DAY) % 24
        return self.world.newsletter(slug, sections=sections, **{"hour": hour, **changes})

    def send(self, *newsletters: str) -> list[int]:
        """Digests of these newsletters, sent at the same moment; the workers do the rest."""
        with self.runtime.sessions.begin() as session:
            now = utc_now()
            editions = [
                create_edition(session, NewEdition(slug, cadence="daily"), by=EDITOR, now=now)
                for slug in newsletters
            ]
            for edition in editions:
                send(session, edition, hold=timedelta(0), by=EDITOR, now=now)
            return [edition.id or 0 for edition in editions]

    def ended(self, edition: int) -> Report:
        """The sums of the edition, once nothing of it is left to do."""
        until(f"edition {edition} ends", lambda: self.world.row(edition).state in ENDED)
        return self.world.report(edition)

    def digest(self, newsletter: str) -> int:
        """The number of an edition that was sent to its end."""
        [edition] = self.send(newsletter)
        self.ended(edition)
        return edition

    def kill(self, story: str) -> None:
        """Take a story away everywhere."""
        with self.runtime.sessions.begin() as session:
            article = find_article(session, story, lock=True)
            kill(session, article, "It was invented.", by=EDITOR, now=utc_now())

    def who(self, edition: int, *states: DeliveryState) -> set[str]:
        """The addresses of the edition's deliveries in these states."""
        statement = (
            select(SubscriberRow.address)
            .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
            .where(DeliveryRow.edition_id == edition, col(DeliveryRow.state).in_(states))
        )
        with self.runtime.sessions.read() as session:
            return {address for address in session.exec(statement) if address}

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What the mail server holds for a reader, in the order of arrival."""
        return [one.parsed() for one in list(self.mail.messages) if address in one.recipients]

    def recipients(self, among: Collection[str]) -> list[str]:
        """Who of these the mail server has something for, once for each message."""
        return [address for address in self.mail.recipients() if address in among]

    def hints_waiting(self, lane: str = queue.PAGES) -> int:
        """How many messages lie in a lane."""
        with queue.app.connection_for_read() as connection:
            return int(connection.default_channel.queue_declare(lane).message_count)

    def tracebacks(self) -> Sequence[str]:
        """Lines of the logs that tell of an error nobody dealt with."""
        logs = (self.runtime.settings.home / "log").glob("*.log")
        lines = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
        return [line for line in lines if "Traceback" in line or " ERROR " in line]

    @contextlib.contextmanager
    def web(self) -> Iterator[httpx.Client]:
        """A browser on the newsroom's pages."""
        with (
            serving(create_app(self.runtime)) as at,
            httpx.Client(base_url=at, timeout=PATIENCE_S) as client,
        ):
            yield client


def text_of(mail: EmailMessage) -> str:
    """The text part of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
