"""Quoted-printable lines and encoded words."""

import binascii

import pytest

from publisher.mail.encode import clean_value, encoded_words, quoted_printable
from tests.mail.reader import decoded_words


@pytest.mark.parametrize("filling", ["x", ".", "=", " ", "é", "日", "From ", ".From ", "a.", " ."])
def test_no_quoted_line_is_longer_than_76_at_any_length(filling: str) -> None:
    for length in range(170):
        text = (filling * length)[:length]
        encoded = quoted_printable(text)

        assert binascii.a2b_qp(encoded).decode() == text
        assert encoded == b"" or encoded.endswith(b"\r\n")
        for line in encoded.split(b"\r\n"):
            assert len(line) <= 76
            assert not line.startswith((b".", b"From "))
            assert not line.endswith((b" ", b"\t"))


def test_all_line_ends_become_crlf() -> None:
    assert quoted_printable("a\nb\r\nc\rd\n") == b"a\r\nb\r\nc\r\nd\r\n"


def test_text_without_a_line_end_ends_in_a_soft_break() -> None:
    assert quoted_printable("Ann") == b"Ann=\r\n"


def test_a_value_loses_its_controls_and_keeps_its_words_apart() -> None:
    assert clean_value("Ann\r\nBcc:\tx\x00\x1b[0m\u2028y\x85z\ud800") == "Ann Bcc: x[0m y z"


def test_a_clean_value_stays_as_it_is() -> None:
    value = " Łucja   O'Neil \u200f\u0301👩🏽\u200d🚀 "

    assert clean_value(value) == value


@pytest.mark.parametrize(
    "text", ["Łódź", "日本語" * 50, "👩🏽‍🚀" * 30, "a" * 300, "=?utf-8?q?x?=", "é a"]
)
@pytest.mark.parametrize("room", [1, 30, 50, 75])
def test_encoded_words_are_short_and_never_cut_a_character(text: str, room: int) -> None:
    words = encoded_words(text, room)

    assert all(len(word) <= 75 for word in words)
    assert len(words[0]) <= max(room, 30)
    assert "".join(decoded_words(word) for word in words) == text


def test_the_shorter_encoding_is_used() -> None:
    assert encoded_words("Café news", 75) == ["=?utf-8?q?Caf=C3=A9_news?="]
    assert encoded_words("日本語", 75)[0].startswith("=?utf-8?b?")
