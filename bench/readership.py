"""An invented newsroom with any number of readers, written in bulk."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from publisher.audience.models import NewsletterRow, SuppressionRow
from publisher.editions.enlist import enlist
from publisher.editions.models import EditionRow
from publisher.editions.tick import tick
from publisher.store import Runtime
from tests.world import World

START = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
SECTIONS = ("business", "culture", "letters", "local", "opinion", "sea", "sport", "travel", "youth")
CHOICES = [
    ",".join(chosen) for size in range(len(SECTIONS)) for chosen in combinations(SECTIONS, size + 1)
]
SUPPRESSED = 10_000

_SUBSCRIBERS = sa.text("""
INSERT INTO subscriber (id, uuid, address, address_key, name, language, state, created_at)
WITH RECURSIVE n(i) AS (
    SELECT CAST(1 AS integer) UNION ALL SELECT i + 1 FROM n WHERE i < :readers
)
SELECT i, '00000000-0000-7000-8000-' || (100000000000 + i), 'reader' || i || '@reader.example',
       'key of ' || i, '', 'en', 'confirmed', :since
FROM n ORDER BY i
""")
_SUBSCRIPTIONS = sa.text("""
INSERT INTO subscription
    (uuid, subscriber_id, newsletter_id, cadence, sections, state, subscribed_at, consent)
SELECT '10000000-' || CAST(1000 + newsletter.id AS varchar(4)) || '-7000-8000-' ||
           (100000000000 + subscriber.id),
       subscriber.id, newsletter.id, 'daily', choice.sections, 'active', :since, '{}'
FROM subscriber
JOIN newsletter ON newsletter.slug = :newsletter
JOIN choice ON choice.no = subscriber.id % :choices
WHERE subscriber.id % :every = 0 ORDER BY subscriber.id
""")


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """The time that it was moved to."""
        return self.now


class Newsroom:
    """Newsletters, stories and readers in a database that has been upgraded."""

    def __init__(self, runtime: Runtime, clock: MovedClock) -> None:
        self.runtime = runtime
        self._clock = clock
        self._world = World(runtime)

    def add_newsletter(self, slug: str) -> None:
        """One with every section, sent daily at seven."""
        self._world.newsletter(slug, sections=SECTIONS)

    def add_readers(self, count: int) -> None:
        """So many confirmed readers, and a list of suppressed addresses that are not theirs."""
        keys = [secrets.token_hex(32) for _ in range(SUPPRESSED)]
        rows = [{"address_key": key, "reason": "bounced", "at": START} for key in keys]
        with self.runtime.sessions.begin() as session:
            session.connection().execute(sa.insert(SuppressionRow), rows)
            self._run(session, _SUBSCRIBERS, readers=count)

    def subscribe(self, newsletter: str, choices: Sequence[str], *, every: int = 1) -> None:
        """Subscribe every reader, or one in so many; the choices of sections take turns."""
        with self.runtime.sessions.begin() as session:
            session.execute(sa.text("CREATE TEMPORARY TABLE choice (no integer, sections text)"))
            rows = [{"no": no, "sections": sections} for no, sections in enumerate(choices)]
            session.connection().execute(
                sa.text("INSERT INTO choice VALUES (:no, :sections)"), rows
            )
            self._run(
                session,
                _SUBSCRIPTIONS,
                newsletter=newsletter,
                choices=len(choices),
                every=every,
            )
            session.execute(sa.text("DROP TABLE choice"))

    def publish(self, name: str, stories: int) -> None:
        """So many stories, the sections in turn."""
        for number in range(stories):
            self._world.story(f"{name}-{number}", SECTIONS[number % len(SECTIONS)])

    def next_edition(self, newsletter: str) -> int:
        """The digest of the newsletter's next slot, which is due now; returns its number."""
        self._clock.now = self._clock.now.replace(hour=7, minute=0) + timedelta(days=1)
        with self.runtime.sessions.begin() as session:
            tick(session, self._clock.now)
            statement = (
                select(EditionRow.id)
                .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
                .where(NewsletterRow.slug == newsletter, EditionRow.due_at == self._clock.now)
            )
            return session.exec(statement).one() or 0

    def enlist(self, edition: int) -> None:
        """Enlist an edition that is due."""
        with self.runtime.sessions.begin() as session:
            enlist(session, edition, self._clock.now)

    def _run(self, session: Session, statement: sa.TextClause, **values: object) -> None:
        moment = sa.bindparam("since", START - timedelta(days=30), UTCDateTime)
        session.connection().execute(statement.bindparams(moment, **values))
