from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import NotFoundError
from publisher.mail.maildir import store
from publisher.mail.reading import decoded, head, heads, opened, search

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def keep(folder: Path, raw: bytes, *recipients: str) -> str:
    return store(folder, "news@harbour.example", recipients, raw, NOW)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Plain", "Plain"),
        ("=?utf-8?q?F=C3=A4hre?=", "Fähre"),
        ("=?utf-8?q?a?= =?utf-8?b?Yg==?=", "ab"),
        ("folded\r\n  over\r\n\tlines", "folded over lines"),
        ("=?no-such-charset?q?x?=", "=?no-such-charset?q?x?="),
        ("=?utf-8?b?abcde?=", "=?utf-8?b?abcde?="),
        ("=?utf-7?q?+2AA-?=", "?"),
        ("=?utf-8?q?=0D=0ABcc:_x?=", "Bcc: x"),
    ],
)
def test_a_header_is_read_as_well_as_it_can_be(value: str, read: str) -> None:
    assert decoded(value) == read


def test_a_head_has_the_subject_and_the_envelope(tmp_path: Path) -> None:
    key = keep(
        tmp_path, b"X: subject: no\r\nSUBJECT: =?utf-8?q?F=C3=A4hre?=\r\n stops\r\n\r\n", "a@b"
    )
    found = head(tmp_path, key)
    assert found.subject == "Fähre stops"
    assert found.recipients == ("a@b",)
    assert found.received_at == NOW


def test_a_subject_in_the_body_is_none(tmp_path: Path) -> None:
    assert head(tmp_path, keep(tmp_path, b"To: a@b\r\n\r\nSubject: no\r\n")).subject == ""


def test_what_was_cleared_away_is_left_out(tmp_path: Path) -> None:
    key = keep(tmp_path, b"Subject: x\r\n\r\n")
    gone = f"20260310T093000000000Z-{'0' * 12}"
    assert [one.key for one in heads(tmp_path, [gone, key])] == [key]
    with pytest.raises(NotFoundError):
        head(tmp_path, gone)


def test_search_looks_at_subjects_and_recipients_in_any_case(tmp_path: Path) -> None:
    one = keep(tmp_path, b"Subject: The FERRY\r\n\r\nharbour", "ada@b")
    two = keep(tmp_path, b"Subject: x\r\n\r\nferry", "Ben@b")
    assert [found.key for found in search(tmp_path, "ferry")] == [one]
    assert [found.key for found in search(tmp_path, "bEN@")] == [two]
    assert search(tmp_path, "harbour") == []
    assert search(tmp_path / "none", "x") == []


@pytest.mark.parametrize("charset", ["klingon", "idna", "hex", "utf-7", "unicode_escape"])
def test_an_odd_charset_does_not_hide_the_text(charset: str) -> None:
    raw = f'Content-Type: text/plain; charset="{charset}"\r\n\r\nStops +2AA- \\ud800'.encode()
    text = opened(raw).text
    assert text.startswith("Stops")
    assert text.encode()


def test_an_attached_page_is_not_the_mail() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n<p>file\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nThe mail\r\n--b--\r\n"
    )
    assert opened(raw).html == ""
    assert opened(raw).text == "The mail"


@given(st.binary(max_size=400))
def test_whatever_bytes_there_are_can_be_opened(raw: bytes) -> None:
    seen = opened(raw)
    assert isinstance(seen.text, str)
    for name, value in seen.headers:
        f"{name}{value}".encode()


@given(st.text(max_size=200))
def test_whatever_a_header_says_can_be_printed(value: str) -> None:
    decoded(value).encode()
    decoded(f"=?utf-8?q?{value}?=").encode()
