"""Signed links for readers: each says who and what for, and holds no address.

A token is `<what>.<signature>`: ids and times as bytes in base64url, then a keyed BLAKE2b
(RFC 7693) under a key of its own for each purpose, so that a link for one purpose is worthless for
another. Every mail has three of them, and HMAC-SHA256 takes three times as long.
"""

import hashlib
import hmac
import uuid
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode
from itsdangerous.signer import SigningAlgorithm

from publisher.errors import TokenExpiredError, TokenInvalidError

CONFIRM_LIFETIME = timedelta(days=7)
PREFERENCES_LIFETIME = timedelta(days=30)
FORM_LIFETIME = timedelta(days=1)
_UUID, _TIME, _PROOF = 16, 5, 20
_URL_SAFE = bytes.maketrans(b"+/", b"-_")  # RFC 4648 §5


@dataclass(frozen=True)
class Tokens:
    """Makes and reads the links; `secret` is the house's key.

    Reading raises TokenInvalidError where the link was altered, cut short or made for something
    else, and TokenExpiredError where its time is over.
    """

    secret: str

    def unsubscribe(self, subscription_uuid: str) -> str:
        """Names one subscription; never expires, because old mails must keep their way out."""
        return self._unsubscribe.signed(_bytes(subscription_uuid))

    def read_unsubscribe(self, token: str) -> str:
        """The subscription's uuid."""
        return _uuid(_opened(self._unsubscribe, token, _UUID))

    def view(self, edition_uuid: str, subscriber_uuid: str) -> str:
        """Names an edition as one reader got it."""
        ids = _bytes(edition_uuid) + _bytes(subscriber_uuid)
        return self._view.signed(ids)

    def read_view(self, token: str) -> tuple[str, str]:
        """The uuids of edition and subscriber."""
        ids = _opened(self._view, token, 2 * _UUID)
        return _uuid(ids[:_UUID]), _uuid(ids[_UUID:])

    def confirm(self, subscriber_uuid: str, signed_at: datetime) -> str:
        """Names a subscriber whose pending subscriptions may be confirmed; valid for seven days."""
        return self._confirm.signed(_bytes(subscriber_uuid) + _time(signed_at))

    def read_confirm(self, token: str, now: datetime) -> str:
        """The subscriber's uuid."""
        payload = _opened(self._confirm, token, _UUID + _TIME)
        advice = "Subscribe again and we will send you a new one."
        _refuse_late(payload[_UUID:], now, CONFIRM_LIFETIME, advice)
        return _uuid(payload[:_UUID])

    def preferences(self, subscription_uuid: str, signed_at: datetime) -> str:
        """Names one subscription whose choices may be changed; valid for thirty days.

        Unlike leaving, changing is worth little to somebody whose mail is old, and mails get
        forwarded.
        """
        ids = _bytes(subscription_uuid)
        return self._preferences.signed(ids + _time(signed_at))

    def read_preferences(self, token: str, now: datetime) -> str:
        """The subscription's uuid."""
        payload = _opened(self._preferences, token, _UUID + _TIME)
        advice = "The one in a newer mail works; the unsubscribe link of any mail always does."
        _refuse_late(payload[_UUID:], now, PREFERENCES_LIFETIME, advice)
        return _uuid(payload[:_UUID])

    def form(self, shown_at: datetime) -> str:
        """Goes out with a form, so that it is known when it was shown; valid for a day."""
        return self._form.signed(_time(shown_at))

    def read_form(self, token: str, now: datetime) -> timedelta:
        """How long ago the form was shown, in whole seconds."""
        advice = "Open the page again."
        return _refuse_late(_opened(self._form, token, _TIME), now, FORM_LIFETIME, advice)

    @cached_property
    def _unsubscribe(self) -> "_Purpose":
        return _Purpose.of(self.secret, "unsubscribe")

    @cached_property
    def _view(self) -> "_Purpose":
        return _Purpose.of(self.secret, "view")

    @cached_property
    def _confirm(self) -> "_Purpose":
        return _Purpose.of(self.secret, "confirm")

    @cached_property
    def _preferences(self) -> "_Purpose":
        return _Purpose.of(self.secret, "preferences")

    @cached_property
    def _form(self) -> "_Purpose":
        return _Purpose.of(self.secret, "form")


@dataclass(frozen=True, slots=True)
class _Purpose:
    """Who signs for one purpose, under its key, and who reads what was signed."""

    keyed: "hashlib.blake2b"
    reader: Signer

    @classmethod
    def of(cls, secret: str, purpose: str) -> "_Purpose":
        told = f"publisher.token.{purpose}".encode()
        key = hmac.digest(secret.encode(), told, "sha256")
        keyed = hashlib.blake2b(key=key, digest_size=_PROOF)
        return cls(keyed, Signer(key, key_derivation="none", algorithm=_Blake2()))

    def signed(self, payload: bytes) -> str:
        """What the reader would write, in a fifth of the time."""
        named = b2a_base64(payload, newline=False).translate(_URL_SAFE).rstrip(b"=")
        proof = self.keyed.copy()
        proof.update(named)
        signature = b2a_base64(proof.digest(), newline=False).translate(_URL_SAFE).rstrip(b"=")
        return f"{named.decode()}.{signature.decode()}"


class _Blake2(SigningAlgorithm):
    """The signature for whoever reads."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hashlib.blake2b(value, key=key, digest_size=_PROOF).digest()


def _opened(purpose: _Purpose, token: str, length: int) -> bytes:
    try:
        payload = base64_decode(purpose.reader.unsign(token))
    except (BadSignature, ValueError):  # UnicodeError is a ValueError
        raise _not_ours() from None
    if len(payload) != length:
        raise _not_ours()
    return payload


def _not_ours() -> TokenInvalidError:
    return TokenInvalidError(
        "This link is not complete or was altered. Open it from the mail again, or copy all of it."
    )


def _refuse_late(signed_at: bytes, now: datetime, lifetime: timedelta, advice: str) -> timedelta:
    at = datetime.fromtimestamp(int.from_bytes(signed_at), UTC)
    age = now - at
    if age > lifetime:
        until = f"{at + lifetime:%d %B %Y}"
        raise TokenExpiredError(f"This link was valid until {until}. {advice}", at)
    return age


def _time(at: datetime) -> bytes:
    return int(at.timestamp()).to_bytes(_TIME)


def _bytes(named: str) -> bytes:
    return bytes.fromhex(named.replace("-", ""))


def _uuid(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw))
