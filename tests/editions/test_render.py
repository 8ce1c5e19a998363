"""A digest rendered: what is in it, in which order, in both of its parts."""

import re

import pytest
from lxml import html as lxml_html

from publisher.editions.blocks import BlockCache
from publisher.editions.render import render_variant
from publisher.editions.shapes import Frame, RenderedVariant, Role, StoryView
from publisher.errors import RefusedError
from publisher.mail.splice import make_slots
from publisher.newsroom.incoming import Image
from publisher.pages.environment import environment
from publisher.pages.filters import PLAIN_WIDTH
from tests.editions.newsroom_day import PARAGRAPH, SITE, a_day, a_frame, a_picture, a_story

ENV = environment(SITE)
SLOTS = make_slots("edition 1")


def rendered(
    placed: list[tuple[StoryView, Role]] | None = None, frame: Frame | None = None
) -> RenderedVariant:
    return render_variant(frame or a_frame(), placed or a_day(12), SLOTS, BlockCache(), ENV)


def headings(variant: RenderedVariant) -> list[str]:
    page = lxml_html.fromstring(variant.html)
    return [f"{h.tag} {h.text_content()}" for h in page.xpath("//h1 | //h2 | //h3")]


def test_leads_come_first_and_each_section_stands_once() -> None:
    placed: list[tuple[StoryView, Role]] = [
        (a_story(1, title="Gale", section="sea", section_name="At sea"), "story"),
        (a_story(2, title="Ferry", section="local", section_name="Local news"), "lead"),
        (a_story(3, title="Clock", section="local", section_name="Local news"), "line"),
        (a_story(4, title="Herring", section="sea", section_name="At sea"), "story"),
    ]

    assert headings(rendered(placed)) == [
        "h1 The Harbour Record",
        "h2 Top story",
        "h3 Ferry",
        "h2 At sea",
        "h3 Gale",
        "h3 Herring",
        "h2 Local news",
        "h3 Clock",
    ]


def test_both_parts_carry_the_stories_and_what_a_reader_has_a_right_to() -> None:
    variant = rendered()

    for part in (variant.html, variant.text):
        assert "You get Morning briefing every day" in part
        assert "4 Customs House Lane" in part
        assert SLOTS["preferences_url"].pattern in part
        assert SLOTS["unsubscribe_url"].pattern in part
        assert SLOTS["web_url"].pattern in part
        assert all(view.url in part and view.title in part for view, _ in a_day(12))


def test_each_story_is_linked_once_and_the_lead_has_a_button_too() -> None:
    placed = a_day(3)
    links = lxml_html.fromstring(rendered(placed).html).xpath("//a/@href")

    assert [links.count(view.url) for view, _ in placed] == [2, 1, 1]


def test_a_correction_stands_at_its_story_in_both_parts() -> None:
    variant = rendered(a_day(4))

    assert "Correction:</b> An earlier version gave the wrong year." in variant.html
    assert "CORRECTION: An earlier version gave the wrong year." in variant.text


def test_pictures_have_their_size_and_their_alt_text() -> None:
    placed: list[tuple[StoryView, Role]] = [
        (a_story(1, image=a_picture()), "lead"),
        (a_story(2, image=a_picture()), "story"),
        (a_story(3, image=Image(url="https://harbour.example/p.png")), "story"),
        (a_story(4, image=a_picture()), "line"),
    ]
    pictures = lxml_html.fromstring(rendered(placed).html).xpath("//img")

    assert [(p.get("width"), p.get("height"), p.get("alt")) for p in pictures] == [
        ("552", "368", "The north pier at low tide"),
        ("132", "88", "The north pier at low tide"),
        ("132", None, ""),
    ]


