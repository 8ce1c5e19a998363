"""Editions in scripts that quoted-printable triples: two parsers read back what was meant."""

import base64
from collections.abc import Sequence
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.bodies import Base64Body
from publisher.mail.encode import clean_value, quoted_printable
from publisher.mail.mime import Personal, Skeleton, simple_message
from publisher.mail.splice import make_slots
from tests.mail.hostile import ANY_TEXT, HOSTILE
from tests.mail.reader import read_message

SLOTS = make_slots("the edition")
EDITIONS = {
    "chinese": "港務長星期二表示渡輪今晚將留在港口。",
    "japanese": "港長は火曜日、フェリーは今夜港に残ると述べた。",
    "arabic": "العبارة تبقى الليلة في الميناء، كما قال مدير الميناء.",
    "hebrew": "המעבורת נשארת הלילה בנמל, אמר מנהל הנמל ביום שלישי.",
    "emoji": "⛴️🌊👩🏽‍✈️🛟⚓🐟",
}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stands_in_an_edition_of_any_script(edition: str, name: str) -> None:
    _assert_read(f"{EDITIONS[edition]}\n" * 3, name, coding="base64")


@given(words=st.sampled_from(sorted(EDITIONS.values())), around=ANY_TEXT, name=ANY_TEXT)
def test_values_and_dense_text_around_them_never_touch(words: str, around: str, name: str) -> None:
    around = around.replace("\r", "")  # half a line end is no line of its own
    _assert_read(f"{words}\n{around}", name)


@given(statics=st.lists(st.text("aé日\n", max_size=90), min_size=1), data=st.data())
def test_any_pieces_and_values_join_to_one_stream(statics: list[str], data: st.DataObject) -> None:
    names = [f"n{number}" for number in range(len(statics))]
    texts = {name: data.draw(st.text("xß日", max_size=130)) for name in names}
    statics.append("\n")

    filled = b"".join(Base64Body.of(statics).fill(names, texts))

    assert base64.b64decode(filled).decode().replace("\r\n", "\n") == _joined(statics, names, texts)
    lines = filled.split(b"\r\n")
    assert lines.pop() == b""
    assert all(0 < len(line) <= 76 and len(line) % 4 == 0 for line in lines)
    assert not any(b"=" in line for line in lines[:-1])


@pytest.mark.parametrize("length", [*range(60), 113, 114, 115, 10_000])
def test_a_value_of_any_length_fills_its_gap(length: int) -> None:
    text = f"港{SLOTS['name']!s}港務{SLOTS['name']!s}{SLOTS['name']!s}a{SLOTS['name']!s}\n"
    skeleton = Skeleton.prepare([], text=text, html="港務長" * 9, slots=SLOTS, seed="s")
    name = "x" * length

    assert read_message(skeleton.message(_person(name))).text == (
        f"港{name}港務{name}{name}a{name}\n"
    )


def test_each_part_is_encoded_in_the_way_that_is_smaller() -> None:
    german = "Die Fähre bleibt heute Nacht im Hafen, sagte der Hafenmeister über Funk.\n"
    skeleton = Skeleton.prepare(
        [], text=german, html=EDITIONS["chinese"] * 20, slots=SLOTS, seed="s"
    )

    assert (skeleton.text.body.coding, skeleton.html.body.coding) == ("quoted-printable", "base64")


def test_a_chinese_letter_is_half_as_long_as_it_would_be() -> None:
    letter = f"<p>{EDITIONS['chinese'] * 50}</p>\n"

    raw = simple_message([("Subject", "x")], EDITIONS["chinese"], letter)

    assert read_message(raw).html == letter
    assert len(raw) < 0.6 * len(quoted_printable(letter))


def _assert_read(words: str, name: str, coding: str | None = None) -> None:
    text = f"{words}{SLOTS['name']!s}{words}\n{SLOTS['web_url']!s}{SLOTS['name']!s}{words}\n"
    skeleton = Skeleton.prepare([], text=text, html=f"<p>{words}</p>", slots=SLOTS, seed="s")
    assert coding is None or skeleton.text.body.coding == coding

    raw = skeleton.message(_person(name))

    value, kept = clean_value(name), words.encode("utf-8", "replace").decode()
    meant = f"{kept}{value}{kept}\n{_person(name).values['web_url']}{value}{kept}\n"
    assert read_message(raw).text == meant
    modern = message_from_bytes(raw, policy=policy.default)
    part = modern.get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    assert content.replace("\r\n", "\n") == meant
    assert [part.defects for part in modern.walk()] == [[], [], []]


def _person(name: str) -> Personal:
    values = {"name": name, "web_url": "https://news.example/u/1"}
    return Personal("ann@readers.example", name, "<1@harbour.example>", values, ())


def _joined(statics: Sequence[str], names: Sequence[str], texts: dict[str, str]) -> str:
    gaps = [texts[name] for name in names]
    return "".join(static + gap for static, gap in zip(statics, [*gaps, ""], strict=True))
