"""A newsroom in production: every service of docker-compose.yml that is ours, on real servers."""

import contextlib
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
import redis

from publisher.cli.ports import next_free
from tests.services.postgres import Databases
from tests.services.smtp import SmtpServer
from tests.services.web import PATIENCE_S
from tests.stories.production.compose import OURS, Machine
from tests.stories.waiting import until

BASE_URL = "https://news.harbour.example"
STOPS_WITHIN_S = 40.0  # stop_grace_period


class Services:
    """The services that run, by their names."""

    def __init__(self, machine: Machine, mail: SmtpServer) -> None:
        self.machine = machine
        self.mail = mail
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def run(
        self, words: list[str], service: str, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as `docker compose exec SERVICE …` does."""
        return subprocess.run(
            words,
            env=self.machine.environment(service, **changes),
            cwd=self.machine.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, service: str) -> None:
        """Start a service that stays up."""
        with self.log(service).open("ab") as log:
            self.running[service] = subprocess.Popen(
                self.machine.words(service),
                env=self.machine.environment(service),
                cwd=self.machine.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, service: str) -> Path:
        """What a service printed."""
        return self.machine.folder / f"{service}.log"

    def ended(self) -> dict[str, int]:
        """Exit codes of the services that are not up any more."""
        return {
            name: code for name, one in self.running.items() if (code := one.poll()) is not None
        }

    def stop(self) -> list[str]:
        """As `docker compose down`; the services that had to be killed."""
        for one in self.running.values():
            one.send_signal(signal.SIGTERM)
        watched = [psutil.Process(one.pid) for one in self.running.values() if one.poll() is None]
        psutil.wait_procs(watched, timeout=STOPS_WITHIN_S)
        late = [name for name, one in self.running.items() if one.poll() is None]
        for one in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()
        self.running.clear()
        return late

    def browser(self) -> httpx.Client:
        """A browser on the pages of the web service."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.machine.web_port}", timeout=PATIENCE_S
        )


@pytest.fixture(scope="package")
def machine_and_mail(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Machine, SmtpServer]]:
    """An empty volume and database, the secrets in their files, a mail server."""
    databases: Databases = request.getfixturevalue("postgres")
    broker = str(request.getfixturevalue("redis_addresses")())
    with redis.Redis.from_url(broker) as client:
        client.flushdb()
    mail = SmtpServer()
    mail.start()
    given = {
        "PUBLISHER_BASE_URL": BASE_URL,
        "PUBLISHER_SMTP_HOST": mail.host,
        "PUBLISHER_SMTP_PORT": str(mail.port),
        "PUBLISHER_POSTAL_ADDRESS": "The Harbour Record, 1 Quay Street, Port Ellery",
    }
    machine = Machine(tmp_path_factory.mktemp("host"), next_free("127.0.0.1", 43100), given)
    with databases.fresh() as database:
        machine.home.mkdir()
        machine.secrets.mkdir()
        values = {
            "secret_key": secrets.token_urlsafe(48),
            "database_url": database.replace("postgresql+psycopg:", "postgresql:"),
            "broker_url": broker,
            "smtp_password": "",
        }
        for name, value in values.items():
            (machine.secrets / name).write_text(f"{value}\n", encoding="utf-8")
        yield machine, mail
    mail.stop()


@pytest.fixture(scope="package")
def production(machine_and_mail: tuple[Machine, SmtpServer]) -> Iterator[Services]:
    """All services, once the web says that it is ready; stopped in the end as Docker would."""
    services = Services(*machine_and_mail)
    with ExitStack() as until_the_end:
        until_the_end.callback(services.stop)
        migrated = services.run(services.machine.words("migrate"), "migrate")
        assert migrated.returncode == 0, migrated.stderr
        for name in OURS:
            if name != "migrate":
                services.start(name)
        until("the web is ready", lambda: _is_ready(services))
        yield services


def _is_ready(services: Services) -> bool:
    assert services.ended() == {}
    with contextlib.suppress(httpx.TransportError), services.browser() as browser:
        return browser.get("/readyz").status_code == 200
    return False
