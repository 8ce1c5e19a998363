"""Starts a real server for one run, in a folder of its own, and never leaves it behind."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_FOLDER = "publisher-test-"
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group a server runs as; servers that refuse root get `nobody`."""

    user: int
    group: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the folder that holds all it writes."""

    folder: Path
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the server, kindly first, and remove its folder."""
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_STOP_S)
        shutil.rmtree(self.folder, ignore_errors=True)


def unprivileged_account() -> Account | None:
    """`nobody` when we are root, else None: no need to change the user."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def open_folder(service: str, account: Account | None = None) -> Path:
    """A new private folder for `service`, after clearing those that killed runs left behind."""
    root = _temporary_root(account)
    _clear_abandoned(root)
    made = Path(tempfile.mkdtemp(prefix=f"new-{_FOLDER}{service}-", dir=root))
    _write_process(made / "run.json", psutil.Process())
    # Only now may others see it: a folder without its run would look abandoned.
    folder = made.rename(made.with_name(made.name.removeprefix("new-")))
    if account:
        os.chown(folder, account.user, account.group)
    return folder


def launch(
    command: Sequence[str | Path],
    folder: Path,
    *,
    stop_signal: signal.Signals,
    environment: Mapping[str, str],
    account: Account | None = None,
) -> Server:
    """Start `command` in `folder`, its output in `server.log` there; does not wait for it."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_account(account),
        )
    _write_process(folder / "server.json", psutil.Process(process.pid), stop_signal)
    return Server(folder, process, stop_signal)


def as_account(account: Account | None) -> dict[str, object]:
    """Arguments for subprocess that run a command as `account`; no user is made for it."""
    if account is None:
        return {}
    return {"user": account.user, "group": account.group, "extra_groups": []}


def open_to_all(path: Path) -> bool:
    """Whether any user can reach `path`: every folder on the way may be searched by others."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _temporary_root(account: Account | None) -> Path:
    configured = Path(tempfile.gettempdir())
    if account is None or (open_to_all(configured / "x")):
        return configured
    return Path("/tmp")


def _clear_abandoned(root: Path) -> None:
    """End the servers of runs that were killed; a run that still lives keeps its own."""
    for folder in root.glob(f"{_FOLDER}*"):
        # another run may be clearing at this moment, too
        with contextlib.suppress(PermissionError, FileNotFoundError):
            if folder.is_symlink() or _living(folder / "run.json"):
                continue
            server = _living(folder / "server.json")
            if server:
                _end(server, signal.Signals(_read(folder / "server.json")["stop_signal"]))
            shutil.rmtree(folder, ignore_errors=True)


def _end(server: psutil.Process, stop_signal: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        server.send_signal(stop_signal)
        _, alive = psutil.wait_procs([server], timeout=_STOP_S)
        for process in alive:
            process.kill()


def _living(record: Path) -> psutil.Process | None:
    """The process a record names, unless it ended and its number went to another one."""
    try:
        written = _read(record)
        process = psutil.Process(written["pid"])
        same = process.create_time() == written["started"]
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    return process if same else None


def _write_process(
    record: Path, process: psutil.Process, stop_signal: signal.Signals = signal.SIGTERM
) -> None:
    written = {"pid": process.pid, "started": process.create_time(), "stop_signal": stop_signal}
    record.write_text(json.dumps(written), encoding="utf-8")


def _read(record: Path) -> dict[str, float]:
    return json.loads(record.read_text(encoding="utf-8"))
