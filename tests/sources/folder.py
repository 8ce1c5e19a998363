"""A watched folder for tests: files come, the clock ticks, polls look."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from publisher.accounts.actor import Actor
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.sources.models import SourceFileRow, SourceRow
from publisher.sources.poll import file_problems, poll
from publisher.sources.register import NewFolder, add_folder
from publisher.store import Runtime
from tests.services.runtimes import Clock
from tests.sources.dumps import PARAGRAPHS

EDITOR = Actor("editor", "Mara Ellis")


def markdown(title: str = "Ferry returns", **matter: str) -> str:
    """A Markdown file that can be published."""
    lines = "\n".join(f"{key}: {value}" for key, value in {"title": title, **matter}.items())
    return f"---\n{lines}\n---\n" + "\n\n".join(PARAGRAPHS)


class Watched:
    """A folder that the source `inbox` watches."""

    def __init__(self, runtime: Runtime, clock: Clock, folder: Path) -> None:
        self.runtime, self.clock, self.folder = runtime, clock, folder
        folder.mkdir()

    def watch(self, **choice: object) -> None:
        """Add the source."""
        with self.runtime.sessions.begin() as session:
            new = NewFolder("inbox", self.folder, **choice)  # type: ignore[arg-type]
            add_folder(session, new, by=EDITOR, now=self.clock.now)

    def write(self, name: str, text: str | bytes | None = None) -> Path:
        """Put a file there; a good Markdown one unless told otherwise."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = markdown(f"Ferry {name!a}") if text is None else text
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def look(self) -> int:
        """One poll, a tick after the last; how many files it read."""
        self.clock.now += timedelta(seconds=2)
        return poll(self.runtime, "inbox")

    def settle(self) -> int:
        """As many looks as a new file needs; how many files they read."""
        return self.look() + self.look()

    def articles(self) -> dict[str, ArticleRow]:
        """The articles by their ids in the source."""
        with self.runtime.sessions.read() as session:
            rows = session.exec(select(ArticleRow).order_by(col(ArticleRow.id))).all()
        return {row.external_id: row for row in rows}

    def states(self) -> dict[str, ArticleState]:
        """The states of the articles by their ids in the source."""
        return {name: row.state for name, row in self.articles().items()}

    def source(self) -> SourceRow:
        """The row of the source."""
        with self.runtime.sessions.read() as session:
            return session.get_one(SourceRow, "inbox")

    def files(self) -> dict[str, SourceFileRow]:
        """What is known of the files."""
        with self.runtime.sessions.read() as session:
            return {row.path: row for row in session.exec(select(SourceFileRow))}

    def problems(self) -> dict[str, str]:
        """The files that were not taken, and why."""
        with self.runtime.sessions.read() as session:
            return {row.path: row.problem or "" for row in file_problems(session, "inbox")}
