"""Whole messages: the same input gives the same bytes."""

import re

from publisher.mail.mime import Personal, Skeleton, message_id, simple_message
from publisher.mail.splice import make_slots
from tests.mail.reader import read_message

HEADERS = [("From", "The Harbour Record <news@harbour.example>"), ("Subject", "Ferry stays")]
ANN = Personal(
    address="ann@readers.example",
    name="Ann",
    message_id="<1@harbour.example>",
    values={
        "name": "Ann",
        "unsubscribe_url": "https://n.example/u",
        "web_url": "https://n.example",
    },
    headers=(("Feedback-ID", "1:morning:harbour"),),
)


def test_the_same_variant_prepared_twice_gives_the_same_bytes() -> None:
    assert _skeleton().message(ANN) == _skeleton().message(ANN)


def test_headers_stand_in_the_promised_order() -> None:
    read = read_message(_skeleton().message(ANN))

    assert read.names() == [
        *("From", "Subject", "To", "Message-ID", "Feedback-ID"),
        *("MIME-Version", "Content-Type"),
    ]


def test_readers_share_all_but_their_own_fields() -> None:
    bob = Personal("bob@readers.example", "Bob", "<2@harbour.example>", {"name": "Bob"}, ())
    skeleton = _skeleton()

    ann_read, bob_read = (read_message(skeleton.message(person)) for person in (ANN, bob))

    assert ann_read.text.replace("Ann", "Bob") == bob_read.text
    assert bob_read.first("To") == "Bob <bob@readers.example>"


def test_a_letter_is_written_by_the_same_writer() -> None:
    headers = [*HEADERS, ("To", "Zoë <zoe@readers.example>"), ("Message-ID", "<3@harbour.example>")]

    raw = simple_message(headers, ".one\nFrom here\n", "<p>é</p>")

    read = read_message(raw)
    assert (read.text, read.html) == (".one\nFrom here\n", "<p>é</p>\n")
    assert read.names()[:4] == ["From", "Subject", "To", "Message-ID"]
    assert raw == simple_message(headers, ".one\nFrom here\n", "<p>é</p>")


def test_a_message_id_is_the_same_for_the_same_delivery_only() -> None:
    ours = message_id(b"key", "17", "4", domain="harbour.example")

    assert re.fullmatch(r"<[0-9a-f]{40}@harbour\.example>", ours)
    assert ours == message_id(b"key", "17", "4", domain="harbour.example")
    others = {
        message_id(b"key", "1", "74", domain="harbour.example"),
        message_id(b"other", "17", "4", domain="harbour.example"),
        message_id(b"key", "17", "5", domain="harbour.example"),
    }
    assert ours not in others
    assert len(others) == 3


def _skeleton() -> Skeleton:
    slots = make_slots("e1")
    text = f"Good morning {slots['name']!s}.\n"
    html = f"<p>Good morning {slots['name']!s}.</p>\n"
    return Skeleton.prepare(HEADERS, text=text, html=html, slots=slots, seed="e1")
