"""What stays after the demo, and where to look: pages while it is up, files for good."""

import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from shutil import which

from publisher.cli.demo.readers import people
from publisher.cli.demo.stage import Stage
from publisher.cli.demo.summary import facts
from publisher.cli.desk import new_desk_link
from publisher.errors import UnavailableError
from publisher.feeds.paths import FOLDER
from publisher.mail.maildir import Stored, messages
from publisher.pages.links import Links

DIGEST = "digest.html"
_TICK_S = 0.3


def keep_a_digest(stage: Stage) -> None:
    """Write one reader's digest as a page that shows its pictures without any server."""
    stored = _digest_of(stage, next(people()).address)
    if stored is None:
        return
    message: EmailMessage = message_from_bytes(stored.raw, policy=policy.default)
    page = message.get_body(("html",))
    if page is not None:
        html = page.get_content().replace(f"{stage.dates.pictures_url}/", "pictures/")
        (stage.settings.home / DIGEST).write_text(html, encoding="utf-8")


def serve_until_told(stage: Stage, took_s: float) -> None:
    """Say where the newsroom is and keep it up until somebody says stop."""
    links, home = Links(stage.settings.base_url), stage.settings.home
    stage.screen.chapter(f"The newsroom is up (the demo took {took_s:.0f} s)")
    stage.screen.show(
        facts(
            [
                ("Readers’ pages", links.home()),
                ("The desk", f"{new_desk_link(stage.runtime, 'editor')} (opens once)"),
                ("The mailbox", f"{links.mailbox()} (SMTP at port {stage.settings.mailbox_port})"),
                ("Feeds", f"{links.feeds()} (files in {_feeds(home)})"),
                ("Watched folder", f"{stage.settings.inbox_folder}: drop an article in"),
                ("Commands", _command(home, "--help")),
            ]
        )
    )
    stage.screen.note("Ctrl-C stops it.")
    while not stage.told.wait(_TICK_S):
        ended = stage.children.ended()
        if ended:
            raise UnavailableError(f"{ended}:\n{stage.children.last_words(ended.name)}")


def show_what_is_kept(stage: Stage, took_s: float) -> None:
    """Say where everything lies, now that no process is left."""
    home = stage.settings.home
    stage.screen.chapter(f"What to open next (the demo took {took_s:.0f} s, and all has stopped)")
    stage.screen.show(
        facts(
            [
                ("A digest", f"{home / DIGEST}"),
                ("All the mail", f"{stage.settings.mailbox_folder}"),
                ("The feeds", f"{_feeds(home)}"),
                ("Who got what", _command(home, "editions list")),
                ("With the pages", "make demo SERVE=1"),
                ("To clear away", f"rm -r {home}"),
            ]
        )
    )


def _command(home: Path, words: str) -> str:
    """A command on this newsroom, as it can be typed where the demo was started."""
    program = "publisher" if which("publisher") else sys.argv[0]
    return f"PUBLISHER_HOME={home} {program} {words}"


def _digest_of(stage: Stage, address: str) -> Stored | None:
    """The first message to this reader, which is the daily digest."""
    found = [one for one in messages(stage.settings.mailbox_folder) if address in one.recipients]
    return found[-1] if found else None


def _feeds(home: Path) -> Path:
    return home / "public" / FOLDER
