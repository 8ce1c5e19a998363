r"""The seal of a report: canonical bytes, signed with a key that serves nothing else. Pure.

Canonical is JSON in ASCII (other characters as \uXXXX), keys sorted, no blanks. The signature is
an HMAC-SHA256 over the canonical bytes of everything else in the object, in hexadecimal; a file is
those bytes with the signature in its place and a line feed.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

SIGNATURE, KEY = "signature", "key"
KEY_DIGITS = 16

Finding = Literal["genuine", "altered", "other_key", "no_report"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file turned out to be, in a sentence; `content` only of a genuine one."""

    finding: Finding
    sentence: str
    content: Mapping[str, Any] | None = None

    @property
    def genuine(self) -> bool:
        """Whether every byte is as it was signed here."""
        return self.finding == "genuine"


def canonical(value: Any) -> bytes:
    """The one way to write a value down. Raises ValueError for what is no JSON, such as NaN."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")
    )
    return text.encode("ascii")


def utc(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, as programs read it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def sealed(content: Mapping[str, Any], secret: str) -> bytes:
    """The file: the content with the name of the key and the signature."""
    named = {**content, KEY: key_name(secret)}
    return canonical({**named, SIGNATURE: _signature(named, secret)}) + b"\n"


def examined(raw: bytes, secret: str) -> Verdict:
    """Whether `raw` is a file that was sealed with this secret, byte for byte.

    Another way to write the same JSON counts as altered: two readers might read it differently.
    """
    found = _read(raw)
    if found is None:
        return _NO_REPORT
    content = {name: value for name, value in found.items() if name != SIGNATURE}
    if hmac.compare_digest(_sealed_anew(content, secret), raw):
        return Verdict(
            "genuine", "Genuine: signed here, and not a byte was changed since.", content
        )
    key = found.get(KEY)
    if key != key_name(secret):
        return Verdict("other_key", _OTHER_KEY.format(theirs=_shown(key), ours=key_name(secret)))
    return Verdict("altered", "ALTERED: this is not what was signed. Do not rely on it.")


def key_name(secret: str) -> str:
    """Tells keys apart without giving them away."""
    return hmac.new(_key(secret), b"name", hashlib.sha256).hexdigest()[:KEY_DIGITS]


def _sealed_anew(content: Mapping[str, Any], secret: str) -> bytes:
    """The file as it would be; nothing where its content cannot be written down."""
    try:
        return sealed(content, secret)
    except (ValueError, RecursionError):
        return b""


def _signature(content: Mapping[str, Any], secret: str) -> str:
    return hmac.new(_key(secret), canonical(content), hashlib.sha256).hexdigest()


def _key(secret: str) -> bytes:
    """Its own key, so that nothing else we sign can be mistaken for a report."""
    return hmac.new(secret.encode(), b"publisher.delivery.report", hashlib.sha256).digest()


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):  # UnicodeError is a ValueError
        return None
    return found if isinstance(found, dict) and {KEY, SIGNATURE} <= found.keys() else None


def _shown(key: object) -> str:
    return "".join(sign for sign in str(key)[:KEY_DIGITS] if sign.isalnum()) or "without a name"


_OTHER_KEY = (
    "SIGNED WITH ANOTHER KEY: this file names the key {theirs}, and the one of this newsroom is "
    "{ours}. Only the newsroom that signed it can say whether it was altered."
)
_NO_REPORT = Verdict(
    "no_report",
    "This is no signed report, or what is left of one: it is not JSON with a signature. "
    "Make one with: publisher editions report EDITION --out FILE",
)
