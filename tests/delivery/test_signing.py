"""Mail that leaves is signed with the key of its newsletter, or of the house, or waits."""

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from publisher.delivery.carrier import Carrier
from publisher.editions.models import EditionState
from publisher.mail.dkim import Signer
from publisher.store import Runtime
from tests.services.smtp import SmtpServer
from tests.world import World


@pytest.fixture(scope="module")
def pem() -> bytes:
    """A private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture
def signing(world: World) -> World:
    """The newsroom with a signing domain in its settings."""
    settings = world.runtime.settings.model_copy(
        update={"dkim_domain": "harbour.example", "dkim_selector": "s1"}
    )
    world.runtime = Runtime(settings, world.runtime.sessions, world.runtime.clock)
    world.carrier = Carrier(world.runtime)
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    return world


def test_a_digest_carries_a_signature_that_verifies(
    signing: World, smtp_server: SmtpServer, pem: bytes
) -> None:
    _lay_down(signing, pem)

    signing.send_all(signing.digest())
    signing.carrier.hang_up()

    (message,) = smtp_server.messages
    path = signing.runtime.settings.dkim_keys / "harbour.example.s1.pem"
    record = Signer.load(path, "harbour.example", "s1").record.encode()
    assert dkim.verify(message.raw, dnsfunc=lambda _name, **_: record)


def test_mail_whose_key_is_missing_waits_and_says_so(
    signing: World, smtp_server: SmtpServer
) -> None:
    edition = signing.digest()

    signing.send_all(edition)

    assert not smtp_server.messages
    assert signing.row(edition).state == EditionState.PAUSED
    assert "s1" in (signing.row(edition).reason or "")
    assert signing.report(edition).queued == 1


def _lay_down(world: World, pem: bytes) -> None:
    folder = world.runtime.settings.dkim_keys
    folder.mkdir(parents=True)
    (folder / "harbour.example.s1.pem").write_bytes(pem)
