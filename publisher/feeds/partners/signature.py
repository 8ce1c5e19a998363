"""Signs what is pushed, so that a partner knows that it came from us, unaltered and lately.

The scheme is that of Standard Webhooks 1.0 (symmetric, `v1`), for which there are libraries in most
languages: HMAC-SHA256 over id, time and body.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

_PREFIX = "whsec_"
_KEY_BYTES = 32


def new_secret() -> str:
    """A secret with 256 random bits, as libraries take it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def signed_headers(secret: str, message_id: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The headers that go with the body; `message_id` is the same at every try."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    at = str(int(now.timestamp()))
    signature = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
