"""A DKIM key for the newsrooms of a bench."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.cast import SENDER_DOMAIN
from publisher.settings import Settings

SIGNED = {"dkim_domain": SENDER_DOMAIN, "dkim_selector": "bench"}


def put_key(settings: Settings) -> None:
    """Put a key of RSA-2048 where the settings look for it; nothing where they sign nothing."""
    if settings.dkim_domain:
        settings.dkim_keys.mkdir(exist_ok=True)
        name = f"{settings.dkim_domain}.{settings.dkim_selector}.pem"
        (settings.dkim_keys / name).write_bytes(_key())


@cache
def _key() -> bytes:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
