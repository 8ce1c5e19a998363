import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.cli.demo.canvas import HEIGHT, WIDTH, Canvas
from publisher.cli.demo.papers import Bundle, Dates, filled_in, hand_in
from publisher.cli.demo.readers import ZONE, people
from publisher.cli.demo.scenes import SCENES
from publisher.newsroom.incoming import Incoming
from publisher.sources.readers import read_file

BEGAN = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
DATES = Dates(BEGAN, "http://127.0.0.1:8090")
SECTIONS = {"harbour", "town", "culture", "sport"}


def test_twenty_four_articles_come_in_the_morning_in_four_sections(tmp_path: Path) -> None:
    english = [one for one in _read("morning", tmp_path) if one.section in SECTIONS]
    assert len(english) == 24
    assert {one.section for one in english} == SECTIONS
    assert [one.problem for one in english if one.problem] == []


def test_there_is_one_embargo_one_broken_file_and_a_second_language(tmp_path: Path) -> None:
    articles = _read("morning", tmp_path)
    assert [one.title for one in articles if one.embargo_until] == [
        "Port Ellery is Harbour of the Year"
    ]
    assert [one.external_id for one in articles if one.problem] == ["letters-page"]
    assert sum(one.language == "de" for one in articles) == 6


def test_the_correction_says_what_was_wrong(tmp_path: Path) -> None:
    (corrected,) = _read("correction", tmp_path)
    assert corrected.signal == "correction"
    assert corrected.note
    assert "£12,000 a year" in corrected.note


@pytest.mark.parametrize("bundle", ["morning", "correction", "evening"])
def test_every_picture_is_drawn_and_described(bundle: Bundle, tmp_path: Path) -> None:
    pictures = [one.image for one in _read(bundle, tmp_path) if one.image]
    for picture in pictures:
        assert picture.url.removeprefix("http://127.0.0.1:8090/").removesuffix(".png") in SCENES
        assert len(picture.alt) > 20


def test_no_article_comes_from_the_future(tmp_path: Path) -> None:
    dates = [one.published_at for one in _read("morning", tmp_path) if one.published_at]
    assert len(dates) > 15
    assert max(dates) < BEGAN


def test_blanks_are_filled_in() -> None:
    text = "@{iso -3h} @{weekday +1d} @{wochentag +1d} @{picture ferry}"
    assert filled_in(text, DATES) == (
        "2026-03-10T06:30:00+00:00 Wednesday Mittwoch http://127.0.0.1:8090/ferry.png"
    )


def test_two_hundred_readers_have_an_address_each() -> None:
    everybody = list(people())
    assert len(everybody) == len({person.address for person in everybody}) == 200
    assert all(person.address.isascii() for person in everybody)


def test_a_canvas_is_a_picture_that_others_can_read() -> None:
    canvas = Canvas("#102030", "#102030")
    canvas.box("#ffffff", (0, 0), (1, 1))
    raw = canvas.png()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", raw[16:24]) == (WIDTH, HEIGHT)
    pixels = zlib.decompress(raw[raw.index(b"IDAT") + 4 :])
    assert len(pixels) == HEIGHT * (1 + 3 * WIDTH)
    assert pixels[1:4] == b"\xff\xff\xff"
    assert pixels[-3:] == b"\x10\x20\x30"


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_can_be_drawn(name: str) -> None:
    assert len(SCENES[name]().png()) < 100_000


def _read(bundle: Bundle, folder: Path) -> list[Incoming]:
    paths = hand_in(bundle, folder, DATES)
    read = [
        read_file(path, source="inbox", root=folder, language="en-GB", zone=ZoneInfo(ZONE))
        for path in paths
    ]
    return [one for one in read if isinstance(one, Incoming)]
