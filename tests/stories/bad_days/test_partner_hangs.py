"""Partners have a story brought at once, and the truth about it, whichever of them hangs."""

import json
from typing import Any

from publisher.feeds.partners.endpoint import set_push
from tests.feeds.partners import partner
from tests.services.listener import Listener, Reply, Seen, listening
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until
from tests.world import EDITOR

NEVER_S = 30.0  # a push is given up long before
SOON_S = 8.0  # less than the ten seconds that a push waits for an answer


def test_a_partner_that_hangs_keeps_no_other_waiting(newsroom: LiveNewsroom) -> None:
    newsroom.open_loopback()
    newsroom.start()
    with listening(_hanging) as first, listening() as well:
        _push_to(newsroom, "dead", first)
        _push_to(newsroom, "post", well)
        newsroom.world.story("ferry", section="quays")
        until("all is up", lambda: _states(well) == ["usable"])
        newsroom.world.story("slip", section="yards")
        until("the story is there", lambda: _states(well)[1:] == ["usable"], SOON_S)
        until("the other was asked", lambda: first.seen, SOON_S)
        newsroom.kill("slip")
        until("the truth is out", lambda: _states(well)[2:] == ["canceled"], SOON_S)
        assert "Slip in Port Ellery" not in json.dumps(_items(well)[-1])


def _push_to(newsroom: LiveNewsroom, slug: str, server: Listener) -> None:
    partner(newsroom.runtime, slug)
    with newsroom.runtime.sessions.begin() as session:
        ours = newsroom.runtime.settings.open_networks
        set_push(session, slug, server.url, ours=ours, by=EDITOR, now=newsroom.runtime.clock())


def _items(server: Listener) -> list[dict[str, Any]]:
    return [json.loads(seen.body) for seen in list(server.seen)]


def _states(server: Listener) -> list[str]:
    return [item["pubStatus"] for item in _items(server)]


def _hanging(_: Seen) -> Reply:
    return Reply(raw=True, pieces=(b"",), pause_s=NEVER_S)
