"""What this run could not try because something real is missing on this machine."""

from typing import NoReturn

import pytest

MISSING_SERVICES: dict[str, str] = {}
MISSING_FILES: dict[str, str] = {}


def leave_out(service: str, reason: str) -> NoReturn:
    """Skip whoever asks for `service`; the run names it in its last lines and fails under CI."""
    MISSING_SERVICES[service] = reason
    pytest.skip(f"{service} is missing: {reason}")


def leave_out_files(files: str, reason: str) -> NoReturn:
    """Skip whoever asks for `files`, which are not part of the project: never a failure."""
    MISSING_FILES[files] = reason
    pytest.skip(f"{files} are missing: {reason}")


def left_out() -> dict[str, dict[str, str]]:
    """All of it, for another process to add."""
    return {"services": MISSING_SERVICES, "files": MISSING_FILES}


def add_left_out(told: dict[str, dict[str, str]]) -> None:
    """Count what another process of this run could not try as left out by this one."""
    MISSING_SERVICES.update(told.get("services", {}))
    MISSING_FILES.update(told.get("files", {}))


def last_lines(*, under_ci: bool) -> list[str]:
    """What was left out and what to do, one line each; empty when everything was tried."""
    verdict = "a failure, because CI is set" if under_ci else "not tried on this machine"
    return [
        *(f"LEFT OUT ({verdict}): {name}: {why}" for name, why in MISSING_SERVICES.items()),
        *(f"LEFT OUT: {name}: {why}" for name, why in MISSING_FILES.items()),
    ]
