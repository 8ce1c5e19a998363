"""An invented article in the shape of a page dump, and the ways such dumps differ."""

from publisher.newsroom.incoming import Incoming
from publisher.sources.dump import parse_dump

TITLE = "Ferry returns to Port Ellery after ‘the longest week’ of storms, harbour master says"
OPENING = (
    "On Thursday, the ferry to the outer islands left Port Ellery for the first time in seven "
    "days, carrying post, bread and forty passengers who had slept in the town’s school."
)
MIDDLE = (
    "Harbour master Ida Thorne said the pier had held through winds of 60 knots. “We counted "
    "every hour,” she said, adding that the well-known north light would be repaired by U.S. "
    "engineers in May."
)
LAST = "The next boat leaves on Friday at nine in the morning, weather permitting."
DATELINE = "PORT ELLERY, Ireland (HBR) —"
NUMBERS = "440912 77120034"

HEAD = ("Connect with us", "HARBOUR", TITLE, NUMBERS)
BODY = (f"{DATELINE} {OPENING}", MIDDLE, LAST)
TAIL = (
    "Click to comment",
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "More in HARBOUR",
)
PARAGRAPHS = (OPENING, MIDDLE, LAST)


def dump(
    *, head: tuple[str, ...] = HEAD, body: tuple[str, ...] = BODY, tail: tuple[str, ...] = TAIL
) -> str:
    """The text of a page, its blocks apart by blank lines, without a final line end."""
    return "\n\n".join((*head, *body, *tail))


def read(text: str | bytes) -> Incoming:
    """Read a dump of the invented newsroom."""
    raw = text.encode() if isinstance(text, str) else text
    return parse_dump(raw, source="harbour", external_id="ferry")
