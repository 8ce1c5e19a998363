"""Blocks: inlined once, alone, and joined to the very bytes that inlining the whole would give."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.editions.arrange import arranged
from publisher.editions.blocks import END, MARK, BlockCache, Looks
from publisher.editions.render import Headed, block_sources, frame_source, render_variant
from publisher.editions.shapes import Frame, Role, StoryView
from publisher.editions.subject import preheader_of, subject_of
from publisher.errors import TemplateBrokenError
from publisher.mail.inline import inline_css
from publisher.mail.splice import make_slots
from publisher.mail.styles import base_styles, refuse_dependent_styles
from publisher.pages.environment import environment
from tests.editions.newsroom_day import SITE, a_day, a_frame, a_picture, a_story
from tests.services.environment import ROOT

ENV = environment(SITE)
SLOTS = make_slots("edition 1")

IN_ANOTHER_PROCESS = """
import hashlib
from tests.editions.test_render_blocks import ENV, SLOTS, a_day, a_frame
from publisher.editions.blocks import BlockCache
from publisher.editions.render import render_variant
variant = render_variant(a_frame(), a_day(12), SLOTS, BlockCache(), ENV)
print(hashlib.sha256((variant.html + variant.text).encode()).hexdigest())
"""


def directly_inlined(frame: Frame, placed: list[tuple[StoryView, Role]]) -> str:
    """The whole page in one go, as if there were no blocks."""
    sections = arranged(placed, frame.language)
    stories = [view for section in sections for view, _ in section.stories]
    page = frame_source(frame, base_styles(ENV, frame.language), ENV)
    page = page.replace(MARK + END, "".join(block_sources(sections, frame.language, ENV)))
    headed = Headed(subject_of(frame, stories, ENV), preheader_of(frame, stories), SLOTS)
    return headed.fill(inline_css(page))


def every_role(language: str) -> list[tuple[StoryView, Role]]:
    """Each role with and without picture, correction, texts; quotes, accents and markup in them."""
    hard = "Café “Zur Möwe” & <Söhne>: it's 100 % \u00a0\u200f open \u2013 \U0001f6a2"
    full = {"image": a_picture(), "correction": hard, "title": hard, "credit": "HBR"}
    bare = {"summary": "", "byline": None, "place": None, "language": language}
    roles: tuple[Role, ...] = ("lead", "story", "line")
    return [
        (a_story(number, **changes), role)
        for number, (role, changes) in enumerate((r, c) for r in roles for c in (full, bare))
    ]


@pytest.mark.parametrize("language", ["en-GB", "de", "ar"])
def test_joined_blocks_equal_the_directly_inlined_page_byte_for_byte(language: str) -> None:
    frame = a_frame(language=language, subject="Fish & <chips>", intro='"Morning" & all')
    placed = every_role(language)

    assert render_variant(frame, placed, SLOTS, BlockCache(), ENV).html == directly_inlined(
        frame, placed
    )


def test_no_mark_of_the_joining_stays_in_the_mail() -> None:
    html = render_variant(a_frame(), a_day(4), SLOTS, BlockCache(), ENV).html

    assert "blocks-->" not in html
    assert "data-premailer" not in html
    assert make_slots("email/digest/body.html")["web_url"].pattern not in html


def test_a_story_is_inlined_once_for_all_editions_and_readers() -> None:
    cache = BlockCache()
    day = a_day(6)
    render_variant(a_frame(), day, SLOTS, cache, ENV)
    after_the_first = cache.inlinings

    render_variant(a_frame(), day[:3], make_slots("edition 2"), cache, ENV)
    render_variant(a_frame(subject="Another"), list(reversed(day)), SLOTS, cache, ENV)
    assert cache.inlinings == after_the_first

    render_variant(a_frame(newsletter="Evening briefing"), day, SLOTS, cache, ENV)
    assert cache.inlinings == after_the_first + 1


def test_a_variant_with_the_looks_of_its_edition_is_the_same_mail() -> None:
    looks = Looks()
    render_variant(a_frame(), a_day(12), SLOTS, BlockCache(), ENV, looks=looks)
    (view, role), *rest = a_day(6)
    placed = [(replace(view, correction="The year was 1998."), role), *reversed(rest)]

    variant = render_variant(a_frame(), placed, SLOTS, BlockCache(), ENV, looks=looks)

    assert variant == render_variant(a_frame(), placed, SLOTS, BlockCache(), ENV)


def test_a_changed_story_is_another_block() -> None:
    cache = BlockCache()
    (view, role), *rest = a_day(3)
    render_variant(a_frame(), [(view, role), *rest], SLOTS, cache, ENV)
    before = cache.inlinings

    corrected = replace(view, correction="The year was 1998.")
    variant = render_variant(a_frame(), [(corrected, role), *rest], SLOTS, cache, ENV)

    assert cache.inlinings == before + 1
    assert "The year was 1998." in variant.html


def test_the_cache_lets_the_longest_unused_piece_go() -> None:
    cache = BlockCache(capacity=2)
    for source in ("a", "b", "a", "c", "a"):
        cache.piece(source, lambda: "made")
    assert cache.inlinings == 3

    cache.piece("b", lambda: "made")
    assert cache.inlinings == 4


@pytest.mark.parametrize("language", ["en", "ar"])
def test_our_base_styles_look_at_one_element_alone(language: str) -> None:
    refuse_dependent_styles(base_styles(ENV, language))


@pytest.mark.parametrize(
    "css",
    [
        ".story p { color: #17191c }",
        "h3 + p { color: #17191c }",
        "td > p { color: #17191c }",
        "p:first-child { color: #17191c }",
        "#lead { color: #17191c }",
        "* { margin: 0 }",
        "td[align] { margin: 0 }",
        "p, .story .meta { margin: 0 }",
        "p { margin: 0 !important }",
        "@media print { p { margin: 0 } }",
    ],
)
def test_styles_that_look_around_are_refused(css: str, tmp_path: Path) -> None:
    (tmp_path / "email/styles").mkdir(parents=True)
    (tmp_path / "email/styles/base.css").write_text(css)
    env = environment(SITE, override=tmp_path)

    with pytest.raises(TemplateBrokenError, match=r"base\.css"):
        render_variant(a_frame(), a_day(2), SLOTS, BlockCache(), env)


@pytest.mark.parametrize(
    ("template", "old", "new", "reason"),
    [
        ("digest/body.html", "slots.unsubscribe_url", "frame.site_url", "unsubscribe_url"),
        ("digest/body.txt", "{{ slots.web_url }}", "", "web_url"),
        ("digest/body.html", "{{ blocks }}", "", "blocks"),
        ("digest/body.html", "{{ blocks }}", "{{ blocks }}{{ blocks }}", "blocks"),
        ("page.html", "{{ subject }}", "{{ subject | upper }}", "as they are"),
        ("digest/body.html", "{{ blocks }}", "{% if slots.name %}{% endif %}{{ blocks }}", "name"),
        ("digest/story.html", "{{ story.title }}", "{{ story.tilte }}", r"story\.html:\d+ .*tilte"),
        ("digest/story.html", "{{ story.title }}", "{{ frame.intro }}", r"story\.html:\d+ .*frame"),
    ],
)
def test_a_template_that_leaves_out_or_alters_what_it_must_print_is_broken(
    template: str, old: str, new: str, reason: str, tmp_path: Path
) -> None:
    ours = (ROOT / "templates/email" / template).read_text()
    assert old in ours
    theirs = tmp_path / "email" / template
    theirs.parent.mkdir(parents=True)
    theirs.write_text(ours.replace(old, new))
    env = environment(SITE, override=tmp_path)

    with pytest.raises(TemplateBrokenError, match=reason):
        render_variant(a_frame(), a_day(2), SLOTS, BlockCache(), env)


def test_an_edited_template_shows_in_the_next_rendering(tmp_path: Path) -> None:
    heading = tmp_path / "email/digest/section.html"
    heading.parent.mkdir(parents=True)
    heading.write_text('<h2 class="sans">Page: {{ name }}</h2>')
    env, cache = environment(SITE, override=tmp_path), BlockCache()
    before = render_variant(a_frame(), a_day(2), SLOTS, cache, env).html

    heading.write_text('<h2 class="sans">Desk: {{ name }}</h2>')
    os.utime(heading, (0, 0))  # an edit within the clock's tick would look like no edit

    assert "Page: Top story" in before
    assert "Desk: Top story" in render_variant(a_frame(), a_day(2), SLOTS, cache, env).html


def test_two_processes_with_other_hash_seeds_render_the_same_bytes() -> None:
    prints = [
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]

    assert prints[0] == prints[1]
