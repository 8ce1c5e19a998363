"""A story that is taken back is gone everywhere at once, and whoever had it is told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

import httpx
import pytest

from publisher.feeds.websub.ping import ping_hub
from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.store import Runtime
from tests.feeds.archives import make_small
from tests.feeds.partners import partner
from tests.feeds.samples import ADDRESS, EDITOR, follow, walk
from tests.services.listener import Listener, listening
from tests.services.runtimes import Clock
from tests.world import World

FORMATS = ("rss", "atom", "json")
SENTINEL = "Zirconium"
ARCHIVED, CURRENT = "s0", "s7"
PARTNERS_FEEDS = tuple(f"a partner's {fmt}" for fmt in (*FORMATS, "ninjs"))
ONLY_THE_NEWEST = {"the page of its feed", *PARTNERS_FEEDS}


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is joined here is tested on both kinds of database, each by itself."""
    return one_database


@pytest.fixture
def hub() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def runtime(runtime: Runtime, hub: Listener) -> Runtime:
    """A newsroom that tells a hub."""
    changed = {"websub_hubs": hub.url, "private_networks": "127.0.0.0/8"}
    return replace(runtime, settings=runtime.settings.model_copy(update=changed))


@pytest.fixture
def paper(
    client: httpx.Client, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> "_Paper":
    """Eight stories are out; the first is in an archive by now."""
    make_small(monkeypatch)
    ids = {}
    for number in range(8):
        name = f"s{number}"
        title = SENTINEL if name in {ARCHIVED, CURRENT} else "Story"
        ids[name] = world.story(name, title=f"{title} {name}", rights_status="full")
        clock.advance(minutes=10)
        follow(world.runtime)
    return _Paper(client, world.runtime, ids, partner(world.runtime))


@pytest.mark.parametrize("act", ["withdraw", "kill"])
@pytest.mark.parametrize("name", [ARCHIVED, CURRENT])
def test_a_story_taken_back_is_gone_everywhere(
    paper: "_Paper", hub: Listener, act: str, name: str
) -> None:
    uuid, title = paper.ids[name], f"{SENTINEL} {name}"
    before = paper.everywhere(uuid)
    assert {one for one, text in before.items() if title not in text} == (
        ONLY_THE_NEWEST if name == ARCHIVED else set()
    )
    ping_hub(paper.runtime, hub.url)
    hub.seen.clear()
    paper.take_back(act, uuid)
    after = paper.everywhere(uuid)
    assert [one for one, text in after.items() if title in text] == []
    assert paper.client.get(f"/articles/{uuid}").status_code == HTTPStatus.GONE
    tombstone = f'<at:deleted-entry ref="urn:uuid:{uuid}"'
    holding = [tombstone in text.decode() for text in walk(paper.runtime, "atom", "local")]
    archive = -1 if name == ARCHIVED else 0
    assert [place for place, holds in enumerate(holding) if holds] == sorted(
        {0, archive % len(holding)}
    )
    ping_hub(paper.runtime, hub.url)
    told = {seen.form["hub.topic"] for seen in hub.seen}
    assert {f"{ADDRESS}/feeds/{slug}.atom" for slug in ("all", "local")} <= told


@dataclass(frozen=True)
class _Paper:
    """A newsroom with readers and a partner; `ids` of its stories by name."""

    client: httpx.Client
    runtime: Runtime
    ids: dict[str, str]
    token: str

    def everywhere(self, uuid: str) -> dict[str, str]:
        """What readers, search engines and the partner see, by what it is."""
        pages = {one: f"/partners/post/stories.{one.rpartition(' ')[2]}" for one in PARTNERS_FEEDS}
        pages |= {
            "the news sitemap": "/sitemap-news.xml",
            "the page of its feed": "/feeds/local",
            "its own page": f"/articles/{uuid}",
            "a partner's item": f"/partners/post/items/{uuid}.ninjs",
        }
        asked = {"Authorization": f"Bearer {self.token}"}
        texts = {what: self.client.get(path, headers=asked).text for what, path in pages.items()}
        for fmt in FORMATS:
            for slug in ("all", "local"):
                texts[f"{slug}.{fmt}"] = b"".join(walk(self.runtime, fmt, slug)).decode()
        return texts

    def take_back(self, act: str, uuid: str) -> None:
        """An editor acts, and the feeds follow."""
        with self.runtime.sessions.begin() as session:
            article = find_article(session, uuid, lock=True)
            getattr(acts, act)(session, article, "Wrong.", by=EDITOR, now=self.runtime.clock())
        follow(self.runtime)
