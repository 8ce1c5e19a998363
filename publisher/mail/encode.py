"""Text into the bytes that mail carries: bodies and encoded words."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

# C0 and C1 controls, DEL, the Unicode line separators, and halves of surrogate pairs, which
# have no UTF-8. Line ends among them become a blank, so that words do not run together.
_UNWANTED = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANKS = frozenset("\r\n\t\v\f\x85\u2028\u2029") | {"\r\n"}
_LINE_ENDS = re.compile("\r\n|\r")
_RISKY_LINE = re.compile(rb"^(?:\.|From )[^\n]*", re.MULTILINE)
_MAX_LINE = 76
_MAX_WORD = 75
_WORD_FRAME = len("=?utf-8?q??=")
_Q_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")


def clean_value(value: str) -> str:
    """A value from outside without control characters; line ends and tabs become blanks."""
    if value.isascii() and value.isprintable():
        return value
    return _UNWANTED.sub(lambda found: " " if found[0] in _BLANKS else "", value)


def clean_values(values: Mapping[str, str]) -> Mapping[str, str]:
    """The same of each; mostly there is nothing to clean, and one look at all tells."""
    together = "".join(values.values())
    if together.isascii() and together.isprintable():
        return values
    return {name: clean_value(value) for name, value in values.items()}


def quoted_printable(text: str) -> bytes:
    """Text as quoted-printable lines with CRLF that end at a line end, hard or soft.

    No line is longer than 76 (RFC 2045 §6.7), none starts with a dot or with `From `: what is
    written so needs no dot-stuffing (RFC 5321 §4.5.2) and survives an mbox.
    """
    if not text:
        return b""
    text = _LINE_ENDS.sub("\n", text) if "\r" in text else text
    raw = text.encode("utf-8", "replace")
    # The extra character keeps the last line one short of full: room for the soft break.
    encoded = binascii.b2a_qp(raw + b"x")[:-1]
    if not encoded.endswith(b"\n"):
        encoded += b"=\n"
    if encoded.startswith(b".") or b"\n." in encoded or b"From " in encoded:
        encoded = _RISKY_LINE.sub(_guarded, encoded)
    return encoded.replace(b"\n", b"\r\n")


def body_bytes(text: str) -> bytes:
    """Text as UTF-8 with CRLF, the form that base64 carries (RFC 2045 §6.8)."""
    return _LINE_ENDS.sub("\n", text).replace("\n", "\r\n").encode("utf-8", "replace")


def encoded_words(text: str, room: int) -> list[str]:
    """Text as encoded words (RFC 2047), each at most 75 long and cut between characters.

    `room` is what the first word may take. The shorter of the two encodings is used.
    """
    tokens = [_q_token(character) for character in text]
    b_length = (len(text.encode()) + 2) // 3 * 4
    if sum(map(len, tokens)) <= b_length:
        return list(_q_words(tokens, max(room, 30)))
    return list(_b_words(text, max(room, 30)))


def _guarded(found: re.Match[bytes]) -> bytes:
    line = found[0]
    first = b"=%02X" % line[0]
    if len(line) + 2 <= _MAX_LINE:
        return first + line[1:]
    return first + b"=\n" + _RISKY_LINE.sub(_guarded, line[1:])


def _q_words(tokens: Sequence[str], room: int) -> Iterator[str]:
    if sum(map(len, tokens)) + _WORD_FRAME <= room:
        yield f"=?utf-8?q?{''.join(tokens)}?="
        return
    word = ""
    for token in tokens:
        if word and len(word) + len(token) + _WORD_FRAME > room:
            yield f"=?utf-8?q?{word}?="
            word, room = "", _MAX_WORD
        word += token
    yield f"=?utf-8?q?{word}?="


@lru_cache(maxsize=1024)  # the letters of names are few
def _q_token(character: str) -> str:
    if character == " ":
        return "_"
    return "".join(chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in character.encode())


def _b_words(text: str, room: int) -> Iterator[str]:
    word = b""
    for character in text:
        coded = character.encode()
        if word and len(word) + len(coded) > (room - _WORD_FRAME) // 4 * 3:
            yield _b_word(word)
            word, room = b"", _MAX_WORD
        word += coded
    yield _b_word(word)


def _b_word(raw: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(raw).decode()}?="
