"""What a shell says and does about relays that are away and stores that were copied."""

import shutil
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from publisher.delivery.hold import hold_all
from publisher.delivery.relay_health import note_failure
from publisher.settings import load_settings
from publisher.store import open_runtime, utc_now
from tests.cli.conftest import Shell
from tests.services.postgres import Databases
from tests.services.smtp import SmtpServer
from tests.world import World


def test_the_doctor_tries_the_second_mail_server_too(
    program: Shell, smtp_server: SmtpServer
) -> None:
    first = {"PUBLISHER_SMTP_HOST": "127.0.0.1", "PUBLISHER_SMTP_PORT": str(smtp_server.port)}
    second = {"PUBLISHER_SMTP_FALLBACK_HOST": "127.0.0.1", "PUBLISHER_SMTP_FALLBACK_PORT": "1"}
    said = program("doctor", "--json", "--no-dns", settings=first | second)
    found = {row["check"]: row for row in said.rows if "check" in row}
    assert (found["mail"]["state"], found["fallback"]["state"]) == ("ok", "failed")
    assert "PUBLISHER_SMTP_FALLBACK_HOST" in found["fallback"]["detail"]


def test_a_copied_home_is_locked_until_it_is_confirmed(
    program: Shell, home: Path, tmp_path: Path
) -> None:
    assert program("environment", "show").code == 0
    assert program("environment", "confirm", "--json").row["base_url"] == "http://127.0.0.1:8000"
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    there = {"PUBLISHER_HOME": str(copy)}

    shown = program("environment", "show", "--json", settings=there)
    assert shown.code == 1
    assert "looks like a copy or a restored back-up" in shown.row["locked"]
    checked = program("doctor", "--quiet", "--no-dns", settings=there)
    assert checked.code == 1
    assert "publisher environment confirm" in checked.out

    said = program("environment", "confirm", settings=there)
    assert (said.code, "Mail is sent from here." in said.out) == (0, True)
    assert program("environment", "show", settings=there).code == 0
    assert program("doctor", "--quiet", "--no-dns", settings=there).code == 0


def test_the_doctor_notices_a_database_that_forgets_in_a_crash(
    program: Shell, postgres: Databases, migrated_postgres: str
) -> None:
    with postgres.fresh(migrated_postgres) as address:
        said = program("doctor", "--json", settings={"PUBLISHER_DATABASE_URL": address})
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            settings = {
                name: connection.execute(f"SHOW {name}").fetchone()
                for name in ("fsync", "synchronous_commit")
            }
    notes = [row["detail"] for row in said.rows if row.get("check") == "database"]
    forgets = ("off",) in settings.values()
    assert any("a crash forgets the last outcomes" in note for note in notes) == forgets


@pytest.mark.usefixtures("home")
def test_what_waits_by_the_clock_says_until_when(shell: Shell) -> None:
    runtime = open_runtime(load_settings())
    world = World(runtime)
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    now = utc_now()
    with runtime.sessions.begin() as session:
        note_failure(session, "127.0.0.1:2525", "It is not listening.", now)
        hold_all(session, "It is not listening.", now=now, resume_at=now + timedelta(minutes=1))
    runtime.sessions.close()

    sheet = shell("editions", "show", str(edition)).out
    assert "paused: It is not listening." in sheet
    assert "Tried again" in sheet
    assert shell("editions", "show", str(edition), "--json").row["resume_at"].endswith("Z")
    checks = [row for row in shell("doctor", "--json", "--no-dns").rows if "check" in row]
    said = {row["check"]: row["detail"] for row in checks if row["state"] == "note"}
    assert "could not use 127.0.0.1:2525 once" in said["relay"]
    assert f"edition {edition} is paused and tried again at" in said["edition"]
