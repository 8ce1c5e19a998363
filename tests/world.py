"""A small invented newsroom for tests: short ways to publish, subscribe and send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from publisher.accounts.actor import Actor
from publisher.audience.addresses import address_key
from publisher.audience.choices import Choice
from publisher.audience.models import SubscriberRow, SubscriptionRow
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.audience.subscribe import NewSubscriber, add_subscriber
from publisher.delivery.carrier import Carrier
from publisher.delivery.report import Report, report
from publisher.delivery.send import send_batch
from publisher.delivery.why import why
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.enlist import enlist
from publisher.editions.models import BatchRow, BatchState, EditionItemRow, EditionRow
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.receive import Terms, receive
from publisher.store import Runtime

EDITOR = Actor("editor", "Mara Ellis")
WORDS = "The harbour board met on Quay Street and agreed what to do about the old ferry pier. " * 4


class World:
    """Acts on a runtime as its doors would, one transaction an act."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.carrier = Carrier(runtime)

    @property
    def now(self) -> datetime:
        """The time on the runtime's clock."""
        return self.runtime.clock()

    def newsletter(self, slug: str = "briefing", **changes: object) -> str:
        """A newsletter that is sent daily at seven; returns its slug."""
        values: dict[str, object] = {
            "slug": slug,
            "name": slug.title(),
            "sender_name": "The Harbour Record",
            "sender_address": "news@harbour.example",
            "zone": "UTC",
            "hour": 7,
            "cadences": ("daily", "weekly"),
        }
        with self.runtime.sessions.begin() as session:
            new = NewNewsletter(**(values | changes))  # type: ignore[arg-type]
            create_newsletter(session, new, by=EDITOR, now=self.now)
        return slug

    def reader(
        self,
        name: str,
        newsletter: str = "briefing",
        *,
        sections: Sequence[str] = (),
        cadence: str = "daily",
        domain: str = "reader.example",
    ) -> str:
        """A reader who confirmed a while ago; returns the address."""
        address = f"{name}@{domain}"
        choice = Choice(newsletter, cadence=cadence, sections=tuple(sections))  # type: ignore[arg-type]
        with self.runtime.sessions.begin() as session:
            new = NewSubscriber(address, (choice,), name=name.title())
            add_subscriber(
                session, new, key=self.secret, by=EDITOR, now=self.now - timedelta(days=30)
            )
        return address

    def readers(self, count: int, newsletter: str = "briefing") -> list[str]:
        """So many readers of every section."""
        return [self.reader(f"reader{number:04}", newsletter) for number in range(count)]

    def story(self, external_id: str, section: str = "local", **changes: object) -> str:
        """A story that came in now; returns its id."""
        values: dict[str, object] = {
            "source": "tests",
            "external_id": external_id,
            "title": f"{external_id.replace('-', ' ').title()} in Port Ellery",
            "paragraphs": (WORDS.strip(),),
            "body_html": f"<p>{WORDS.strip()}</p>",
            "section": section,
            "section_name": section.title(),
        }
        baseline = bool(changes.pop("baseline", False))
        with self.runtime.sessions.begin() as session:
            incoming = Incoming(**(values | changes))  # type: ignore[arg-type]
            terms = Terms(baseline=baseline)
            received = receive(session, incoming, by=EDITOR, now=self.now, terms=terms)
            return received.article.uuid

    def article(self, uuid: str) -> ArticleRow:
        """The row of a story."""
        with self.runtime.sessions.read() as session:
            return session.exec(select(ArticleRow).where(ArticleRow.uuid == uuid)).one()

    def digest(self, newsletter: str = "briefing", *, cadence: str | None = "daily") -> int:
        """A digest outside its slot, frozen and enlisted now; returns its number."""
        return self.edition(NewEdition(newsletter, cadence=cadence))

    def edition(self, new: NewEdition) -> int:
        """An edition made, sent without a hold, frozen and enlisted; returns its number."""
        with self.runtime.sessions.begin() as session:
            edition = create_edition(session, new, by=EDITOR, now=self.now)
            send(session, edition, hold=timedelta(0), by=EDITOR, now=self.now)
            number = edition.id or 0
        with self.runtime.sessions.begin() as session:
            enlist(session, number, self.now)
        return number

    def send_all(self, edition: int) -> None:
        """Work through the edition's batches as one worker would."""
        with self.runtime.sessions.read() as session:
            statement = (
                select(BatchRow.no)
                .where(BatchRow.edition_id == edition, BatchRow.state == BatchState.READY)
                .order_by(col(BatchRow.no))
            )
            numbers = session.exec(statement).all()
        for no in numbers:
            send_batch(self.carrier, edition, no)

    def row(self, edition: int) -> EditionRow:
        """The row of an edition."""
        with self.runtime.sessions.read() as session:
            return session.get_one(EditionRow, edition)

    def report(self, edition: int) -> Report:
        """The edition's sums."""
        with self.runtime.sessions.read() as session:
            return report(session, session.get_one(EditionRow, edition))

    def stories_of(self, edition: int) -> list[str]:
        """The ids of the edition's stories, in order."""
        with self.runtime.sessions.read() as session:
            statement = (
                select(ArticleRow.uuid)
                .join(EditionItemRow, col(EditionItemRow.article_id) == col(ArticleRow.id))
                .where(EditionItemRow.edition_id == edition)
                .order_by(col(EditionItemRow.position))
            )
            return list(session.exec(statement))

    def titles_for(self, address: str, edition: int) -> tuple[str, ...]:
        """What one reader got, by the answer to why."""
        with self.runtime.sessions.read() as session:
            row = session.get_one(EditionRow, edition)
            return why(session, address_key(self.secret, address), row).stories

    def subscription_of(self, address: str) -> SubscriptionRow:
        """The first subscription of a reader."""
        with self.runtime.sessions.read() as session:
            statement = (
                select(SubscriptionRow)
                .join(SubscriberRow, col(SubscriberRow.id) == col(SubscriptionRow.subscriber_id))
                .where(SubscriberRow.address_key == address_key(self.secret, address))
                .order_by(col(SubscriptionRow.id))
            )
            return session.exec(statement).first()  # type: ignore[return-value]

    @property
    def secret(self) -> str:
        """The house's key."""
        return self.runtime.settings.secret_key.get_secret_value()
