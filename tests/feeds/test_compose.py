"""From stored rows to an entry, whatever the rows hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.compose import CONTENT_BYTES, entry_of, web_address
from publisher.feeds.entry import Entry
from publisher.feeds.formats import FORMATS
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.newsroom.versions import version_row
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import load_settings
from tests.feeds.samples import ADDRESS, NOON, head, read, story

UUID = "01957f00-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "nasty",
    ["\x00", "\x08", "\x10", "\x1f", "\x7f", "\x9f", "\ufffe", "\uffff", "\ud83d"],
)
def test_a_character_that_xml_cannot_carry_is_dropped(nasty: str) -> None:
    body = f"<p>Lit{nasty} again 😀.</p>"
    made = _entry(title=f"Lights{nasty} on", body_html=body, tags=(f"la{nasty}mps",))
    for fmt in FORMATS:
        seen = read(fmt.document(head(fmt.name), [fmt.fragment(made)]), fmt.name)[0]
        assert seen["title"] == "Lights on"
        assert "<p>Lit again 😀.</p>" in seen["content"]
        assert seen["categories"] == ["Harbour", "lamps"]


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:x,y", "/x.jpg", "//cdn.example/x", "", "http://", None),
        *(
            "http://[bad/",
            "https://[::1/a.jpg",
            "http://]/",
            "[",
            "//[",
            "http:[a]",
        ),
    ],
)
def test_an_address_that_is_none_is_left_out_and_the_story_kept(url: str | None) -> None:
    made = _entry({"image": {"url": url}, "comments": {"open": True, "url": url}})
    assert (made.image, made.comments_url) == (None, None)


@given(text=st.text("[]:/@#?.%a1v℀ ") | st.text())
def test_no_address_whatever_it_is_harms_its_story(text: str) -> None:
    for url in (text, f"http://{text}", f"https://[{text}/"):
        assert (web_address(url) or "http").startswith("http")


def test_an_address_in_any_script_becomes_one_that_feeds_may_carry() -> None:
    made = _entry({"image": {"url": " https://pics.example/été lamp.jpg?a=1&b=%20\x10"}})
    assert made.image is not None
    assert made.image.url == "https://pics.example/%C3%A9t%C3%A9%20lamp.jpg?a=1&b=%20"


def test_the_picture_comes_once_with_its_words() -> None:
    assert _entry().content.startswith(
        '<figure>\n<img src="https://pics.example/lamp.jpg?w=8&amp;h=6" alt="A lamp">\n'
        "<figcaption>At dusk Picture: HBR</figcaption>\n</figure>\n<p>The lamps"
    )
    body = '<p><img src="https://pics.example/lamp.jpg?w=8&amp;h=6" alt=""></p>'
    assert _entry(body_html=body).content == body


def test_the_dateline_stands_before_the_text() -> None:
    made = _entry({"dateline": {"text": "PORT ELLERY (HBR)"}}, image=None)
    assert made.content.startswith("<p><em>PORT ELLERY (HBR)</em></p>\n<p>The lamps")


def test_an_agency_signs_where_nobody_does() -> None:
    assert _entry(byline=None, credit="HBR").authors == ("HBR",)
    assert _entry(byline=None, credit=None).authors == ()


def test_a_story_read_from_right_to_left_says_so() -> None:
    made = _entry(language="ar", title="عودة الأضواء إلى الميناء")
    assert made.content.startswith('<div dir="rtl" lang="ar">')
    assert made.content.endswith("</div>")
    assert b'<entry xml:lang="ar">' in FORMATS[1].fragment(made)
    assert b"<dc:language>ar</dc:language>" in FORMATS[0].fragment(made)


def test_marks_that_turn_the_direction_of_writing_do_not_leave_the_house() -> None:
    made = _entry(title="\u202bعودة\u202c lamps", body_html="<p>\u202eabc</p>")
    assert (made.title, made.content.endswith("<p>abc</p>")) == ("عودة lamps", True)


def test_a_story_without_any_words_is_still_described() -> None:
    made = _entry({"summary": "", "body_html": ""}, title="Lights")
    assert made.summary == "Lights"


def test_a_huge_story_comes_with_its_summary_only() -> None:
    made = _entry(body_html="<p>" + "lamp " * CONTENT_BYTES + "</p>")
    assert len(made.content) < 1000
    assert f'<a href="{made.url}">Read the story</a>' in made.content


def test_a_story_without_a_title_is_named_by_its_summary() -> None:
    assert _entry(title=" \x10 ").title == "The lamps were lit again on Monday."


def test_a_correction_comes_first_everywhere() -> None:
    made = _entry(article={"correction": "It was <Tuesday>."})
    assert made.content.startswith("<p><strong>Correction:</strong> It was &lt;Tuesday&gt;.</p>")
    assert made.summary == "Correction: It was <Tuesday>. — The lamps were lit again on Monday."


@pytest.mark.parametrize(
    ("claimed", "told"),
    [
        (NOON - timedelta(days=400), NOON - timedelta(days=400)),
        (NOON + timedelta(seconds=1), NOON),
        (datetime(2099, 1, 1, tzinfo=UTC), NOON),
        (datetime(999, 1, 1, tzinfo=UTC), datetime(999, 1, 1, tzinfo=UTC)),
        (None, NOON),
    ],
)
def test_a_date_is_believed_if_it_is_not_after_publication(
    claimed: datetime | None, told: datetime
) -> None:
    made = _entry(article={"published_at": claimed})
    assert made.published_at == told
    for fmt in FORMATS:
        assert fmt.seen(fmt.document(head(fmt.name), [fmt.fragment(made)])) == [(made.id, told)]


def _entry(
    version: dict[str, Any] | None = None, *, article: dict[str, Any] | None = None, **changes: Any
) -> Entry:
    """The entry of a story, with values of its version or article set behind its back."""
    incoming = story(**changes)
    row = version_row(1, 1, incoming, "0" * 64, NOON)
    for name, value in (version or {}).items():
        setattr(row, name, value)
    fields = {
        "uuid": UUID,
        "state": ArticleState.PUBLISHED,
        "rights_status": incoming.rights_status,
        "language": incoming.language,
        "received_at": NOON,
        "eligible_at": NOON,
        "updated_at": NOON,
    }
    made = ArticleRow(**{**fields, **(article or {})})
    env = environment(load_settings(site_name="The Harbour Record"))
    return entry_of(made, row, links=Links(ADDRESS), env=env)
