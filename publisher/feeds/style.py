"""What a browser makes of a feed: a style sheet that turns it into a page one can read.

CSS only: browsers are giving XSLT up. Programs ignore the instruction.
"""

from urllib.parse import urlsplit

STYLE_SHEET = "static/feed.css"


def styled(document: bytes, home_url: str) -> bytes:
    """The document with its style sheet named (W3C, Associating Style Sheets with XML).

    The address is the path alone, so that it is of one origin with the feed under any name of the
    site; and it never changes, since whatever changes in a feed has every reader fetch it again.
    """
    declaration, end, rest = document.partition(b"?>\n")
    href = f"{urlsplit(home_url).path}{STYLE_SHEET}"
    return declaration + end + f'<?xml-stylesheet type="text/css" href="{href}"?>\n'.encode() + rest
