"""What every format must do: any line in the registry is held to all of this."""

import json
import locale
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.feeds.entry import Deleted
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.paths import MEDIA_TYPES
from publisher.newsroom.characters import one_line, printable
from publisher.newsroom.incoming import Image
from tests.feeds.samples import ADDRESS, NOON, entry, head, read

every_format = pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)


@every_format
def test_a_reader_finds_each_entry_as_it_was_written(fmt: Format) -> None:
    entries = [entry(1), entry(2, authors=(), image=None), entry(3)]
    found = read(_document(fmt, *entries), fmt.name)
    for written, seen in zip(entries, found, strict=True):
        assert seen == {
            "id": written.id,
            "link": written.url,
            "title": written.title,
            "content": written.content,
            "published": written.published_at,
            "updated": written.updated_at,
            "authors": list(written.authors),
            "categories": list(written.categories),
            "image": written.image.url if written.image else None,
        }


@every_format
def test_the_document_gives_ids_and_dates_back(fmt: Format) -> None:
    entries = [entry(1), entry(2)]
    assert fmt.seen(_document(fmt, *entries)) == [(one.id, one.published_at) for one in entries]


@every_format
def test_an_entry_is_taken_out_and_the_others_stay_as_they_are(fmt: Format) -> None:
    entries = [entry(1), entry(2, title="AT&T ]]> 😀"), entry(3)]
    text = fmt.without(_document(fmt, *entries), {entries[0].id, entries[2].id})
    assert read(text, fmt.name) == read(_document(fmt, entries[1]), fmt.name)
    assert b"AT" in text
    assert entries[0].url.encode() not in text


@every_format
def test_a_feed_without_entries_is_a_document_too(fmt: Format) -> None:
    assert read(_document(fmt), fmt.name) == []


@every_format
def test_a_format_has_a_media_type_with_its_encoding(fmt: Format) -> None:
    assert MEDIA_TYPES[fmt.name].endswith("; charset=utf-8")


@every_format
@given(text=st.text(max_size=60))
def test_any_cleaned_text_comes_back_as_it_was(fmt: Format, text: str) -> None:
    title, content = one_line(text) or "Untitled", f"<p>{printable(text)}</p>"
    assert _plain(_document(fmt, entry(title=title, content=content)), fmt) == (title, content)


@every_format
@pytest.mark.parametrize(
    "text",
    [
        "if (a[b[0]]>1) ]]> <![CDATA[ nested ]]>",
        "families 👩‍👩‍👧‍👦 and flags 🇳🇱 and e\u0301",
        "\u05e9\u05dc\u05d5\u05dd and العربية in one line",
        "AT&amp;T &lt;b&gt; &nbsp; & < > \" '",
        "\U0001d11e and \ufffd",
    ],
)
def test_nasty_but_lawful_text_comes_back_as_it_was(fmt: Format, text: str) -> None:
    content = f"<p>{text}</p>"
    assert read(_document(fmt, entry(content=content)), fmt.name)[0]["content"] == content


@every_format
def test_an_address_keeps_its_ampersands(fmt: Format) -> None:
    document = _document(fmt, entry(url=f"{ADDRESS}/articles/1/a?b=1&c=2"))
    assert read(document, fmt.name)[0]["link"] == f"{ADDRESS}/articles/1/a?b=1&c=2"


@every_format
def test_eight_threads_write_the_same_and_leave_the_locale_alone(fmt: Format) -> None:
    before = locale.setlocale(locale.LC_ALL)
    with ThreadPoolExecutor(8) as threads:
        documents = set(threads.map(lambda _: _document(fmt, entry(1), entry(2)), range(8 * 200)))
    assert len(documents) == 1
    assert locale.setlocale(locale.LC_ALL) == before


