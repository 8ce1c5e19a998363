"""Private keys for DKIM: which ones may be used, and the one operation with each."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SETTING = "PUBLISHER_DKIM_FOLDER"
SHORTEST_BITS = 2048  # large providers count less as weak or as nothing
LONGEST_BITS = 4096  # what every receiver must be able to read (RFC 8301 §3.2)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs; the same input gives the same bytes.

    `algorithm` is its name in a signature (RFC 6376 §3.3, RFC 8463 §3). `public` is the public half
    as it stands in DNS: base64 of SPKI, of the bare key for Ed25519.
    """

    algorithm: str
    public: str
    sign: Callable[[bytes], bytes]


def read_key(path: Path) -> PrivateKey:
    """The key in a PEM file; raises ConfigurationError that says what is wrong with it."""
    # Six megabytes of every process that sends, which only those need who sign.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        raise _wrong(path, f"there is no such file. Make one with: {_recipe(path)}") from None
    except OSError as error:
        raise _wrong(path, f"it cannot be read: {error.strerror}") from None
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise _wrong(path, "it is locked with a password. Write it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong(path, f"it holds no private key in PEM. Make one with: {_recipe(path)}") from (
            None
        )
    if isinstance(key, RSAPrivateKey):
        _check_length(path, key)
        return _rsa(key)
    if isinstance(key, Ed25519PrivateKey):
        return _ed25519(key)
    raise _wrong(path, f"DKIM knows RSA and Ed25519 only. Make one with: {_recipe(path)}")


def _rsa(key: "RSAPrivateKey") -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
    )

    padding, digest = PKCS1v15(), SHA256()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PrivateKey(
        "rsa-sha256", _base64(public), lambda covered: key.sign(covered, padding, digest)
    )


def _ed25519(key: "Ed25519PrivateKey") -> PrivateKey:
    return PrivateKey(
        "ed25519-sha256",
        _base64(key.public_key().public_bytes_raw()),
        lambda covered: key.sign(hashlib.sha256(covered).digest()),
    )


def _check_length(path: Path, key: "RSAPrivateKey") -> None:
    if not SHORTEST_BITS <= key.key_size <= LONGEST_BITS:
        raise _wrong(
            path,
            f"it has {key.key_size} bits; {SHORTEST_BITS} to {LONGEST_BITS} are believed. "
            f"Make one with: {_recipe(path)}",
        )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _recipe(path: Path) -> str:
    return f"openssl genrsa -out '{path}' {SHORTEST_BITS}"


def _wrong(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(SETTING, f"the DKIM key {path} cannot be used: {reason}")
