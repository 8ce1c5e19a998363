"""Newsletters that share stories and readers, sent at the same moment."""

from collections import Counter

from tests.stories.live import LiveNewsroom, text_of

SECTIONS = ("piers", "pools", "parks")
STORIES = ("anchor", "bollard", "capstan", "davit", "eyelet", "fender")


def test_no_story_reaches_a_reader_twice(newsroom: LiveNewsroom) -> None:
    readers = []
    for slug in SECTIONS:
        newsroom.newsletter(slug, *(one for one in SECTIONS if one != slug))
        readers = [newsroom.world.reader(f"both{n:02}", slug) for n in range(30)]
    for number, story in enumerate(STORIES):
        newsroom.world.story(story, SECTIONS[number % 3])

    for edition in newsroom.send(*SECTIONS):
        assert newsroom.ended(edition).adds_up

    for reader in readers:
        text = "".join(map(text_of, newsroom.mails_to(reader)))
        told = Counter(story for story in STORIES for _ in range(text.count(f"* {story.title()}")))
        assert told == dict.fromkeys(STORIES, 1)
