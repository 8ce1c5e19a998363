"""Invented stories for the benches of feeds, about 6 kB of text each, always the same."""

import random
from datetime import datetime, timedelta
from typing import Any

from publisher.newsroom.incoming import Image, Incoming

SECTIONS = ("harbour", "council", "schools", "weather", "sport")
_AUTHORS = ("Mara Quill", "Tom Reed", "Ines Carrow", "Jonas Vale")
_TAGS = ("ferries", "quays", "budget", "storms", "rowing", "lamps")
_PROSE = (
    "the harbour board said on Tuesday that a new ferry would leave from Slate Quay every morning "
    "after nine months of work at the north pier and the council agreed to pay for the lamps while "
    "residents of Port Ellery asked why the school boat had been so late and who had signed the "
    "contract with its builders before the storm in March closed two of the roads to the market"
)
_WORDS = _PROSE.split()
_SENTENCES, _PARAGRAPHS = 4, 12
_SHORTEST, _LONGEST = 12, 26  # words of a sentence


def invented(number: int, newest_at: datetime, **changes: Any) -> Incoming:
    """Story `number`, so many minutes older than the newest one; it lacks nothing."""
    chance = random.Random(number)  # noqa: S311 - the same in every run is what is wanted
    paragraphs = tuple(_paragraph(chance) for _ in range(_PARAGRAPHS))
    fields = {
        "title": f"{_sentence(chance).rstrip('.')[:70]}, part {number}",
        "paragraphs": paragraphs,
        "body_html": "\n".join(f"<p>{text}</p>" for text in paragraphs),
        "section": SECTIONS[number % len(SECTIONS)],
        "section_name": SECTIONS[number % len(SECTIONS)].title(),
        "byline": " and ".join(chance.sample(_AUTHORS, 1 + number % 2)),
        "tags": tuple(chance.sample(_TAGS, 2)),
        "published_at": newest_at - timedelta(minutes=number),
        "rights_status": "full",
        "image": Image(
            f"https://pics.harbour.example/{number}.jpg", "The quay", "HBR", "At dusk", 1200, 800
        ),
    }
    return Incoming(source="bench", external_id=f"story-{number}", **{**fields, **changes})


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(_SENTENCES))


def _sentence(chance: random.Random) -> str:
    words = chance.choices(_WORDS, k=chance.randint(_SHORTEST, _LONGEST))
    return f"{' '.join(words).capitalize()}."
