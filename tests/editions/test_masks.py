"""Selection by bits gives what a plain reading of the rule gives, for any stories and reader."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.editions.masks import (
    WELCOME_BACK,
    had_mask,
    mask_of,
    positions_of,
    section_mask,
    steps,
    words_of,
)
from publisher.editions.select import Candidate, in_order, rank

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
SECTIONS = ("local", "sport", "culture")
moments = st.integers(0, 7 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


@st.composite
def newsrooms(draw: st.DrawFn) -> list[Candidate]:
    """Up to 150 stories in edition order: more than one word of bits holds."""
    ages = draw(st.lists(st.tuples(st.sampled_from(SECTIONS), moments), max_size=150))
    found = [
        Candidate(number, number, number, section, moment)
        for number, (section, moment) in enumerate(ages)
    ]
    return in_order(found, SECTIONS)


@given(
    stories=newsrooms(),
    chosen=st.sets(st.sampled_from(SECTIONS)),
    had=st.sets(st.integers(0, 149)),
    subscribed_at=moments,
    most=st.integers(1, 30),
)
def test_a_reader_gets_the_best_of_what_is_open_to_them_and_new(
    stories: list[Candidate], chosen: set[str], had: set[int], subscribed_at: datetime, most: int
) -> None:
    step = next(one for one in steps(stories) if one.since <= subscribed_at < one.until)
    mask = section_mask(",".join(sorted(chosen)), stories) & step.mask & ~had_mask(stories, had)

    given_out = positions_of(mask, stories, most)

    open_to = [
        at
        for at, story in enumerate(stories)
        if (not chosen or story.section in chosen)
        and story.eligible_at > subscribed_at - WELCOME_BACK
        and story.story_id not in had
    ]
    best = sorted(open_to, key=lambda at: rank(stories[at]))[:most]
    assert list(given_out) == sorted(best)


@given(mask=st.integers(0, 2**200), spare=st.integers(0, 2))
def test_a_mask_comes_back_from_its_words(mask: int, spare: int) -> None:
    words = words_of(mask, 4 + spare)

    assert mask_of(words) == mask
    assert all(0 <= word < 2**63 for word in words)
