"""A strict little reader of messages (RFC 5322, 2045, 2046) that shares no code with `email`."""

import base64
import binascii
import re
from dataclasses import dataclass

_HEADER = re.compile(rb"([!-9;-~]+): ?(.*)", re.DOTALL)
_WORD = re.compile(r"=\?utf-8\?([qb])\?([^? ]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_QP_LINE = re.compile(rb"(?:[!-<>-~]|[ \t](?=.)|=[0-9A-F]{2})*=?")


@dataclass(frozen=True)
class Read:
    """Header names and values as they stand, unfolded; and the two decoded parts."""

    headers: list[tuple[str, str]]
    text: str
    html: str

    def names(self) -> list[str]:
        return [name for name, _ in self.headers]

    def first(self, name: str) -> str:
        return next(value for found, value in self.headers if found == name)


def read_message(raw: bytes) -> Read:
    """Read a multipart/alternative of two encoded parts; any flaw is an AssertionError."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = _headers(head)
    boundary = re.search(r'boundary="([^"]+)"', dict(headers)["Content-Type"])
    assert boundary
    delimiter = b"--" + boundary[1].encode()
    opening, text, html, closing = (b"\r\n" + body).split(b"\r\n" + delimiter)
    assert (opening, closing) == (b"", b"--\r\n")
    return Read(headers, _part(text), _part(html))


def decoded_words(value: str) -> str:
    """A header value with its encoded words decoded (RFC 2047)."""
    assert all(len(word[0]) <= 75 for word in _WORD.finditer(value))
    joined = _BETWEEN_WORDS.sub(r"\1\2", value)
    return _WORD.sub(lambda word: _decoded(word[1], word[2]), joined)


def _headers(head: bytes) -> list[tuple[str, str]]:
    unfolded: list[bytes] = []
    for line in head.split(b"\r\n"):
        assert len(line) <= 998
        assert line.strip(), "a line of blanks only"
        if line.startswith(b" "):
            unfolded[-1] += line
        else:
            unfolded.append(line)
    return [_header(line) for line in unfolded]


def _header(line: bytes) -> tuple[str, str]:
    found = _HEADER.fullmatch(line)
    assert found, line
    return found[1].decode(), found[2].decode()


def _part(part: bytes) -> str:
    head, _, body = part.partition(b"\r\n\r\n")
    lines = body.split(b"\r\n")
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in lines)
    if b"Content-Transfer-Encoding: base64" in head:
        return _from_base64(lines)
    assert b"Content-Transfer-Encoding: quoted-printable" in head
    assert all(map(_QP_LINE.fullmatch, lines)), lines
    assert not lines[-1].endswith(b"=")
    return binascii.a2b_qp(body).decode().replace("\r\n", "\n")


def _from_base64(lines: list[bytes]) -> str:
    """Line by line, so that every line has to be whole; blanks and early padding are flaws."""
    *filled, last = lines
    assert last == b""
    assert all(filled)
    assert not any(b"=" in line for line in filled[:-1])
    raw = b"".join(base64.b64decode(line, validate=True) for line in filled)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return raw.decode().replace("\r\n", "\n")


def _decoded(encoding: str, word: str) -> str:
    if encoding == "b":
        return base64.b64decode(word, validate=True).decode()
    return binascii.a2b_qp(word.replace("_", " ").encode()).decode()
