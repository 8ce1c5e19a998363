"""Messages on disk: whole, in order, byte for byte."""

import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from publisher.errors import NotFoundError
from publisher.mail.maildir import keys, messages, read, store

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RAW = b"Subject: Ferry\r\n\r\nbare \r and \n\r\n\x00\xff no line end"


def test_a_message_comes_back_byte_for_byte_with_its_envelope(tmp_path: Path) -> None:
    key = store(
        tmp_path, "news@harbour.example", ["ann@readers.example", "jörg@x.example"], RAW, NOON
    )

    stored = read(tmp_path, key)

    assert stored.raw == RAW
    assert stored.envelope_from == "news@harbour.example"
    assert stored.recipients == ("ann@readers.example", "jörg@x.example")
    assert stored.received_at == NOON


def test_the_newest_message_comes_first(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=9))
    times = [NOON + timedelta(microseconds=n) for n in (3, 1, 2)]
    stored = [store(tmp_path, "", ["a@b.example"], b"x", at.astimezone(zone)) for at in times]

    assert [message.received_at for message in messages(tmp_path)] == sorted(times, reverse=True)
    assert keys(tmp_path) == sorted(stored, reverse=True)


def test_messages_of_the_same_moment_have_keys_of_their_own(tmp_path: Path) -> None:
    assert len({store(tmp_path, "", ["a@b.example"], b"x", NOON) for _ in range(50)}) == 50
    assert len(list(messages(tmp_path))) == 50


def test_an_empty_or_missing_folder_holds_no_messages(tmp_path: Path) -> None:
    assert list(messages(tmp_path)) == []
    assert list(messages(tmp_path / "missing")) == []


def test_unfinished_and_foreign_files_are_no_messages(tmp_path: Path) -> None:
    store(tmp_path, "", ["a@b.example"], b"x", NOON)
    (tmp_path / "tmp" / "20261122T120000000000Z-0123456789ab").write_bytes(b"half")
    (tmp_path / "notes.eml").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"x")

    assert len(list(messages(tmp_path))) == 1


def test_a_message_cleared_away_while_listing_is_passed_over(tmp_path: Path) -> None:
    for _ in range(3):
        store(tmp_path, "", ["a@b.example"], b"x", NOON)
    listing = messages(tmp_path)
    first = next(listing)
    for key in keys(tmp_path):
        if key != first.key:
            read(tmp_path, key).path.unlink()

    assert list(listing) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../secret",
        "..",
        "20261122T120000000000Z-0123456789ab",
        "20261122T120000000000Z-0123456789ab\n",
        "/etc/passwd",
        "x\x00",
    ],
)
def test_a_key_that_is_none_finds_nothing(tmp_path: Path, key: str) -> None:
    (tmp_path.parent / "secret.eml").write_bytes(b"x")

    with pytest.raises(NotFoundError, match="no message"):
        read(tmp_path, key)


def test_a_message_laid_there_by_hand_is_shown_without_an_envelope(tmp_path: Path) -> None:
    (tmp_path / "20261122T120000000000Z-0123456789ab.eml").write_bytes(RAW)

    stored = next(messages(tmp_path))

    assert (stored.raw, stored.envelope_from, stored.recipients) == (RAW, "", ())


def test_a_long_list_is_read_without_its_bodies(tmp_path: Path) -> None:
    head = b'X-Envelope: {"from": "", "to": ["a@b.example"]}\r\n'
    for number in range(2000):
        key = f"20261122T120000{number:06d}Z-0123456789ab"
        (tmp_path / f"{key}.eml").write_bytes(head + b"x" * 20_000)

    started = time.process_time()
    found = sum(1 for message in messages(tmp_path) if message.recipients == ("a@b.example",))

    assert found == 2000
    assert time.process_time() - started < 2
