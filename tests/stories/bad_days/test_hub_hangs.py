"""Two hubs that never answer: feeds are as quick as ever, and the third hub hears at once."""

from tests.services.listener import Listener, Reply, Seen, listening
from tests.stories.feeds import entries, in_all_formats
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

NEVER_S = 30.0  # a ping is given up long before
SOON_S = 8.0  # less than the ten seconds that a ping waits for an answer


def test_hubs_that_hang_delay_neither_feeds_nor_other_hubs(newsroom: LiveNewsroom) -> None:
    with listening(_hang) as first, listening(_hang) as second, listening() as well:
        newsroom.use_hubs(first.url, second.url, well.url)
        newsroom.start()
        newsroom.world.story("ferry", section="quays")
        until("both wait for an answer", lambda: first.seen and second.seen)
        newsroom.world.story("slip", section="yards")
        with newsroom.web() as browser:
            everywhere = in_all_formats("Slip")
            until("it is in the feed", lambda: entries(browser, "yards") == everywhere, SOON_S)
        until("the third hub has heard", lambda: _heard(well, "yards"), SOON_S)
        assert max(len(first.seen), len(second.seen)) <= newsroom.runtime.settings.worker_processes


def test_a_hub_hears_what_a_worker_that_was_killed_did_not_tell_it(newsroom: LiveNewsroom) -> None:
    with listening(_hang) as hub:
        newsroom.use_hubs(hub.url)
        newsroom.start()
        newsroom.world.story("ferry", section="quays")
        until("it waits for an answer", lambda: hub.seen)
        newsroom.processes.kill("worker")
        hub.reply = lambda _: Reply()
        newsroom.start("worker")
        until("the hub has heard", lambda: _heard(hub, "quays") and _heard(hub, "all"))


def _hang(_: Seen) -> Reply:
    return Reply(raw=True, pieces=(b"",), pause_s=NEVER_S)


def _heard(hub: Listener, slug: str) -> bool:
    return {f"/feeds/{slug}.{fmt}" for fmt in ("rss", "atom", "json")} <= {
        "/feeds/" + seen.form["hub.topic"].rpartition("/")[2] for seen in list(hub.seen)
    }
