"""Header lines that say what was meant and nothing else, whatever the values hold."""

import re
import textwrap
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from publisher.errors import InvalidInputError
from publisher.mail.addresses import envelope_address
from publisher.mail.encode import clean_value, encoded_words

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PLAIN = re.compile(r"[ -~]*")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~ -]*")
_WORDS = re.compile(r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)*")  # as most names are: need no care
_BRACKETED = re.compile(r"(.*)<([^<>]*)>\s*", re.DOTALL)
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_BLANKS = re.compile(r" {2,}")
_COMMAS = re.compile(r",\s*(?![^<]*>)")  # none that stands between angle brackets
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_MAILBOX = frozenset(("from", "sender", "reply-to", "to"))
_VERBATIM = frozenset(("message-id", "in-reply-to", "references", "date", "feedback-id"))
_MAX_LINE = 78
_LIMIT = 998  # RFC 5322 §2.1.1
_MAX_DISPLAY_NAME = 100


def header(name: str, value: str) -> bytes:
    """One header, cleaned, encoded and folded, with its line end.

    Address headers take one `Display Name <address>` with the name as a person would write it.
    List headers and identifiers stay verbatim and fold only at commas, because an encoded or
    broken URL shows no unsubscribe button (RFC 8058, RFC 2369). All else is text (RFC 2047).
    Raises InvalidInputError for a name that is none or a line over 998 characters, RefusedError
    for an address that cannot be mailed.
    """
    return _checked(name, _writer(name)(name, value))


def address_header(name: str, display_name: str, address: str) -> bytes:
    """An address header of one person; the display name is capped at 100 characters."""
    address = envelope_address(address)
    if _WORDS.fullmatch(display_name):
        line = f"{name}: {display_name} <{address}>"
        if len(line) <= _MAX_LINE:
            return line.encode("ascii") + b"\r\n"
    phrase = _phrase(_header_text(display_name)[:_MAX_DISPLAY_NAME].strip(), len(name) + 2)
    line = f"{name}: {phrase} <{address}>" if phrase else f"{name}: {address}"
    if len(line) > _MAX_LINE and phrase:
        line = f"{name}: {phrase}\r\n <{address}>"
    return _checked(name, line)


@lru_cache(maxsize=128)
def _writer(name: str) -> Callable[[str, str], str]:
    """How this header is written."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"“{ascii(name)[1:-1]}” is not a header name; use A-Z, 0-9 and -.")
    kind = name.lower()
    if kind in _MAILBOX:
        return _mailbox_header
    if kind == "list-id":
        return _list_id_header
    if kind.startswith("list-") or kind in _VERBATIM:
        return _verbatim_header
    return _text_header


def _mailbox_header(name: str, value: str) -> str:
    found = _BRACKETED.fullmatch(value)
    display_name, address = (_unquoted(found[1]), found[2]) if found else ("", value)
    return address_header(name, display_name, address.strip())[:-2].decode()


def _list_id_header(name: str, value: str) -> str:
    found = _BRACKETED.fullmatch(value)
    if not found:
        return f"{name}: {_verbatim(value)}"
    phrase = _phrase(_header_text(_unquoted(found[1])), len(name) + 2)
    list_id = f"<{_verbatim(found[2])}>"
    line = f"{name}: {phrase} {list_id}" if phrase else f"{name}: {list_id}"
    return line if len(line) <= _MAX_LINE else f"{name}: {phrase}\r\n {list_id}"


def _verbatim_header(name: str, value: str) -> str:
    return f"{name}: {_verbatim(value)}"


def _verbatim(value: str) -> str:
    if not _PLAIN.fullmatch(value) or "=?" in value:
        # An encoded word must not arise; in a URL %3F means the same as the question mark.
        value = quote(_header_text(value), safe=_ASCII).replace("=?", "=%3F")
    if len(value) <= _MAX_LINE or "," not in value:
        return value
    return ",\r\n ".join(_COMMAS.split(value))


def _text_header(name: str, value: str) -> str:
    value = _header_text(value)
    room = _MAX_LINE - 2 - len(name) - 2
    words = value.split(" ")
    plain = _PLAIN.fullmatch(value) and "=?" not in value
    if plain and len(name) + 2 + len(value) <= _MAX_LINE:
        return f"{name}: {value}"
    if plain and len(words[0]) <= room and max(map(len, words)) < _MAX_LINE - 1:
        lines = textwrap.wrap(
            f"{name}: {value}", _MAX_LINE - 1, break_long_words=False, break_on_hyphens=False
        )
        return "\r\n ".join(lines)
    return f"{name}: " + "\r\n ".join(encoded_words(value, room))


def _phrase(name: str, used: int) -> str:
    quoted = name
    if not _PHRASE.fullmatch(name):
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not _PLAIN.fullmatch(name) or "=?" in name or used + len(quoted) > _MAX_LINE:
        return "\r\n ".join(encoded_words(name, _MAX_LINE - 2 - used))
    return quoted


def _unquoted(name: str) -> str:
    name = name.strip()
    quoted = _QUOTED.fullmatch(name)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else name


def _header_text(value: str) -> str:
    """The value on one line; runs of blanks become one, because folding may not keep them."""
    return _BLANKS.sub(" ", clean_value(value)).strip(" ")


def _checked(name: str, line: str) -> bytes:
    if len(line) > _LIMIT and max(map(len, line.split("\r\n"))) > _LIMIT:
        raise InvalidInputError(f"The header {name} is longer than {_LIMIT}; shorten its value.")
    return line.encode("ascii") + b"\r\n"
