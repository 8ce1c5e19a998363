"""A copy of a store sends nothing until somebody confirms that it shall."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.letters import write_letter
from publisher.audience.models import LetterKind, LetterRow, LetterState, SubscriberRow
from publisher.delivery.environment import confirm_here, fingerprint, why_not_here
from publisher.delivery.letters import send_due_letters, send_letter
from publisher.delivery.models import EnvironmentRow
from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime
from tests.services.postgres import Databases
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 3


@pytest.fixture
def original(world: World) -> World:
    """A newsroom that has sent from here, and has news for its readers again."""
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    world.send_all(world.digest())
    return world


def test_the_first_mail_says_where_the_store_may_send_from(original: World) -> None:
    row = _place(original)
    assert row is not None
    assert row.base_url == original.runtime.settings.base_url
    assert row.fingerprint.split()[0] in {"sqlite", "postgresql"}
    assert _why_locked(original) == ""


def test_a_copy_sends_nothing_and_says_why(
    original: World, clock: Clock, smtp_server: SmtpServer, copied: World
) -> None:
    sent = len(smtp_server.messages)
    edition = _edition_tomorrow(copied, clock)
    copied.send_all(edition)
    letter = _letter(copied)
    assert send_letter(copied.runtime, letter) is None
    assert send_due_letters(copied.runtime) == 0
    sweep(copied.runtime)

    row = copied.row(edition)
    assert len(smtp_server.messages) == sent
    assert (row.state, copied.report(edition).queued) == (EditionState.PAUSED, READERS)
    assert "looks like a copy or a restored back-up" in (row.reason or "")
    assert "publisher environment confirm" in (row.reason or "")
    assert row.resume_at is not None


def test_a_confirmed_copy_sends_and_the_act_is_on_record(
    original: World, clock: Clock, smtp_server: SmtpServer, copied: World
) -> None:
    edition = _edition_tomorrow(copied, clock)
    letter = _letter(copied)
    sweep(copied.runtime)
    before = _place(copied)
    with copied.runtime.sessions.begin() as session:
        confirm_here(session, copied.runtime.settings, by=EDITOR, now=clock.now)
    clock.advance(minutes=2)
    sweep(copied.runtime)
    # The letter first: an edition that meets one that waits makes way for it.
    assert send_letter(copied.runtime, letter) in {LetterState.ACCEPTED, LetterState.WITHDRAWN}
    copied.send_all(edition)

    assert copied.row(edition).state == EditionState.SENT
    after = _place(copied)
    assert before is not None
    assert after is not None
    assert before.uuid != after.uuid
    with copied.runtime.sessions.read() as session:
        [audit] = session.exec(
            select(AuditRow).where(AuditRow.action == "environment.confirm")
        ).all()
    assert (audit.actor_kind, audit.actor_name) == ("editor", "Mara Ellis")
    assert _why_locked(original) == ""


def test_a_sqlite_file_that_is_moved_goes_on_sending(
    tmp_path: Path, migrated_sqlite: Path, clock: Clock
) -> None:
    home, elsewhere = tmp_path / "here", tmp_path / "there"
    home.mkdir()
    shutil.copy(migrated_sqlite, home / "publisher.db")
    first = _opened(home, clock)
    with first.sessions.begin() as session:
        confirm_here(session, first.settings, by=EDITOR, now=clock.now)
    first.sessions.close()
    home.rename(elsewhere)

    moved = _opened(elsewhere, clock)
    with moved.sessions.read() as session:
        assert why_not_here(session, moved.settings) == ""
        assert str(elsewhere) in fingerprint(session)
    moved.sessions.close()


def test_another_address_for_readers_is_another_place(original: World) -> None:
    for was, now, locked in (
        ("http://127.0.0.1:8000", "http://127.0.0.1:8017", False),
        ("http://localhost:8000", "https://news.example.org", False),
        ("https://news.example.org", "https://news.example.org", False),
        ("https://news.example.org", "http://127.0.0.1:8000", True),
        ("https://news.example.org", "https://staging.example.org", True),
    ):
        with original.runtime.sessions.begin() as session:
            session.execute(sa.update(EnvironmentRow).values(base_url=was))
        settings = original.runtime.settings.model_copy(update={"base_url": now})
        with original.runtime.sessions.read() as session:
            assert bool(why_not_here(session, settings)) == locked, (was, now)


def test_a_role_that_may_not_ask_for_the_cluster_is_told_by_the_database_alone(
    postgres: Databases, migrated_postgres: str, tmp_path: Path, clock: Clock
) -> None:
    with postgres.fresh(migrated_postgres) as address:
        runtime = _opened(tmp_path / "home", clock, address)
        with runtime.sessions.begin() as session:
            allowed = fingerprint(session)
            session.execute(sa.text("CREATE ROLE stringer"))
            session.execute(sa.text("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public"))
            session.execute(sa.text("SET LOCAL ROLE stringer"))
            refused = fingerprint(session)
            session.rollback()
        runtime.sessions.close()

    kind, cluster, oid = allowed.split()
    assert (kind, cluster.isdecimal(), oid.isdecimal()) == ("postgresql", True, True)
    assert refused.split()[0] == "postgresql"
    assert refused.split()[2] == oid
    assert refused != allowed


@pytest.fixture
def copied(
    original: World,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Clock,
) -> Iterator[World]:
    """The same store once more: a copied file, or a database restored from the other."""
    settings = original.runtime.settings
    if original.runtime.sessions.is_postgresql():
        databases: Databases = request.getfixturevalue("postgres")
        original.runtime.sessions.close()  # a template must be at rest
        template = settings.database_url.partition("?")[0].rpartition("/")[2]
        with databases.fresh(template) as address:
            yield from _world_on(original, address)
        return
    with original.runtime.sessions.begin() as session:
        session.connection()  # nobody writes while it is copied
        copy = tmp_path / "copy.db"
        shutil.copy(settings.database_url.removeprefix("sqlite:///"), copy)
        log = Path(settings.database_url.removeprefix("sqlite:///") + "-wal")
        if log.exists():
            shutil.copy(log, tmp_path / "copy.db-wal")
    yield from _world_on(original, f"sqlite:///{copy}")


def _world_on(original: World, address: str) -> Iterator[World]:
    settings = original.runtime.settings.model_copy(update={"database_url": address})
    runtime = open_runtime(settings, original.runtime.clock)
    world = World(runtime)
    yield world
    world.carrier.hang_up()
    runtime.sessions.close()


def _opened(home: Path, clock: Clock, address: str = "") -> Runtime:
    return open_runtime(load_settings(home=home, database_url=address), clock)


def _edition_tomorrow(world: World, clock: Clock) -> int:
    clock.advance(days=1)
    world.story("pier")
    return world.digest()


def _letter(world: World) -> int:
    with world.runtime.sessions.begin() as session:
        reader = session.exec(select(SubscriberRow)).first()
        assert reader is not None
        write_letter(session, LetterKind.CONFIRM, subscriber_id=reader.id or 0, now=world.now)
        return session.exec(select(sa.func.max(LetterRow.id))).one() or 0


def _place(world: World) -> EnvironmentRow | None:
    with world.runtime.sessions.read() as session:
        return session.get(EnvironmentRow, 1)


def _why_locked(world: World) -> str:
    with world.runtime.sessions.read() as session:
        return why_not_here(session, world.runtime.settings)
