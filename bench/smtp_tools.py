"""Postfix's own load tools: `smtp-source` sends as fast as it can, `smtp-sink` takes and counts."""

import os
import pwd
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.broken import BrokenRunError
from bench.postfix import Tools

HOST = "127.0.0.1"
_COUNTERS = re.compile(rb"sess=(\d+) quit=(\d+) mesg=(\d+)\r")
_SOURCE_HEADERS = 125  # bytes of the headers that smtp-source puts before what -l asks for
_PATIENCE_S = 600.0


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

    def expect(self, messages: int) -> None:
        """Raise BrokenRunError unless it has taken exactly so many, or does within a second."""
        limit = time.monotonic() + 1
        while self.count() < messages and time.monotonic() < limit:
            time.sleep(0.01)
        if self.count() != messages:
            raise BrokenRunError(f"the sink holds {self.count()} of {messages} messages")

    def dumped(self) -> bytes:
        """All that it kept, if it was told to."""
        return b"".join(path.read_bytes() for path in sorted(self.dump.iterdir()))


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
