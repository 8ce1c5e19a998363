"""ninjs: valid by its schema whatever a story is like, and the same story as in other formats."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from publisher.feeds.compose import entry_of
from publisher.feeds.formats import FORMATS
from publisher.feeds.ninjs import Revision, canceled, document, usable
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import Settings
from tests.feeds.samples import ADDRESS, NOON, head, read
from tests.services.left_out import leave_out_files

UUID = "01957f00-0000-7000-8000-000000000001"
LINKS, ENV = Links(ADDRESS), environment(Settings())
TEXT = st.text(max_size=30)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2027, 1, 1), timezones=st.just(NOON.tzinfo))
PICTURE = {
    "url": "https://pics.example/lamp at dusk.jpg?w=8",
    "alt": "A lamp",
    "credit": "HBR",
    "caption": "At dusk",
    "width": 8,
    "height": 6,
}

RIGHTS = {
    "holder": "The Harbour Record",
    "notice": "© 2026 The Harbour Record",
    "terms": "Not for use in Ireland.",
    "url": "https://harbour.example/licence",
}
DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"
TRUST = (
    ("ethicsPolicy", "https://harbour.example/ethics"),
    ("correctionsPolicy", "https://harbour.example/corrections"),
)
TERMS = (
    "copyrightHolder", "copyrightNotice", "usageTerms", "rightsInfo", "expires",
    "digitalSourceType", "trustIndicators",
)  # fmt: skip

Check = Callable[[object], list[str]]


@pytest.fixture(scope="session")
def problems(shared_fixtures: Path) -> Check:
    """What the schema of ninjs 3.1 says is wrong with an item; times must be aware, too."""
    folder = shared_fixtures / "ninjs"
    if not folder.is_dir():
        leave_out_files("The schemas of ninjs", f"there is no {folder}")
    schema = json.loads((folder / "ninjs-schema_3.1.json").read_text())
    places = json.loads((folder / "test_suite" / "GeoJSON-schema.json").read_text())
    known = Resource.from_contents(places, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(
        "https://geojson.org/schema/GeoJSON.json", known
    )
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    return lambda item: [*(one.message for one in validator.iter_errors(item)), *_wrong_times(item)]


def test_the_schema_refuses_what_is_wrong(problems: Check) -> None:
    assert problems({"uri": "urn:x", "pubStatus": "cancelled"})
    assert problems({"uri": "urn:x", "pubstatus": "usable"})
    assert problems({"uri": "urn:x", "versionCreated": "2026-03-10T12:00:00"})


@settings(max_examples=150)
@given(data=st.data())
def test_an_item_keeps_to_the_schema_whatever_the_story_is_like(
    problems: Check, data: st.DataObject
) -> None:
    article, version = data.draw(_articles()), data.draw(_versions())
    revision = Revision(data.draw(st.integers(1, 10**9)), data.draw(MOMENTS))
    entry = entry_of(article, version, links=LINKS, env=ENV, summary_only=data.draw(st.booleans()))
    trust = TRUST[: data.draw(st.integers(0, 2))]
    told = usable(entry, article, version, revision, trust=trust)
    for item in (told, canceled(article, revision)):
        assert problems(json.loads(json.dumps(item))) == []


def test_a_story_is_the_same_in_every_format() -> None:
    for credit, byline in (("HBR", "Mara Quill and Tom Reed"), ("HBR", None), (None, None)):
        article, version = _article(), _version(byline=byline, credit=credit)
        entry = entry_of(article, version, links=LINKS, env=ENV)
        [item] = _items(usable(entry, article, version, Revision(7, NOON)))
        for fmt in FORMATS:
            [other] = read(fmt.document(head(fmt.name), [fmt.fragment(entry)]), fmt.name)
            assert _as_others(item, other["updated"]) == other


def test_a_story_says_all_that_a_newsroom_needs() -> None:
    byline = "Mara Quill <mara@harbour.example>"
    article, version = _article(urgency=2), _version(byline=byline, credit="HBR")
    item = usable(entry_of(article, version, links=LINKS, env=ENV), article, version, _revision())
    assert {name: item[name] for name in ("uri", "version", "pubStatus", "urgency", "by")} == {
        "uri": f"urn:uuid:{UUID}",
        "version": "7",
        "pubStatus": "usable",
        "urgency": 2,
        "by": "Mara Quill",
    }
    assert item["representationType"] == "full"
    assert item["bodies"][0]["wordCount"] == 9
    assert item["located"] == "Port Ellery"
    assert item["subjects"][0] == {"rel": "category", "name": "Harbour", "literal": "harbour"}
    [picture] = item["associations"]
    assert (picture["type"], picture["by"]) == ("picture", "HBR")
    assert picture["renditions"][0]["width"] == 8


def test_an_item_says_how_it_may_be_used_and_how_we_work(problems: Check) -> None:
    article, version = (
        _article(),
        _version(rights=RIGHTS, expires_at=NOON + timedelta(days=9), digital_source=DIGITAL_SOURCE),
    )
    entry = entry_of(article, version, links=LINKS, env=ENV)
    item = usable(entry, article, version, _revision(), trust=TRUST)
    assert problems(item) == []
    assert [item[name] for name in TERMS] == [
        "The Harbour Record",
        "© 2026 The Harbour Record",
        "Not for use in Ireland.",
        {"linkedRights": "https://harbour.example/licence"},
        "2026-03-19T12:00:00+00:00",
        {"uri": DIGITAL_SOURCE},
        [
            {
                "role": "http://cv.iptc.org/newscodes/trustindicator/ethicsPolicy",
                "href": "https://harbour.example/ethics",
            },
            {
                "role": "http://cv.iptc.org/newscodes/trustindicator/correctionsPolicy",
                "href": "https://harbour.example/corrections",
            },
        ],
    ]


@pytest.mark.parametrize("rights", [None, {"holder": None, "notice": "", "terms": None}])
def test_of_what_is_not_known_an_item_says_nothing(rights: dict[str, Any] | None) -> None:
    article, version = _article(embargo_until=NOON - timedelta(hours=1)), _version(rights=rights)
    item = usable(entry_of(article, version, links=LINKS, env=ENV), article, version, _revision())
    assert not {*TERMS, "embargoedUntil"} & set(item)


@pytest.mark.parametrize("rights", ["unknown", "summary"])
def test_without_the_rights_an_item_is_partial(rights: str) -> None:
    article, version = _article(rights_status=rights), _version()
    item = usable(entry_of(article, version, links=LINKS, env=ENV), article, version, _revision())
    assert item["representationType"] == "partial"
    assert "Crews worked" not in json.dumps(item)
    assert "wordCount" not in item["bodies"][0]


def test_a_story_that_is_too_long_is_partial_and_says_so() -> None:
    article, version = _article(), _version(body_html=f"<p>{'long ' * 50_000}</p>")
    item = usable(entry_of(article, version, links=LINKS, env=ENV), article, version, _revision())
    assert item["representationType"] == "partial"


def test_a_correction_is_told_to_editors_and_stands_in_the_text() -> None:
    article = _article(correction="It was Tuesday.", updated_at=NOON + timedelta(hours=2))
    version = _version()
    item = usable(entry_of(article, version, links=LINKS, env=ENV), article, version, _revision())
    assert item["edNote"] == "Correction: It was Tuesday."
    assert "It was Tuesday." in item["bodies"][0]["value"]
    assert item["versionCreated"] == "2026-03-10T14:00:00+00:00"
    assert item["firstCreated"] == "2026-03-10T12:00:00+00:00"


@pytest.mark.parametrize("state", [ArticleState.KILLED, ArticleState.WITHDRAWN])
def test_a_canceled_item_says_nothing_of_the_story(state: ArticleState) -> None:
    article = _article(state=state, left_at=NOON + timedelta(hours=3), reason="Zirconium")
    item = canceled(article, _revision())
    assert item["pubStatus"] == "canceled"
    assert item["versionCreated"] == "2026-03-10T15:00:00+00:00"
    assert set(item) == {
        "standard", "uri", "type", "version", "firstCreated", "versionCreated", "pubStatus",
        "edNote", "language",
    }  # fmt: skip
    assert "Zirconium" not in json.dumps(item)


def _as_others(item: dict[str, Any], updated: datetime) -> dict[str, Any]:
    """The item in the shape in which other formats are compared."""
    assert datetime.fromisoformat(item["versionCreated"]) >= updated
    web = [one["href"] for one in item["renditions"] if one["name"] == "web"]
    pictures = [one["renditions"][0]["href"] for one in item.get("associations", [])]
    return {
        "id": item["uri"],
        "link": web[0],
        "title": item["headlines"][0]["value"],
        "content": item["bodies"][0]["value"],
        "published": datetime.fromisoformat(item["firstCreated"]),
        "updated": updated,
        "authors": [one["name"] for one in item.get("people", item.get("infoSources", []))],
        "categories": [one["name"] for one in item.get("subjects", [])],
        "image": pictures[0] if pictures else None,
    }


def _items(*items: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(document(items))["items"]
    return found


def _revision() -> Revision:
    return Revision(7, NOON + timedelta(hours=1))


def _wrong_times(item: Any) -> Iterator[str]:
    for name in ("firstCreated", "versionCreated", "expires"):
        if name in item and datetime.fromisoformat(item[name]).utcoffset() is None:
            yield f"{name} has no zone"


def _article(**changes: Any) -> ArticleRow:
    fields = {
        "id": 1,
        "uuid": UUID,
        "source": "desk",
        "external_id": "lights",
        "state": ArticleState.PUBLISHED,
        "version": 2,
        "section": "harbour",
        "rights_status": "full",
        "received_at": NOON,
        "eligible_at": NOON,
        "updated_at": NOON,
    }
    return ArticleRow(**{**fields, **changes})


def _version(**changes: Any) -> ArticleVersionRow:
    fields = {
        "article_id": 1,
        "number": 2,
        "created_at": NOON,
        "version_at": NOON,
        "content_hash": "0" * 64,
        "title": "Harbour lights return",
        "slug": "harbour-lights-return",
        "section_name": "Harbour",
        "summary": "The lamps were lit again.",
        "body_html": "<p>The lamps were lit again. Crews worked for a week.</p>",
        "dateline": {"text": "PORT ELLERY (HBR) —", "place": "Port Ellery"},
        "image": PICTURE,
        "tags": ["lamps", "quays & piers"],
        "word_count": 9,
    }
    return ArticleVersionRow(**{**fields, **changes})


def _articles() -> st.SearchStrategy[ArticleRow]:
    return st.builds(
        _article,
        state=st.sampled_from(ArticleState),
        urgency=st.none() | st.integers(-1, 12),
        section=st.none() | st.just("harbour"),
        language=st.sampled_from(["en", "de-AT", "ar", "zh_Hant", "x-klingon"]),
        rights_status=st.sampled_from(["unknown", "full", "summary"]),
        published_at=st.none() | MOMENTS,
        eligible_at=st.none() | MOMENTS,
        updated_at=MOMENTS,
        left_at=st.none() | MOMENTS,
        correction=st.none() | TEXT,
    )


def _versions() -> st.SearchStrategy[ArticleVersionRow]:
    places = st.builds(lambda text: {"text": f"{text} —", "place": text}, TEXT)
    pictures = st.fixed_dictionaries(
        {"url": st.sampled_from([PICTURE["url"], "nowhere", "https://pics.example/ü[1].jpg"])},
        optional={
            "alt": TEXT,
            "credit": st.none() | TEXT,
            "caption": st.none() | TEXT,
            "width": st.sampled_from([None, 0, 800, "800", 1.5]),
            "height": st.none() | st.integers(0, 9000),
        },
    )
    addresses = st.sampled_from([None, "nowhere", "https://harbour.example/ü?a=[1]"])
    said = st.fixed_dictionaries(
        {"holder": st.none() | TEXT, "notice": st.none() | TEXT, "terms": TEXT, "url": addresses}
    )
    return st.builds(
        _version,
        title=TEXT,
        summary=TEXT,
        section_name=st.none() | TEXT,
        body_html=st.sampled_from(["", "<p>Lamps & lights</p>", "<p>😀 ]]> </p>"]),
        dateline=st.none() | places,
        byline=st.none() | TEXT,
        credit=st.none() | TEXT,
        image=st.none() | pictures,
        tags=st.lists(TEXT, max_size=4),
        word_count=st.integers(0, 9999),
        rights=st.none() | said,
        expires_at=st.none() | MOMENTS,
        digital_source=st.sampled_from([None, DIGITAL_SOURCE]),
    )
