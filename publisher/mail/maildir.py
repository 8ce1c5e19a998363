"""Messages on disk, one file each, written so that a file is there whole or not at all."""

import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from publisher.errors import NotFoundError

_KEY = re.compile(r"[0-9]{8}T[0-9]{12}Z-[0-9a-f]{12}")
_KEY_TIME = "%Y%m%dT%H%M%S%fZ"
_ENVELOPE = b"X-Envelope: "
_SUFFIX = ".eml"


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in the mailbox; keys sort by the time of arrival."""

    key: str
    received_at: datetime
    envelope_from: str
    recipients: tuple[str, ...]
    path: Path

    @property
    def raw(self) -> bytes:
        """The message byte for byte as it came; read from disk each time it is asked for."""
        stored = self.path.read_bytes()
        return stored.partition(b"\r\n")[2] if stored.startswith(_ENVELOPE) else stored


def store(
    folder: Path,
    envelope_from: str,
    recipients: Sequence[str],
    raw: bytes,
    received_at: datetime,
) -> str:
    """Keep a message and return its key; once this returns, it survives a power cut.

    The envelope is the file's first header, so that any mail program opens the file.
    """
    key = f"{received_at.astimezone(UTC):{_KEY_TIME}}-{secrets.token_hex(6)}"
    envelope = json.dumps({"from": envelope_from, "to": list(recipients)}).encode()
    unfinished = folder / "tmp" / key
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    with unfinished.open("wb") as file:
        file.writelines((_ENVELOPE, envelope, b"\r\n", raw))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / f"{key}{_SUFFIX}")
    _sync_folder(folder)
    return key


def messages(folder: Path) -> Iterator[Stored]:
    """The messages of the mailbox, newest first, without reading their bodies."""
    for key in keys(folder):
        try:
            yield _stored(folder, key)
        except FileNotFoundError:
            continue  # cleared away while we looked


def keys(folder: Path) -> list[str]:
    """The keys of all messages, newest first; nothing is opened."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return []  # no message has come yet
    found = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
    return sorted((key for key in found if _KEY.fullmatch(key)), reverse=True)


def read(folder: Path, key: str) -> Stored:
    """One message by its key; raises NotFoundError for any other text."""
    if not _KEY.fullmatch(key):
        raise NotFoundError("message", key[:80])
    try:
        return _stored(folder, key)
    except FileNotFoundError as error:
        raise NotFoundError("message", key) from error


def _stored(folder: Path, key: str) -> Stored:
    path = folder / f"{key}{_SUFFIX}"
    with path.open("rb") as file:
        first = file.readline()
    envelope = json.loads(first[len(_ENVELOPE) :]) if first.startswith(_ENVELOPE) else {}
    return Stored(
        key=key,
        received_at=datetime.strptime(key.partition("-")[0], _KEY_TIME).replace(tzinfo=UTC),
        envelope_from=envelope.get("from", ""),
        recipients=tuple(envelope.get("to", ())),
        path=path,
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
