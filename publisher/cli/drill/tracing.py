"""strace, which kills a process at the n-th of its system calls, before that call does anything."""

import os
import shutil
import subprocess
from pathlib import Path

KILLED = "+++ killed by SIGKILL +++"


def traced(call: str, number: int, output: Path) -> tuple[str, ...]:
    """What to put before a command so that a process of it dies at this call."""
    return (
        *("strace", "-f", "-qq", "-o", str(output)),
        *("-e", f"trace={call}"),
        *("-e", f"inject={call}:signal=KILL:when={number}"),
    )


def has_killed(output: Path) -> bool:
    """Whether strace has done it."""
    return output.exists() and KILLED in output.read_text(encoding="utf-8", errors="replace")


def why_not_traced() -> str:
    """Why strace cannot be used here; empty where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    trial = subprocess.run(
        [*traced("write", 1, Path(os.devnull)), "echo", "alive"],
        capture_output=True,
        check=False,
    )
    return "strace may not trace processes here" if trial.stdout or not trial.returncode else ""
