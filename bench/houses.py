"""Newsrooms for a delivery bench: built once for each size, and every run gets a fresh copy."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy.engine import URL, make_url

from bench.cast import invent_newsroom
from bench.databases import Databases
from publisher import queue
from publisher.feeds.publish import build_due
from publisher.newsroom.events import take, unanswered
from publisher.settings import Settings, load_settings
from publisher.store import Runtime, open_runtime
from publisher.store.upgrade import upgrade
from tasks.newsroom import ROOMS

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_KEPT_READERS = 200_000
_OLD_ENOUGH = timedelta(minutes=1)  # stories must have come in before the edition freezes


@dataclass(frozen=True, slots=True)
class House:
    """A newsroom of its own: `values` are its settings by name, all of them."""

    runtime: Runtime
    values: dict[str, Any]


@dataclass(slots=True)
class Estate:
    """One kind of database with its broker; `server_pid` is PostgreSQL's own, if we started it."""

    kind: str
    folder: Path
    databases: Databases
    broker: str = ""
    server_pid: int | None = None
    version: str = f"SQLite {sqlite3.sqlite_version}"
    _templates: dict[tuple[int, int], str] = field(default_factory=dict)

    @contextmanager
    def lend(self, readers: int, variants: int, **settings: object) -> Iterator[House]:
        """A newsroom with so many readers who ask for so many variants, gone afterwards."""
        template = self._template(readers, variants)
        home = Path(tempfile.mkdtemp(prefix="house-", dir=self.folder))
        shutil.copytree(self.folder / "public", home / "public")
        address = self.databases.fresh(template)
        values = self.values(home, address, **settings)
        runtime = open_runtime(load_settings(**values))
        try:
            self.point_queue(runtime.settings)
            yield House(runtime, values)
        finally:
            runtime.sessions.close()
            self.databases.drop(address)
            shutil.rmtree(home, ignore_errors=True)

    def _template(self, readers: int, variants: int) -> str:
        """The database that copies are made of; big ones are not kept for long."""
        for size in [known for known in self._templates if known != (readers, variants)]:
            if size[0] > _KEPT_READERS:
                self.databases.drop(self._templates.pop(size))
        if (readers, variants) not in self._templates:
            self._templates[readers, variants] = self._build(readers, variants)
        return self._templates[readers, variants]

    def _build(self, readers: int, variants: int) -> str:
        address = self.databases.fresh()
        runtime = open_runtime(load_settings(**self.values(self.folder, address)))
        upgrade(runtime.settings)
        self.point_queue(runtime.settings)
        with runtime.sessions.begin() as session:
            began = runtime.clock() - _OLD_ENOUGH
            invent_newsroom(session, readers=readers, variants=variants, now=began)
        _catch_up(runtime)
        runtime.sessions.close()
        if self.kind == POSTGRESQL:
            _settle(address)
        return address

    def values(self, home: Path, address: str, **settings: object) -> dict[str, Any]:
        """Every setting by name, so that no variable of the caller's counts."""
        defaults = {name: setting.default for name, setting in Settings.model_fields.items()}
        return defaults | {
            "home": home,
            "base_url": "https://news.harbour.example",
            "site_name": "The Harbour Record",
            "postal_address": "The Harbour Record, 1 Quay Street, Port Ellery",
            "secret_key": "a key for benchmarks, the same in all of them",
            "database_url": address,
            "broker_url": self.broker,
            **settings,
        }

    def point_queue(self, settings: Settings) -> None:
        """Celery keeps its first connection for the life of a process; each house has its own."""
        if self.broker:
            with redis.Redis.from_url(self.broker) as client:
                client.flushdb()
        forget_broker()
        queue.configure(settings)


def forget_broker() -> None:
    """Celery keeps its first broker for the life of a process; each newsroom has its own."""
    queue.app.close()
    vars(queue.app).pop("amqp", None)


def _catch_up(runtime: Runtime) -> None:
    """Let the rooms react to the stories and build the feeds: no worker has to beside its mail."""
    now = runtime.clock()
    with runtime.sessions.begin() as session:
        for event_id in unanswered(session, before=now):
            for room, react in ROOMS.items():
                event = take(session, event_id, room, now)
                if event is not None:
                    react(session, event, now)
    build_due(runtime)


def _settle(address: str) -> None:
    """What autovacuum does in time, now: it would come in the middle of a run."""
    with psycopg.connect(plain_address(make_url(address)), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def plain_address(address: URL) -> str:
    """As psycopg writes it."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)
