"""Whatever readers and newsrooms write, two parsers read back what was meant and no more."""

import html as html_module
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.encode import clean_value
from publisher.mail.mime import Personal, Skeleton
from publisher.mail.splice import make_slots
from tests.mail.hostile import ANY_TEXT, HOSTILE
from tests.mail.reader import Read, decoded_words, read_message

URLS = st.text(alphabet="abcXYZ019-_.~%/=&", max_size=400).map("https://news.example/u/".__add__)

SLOTS = make_slots("the edition")
SHARED = ("From", "Subject", "Date", "List-Id", "Precedence")
INTENDED = [
    *SHARED,
    *("To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("MIME-Version", "Content-Type"),
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stands_in_every_place_as_it_was_meant(value: str) -> None:
    _assert_meant(value, value, value, "https://news.example/u/1")


@given(name=ANY_TEXT, subject=ANY_TEXT, sender=ANY_TEXT, url=URLS)
def test_a_message_says_what_was_meant_and_nothing_else(
    name: str, subject: str, sender: str, url: str
) -> None:
    _assert_meant(name, subject, sender, url)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_makes_no_line_too_long_nor_start_with_a_dot(value: str) -> None:
    _assert_lines(_skeleton(value, value).message(_person(value, "https://news.example/u/1")))


@given(template=ANY_TEXT, name=ANY_TEXT)
def test_values_and_text_around_them_never_touch(template: str, name: str) -> None:
    template = template.replace("\r", "")  # half a line end is no line of its own
    text = f"{template}{SLOTS['name']!s}{template}{SLOTS['name']!s}\n{template}\n"
    skeleton = Skeleton.prepare([], text=text, html="<p>x</p>", slots=SLOTS, seed="s")

    raw = skeleton.message(_person(name, "https://news.example/u/1"))

    value = clean_value(name)
    around = template.encode("utf-8", "replace").decode()
    assert read_message(raw).text == _unix(f"{around}{value}{around}{value}\n{around}\n")
    _assert_lines(raw)


def _assert_meant(name: str, subject: str, sender: str, url: str) -> None:
    raw = _skeleton(subject, sender).message(_person(name, url))

    strict = read_message(raw)
    modern = message_from_bytes(raw, policy=policy.default)
    legacy = message_from_bytes(raw, policy=policy.compat32)
    assert strict.names() == modern.keys() == legacy.keys() == INTENDED
    assert strict.first("List-Unsubscribe") == modern["List-Unsubscribe"] == f"<{url}>"
    _assert_subject(subject, strict, modern, legacy)
    _assert_names(strict, modern, sender=sender, recipient=name)
    _assert_bodies(strict, modern, name, url)


def _assert_lines(raw: bytes) -> None:
    for line in raw.split(b"\r\n"):
        assert not line.startswith((b".", b"From "))
        assert len(line) <= 78 or line.startswith((b"To:", b"List-Unsubscribe:", b"Message-ID:"))


def _skeleton(subject: str, sender: str) -> Skeleton:
    values = (
        f"{sender} <news@harbour.example>",
        subject,
        "Sun, 22 Nov 2026 08:00:00 +0000",
        "Morning Digest <morning.harbour.example>",
        "bulk",
    )
    return Skeleton.prepare(
        list(zip(SHARED, values, strict=True)),
        text=_text(str(SLOTS["name"]), str(SLOTS["unsubscribe_url"])),
        html=_html(str(SLOTS["name"]), str(SLOTS["unsubscribe_url"])),
        slots=SLOTS,
        seed="the edition",
    )


def _person(name: str, url: str) -> Personal:
    return Personal(
        address="ann@readers.example",
        name=name,
        message_id="<0123456789abcdef@harbour.example>",
        values={"name": name, "unsubscribe_url": url, "web_url": url},
        headers=(
            ("List-Unsubscribe", f"<{url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    )


def _text(name: str, url: str) -> str:
    return f"Good morning {name}.\n\nThe ferry stays — Łódź agrees.\n{name}\n\n{url}\n"


def _html(name: str, url: str) -> str:
    return f'<p class="x">Good morning {name}. {"Ferry é " * 40}</p>\n<a href="{url}">Leave</a>\n'


def _assert_subject(subject: str, strict: Read, modern: EmailMessage, legacy: Message) -> None:
    meant = _one_line(subject)
    assert decoded_words(strict.first("Subject")) == meant
    assert str(make_header(decode_header(legacy["Subject"].replace("\r\n", "")))) == meant
    assert "".join(modern["Subject"].split()) == "".join(meant.split())


def _assert_names(strict: Read, modern: EmailMessage, *, sender: str, recipient: str) -> None:
    for header, name, address in (
        ("From", sender, "news@harbour.example"),
        ("To", recipient, "ann@readers.example"),
    ):
        phrase, found = _mailbox(strict.first(header))
        assert found == address
        if header == "To" or not _looks_quoted(name):
            assert phrase == _one_line(name)[:100].strip()
        assert [one.addr_spec for one in modern[header].addresses] == [address]


def _assert_bodies(strict: Read, modern: EmailMessage, name: str, url: str) -> None:
    value = clean_value(name)
    assert strict.text == _text(value, url)
    assert strict.html == _html(html_module.escape(value), html_module.escape(url))
    for read, kind in ((strict.text, "plain"), (strict.html, "html")):
        part = modern.get_body((kind,))
        assert part is not None
        assert _unix(part.get_content()) == read
    assert [part.defects for part in modern.walk()] == [[], [], []]


def _mailbox(value: str) -> tuple[str, str]:
    phrase, _, address = value.rpartition(" ")
    if phrase.startswith('"'):
        phrase = re.sub(r"\\(.)", r"\1", phrase[1:-1])
    else:
        phrase = decoded_words(phrase)
    return phrase, address.removeprefix("<").removesuffix(">")


def _looks_quoted(name: str) -> bool:
    return name.strip().startswith('"') and name.strip().endswith('"')


def _one_line(value: str) -> str:
    """What stays of a value in a header: no controls, and blanks once."""
    return " ".join(part for part in clean_value(value).split(" ") if part)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
