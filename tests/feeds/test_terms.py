"""What a source says of the use of a story reaches partners, from the file to the item."""

import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import feedparser
import pytest

from publisher.errors import ConfigurationError
from publisher.settings import load_settings
from publisher.sources.markdown import parse_markdown
from publisher.store import Runtime
from tests.feeds.partners import partner, puller
from tests.feeds.samples import bring, follow, story
from tests.services.runtimes import Clock

TERMS = """copyright: © 2026 The Harbour Record
copyright_holder: The Harbour Record
usage_terms: Not for use in Ireland.
license: https://harbour.example/licence
expires: 2099-12-24T18:00:00+01:00
digital_source_type: http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits
"""
SAID = {
    "copyrightHolder": "The Harbour Record",
    "copyrightNotice": "© 2026 The Harbour Record",
    "usageTerms": "Not for use in Ireland.",
    "rightsInfo": {"linkedRights": "https://harbour.example/licence"},
    "expires": "2099-12-24T17:00:00+00:00",
    "digitalSourceType": {"uri": "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"},
}


def test_what_a_source_says_of_use_comes_out_again(runtime: Runtime) -> None:
    _bring_file(runtime, TERMS)
    [item] = _items(runtime)
    assert {name: item.get(name) for name in SAID} == SAID


def test_the_notice_stands_in_feeds_for_everybody_and_goes_with_it(runtime: Runtime) -> None:
    for terms, notice in ((TERMS, "© 2026 The Harbour Record"), ("", None)):
        _bring_file(runtime, terms)
        for fmt in ("rss", "atom"):
            text = (runtime.settings.public_folder / "feeds" / f"all.{fmt}").read_bytes()
            [entry] = feedparser.parse(text).entries
            assert entry.get("rights") == notice


def test_other_terms_are_another_version(runtime: Runtime) -> None:
    _bring_file(runtime, "")
    [before] = _items(runtime)
    _bring_file(runtime, TERMS)
    [item] = _items(runtime, "second")
    assert not set(SAID) & set(before)
    assert int(item["version"]) > int(before["version"])
    assert item["usageTerms"] == "Not for use in Ireland."


def test_a_story_whose_embargo_is_over_says_nothing_of_it(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story(embargo_until=clock() - timedelta(hours=1)))
    assert "embargoedUntil" not in _items(runtime)[0]


def test_pages_on_how_we_work_are_named_with_each_story(runtime: Runtime) -> None:
    pages = "ethicsPolicy=https://harbour.example/ethics, partyInfo=https://harbour.example/who?a=b"
    settings = runtime.settings.model_copy(update={"trust_indicators": pages})
    bring(runtime, story("one"), story("two"))
    for item in _items(replace(runtime, settings=settings)):
        assert item["trustIndicators"] == [
            {
                "role": "http://cv.iptc.org/newscodes/trustindicator/ethicsPolicy",
                "href": "https://harbour.example/ethics",
            },
            {
                "role": "http://cv.iptc.org/newscodes/trustindicator/partyInfo",
                "href": "https://harbour.example/who?a=b",
            },
        ]


@pytest.mark.parametrize(
    "pages",
    [
        "https://harbour.example/ethics",
        "ethicsPolicy=harbour.example/ethics",
        "ethicsPolicy=javascript:alert(1)",
        "ethicsPolicy=https://harbour.example/<ethics>",
        "ethicsPolicy=https://[harbour/",
        "ethics policy=https://harbour.example/ethics",
        "=https://harbour.example/ethics",
        "ethicsPolicy=https://harbour.example/a,b",
    ],
)
def test_a_page_on_how_we_work_has_a_code_and_an_address(pages: str) -> None:
    with pytest.raises(ConfigurationError, match="ethicsPolicy=https://host"):
        load_settings(trust_indicators=pages)


def _bring_file(runtime: Runtime, terms: str) -> None:
    text = f"---\ntitle: Harbour lights return\n{terms}---\n\n{'The lamps were lit again. ' * 9}\n"
    raw = text.encode()
    incoming = parse_markdown(raw, source="desk", external_id="lights", language="en", zone=UTC)
    bring(runtime, incoming)
    follow(runtime)


def _items(runtime: Runtime, name: str = "post") -> list[dict[str, Any]]:
    post = puller(runtime, partner(runtime, name))
    items: list[dict[str, Any]] = json.loads(post.feed("ninjs", name))["items"]
    return items
