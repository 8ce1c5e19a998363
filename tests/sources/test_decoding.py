"""Bytes that are text, and bytes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInputError
from publisher.sources.decoding import decode_page, decode_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_usual_encodings_are_read(encoding: str) -> None:
    assert decode_text("“Ferry” – späte Fähre".encode(encoding)) == "“Ferry” – späte Fähre"


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b"\n \t", "empty"),
        (b"%PDF-1.7 \xe2\xe3", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x89PNG\r\n", "PNG"),
        (b"text\0text", "binary"),
        (bytes(range(1, 32)) * 9, "binary"),
        ("“Ferry” – Fähre".encode() + b"\xff", "broken at byte 22"),
        ("Ferry”".encode()[:-1], "broken at byte 5"),
        (b"\x81\x8d", "neither"),
        (b"\xff\xfea", "UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(raw: bytes, word: str) -> None:
    with pytest.raises(InvalidInputError, match=word) as refusal:
        decode_text(raw)
    assert "ave" in str(refusal.value)


def test_a_page_is_read_in_the_character_set_it_declares() -> None:
    page = '<meta charset="windows-1251"><p>Паром'.encode("cp1251")
    assert decode_page(page).endswith("Паром")


def test_a_page_that_declares_nonsense_is_read_like_text() -> None:
    assert decode_page(b'<meta charset="hex"><p>Ferry').endswith("Ferry")


@given(st.binary())
def test_any_bytes_are_text_or_refused(raw: bytes) -> None:
    for decode in (decode_text, decode_page):
        try:
            decode(raw)
        except InvalidInputError:
            continue
