import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInputError
from publisher.mail.dkim import Signer, sign
from publisher.mail.mime import Personal, Skeleton, simple_message
from publisher.mail.splice import make_slots
from tests.mail.signing import perl_verdict, signer, verified

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
UNSUBSCRIBE = f"<https://news.harbour.example/unsubscribe/{'t' * 120}>"
SHARED = [
    ("From", "The Harbour Record <news@harbour.example>"),
    ("Reply-To", "desk@harbour.example"),
    ("Subject", "Fähre über den Winter: what the harbour board decided on Quay Street today, " * 2),
    ("Date", "Sun, 22 Nov 2026 07:00:00 +0000"),
    ("List-Id", "Morning briefing of the whole of Port Ellery <briefing.news.harbour.example>"),
    ("Precedence", "bulk"),
]
ANN = Personal(
    address="ann@readers.example",
    name="Ann Łucja Żółć-Ðorđević of the long and winding Upper Harbour Road",
    message_id="<1@harbour.example>",
    values={"name": "Ann"},
    headers=(
        ("List-Unsubscribe", UNSUBSCRIBE),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Feedback-ID", "1:briefing:daily:harbour"),
    ),
)
COVERED = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Feedback-ID"),
    *("MIME-Version", "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)


@pytest.fixture(scope="module", params=["rsa", "ed25519"])
def harbour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(request.param, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def with_rsa(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer("rsa", tmp_path_factory.mktemp("keys"))


def test_a_signed_mail_is_believed(harbour: Signer) -> None:
    assert verified(_signed(harbour), harbour)


def test_a_second_verifier_believes_it_too(with_rsa: Signer) -> None:
    assert perl_verdict(_signed(with_rsa), with_rsa) == "pass"


def test_two_signatures_are_each_believed_whatever_becomes_of_the_other(tmp_path: Path) -> None:
    pair = [signer(kind, tmp_path) for kind in ("rsa", "ed25519")]
    raw = sign(pair, _message(), NOW) + _message()

    assert raw.index(b"a=rsa-sha256") < raw.index(b"a=ed25519-sha256")
    for number, by in enumerate(pair):
        assert verified(raw, by, number)
        assert not verified(raw.replace(b"Good", b"God", 1), by, number)
    assert perl_verdict(raw, pair[0]) == "pass"
    without_rsa = sign(pair[1:], _message(), NOW) + _message()
    assert raw.endswith(without_rsa)
    assert verified(without_rsa, pair[1])


def test_a_signed_letter_is_believed(harbour: Signer) -> None:
    headers = [*SHARED[:4], ("To", ANN.address), ("Message-ID", "<2@harbour.example>")]
    letter = simple_message(headers, "Please confirm.\n", "<p>Please confirm.</p>")
    assert verified(sign((harbour,), letter, NOW) + letter, harbour)


@pytest.mark.parametrize("name", COVERED)
def test_one_letter_changed_in_a_header_breaks_the_signature(with_rsa: Signer, name: str) -> None:
    altered = _altered(_signed(with_rsa), name)
    assert not verified(altered, with_rsa)
    assert perl_verdict(altered, with_rsa).startswith("fail")


def test_a_header_taken_away_breaks_the_signature(harbour: Signer) -> None:
    without = re.sub(rb"List-Unsubscribe-Post:[^\r]*\r\n", b"", _signed(harbour))
    assert not verified(without, harbour)


@pytest.mark.parametrize("change", [(b"Good", b"God"), (b"</p>", b"</p>=20"), (b"=\r\n", b"")])
def test_a_change_of_the_body_breaks_the_signature(
    harbour: Signer, change: tuple[bytes, bytes]
) -> None:
    head, _, body = _signed(harbour).partition(b"\r\n\r\n")
    altered = head + b"\r\n\r\n" + body.replace(*change, 1)
    assert altered != _signed(harbour)
    assert not verified(altered, harbour)


def test_words_added_at_the_end_break_the_signature(with_rsa: Signer) -> None:
    longer = _signed(with_rsa) + b"<p>Buy now!</p>\r\n"
    assert not verified(longer, with_rsa)
    assert b"l=" not in re.findall(rb"[; ]l=", _signed(with_rsa))
    assert perl_verdict(longer, with_rsa).startswith("fail")


@pytest.mark.parametrize(
    "name", [name for name in COVERED if name not in ("Message-ID", "Feedback-ID")]
)
def test_a_second_header_put_in_front_breaks_the_signature(with_rsa: Signer, name: str) -> None:
    doubled = f"{name}: The Harbour Record <evil@port.example>\r\n".encode() + _signed(with_rsa)
    assert not verified(doubled, with_rsa)
    assert perl_verdict(doubled, with_rsa).startswith("fail")


def test_a_relay_may_fold_and_space_headers_anew(harbour: Signer) -> None:
    relayed = _signed(harbour).replace(b"\r\n <", b"\r\n\t  <").replace(b"Date: ", b"date:   ")
    assert relayed != _signed(harbour)
    assert verified(b"Received: from port.example\r\n" + relayed, harbour)


def test_the_same_mail_and_time_give_the_same_signature(harbour: Signer) -> None:
    assert _signed(harbour) == _signed(harbour)
    later = sign((harbour,), _message(), datetime(2026, 11, 22, 8, tzinfo=UTC))
    assert b"t=1795330800;" in _signed(harbour)
    assert later != sign((harbour,), _message(), NOW)


def test_the_signature_is_a_header_of_short_lines(harbour: Signer) -> None:
    raw = sign((replace(harbour, domain=f"{'long.' * 20}harbour.example"),), _message(), NOW)
    first, *others = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert first.startswith(b"DKIM-Signature: v=1;")
    assert all(line.startswith(b" ") and line.strip() for line in others)
    assert max(map(len, raw.split(b"\r\n"))) <= 120


def test_the_key_of_another_newsroom_is_not_believed(tmp_path: Path) -> None:
    ours, theirs = signer("ed25519", tmp_path), signer("ed25519", tmp_path)
    assert not verified(_signed(ours), theirs)


@pytest.mark.parametrize("body", [b"", b"\r\n", b"a\r\n\r\n\r\n", b"\r\n\r\na\r\n"])
def test_any_end_of_a_body_is_signed_as_receivers_read_it(with_rsa: Signer, body: bytes) -> None:
    raw = b"From: news@harbour.example\r\n\r\n" + body
    signed = sign((with_rsa,), raw, NOW) + raw
    assert verified(signed, with_rsa)
    assert perl_verdict(signed, with_rsa) == "pass"


def test_a_line_end_that_is_missing_is_signed_as_if_it_were_there(with_rsa: Signer) -> None:
    raw = b"From: news@harbour.example\r\n\r\nThe ferry sails"
    assert sign((with_rsa,), raw, NOW) == sign((with_rsa,), raw + b"\r\n", NOW)


@pytest.mark.parametrize(
    "raw",
    [b"", b"From: a@harbour.example\n\nhi\n", b"To: a@harbour.example\r\n\r\nhi\r\n", b"\r\n\r\n"],
)
def test_what_is_no_mail_is_not_signed(with_rsa: Signer, raw: bytes) -> None:
    with pytest.raises(InvalidInputError, match="cannot be signed"):
        sign((with_rsa,), raw, NOW)


@given(subject=st.text(max_size=300), name=st.text(max_size=120), text=st.text(max_size=400))
def test_whatever_is_written_the_signature_holds(
    with_rsa: Signer, subject: str, name: str, text: str
) -> None:
    headers = [
        ("From", f"{name} <news@harbour.example>"),
        ("Subject", subject),
        ("List-Id", f"{name} <briefing.harbour.example>"),
    ]
    raw = simple_message(headers, text, f"<p>{text}</p>")
    assert verified(sign((with_rsa,), raw, NOW) + raw, with_rsa)


def _signed(by: Signer) -> bytes:
    return sign((by,), _message(), NOW) + _message()


def _message() -> bytes:
    slots = make_slots("e1")
    greeting = f"Good morning {slots['name']!s}, über die Fähre.\n"
    html = f"<p>{greeting}{'The ferry sails again. ' * 20}</p>\n"
    return Skeleton.prepare(SHARED, text=greeting, html=html, slots=slots, seed="e1").message(ANN)


def _altered(raw: bytes, name: str) -> bytes:
    """The value's last letter or digit made another."""
    found = re.search(rf"^{name}: (?:[^\r]|\r\n )*?(\w)\W*(?=\r\n\S)".encode(), raw, re.MULTILINE)
    assert found
    at = found.start(1)
    other = b"y" if raw[at : at + 1] == b"x" else b"x"
    return raw[:at] + other + raw[at + 1 :]
