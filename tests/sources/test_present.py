"""The JSON object of an article."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from publisher.newsroom.incoming import Comments
from publisher.sources.present import as_json_object
from tests.sources.dumps import DATELINE, NUMBERS, PARAGRAPHS, TITLE, dump, read


def test_an_article_is_shown_with_all_its_keys_in_their_order() -> None:
    shown = as_json_object(read(dump()), id="u-1", state="published", reason=None, version=1)
    assert list(shown.items()) == [
        ("id", "u-1"),
        ("state", "published"),
        ("reason", None),
        ("source", "harbour"),
        ("external_id", "ferry"),
        ("version", 1),
        ("section", "HARBOUR"),
        ("title", TITLE),
        (
            "slug",
            "ferry-returns-to-port-ellery-after-the-longest-week-of-storms-harbour-master-says",
        ),
        (
            "dateline",
            {
                "text": DATELINE,
                "place": "PORT ELLERY",
                "country": "Ireland",
                "country_code": "IE",
            },
        ),
        ("credit", "HBR"),
        ("byline", None),
        ("published_at", None),
        ("url", None),
        ("unparsed_head", [NUMBERS]),
        ("comments", {"open": True, "count": 0}),
        ("related", []),
        ("word_count", 78),
        ("reading_minutes", 1),
        ("paragraphs", list(PARAGRAPHS)),
    ]
    assert json.loads(json.dumps(shown)) == shown


def test_times_are_shown_in_utc_and_a_comments_link_where_there_is_one() -> None:
    article = replace(
        read(dump()),
        published_at=datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=1))),
        comments=Comments(open=True, url="https://harbour.example/ferry#comments"),
    )
    shown = as_json_object(article, id=None, state="received", reason=None, version=None)
    assert shown["published_at"] == "2026-11-20T08:30:00Z"
    assert shown["comments"] == {
        "open": True,
        "count": None,
        "url": "https://harbour.example/ferry#comments",
    }
