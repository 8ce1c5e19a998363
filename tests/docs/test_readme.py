"""The README's own way from an article to a digest, typed in as it stands there."""

import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from publisher.mail.maildir import messages
from tests.docs.pages import page
from tests.services.environment import clean_environment, command

README = page("README.md")
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Terminal:
    """A shell in an empty folder, in which `publisher` means our console script."""

    folder: Path

    def type_in(self, line: str) -> str:
        done = subprocess.run(
            self.words(line),
            cwd=self.folder,
            env=clean_environment(self.folder),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def words(self, line: str) -> list[str]:
        name, *rest = shlex.split(line, comments=True)
        return [str(command(name)), *rest]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """With a newsroom up in another one."""
    one = Terminal(tmp_path)
    log = tmp_path / "up.log"
    with log.open("wb") as output:
        newsroom = subprocess.Popen(
            one.words("publisher up"),
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(lambda: " is up" in log.read_text(encoding="utf-8"), "the newsroom")
        yield one
    finally:
        newsroom.send_signal(signal.SIGINT)
        assert newsroom.wait(timeout=20) == 0, log.read_text(encoding="utf-8")


def test_ones_own_article_becomes_ones_own_digest(terminal: Terminal) -> None:
    (article,) = README.code("markdown")
    (terminal.folder / "var" / "inbox" / "ferry.md").write_text(article, encoding="utf-8")
    _wait_for(lambda: "published" in terminal.type_in("publisher articles list"), "the article")

    for line in _three_commands():
        terminal.type_in(line)

    _wait_for(lambda: bool(_mail(terminal)), "the digest")
    (digest,) = _mail(terminal)
    text = digest.get_body(("plain",))
    assert digest["To"] == "you@example.org"
    assert text is not None
    assert "The ferry is back" in text.get_content()
    feed = terminal.folder / "var" / "public" / "feeds" / "local-news.rss"
    _wait_for(lambda: feed.exists() and "The ferry is back" in feed.read_text(), "the feed")


def test_three_commands_are_enough() -> None:
    assert len(_three_commands()) == 3


def _three_commands() -> list[str]:
    (block,) = README.code("sh")
    return block.splitlines()


def _mail(terminal: Terminal) -> list[EmailMessage]:
    kept = messages(terminal.folder / "var" / "mailbox")
    return [message_from_bytes(one.raw, policy=policy.default) for one in kept]


def _wait_for(is_there: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not is_there():
        assert time.monotonic() < limit, f"{what} did not come"
        time.sleep(0.3)