def test_hostile_texts_are_printed_and_never_obeyed() -> None:
    title = "<script>alert(1)</script> {{ 7 * 7 }} <!--/blocks--> & \"quotes\" 'n' @import"
    placed: list[tuple[StoryView, Role]] = [(a_story(1, title=title, correction=title), "lead")]

    variant = rendered(placed, a_frame(newsletter=title, intro=title, subject=title))
    page = lxml_html.fromstring(variant.html)

    assert page.xpath("//script") == []
    assert page.xpath("//h3")[0].text_content() == title
    assert page.xpath("//title")[0].text_content() == title
    assert title in " ".join(variant.text.split())


def test_the_text_part_keeps_to_its_columns_and_each_address_to_its_line() -> None:
    lines = rendered(a_day(24)).text.splitlines()

    assert all(len(line) <= PLAIN_WIDTH or line.startswith("https://") for line in lines)
    assert all(line.startswith("https://") for line in lines if "https://" in line)
    assert "== TOP STORY ==" in lines
    assert "--" in lines
    assert not any(line.endswith(" ") for line in lines)


def test_the_subject_is_the_first_headline_and_the_preheader_the_next_ones() -> None:
    placed: list[tuple[StoryView, Role]] = [
        (a_story(1, title="Ferry terminal to close " * 5), "story"),
        (a_story(2, title="Herring are back"), "story"),
        (a_story(3, title="Clock falls silent"), "lead"),
    ]
    variant = rendered(placed)

    assert variant.subject == "Clock falls silent"
    assert variant.preheader.startswith("Plus: Ferry terminal to close")
    assert len(variant.preheader) <= 100
    assert rendered(placed[:1]).subject.endswith("Ferry terminal to…")
    assert rendered(placed[:1]).preheader.startswith(PARAGRAPH[:40])


def test_an_editors_subject_and_preheader_are_kept() -> None:
    frame = a_frame(subject="The ferry\r\nBcc: all", preheader="And <herring> & more")
    variant = rendered(frame=frame)

    assert (variant.subject, variant.preheader) == ("The ferry Bcc: all", "And <herring> & more")
    assert "<title>The ferry Bcc: all</title>" in variant.html
    assert ">And &lt;herring&gt; &amp; more</div>" in variant.html


@pytest.mark.parametrize("language", ["en-GB", "de", "ar", "he", "pt"])
def test_a_newsletter_speaks_its_language_and_begins_on_its_side(language: str) -> None:
    page = lxml_html.fromstring(rendered(frame=a_frame(language=language)).html)
    article = page.xpath("//div[@role='article']")[0]
    rtl = language in {"ar", "he"}

    assert (page.get("lang"), article.get("lang")) == (language, language)
    assert {page.get("dir"), article.get("dir")} == {"rtl" if rtl else "ltr"}
    assert page.xpath("//h2/..")[0].get("align") == ("right" if rtl else "left")


def test_a_story_in_another_language_says_so() -> None:
    placed: list[tuple[StoryView, Role]] = [(a_story(1, title="إغلاق", language="ar"), "story")]
    heading = lxml_html.fromstring(rendered(placed).html).xpath("//h3")[0]

    assert (heading.get("lang"), heading.get("dir"), heading.get("align")) == ("ar", "rtl", "right")


def test_a_digest_of_24_stories_is_below_80_kb() -> None:
    variant = rendered(a_day(24))

    assert variant.html_bytes == len(variant.html.encode()) < 80_000
    assert variant.warnings == ()


def test_the_styles_that_stay_fit_what_gmail_keeps() -> None:
    kept = re.findall(r"<style[^>]*>(.*?)</style>", rendered().html, re.DOTALL)

    assert sum(len(style.encode()) for style in kept) < 8_000


def test_a_digest_above_80_kb_warns() -> None:
    (warning,) = rendered(a_day(50)).warnings

    assert re.match(r"The HTML has 8\d KB", warning)


def test_a_digest_of_100_kb_is_refused() -> None:
    with pytest.raises(RefusedError, match="Take stories out"):
        rendered(a_day(80))


def test_an_edition_without_stories_is_refused() -> None:
    with pytest.raises(RefusedError, match="at least one story"):
        render_variant(a_frame(), [], SLOTS, BlockCache(), ENV)
