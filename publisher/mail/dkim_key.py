"""Private keys for DKIM: which ones may be used, and the one operation with each."""

import base64
import hashlib
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from publisher.errors import ConfigurationError

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
SETTING = "PUBLISHER_DKIM_FOLDER"
SHORTEST_BITS = 2048  # large providers count less as weak or as nothing
LONGEST_BITS = 4096  # what every receiver must be able to read (RFC 8301 §3.2)
_PADDING = PKCS1v15()
_HASH = SHA256()


def read_key(path: Path) -> PrivateKey:
    """The key in a PEM file; raises ConfigurationError that says what is wrong with it."""
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
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise _wrong(path, f"DKIM knows RSA and Ed25519 only. Make one with: {_recipe(path)}")
    _check_length(path, key)
    return key


def algorithm(key: PrivateKey) -> str:
    """The name of the algorithm in a signature (RFC 6376 §3.3, RFC 8463 §3)."""
    return "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"


def public_key(key: PrivateKey) -> str:
    """The public half as it stands in DNS: base64 of SPKI, of the bare key for Ed25519."""
    public = key.public_key()
    if isinstance(key, RSAPrivateKey):
        raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def signature(key: PrivateKey, covered: bytes) -> bytes:
    """The signature of what is covered; the same input gives the same bytes."""
    if isinstance(key, RSAPrivateKey):
        return key.sign(covered, _PADDING, _HASH)
    return key.sign(hashlib.sha256(covered).digest())


def _check_length(path: Path, key: PrivateKey) -> None:
    if isinstance(key, RSAPrivateKey) and not SHORTEST_BITS <= key.key_size <= LONGEST_BITS:
        raise _wrong(
            path,
            f"it has {key.key_size} bits; {SHORTEST_BITS} to {LONGEST_BITS} are believed. "
            f"Make one with: {_recipe(path)}",
        )


def _recipe(path: Path) -> str:
    return f"openssl genrsa -out '{path}' {SHORTEST_BITS}"


def _wrong(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(SETTING, f"the DKIM key {path} cannot be used: {reason}")
