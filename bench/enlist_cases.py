"""What `bench.enlist` measures: four newsletters, each ready to be enlisted and after it."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench.enlist_round import Act
from bench.houses import Estate, plain_address
from bench.readership import CHOICES, MovedClock, Newsroom
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime
from publisher.store.upgrade import upgrade

STORIES = 18
DIGEST, OTHER = "briefing", "evening"

Invent = Callable[[Newsroom], int]  # gives the edition that is due then

_KEEP = sa.text(
    "CREATE TABLE enlisted AS"
    " SELECT * FROM delivery WHERE edition_id = :edition ORDER BY subscriber_id"
)
_TAKE_OUT = sa.text("DELETE FROM delivery WHERE edition_id = :edition")


@dataclass(frozen=True, slots=True)
class Ready:
    """Two databases to copy: in one the edition is due; in the other its rows lie ready."""

    due: str
    bare: str
    edition: int
    now: str

    def act(self, *, bare: bool) -> Act:
        """What a round does in a copy."""
        return Act(self.edition, self.now, bare=bare)


def one_choice(newsroom: Newsroom) -> int:
    """Every reader takes every section: one variant."""
    return _choosing(newsroom, [""])


def nine_choices(newsroom: Newsroom) -> int:
    """Nine choices of sections, nine variants."""
    return _choosing(newsroom, ["", *CHOICES[:8]])


def many_variants(newsroom: Newsroom) -> int:
    """500 choices of sections, 500 variants."""
    return _choosing(newsroom, CHOICES[:500])


def ledger(newsroom: Newsroom) -> int:
    """Nine choices; all readers have had half of the stories, every second one more of them."""
    newsroom.add_newsletter(DIGEST)
    newsroom.subscribe(DIGEST, ["", *CHOICES[9:17]])
    newsroom.publish("first", STORIES // 2)
    newsroom.enlist(newsroom.next_edition(DIGEST))
    newsroom.add_newsletter(OTHER)
    newsroom.subscribe(OTHER, [""], every=2)
    newsroom.publish("second", STORIES // 3)
    newsroom.enlist(newsroom.next_edition(OTHER))
    newsroom.publish("third", STORIES - STORIES // 2 - STORIES // 3)
    return newsroom.next_edition(DIGEST)


CASES: Mapping[str, Invent] = {
    "one choice": one_choice,
    "9 choices": nine_choices,
    "500 variants": many_variants,
    "ledger": ledger,
}


def prepare(invent: Invent, readers: int, estate: Estate) -> Ready:
    """Build both databases."""
    clock = MovedClock()
    due = estate.databases.fresh()
    with _opened(estate, due, clock) as newsroom:
        upgrade(newsroom.runtime.settings)
        newsroom.add_readers(readers)
        edition = invent(newsroom)
    bare = estate.databases.fresh(due)
    with _opened(estate, bare, clock) as newsroom:
        newsroom.enlist(edition)
        _set_aside(newsroom.runtime, edition)
    return Ready(due, bare, edition, clock.now.isoformat())


@contextmanager
def _opened(estate: Estate, address: str, clock: MovedClock) -> Iterator[Newsroom]:
    """A newsroom in this database; afterwards nobody is connected, so that it can be copied."""
    runtime = open_runtime(load_settings(**estate.values(estate.folder, address)), clock)
    estate.point_queue(runtime.settings)
    yield Newsroom(runtime, clock)
    runtime.sessions.close()
    _settle(address)


def _choosing(newsroom: Newsroom, choices: Sequence[str]) -> int:
    newsroom.add_newsletter(DIGEST)
    newsroom.subscribe(DIGEST, choices)
    newsroom.publish("story", STORIES)
    return newsroom.next_edition(DIGEST)


def _set_aside(runtime: Runtime, edition: int) -> None:
    """Take the edition's deliveries out into a table without keys, in the order of their key."""
    chosen = {"edition": edition}
    with runtime.sessions.begin() as session:
        session.connection().execute(_KEEP, chosen)
        session.connection().execute(_TAKE_OUT, chosen)


def _settle(address: str) -> None:
    """Leave a database as upkeep would, and without the room of what was deleted."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as file:
            file.execute("VACUUM")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with psycopg.connect(plain_address(url), autocommit=True) as connection:
        for statement in ("VACUUM FULL delivery", "VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(statement)
