"""The NewsCodes of the IPTC that stories carry. Pure."""

import re

_DIGITAL_SOURCE = re.compile(
    r"https?://cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z][A-Za-z0-9-]{0,63})/?"
)


def digital_source(written: str | None) -> str | None:
    """The address of a digital source type as the IPTC writes it; None for anything else.

    Only its form is looked at: the IPTC adds types, and retires some.
    """
    found = _DIGITAL_SOURCE.fullmatch((written or "").strip())
    return f"http://cv.iptc.org/newscodes/digitalsourcetype/{found[1]}" if found else None
