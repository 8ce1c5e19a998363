"""Several workers at once on the same slow destinations: nobody waits for ever, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from publisher.editions.models import EditionState
from tests.delivery.post import at_pace, pass_time, states
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import World

DOMAINS = ("a.example", "b.example", "c.example")
WORKERS = 4


def test_workers_on_the_same_destinations_all_come_to_an_end(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    editions = [_edition(world, f"letter{number}") for number in range(WORKERS)]
    for domain in DOMAINS:
        at_pace(world, domain, per_minute=600)
    blocked = [address for address in _addresses() if address.endswith(DOMAINS[1])]
    smtp_server.refuse = dict.fromkeys(blocked, "450 4.7.1 slow down")

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(_send, [world] * WORKERS, editions))
    smtp_server.refuse = {}
    for _ in range(4):
        for edition in editions:
            pass_time(world, clock, edition, timedelta(minutes=15))

    assert len(smtp_server.messages) == len(editions) * 60
    for edition in editions:
        assert world.row(edition).state == EditionState.SENT, states(world, edition)
        assert world.report(edition).accepted == 60


def _edition(world: World, slug: str) -> int:
    """An edition of its own newsletter, to twenty readers of each domain."""
    world.newsletter(slug)
    for domain in DOMAINS:
        for number in range(20):
            world.reader(f"{slug}.{number:02}", slug, domain=domain)
    world.story(f"story-of-{slug}", slug)
    return world.digest(slug)


def _addresses() -> list[str]:
    return [
        f"letter{letter}.{number:02}@{domain}"
        for letter in range(WORKERS)
        for number in range(20)
        for domain in DOMAINS
    ]


def _send(world: World, edition: int) -> None:
    worker = World(world.runtime)
    worker.send_all(edition)
    worker.carrier.hang_up()
