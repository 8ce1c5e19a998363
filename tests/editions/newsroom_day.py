"""An invented day at The Harbour Record of Port Ellery: stories and a frame for rendering tests."""

from datetime import UTC, datetime
from types import SimpleNamespace

from publisher.editions.shapes import Frame, Role, StoryView
from publisher.newsroom.incoming import Image

SITE = SimpleNamespace(base_url="https://harbour.example", site_name="The Harbour Record")

PARAGRAPH = (
    "The harbour board voted six to three on Monday for the longer closure, after engineers found "
    "that the piles below the north pier had lost more of their steel than the survey of last "
    "spring had shown, and that patching would not last two winters."
)

_DESKS = (("local", "Local news"), ("sea", "At sea"), ("business", "Business"), ("sport", "Sport"))


def a_story(number: int = 1, **changes: object) -> StoryView:
    """One story; every field can be changed."""
    section, section_name = _DESKS[number % len(_DESKS)]
    values: dict[str, object] = {
        "story_id": number,
        "article_uuid": f"00000000-0000-4000-8000-{number:012d}",
        "version_id": number,
        "title": f"Ferry terminal to close for nine months while the pier is rebuilt ({number})",
        "summary": PARAGRAPH,
        "url": f"https://harbour.example/articles/00000000-{number}/ferry-terminal-to-close",
        "section": section,
        "section_name": section_name,
        "language": "en-GB",
        "byline": "Marta Ellis",
        "place": "PORT ELLERY",
        "published_at": datetime(2026, 3, 10, 5, 40, tzinfo=UTC),
        "reading_minutes": 4,
    }
    return StoryView(**{**values, **changes})  # type: ignore[arg-type]


def a_picture(url: str = "https://harbour.example/pictures/pier.jpg") -> Image:
    """A press picture, three to two."""
    return Image(
        url=url, alt="The north pier at low tide", credit="Ines Okafor", width=1200, height=800
    )


def a_day(count: int, pictures: int = 8) -> list[tuple[StoryView, Role]]:
    """A lead, then full stories, the first few with a picture and one of them corrected."""
    stories = [
        a_story(
            number,
            image=a_picture() if number < pictures else None,
            correction="An earlier version gave the wrong year." if number == 2 else None,
        )
        for number in range(count)
    ]
    return [(view, "lead" if view is stories[0] else "story") for view in stories]


def a_frame(**changes: object) -> Frame:
    """The frame of a morning briefing."""
    values: dict[str, object] = {
        "site_name": "The Harbour Record",
        "newsletter": "Morning briefing",
        "description": "You get Morning briefing every day, because you subscribed to it.",
        "edition_date": datetime(2026, 3, 10, 6, 30, tzinfo=UTC),
        "zone": "Europe/London",
        "language": "en-GB",
        "postal_address": "4 Customs House Lane, Port Ellery PE1 2HR",
        "site_url": "https://harbour.example/",
        "intro": "Good morning. The ferry question was settled late last night.",
    }
    return Frame(**{**values, **changes})  # type: ignore[arg-type]
