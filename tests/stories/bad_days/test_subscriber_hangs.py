"""Our own hub: who subscribed has a story at once, and the truth about it, whoever else hangs."""

import httpx

from publisher.feeds.websub.standing import hub_standings
from tests.services.listener import Listener, Reply, Seen, listening
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

NEVER_S = 30.0  # a push is given up long before
SOON_S = 8.0  # less than the ten seconds that a push waits for an answer
TOPIC = "http://127.0.0.1:8000/feeds/all.atom"


def test_subscribers_that_hang_keep_no_other_waiting(newsroom: LiveNewsroom) -> None:
    newsroom.be_hub()
    newsroom.world.story("ferry", section="quays")
    newsroom.start()
    with listening(_willing) as well, listening(_hanging) as first, newsroom.web() as program:
        until("the feed is up", lambda: program.get("/feeds/all.atom").status_code == 200)
        for callback in (f"http://localhost:{first.port}/a", f"http://localhost:{first.port}/b"):
            _subscribe(program, callback)
        _subscribe(program, well.url)
        until("all three subscribed", lambda: _subscriptions(newsroom) == 3)
        newsroom.world.story("slip", section="yards")
        until("the story is there", lambda: b"Slip in Port Ellery" in _last(well), SOON_S)
        newsroom.kill("slip")
        until("the truth is out", lambda: b"deleted-entry" in _last(well), SOON_S)
        assert b"Slip in Port Ellery" not in _last(well)


def _subscribe(program: httpx.Client, callback: str) -> None:
    fields = {"hub.mode": "subscribe", "hub.callback": callback, "hub.topic": TOPIC}
    assert program.post("/websub", data=fields).status_code == 202


def _subscriptions(newsroom: LiveNewsroom) -> int:
    with newsroom.runtime.sessions.read() as session:
        [hub] = hub_standings(session, newsroom.runtime.settings)
        return hub.subscriptions or 0


def _last(reader: Listener) -> bytes:
    """The document that came last."""
    bodies = [seen.body for seen in list(reader.seen) if seen.method == "POST"]
    return bodies[-1] if bodies else b""


def _willing(seen: Seen) -> Reply:
    if seen.method == "GET":
        return Reply(200, seen.query["hub.challenge"].encode())
    return Reply()


def _hanging(seen: Seen) -> Reply:
    if seen.method == "GET":
        return _willing(seen)
    return Reply(raw=True, pieces=(b"",), pause_s=NEVER_S)