@every_format
def test_dates_are_written_without_setting_the_locale(
    fmt: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("the locale belongs to the whole process")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert _document(fmt, entry())


def test_a_tombstone_stands_in_the_atom_feed() -> None:
    atom = next(fmt for fmt in FORMATS if fmt.name == "atom")
    gone = Deleted("urn:uuid:01957f00-0000-7000-8000-000000000009", NOON)
    text = atom.document(head("atom", deleted=(gone,)), [atom.fragment(entry())])
    assert f'<at:deleted-entry ref="{gone.id}" when="2026-03-10T12:00:00+00:00"/>' in text.decode()
    assert len(atom.seen(text)) == 1


def test_a_tombstone_stands_in_the_json_feed() -> None:
    fmt = next(fmt for fmt in FORMATS if fmt.name == "json")
    gone = Deleted("urn:uuid:01957f00-0000-7000-8000-000000000009", NOON)
    feed = json.loads(fmt.document(head("json", deleted=(gone,)), [fmt.fragment(entry())]))
    assert feed["_tombstones"]["deleted"] == [{"ref": gone.id, "when": NOON.isoformat()}]
    assert "_tombstones" not in json.loads(_document(fmt, entry()))


def test_rss_tells_readers_when_a_story_was_corrected() -> None:
    rss = next(fmt for fmt in FORMATS if fmt.name == "rss")
    text = rss.fragment(entry(updated_at=NOON + timedelta(days=1))).decode()
    assert "<atom:updated>2026-03-11T12:00:00+00:00</atom:updated>" in text
    assert "<comments>https://talk.example/lights?a=1&amp;b=2</comments>" in text
    assert '<guid isPermaLink="false">urn:uuid:' in text


def test_a_description_is_markup_too_and_stands_before_the_story() -> None:
    rss = next(fmt for fmt in FORMATS if fmt.name == "rss")
    text = rss.fragment(entry(summary="Lamps & lights")).decode()
    assert text.index("<description>Lamps &amp;amp; lights</description>") < text.index("encoded>")


def test_a_notice_of_rights_stands_in_the_formats_that_have_a_word_for_it() -> None:
    texts = [fmt.fragment(entry(rights="© AT&T <Ltd>")).decode() for fmt in FORMATS]
    for text, name in zip(texts, ("dc:rights", "rights"), strict=False):
        assert f"<{name}>© AT&amp;T &lt;Ltd&gt;</{name}>" in text
    assert "AT&T" not in texts[2]
    assert not [fmt.name for fmt in FORMATS if b"rights" in fmt.fragment(entry())]


def test_pictures_carry_credit_and_description() -> None:
    for fmt in FORMATS[:2]:
        text = fmt.fragment(entry()).decode()
        assert '<media:description type="plain">A lamp</media:description>' in text
        assert "<media:credit>HBR</media:credit>" in text


def test_a_picture_without_words_for_the_blind_is_described_by_its_caption() -> None:
    picture = Image("https://pics.example/lamp.jpg", "", "HBR", "At dusk")
    for fmt in FORMATS[:2]:
        text = fmt.fragment(entry(image=picture)).decode()
        assert '<media:title type="plain">At dusk</media:title>' in text
        assert '<media:description type="plain">At dusk</media:description>' in text


def test_atom_links_say_what_they_are() -> None:
    atom = next(fmt for fmt in FORMATS if fmt.name == "atom")
    text = atom.fragment(entry()).decode()
    assert f'<link rel="alternate" type="text/html" href="{entry().url}"/>' in text
    assert '<link rel="replies" type="text/html" href="https://talk.example/' in text
    assert text.startswith('<entry xml:lang="en">')


def _document(fmt: Format, *entries: object) -> bytes:
    return fmt.document(head(fmt.name), [fmt.fragment(one) for one in entries])  # type: ignore[arg-type]


def _plain(document: bytes, fmt: Format) -> tuple[str | None, str | None]:
    """Title and content without the guesses that feed readers make about broken encodings."""
    if fmt.name == "json":
        item = json.loads(document)["items"][0]
        return item["title"], item["content_html"]
    root = etree.fromstring(document)
    content = root.find(".//{*}encoded") if fmt.name == "rss" else root.find(".//{*}content[@type]")
    return root.findtext(".//{*}item/{*}title") or root.findtext(".//{*}entry/{*}title"), (
        content.text if content is not None else None
    )
