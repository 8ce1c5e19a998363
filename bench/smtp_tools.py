"""Postfix's own load tools: `smtp-source` sends as fast as it can, `smtp-sink` takes and counts.

They come from Debian's postfix package, unpacked without being installed.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from publisher.settings import child_environment

HOST = "127.0.0.1"
CACHE = Path.home() / ".cache" / "publisher-bench"
_COUNTERS = re.compile(rb"sess=(\d+) quit=(\d+) mesg=(\d+)\r")
_SOURCE_HEADERS = 125  # bytes of the headers that smtp-source puts before what -l asks for
_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the two programs lie, and the folder of their libraries."""

    folder: Path
    libraries: Path | None

    def command(self, name: str, *words: str) -> list[str]:
        """The command line of one of the programs."""
        return [str(self.folder / name), *words]

    def environment(self) -> dict[str, str]:
        """Ours, with their libraries to be found."""
        more = {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}
        return {**child_environment(), **more}


@dataclass(frozen=True, slots=True)
class Sink:
    """A running smtp-sink; it counts a message once it has all of it."""

    port: int
    process: subprocess.Popen[bytes]
    counters: Path
    dump: Path

    def count(self) -> int:
        """How many messages it has taken."""
        with self.counters.open("rb") as file:
            file.seek(max(0, self.counters.stat().st_size - 200))
            found = _COUNTERS.findall(file.read())
        return int(found[-1][2]) if found else 0

    def dumped(self) -> bytes:
        """All that it kept, if it was told to."""
        return b"".join(path.read_bytes() for path in sorted(self.dump.iterdir()))


def find_tools(given: Path | None) -> Tools:
    """The tools in `given` (a folder that the package was unpacked to), on PATH, or downloaded.

    Raises SystemExit that says what to do where they cannot be had.
    """
    on_path = shutil.which("smtp-source")
    if given:
        return _unpacked(given)
    if on_path and shutil.which("smtp-sink"):
        return Tools(Path(on_path).parent, None)
    if not (CACHE / "postfix").is_dir():
        _download()
    return _unpacked(CACHE / "postfix")


@contextmanager
def sink_open(tools: Tools, *, dumping: bool = False) -> Iterator[Sink]:
    """A sink on a free port of loopback; `dumping` keeps what it takes, and is slow."""
    with tempfile.TemporaryDirectory(prefix="publisher-bench-sink-") as name, _free_port() as port:
        folder = Path(name)
        dump = folder / "dump"
        dump.mkdir()
        words = ["-c", "-m", "500", *_as_nobody(folder, dump)]
        words += ["-D", f"{dump}/messages"] if dumping else []
        counters = folder / "counters"
        with counters.open("wb") as output:
            process = subprocess.Popen(
                tools.command("smtp-sink", *words, f"{HOST}:{port}", "1000"),
                env=tools.environment(),
                stdout=output,
                stderr=subprocess.DEVNULL,
            )
        try:
            _wait_for(port, process)
            yield Sink(port, process, counters, dump)
        finally:
            process.terminate()
            process.wait()


def send_by_source(tools: Tools, port: int, *, messages: int, size: int, sessions: int) -> float:
    """Have smtp-source send so many messages over kept connections; the seconds it took."""
    words = ["-d", "-s", str(sessions), "-m", str(messages), "-l", str(size - _SOURCE_HEADERS)]
    began = time.perf_counter()
    subprocess.run(
        tools.command("smtp-source", *words, f"{HOST}:{port}"),
        env=tools.environment(),
        check=True,
        timeout=_PATIENCE_S,
    )
    return time.perf_counter() - began


def _unpacked(folder: Path) -> Tools:
    found = sorted(folder.rglob("smtp-source"))
    if not found:
        raise SystemExit(f"There is no smtp-source in {folder}: unpack the postfix package there.")
    return Tools(found[0].parent, next(iter(sorted(folder.glob("usr/lib/postfix"))), None))


def _download() -> None:
    """Fetch the package with apt, and unpack it without running anything in it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _run(["apt-get", "download", "postfix"])
        package = max(CACHE.glob("postfix_*.deb"))
        _run(["dpkg-deb", "-x", str(package), "postfix"])
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise SystemExit(
            f"smtp-source and smtp-sink could not be had ({error}). Install postfix, or unpack its "
            "package and name the folder: --postfix FOLDER"
        ) from None


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=CACHE, check=True, capture_output=True)


def _as_nobody(*folders: Path) -> list[str]:
    """smtp-sink refuses to stay root."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    for folder in folders:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return ["-u", "nobody"]


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as probe:
        port = int(probe.getsockname()[1])
    yield port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection((HOST, port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("smtp-sink ended at once; run it by hand to see why.")
