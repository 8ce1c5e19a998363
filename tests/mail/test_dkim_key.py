import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from publisher.errors import ConfigurationError
from publisher.mail.dkim import Signer
from tests.mail.signing import rsa_key, signer, write_key
from tests.services.left_out import leave_out


def test_the_record_is_what_receivers_look_for(tmp_path: Path) -> None:
    ours = signer("rsa", tmp_path)
    head, _, published = ours.record.partition("; p=")
    assert head == "v=DKIM1; k=rsa"
    assert ours.address == "tide._domainkey.harbour.example"
    assert load_der_public_key(base64.b64decode(published)) == rsa_key().public_key()


def test_the_record_of_ed25519_holds_the_bare_key(tmp_path: Path) -> None:
    head, _, published = signer("ed25519", tmp_path).record.partition("; p=")
    assert head == "v=DKIM1; k=ed25519"
    assert len(base64.b64decode(published)) == 32


def test_there_must_be_a_file(tmp_path: Path) -> None:
    assert "there is no such file. Make one with: openssl" in _complaint(tmp_path / "no.pem")


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    assert "cannot be read" in _complaint(tmp_path)


@pytest.mark.parametrize("held", [b"", b"tide tables", b"\x00\xff" * 99, b"-----BEGIN"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(held)
    assert "holds no private key" in _complaint(path)


def test_a_public_key_is_not_enough(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    spki = PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(rsa_key().public_key().public_bytes(Encoding.PEM, spki))
    assert "holds no private key" in _complaint(path)


@pytest.mark.parametrize("bits", [1024, 2047, 4104])
def test_a_key_too_short_or_too_long_is_refused(tmp_path: Path, bits: int) -> None:
    path = write_key(tmp_path / "key.pem", rsa_key(bits))
    assert f"it has {bits} bits; 2048 to 4096 are believed" in _complaint(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = write_key(tmp_path / "key.pem", ec.generate_private_key(ec.SECP256R1()))
    assert "RSA and Ed25519 only" in _complaint(path)


def test_a_locked_key_is_refused(tmp_path: Path) -> None:
    path = write_key(tmp_path / "key.pem", Ed25519PrivateKey.generate(), password=b"quay")
    assert "locked with a password" in _complaint(path)


def test_what_the_complaint_tells_to_do_makes_a_key(tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        leave_out("openssl", "install it; the documentation makes keys with it")
    path = tmp_path / "news room.pem"
    command = _complaint(path).partition("Make one with: ")[2]
    subprocess.run(command, shell=True, check=True, capture_output=True)  # noqa: S602 - our own
    assert Signer.load(path, "harbour.example", "tide").record.startswith("v=DKIM1; k=rsa;")


def _complaint(path: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        Signer.load(path, "harbour.example", "tide")
    assert str(path) in str(raised.value)
    return str(raised.value)
