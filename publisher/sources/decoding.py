"""Turns the bytes of a file into text, or says why they are none."""

import re

from publisher.errors import InvalidInputError

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_CHARSET_WITHIN = 4096
_OLD_CHARSETS = re.compile(
    r"iso-8859-\d+|windows-(?:125\d|874)|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:2312|k|18030)|big5"
)
_AS_BROWSERS_DO = {"iso-8859-1": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030"}
_MOST_CONTROLS = 100  # one in a hundred characters; text has none, a stray one does no harm


def decode_text(raw: bytes) -> str:
    """Decode UTF-8 (with or without a byte order mark), marked UTF-16, else Windows-1252.

    Raises InvalidInputError for nothing, for what is not text, and for UTF-8 with broken places:
    read as Windows-1252 it would come out garbled.
    """
    if not raw.strip():
        raise InvalidInputError("The file is empty. Save it again with its text.")
    for signature, kind in _SIGNATURES:
        if raw.startswith(signature):
            raise InvalidInputError(f"This is {kind}, not text. Save the article as plain text.")
    text = _decode_utf_16(raw) if raw.startswith(_UTF_16) else _decode_bytes(raw)
    if len(_CONTROLS.findall(text)) * _MOST_CONTROLS > len(text):
        raise InvalidInputError(_BINARY)
    return text


def decode_page(raw: bytes) -> str:
    """Decode a web page by the character set it declares, else like any other text.

    Raises InvalidInputError as `decode_text` does.
    """
    declared = _CHARSET.search(raw[:_CHARSET_WITHIN])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if _OLD_CHARSETS.fullmatch(name) and b"\0" not in raw:
        try:
            return raw.decode(_AS_BROWSERS_DO.get(name, name))
        except (UnicodeDecodeError, LookupError):
            return decode_text(raw)
    return decode_text(raw)


_BINARY = "This is a binary file, not text. Save the article as plain text in UTF-8."


def _decode_utf_16(raw: bytes) -> str:
    try:
        return raw.decode("utf-16")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            "The file is cut short in the middle of a character (UTF-16). Save it again as UTF-8."
        ) from error


def _decode_bytes(raw: bytes) -> str:
    if b"\0" in raw:
        raise InvalidInputError(_BINARY)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _is_broken_utf_8(raw, error):
            raise InvalidInputError(
                f"The file is UTF-8 but broken at byte {error.start}: it may be cut short. "
                "Save it again as UTF-8."
            ) from error
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"The file is neither UTF-8 nor Windows-1252 (byte {error.start}). Save it as UTF-8."
        ) from error


def _is_broken_utf_8(raw: bytes, error: UnicodeDecodeError) -> bool:
    read = raw.decode("utf-8", "replace")
    broken = read.count("\ufffd")
    whole = sum(not character.isascii() for character in read) - broken
    cut_off = error.reason == "unexpected end of data" and len(raw) - error.start > 1
    return whole > broken or cut_off
