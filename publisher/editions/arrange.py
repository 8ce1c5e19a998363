"""The order of a digest: what stands under which heading."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.editions.shapes import Role, StoryView
from publisher.pages.translations import words

Placed = Sequence[tuple[StoryView, Role]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the stories under it, in order."""

    name: str
    stories: tuple[tuple[StoryView, Role], ...]


def arranged(placed: Placed, language: str) -> tuple[Section, ...]:
    """Put leads under “Top story”, then each section once, in order of first appearance."""
    leads: list[tuple[StoryView, Role]] = []
    desks: dict[str, list[tuple[StoryView, Role]]] = {view.section: [] for view, _ in placed}
    for view, role in placed:
        (leads if role == "lead" else desks[view.section]).append((view, role))
    top = [Section(words(language)["top_story"], tuple(leads))] if leads else []
    rest = [Section(desk[0][0].section_name, tuple(desk)) for desk in desks.values() if desk]
    return (*top, *rest)
