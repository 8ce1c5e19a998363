"""Slots can be printed and nothing else; a damaged one stops the edition."""

import copy
import html
from collections.abc import Callable

import pytest
from jinja2 import Environment

from publisher.errors import TemplateBrokenError
from publisher.mail.mime import Personal, Skeleton
from publisher.mail.splice import SLOT_NAMES, Slot, make_slots, splice
from tests.mail.reader import read_message

SLOTS = make_slots("e1")
PLAIN = "{% autoescape false %}Dear {{ name }}, {{ url ~ '!' }}{% endautoescape %}"


def test_the_same_seed_gives_the_same_slots() -> None:
    patterns = [slot.pattern for slot in make_slots("e1").values()]

    assert patterns == [slot.pattern for slot in SLOTS.values()]
    assert patterns != [slot.pattern for slot in make_slots("e2").values()]
    assert tuple(SLOTS) == SLOT_NAMES


def test_slots_print_as_a_word_and_as_absolute_links() -> None:
    assert SLOTS["name"].pattern.isalnum()
    for name in ("unsubscribe_url", "web_url"):
        assert SLOTS[name].pattern.startswith("https://ph")
        assert SLOTS[name].pattern.endswith(".invalid/")


@pytest.mark.parametrize("source", ["Dear {{ name }}, {{ url ~ '!' }}", PLAIN])
def test_a_template_prints_a_slot_as_it_is(source: str) -> None:
    template = Environment(autoescape=True).from_string(source)

    text = template.render(name=SLOTS["name"], url=SLOTS["web_url"])

    assert text == f"Dear {SLOTS['name']!s}, {SLOTS['web_url']!s}!"


@pytest.mark.parametrize(
    "source",
    [
        "{% if name %}x{% endif %}",
        "{{ name + 'x' }}",
        "{{ name|length }}",
        "{{ name == 'Ann' }}",
        "{{ name < 'Ann' }}",
        "{% for letter in name %}x{% endfor %}",
        "{{ name[0] }}",
        "{{ name.first }}",
        "{{ name() }}",
        "{{ name * 2 }}",
        "{{ name|int }}",
        "{{ 'x' in name }}",
        "{{ name|first }}",
        "{{ '{}'.format(name) }}",
    ],
)
def test_anything_but_printing_breaks_the_template_at_once(source: str) -> None:
    template = Environment(autoescape=True).from_string(source)

    with pytest.raises(TemplateBrokenError, match=r"“name” .* may only be printed"):
        template.render(name=SLOTS["name"])


@pytest.mark.parametrize("probe", [repr, lambda slot: hasattr(slot, "__deepcopy__"), copy.copy])
def test_python_may_look_at_a_slot(probe: Callable[[Slot], object]) -> None:
    probe(SLOTS["name"])


@pytest.mark.parametrize(
    "damaged",
    [
        SLOTS["name"].pattern.upper(),
        SLOTS["name"].pattern[:12] + "…",
        SLOTS["web_url"].pattern.replace("https://", ""),
        SLOTS["web_url"].pattern.replace(":", "%3A"),
        SLOTS["web_url"].pattern.removesuffix("/"),
        "an article that quotes " + SLOTS["name"].key,
    ],
)
def test_a_damaged_slot_stops_the_edition(damaged: str) -> None:
    with pytest.raises(TemplateBrokenError, match=r"body\.txt .* altered after printing"):
        splice(f"before {damaged} after", "text", SLOTS)


def test_a_slot_in_a_shared_header_stops_the_edition() -> None:
    headers = [("Subject", f"Good morning {SLOTS['name']!s}")]

    with pytest.raises(TemplateBrokenError, match="Subject"):
        Skeleton.prepare(headers, text="x", html="x", slots=SLOTS, seed="e1")


def test_a_slot_is_replaced_everywhere_it_occurs() -> None:
    part = splice(f"{SLOTS['name']!s}{SLOTS['name']!s} and {SLOTS['name']!s}", "text", SLOTS)

    assert part.slot_names == ("name",) * 3
    assert b"".join(part.fill({"name": "Ann"})) == b"Ann=\r\nAnn=\r\n and =\r\nAnn=\r\n\r\n"


def test_html_values_are_escaped_and_text_values_are_not() -> None:
    for kind, written in (("text", b"<b>&=\r\n"), ("html", b"&lt;b&gt;&amp;=\r\n")):
        part = splice(SLOTS["name"].pattern, kind, SLOTS)

        assert written in part.fill({"name": "<b>&"})


def test_a_slot_that_occurs_nowhere_needs_no_value() -> None:
    skeleton = Skeleton.prepare([], text="x", html="<p>x</p>", slots=SLOTS, seed="e1")

    person = Personal("ann@readers.example", "", "<1@harbour.example>", {}, ())

    assert b"To: ann@readers.example\r\n" in skeleton.message(person)


@pytest.mark.parametrize("words", ["The ferry stays", "渡輪服務" * 30])
def test_a_value_whose_start_is_known_reads_as_one(words: str) -> None:
    link = SLOTS["unsubscribe_url"]
    start = "https://news.example/leave?from=a&token="
    skeleton = Skeleton.prepare(
        [],
        text=f"{words} {link!s} {words}",
        html=f'<p>{words}</p><a href="{link!s}">Leave</a>',
        slots=SLOTS,
        seed="e1",
        starts={"unsubscribe_url": start},
    )
    values = {"unsubscribe_url": "Ab_9-" * 14}

    read = read_message(skeleton.message(Personal("a@b.example", "", "<1@c.example>", values, ())))

    whole = start + values["unsubscribe_url"]
    assert read.text == f"{words} {whole} {words}\n"
    assert read.html == f'<p>{words}</p><a href="{html.escape(whole)}">Leave</a>\n'


def test_a_damaged_slot_is_found_although_its_start_is_known() -> None:
    damaged = SLOTS["web_url"].pattern.rstrip("/")

    with pytest.raises(TemplateBrokenError, match="altered"):
        splice(f"See {damaged}", "text", SLOTS, {"web_url": "https://news.example/view/"})
