"""Reading feeds as readers' programs do."""

import feedparser
import httpx

FORMATS = ("rss", "atom", "json")
Entries = set[tuple[str, str]]


def entries(browser: httpx.Client, slug: str) -> Entries:
    """(format, first word of the title) of every entry in the feed's three documents."""
    return {(fmt, title.split()[0]) for fmt in FORMATS for title in _titles(browser, slug, fmt)}


def in_all_formats(*words: str) -> Entries:
    """What `entries` says of stories that are in every document."""
    return {(fmt, word) for fmt in FORMATS for word in words}


def _titles(browser: httpx.Client, slug: str, fmt: str) -> list[str]:
    answer = browser.get(f"/feeds/{slug}.{fmt}")
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200
    if fmt == "json":
        return [item["title"] for item in answer.json()["items"]]
    document = feedparser.parse(answer.content)
    assert not document.bozo
    return [entry.title for entry in document.entries]
