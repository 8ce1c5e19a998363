"""Compressed documents: smaller, each with its own tag, and never of another version."""

import gzip
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.compress import encodings
from publisher.feeds.files import Published
from publisher.feeds.swap import stage
from tests.feeds.samples import DECODE, NOON

TEXT = b"<rss>" + b"The lamps were lit again on Monday. " * 200 + b"</rss>"
RSS = "/feeds/all.rss"


@pytest.fixture
def public(tmp_path: Path) -> Path:
    _put_up(tmp_path, TEXT)
    return tmp_path


def _put_up(public: Path, text: bytes, hours: int = 0) -> None:
    stage(public / "feeds", {"all.rss": text}).swap(NOON + timedelta(hours=hours), None)


@given(text=st.binary(max_size=400) | st.sampled_from([TEXT, b"a" * 5000]))
def test_an_encoding_is_kept_only_if_it_is_smaller(text: bytes) -> None:
    found = encodings(text)
    sizes = [len(text), *(len(found[name]) for name in ("gzip", "br") if name in found)]
    assert sizes == sorted(set(sizes), reverse=True)
    assert all(DECODE[name](encoded) == text for name, encoded in found.items())


def test_the_same_text_is_compressed_to_the_same_bytes() -> None:
    assert encodings(TEXT) == encodings(TEXT)
    assert encodings(TEXT)["gzip"][4:8] == b"\0\0\0\0"  # no time of day in it


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_program_gets_the_encoding_it_asks_for(public: Path, encoding: str) -> None:
    answer = Published(public).answer(RSS, accept_encoding=encoding)
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert DECODE[encoding](answer.body) == TEXT


def test_each_encoding_has_its_own_tag(public: Path) -> None:
    published = Published(public)
    asked = (None, "gzip", "br", "unknown")
    tags = [published.answer(RSS, accept_encoding=one).headers["ETag"] for one in asked]
    assert len(set(tags)) == 3
    assert tags[3] == tags[0]
    assert tags[1] == f'{tags[0][:-1]}-gzip"'


@pytest.mark.parametrize("encoding", [None, "gzip", "br"])
@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"x", {0}', "*", "{1}-gzip{2}", "{1};br{2}"])
def test_a_program_that_has_it_gets_a_304_with_its_own_tag(
    public: Path, encoding: str | None, form: str
) -> None:
    published = Published(public)
    tag = published.answer(RSS, accept_encoding=encoding).headers["ETag"]
    given = form.format(tag, tag[:-1].removesuffix("-gzip").removesuffix("-br"), '"')
    answer = published.answer(RSS, accept_encoding=encoding, if_none_match=given)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
    assert "Content-Encoding" not in answer.headers


def test_who_refuses_every_encoding_there_is_gets_none(public: Path) -> None:
    answer = Published(public).answer(RSS, accept_encoding="identity;q=0")
    assert (answer.status, answer.body) == (406, b"")
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_small_document_comes_as_it_is(tmp_path: Path) -> None:
    _put_up(tmp_path, b"<rss/>")
    answer = Published(tmp_path).answer(RSS, accept_encoding="gzip, br")
    assert (answer.status, answer.body) == (200, b"<rss/>")
    assert "Content-Encoding" not in answer.headers
    assert sorted(path.name for path in (tmp_path / "feeds").glob("*")) == [".staged", "all.rss"]


def test_a_document_that_becomes_small_loses_its_encodings(public: Path) -> None:
    _put_up(public, b"<rss/>", hours=1)
    assert not (public / "feeds" / "all.rss.gz").exists()
    assert Published(public).answer(RSS, accept_encoding="gzip").body == b"<rss/>"


def test_all_files_of_a_document_have_one_time(public: Path) -> None:
    times = {path.stat().st_mtime_ns for path in (public / "feeds").glob("all.rss*")}
    assert len(list((public / "feeds").glob("all.rss*"))) == 3
    assert len(times) == 1


def test_a_compressed_file_of_another_time_is_not_sent(public: Path) -> None:
    other = public / "feeds" / "all.rss.gz"
    other.write_bytes(gzip.compress(b"<rss>old</rss>"))
    os.utime(other, (NOON.timestamp() - 60, NOON.timestamp() - 60))
    answer = Published(public).answer(RSS, accept_encoding="gzip")
    assert answer.body == TEXT
    assert "Content-Encoding" not in answer.headers


def test_a_compressed_file_that_goes_meanwhile_is_replaced_by_the_plain_one(public: Path) -> None:
    published = Published(public)
    published.answer(RSS, accept_encoding="br")
    (public / "feeds" / "all.rss.br").unlink()
    answer = published.answer(RSS, accept_encoding="br")
    assert (answer.body, answer.headers["ETag"].endswith('-br"')) == (TEXT, False)


def test_readers_never_get_the_bytes_of_one_version_with_the_tag_of_another(
    tmp_path: Path,
) -> None:
    texts = [bytes([65 + number % 2]) * (3000 + number % 2) for number in range(2)]
    _put_up(tmp_path, texts[0])
    published, stop, seen = Published(tmp_path), threading.Event(), set()

    def look(encoding: str) -> None:
        while not stop.is_set():
            answer = published.answer(RSS, accept_encoding=encoding)
            used = answer.headers.get("Content-Encoding", "")
            body = DECODE[used](answer.body) if used else answer.body
            tag = answer.headers["ETag"].strip('"').removesuffix("-gzip").removesuffix("-br")
            seen.add((tag, body[:1], len(body)))

    readers = [threading.Thread(target=look, args=(one,)) for one in ("gzip", "br", "identity")]
    for reader in readers:
        reader.start()
    for number in range(100):
        _put_up(tmp_path, texts[number % 2])
    stop.set()
    for reader in readers:
        reader.join()
    assert len(seen) == 2
    assert {(body, size) for _, body, size in seen} == {(b"A", 3000), (b"B", 3001)}
