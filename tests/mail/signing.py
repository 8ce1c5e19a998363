"""Keys for tests, and two verifiers of DKIM that share no code with ours or each other."""

import functools
import shutil
import subprocess
from pathlib import Path

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from publisher.mail.dkim import Signer
from tests.services.left_out import leave_out

PERL_VERIFIER = """
use strict; use warnings;
use Mail::DKIM::Verifier; use Net::DNS::RR;
my ($address, $record) = @ARGV;
my $answer = Net::DNS::RR->new(
    name => $address, type => "TXT", txtdata => [$record =~ /(.{1,255})/g]);
{ no warnings "redefine";
  *Mail::DKIM::DNS::query = sub { lc $_[0] eq lc $address ? ($answer) : () }; }
my $verifier = Mail::DKIM::Verifier->new();
{ local $/; binmode STDIN; $verifier->PRINT(<STDIN>); }
$verifier->CLOSE();
print $verifier->result_detail();
"""


@functools.cache
def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    """One key a run, because making one takes long."""
    return generate_private_key(65537, bits)


def write_key(path: Path, key: PrivateKeyTypes, *, password: bytes | None = None) -> Path:
    """The key as a PEM file."""
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return path


def signer(kind: str, folder: Path) -> Signer:
    """A signer of harbour.example, `rsa` or `ed25519`."""
    key = rsa_key() if kind == "rsa" else Ed25519PrivateKey.generate()
    return Signer.load(write_key(folder / f"{kind}.pem", key), "harbour.example", "tide")


def verified(raw: bytes, by: Signer, number: int = 0) -> bool:
    """Whether dkimpy believes the signature of that number, with our record in place of DNS."""
    answers = {f"{by.address}.".encode(): by.record.encode()}

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return answers.get(name)

    try:
        found: bool = dkim.DKIM(raw).verify(idx=number, dnsfunc=answer)
    except dkim.DKIMException:
        return False
    return found


def perl_verdict(raw: bytes, by: Signer) -> str:
    """What Perl's Mail::DKIM says: `pass`, or `fail (…)`; skips the test where it is missing.

    Only for RSA: the release in Debian knows no Ed25519.
    """
    if not _perl_is_able():
        leave_out("Perl's Mail::DKIM", "install libmail-dkim-perl (Debian)")
    done = subprocess.run(
        ["perl", "-e", PERL_VERIFIER, by.address, by.record],
        input=raw,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


@functools.cache
def _perl_is_able() -> bool:
    if shutil.which("perl") is None:
        return False
    tried = ["perl", "-MMail::DKIM::Verifier", "-e1"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0
