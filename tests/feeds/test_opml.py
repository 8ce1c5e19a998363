"""The list of feeds that feed readers import."""

from lxml import etree

from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, bring, document, read, story
from tests.world import World


def test_every_feed_stands_there_once_with_its_group(runtime: Runtime) -> None:
    World(runtime).newsletter("quay-post", name="Quay & post", sections=("harbour",))
    bring(runtime, story(), story("lampen", language="nl", byline=None, tags=(), section=None))
    root = etree.parse(runtime.settings.public_folder / "feeds.opml").getroot()
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "The Harbour Record"
    groups = {one.get("text"): [sub.get("text") for sub in one] for one in root.iterfind("body/*")}
    assert groups == {
        "The Harbour Record": [],
        "Sections": ["Harbour"],
        "Languages": ["English", "Nederlands"],
        "Newsletters": ["Quay & post"],
        "Authors": ["Mara Quill"],
        "Tags": ["lamps", "quays & piers"],
    }
    addresses = [one.get("xmlUrl") for one in root.iter("outline") if one.get("type") == "rss"]
    assert f"{ADDRESS}/feeds/newsletter-quay-post.rss" in addresses
    assert len(addresses) == len(set(addresses)) == 8


def test_a_tag_that_was_a_mistake_is_in_no_list_though_its_feed_stays_up(runtime: Runtime) -> None:
    bring(runtime, story(byline="Mara Quil", tags=("lapms",)))
    assert {"author-mara-quil", "tag-lapms"} <= _slugs(runtime)
    bring(runtime, story(byline="Mara Quill", tags=("lamps",)))
    assert _slugs(runtime) == {"all", "harbour", "author-mara-quill", "tag-lamps"}
    for fmt in ("rss", "atom", "json"):
        assert read(document(runtime, fmt, "tag-lapms"), fmt) == []
    bring(runtime, story("song", tags=("lapms",)))
    assert "tag-lapms" in _slugs(runtime)


def test_a_new_feed_is_in_the_list_and_news_alone_leaves_it_as_it_is(runtime: Runtime) -> None:
    bring(runtime, story())
    path = runtime.settings.public_folder / "feeds.opml"
    before = path.stat().st_mtime_ns
    bring(runtime, story("goal"))
    assert path.stat().st_mtime_ns == before
    bring(runtime, story("third", tags=("ferries",)))
    assert b"tag-ferries.rss" in path.read_bytes()
    path.unlink()
    assert build_due(runtime) == 1
    assert path.exists()


def _slugs(runtime: Runtime) -> set[str]:
    root = etree.parse(runtime.settings.public_folder / "feeds.opml").getroot()
    addresses = [one.get("xmlUrl", "") for one in root.iter("outline") if one.get("type") == "rss"]
    return {address.rpartition("/")[2].removesuffix(".rss") for address in addresses}
