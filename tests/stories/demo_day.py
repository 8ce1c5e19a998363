"""A day of the newsroom like the demo's, in small: two digests, and a kill between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from publisher.cli.demo.visit import Page, visit
from publisher.feeds.publish import build_due
from publisher.feeds.react import react
from publisher.mail.mailbox import Mailbox
from publisher.mail.maildir import Stored, messages
from publisher.newsroom.acts import kill
from publisher.newsroom.events import newest_event
from publisher.newsroom.find import find_article
from publisher.newsroom.models import ArticleEventRow
from publisher.store import Runtime
from publisher.web.app import create_app
from tests.services.runtimes import Clock
from tests.services.web import serving
from tests.world import EDITOR, World


@dataclass(frozen=True, slots=True)
class Day:
    """Cora reads everything, Sam only sport, Wanda the weekly digest; the pier story is killed."""

    world: World
    address: str

    @property
    def runtime(self) -> Runtime:
        """Its settings, store and clock."""
        return self.world.runtime

    @property
    def mailbox(self) -> Path:
        """Where its mail lies."""
        return self.runtime.settings.mailbox_folder

    def visit(self, url: str) -> Page:
        """A page as the web server answers it, wherever that listens."""
        return visit(f"{self.address}{urlsplit(url).path}")

    def mails_to(self, name: str) -> list[Stored]:
        """The messages to a reader, oldest first."""
        address = f"{name}@reader.example"
        return [one for one in messages(self.mailbox) if address in one.recipients][::-1]


@contextmanager
def demo_day(runtime: Runtime, clock: Clock) -> Iterator[Day]:
    """The day, played to its end."""
    mailbox = Mailbox(runtime.settings.mailbox_folder, "127.0.0.1", 0, clock=clock)
    settings = runtime.settings.model_copy(update={"mailbox_port": mailbox.start()})
    mailed = Runtime(settings, runtime.sessions, clock)
    world = World(mailed)
    try:
        _play(world, clock)
        with serving(create_app(mailed)) as address:
            yield Day(world, address)
    finally:
        world.carrier.hang_up()
        mailbox.stop()


def _play(world: World, clock: Clock) -> None:
    world.newsletter(sections=("local", "sport"))
    world.reader("cora")
    world.reader("sam", sections=("sport",))
    world.reader("wanda", cadence="weekly")
    for name, section in (("pier", "local"), ("market", "local"), ("rowing", "sport")):
        world.story(name, section)
    world.send_all(world.digest())
    clock.advance(minutes=5)
    kill_story(world, "pier")
    clock.advance(minutes=5)
    world.send_all(world.digest(cadence="weekly"))
    build_due(world.runtime)


def kill_story(world: World, name: str) -> None:
    """An editor kills a story; its feeds know that they must be built again."""
    with world.runtime.sessions.begin() as session:
        article = find_article(session, name, lock=True)
        kill(session, article, "It was forged.", by=EDITOR, now=world.now)
        event = session.get_one(ArticleEventRow, newest_event(session))
        react(session, event, world.now)
