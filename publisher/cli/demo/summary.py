"""The demo's last words: what came in, what went to whom, what was left out and why, the proof."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from publisher.cli.demo.account import (
    Answer,
    Desk,
    Issue,
    Story,
    answers,
    desks,
    issues,
    stories,
)
from publisher.cli.demo.proof import Check
from publisher.cli.demo.stage import Stage
from publisher.cli.output import plain
from publisher.newsroom.models import ArticleState
from publisher.pages.filters import short_time
from publisher.pages.languages import locale_of

MOST_DIFFERENCES = 12


def summary(stage: Stage, checks: Sequence[Check]) -> RenderableType:
    """All of it, read from the rows now."""
    with stage.runtime.sessions.read() as session:
        found = stories(session)
        sent, asked = issues(session), answers(session)
    return Group(
        _in_a_line(stage, sent, checks),
        Text(),
        _part(
            "What came in",
            _came_in(desks(found)),
            facts(sorted(_cases(found, stage.settings.zone))),
        ),
        _part("What went to whom", _went_out(sent)),
        _part("What was left out, and why", facts([_why(answer) for answer in asked])),
        _part("The proof", proof_table(checks)),
    )


def proof_table(checks: Sequence[Check]) -> RenderableType:
    """Each check with its mark, and below it what differs."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check in checks:
        mark = Text("✗", "bold red") if check.differences else Text("✓", "bold green")
        grid.add_row(mark, Text(plain(check.sentence)))
        for line in check.differences[:MOST_DIFFERENCES]:
            grid.add_row("", Text(plain(line), "red"))
        more = len(check.differences) - MOST_DIFFERENCES
        if more > 0:
            grid.add_row("", Text(f"and {more} more like these.", "red"))
    return grid


def _in_a_line(stage: Stage, sent: Sequence[Issue], checks: Sequence[Check]) -> Text:
    if any(check.differences for check in checks):
        return Text("Something is not as it should be: see the proof below.", "bold red")
    files = sum(1 for _ in stage.settings.inbox_folder.iterdir())
    accepted = sum(issue.sums.accepted for issue in sent)
    return Text(
        f"{files} files came in, {accepted} mails went out; everybody is accounted for, and "
        "nobody got a story twice.",
        "bold green",
    )


def facts(rows: Sequence[tuple[str, str]]) -> RenderableType:
    """Names in bold and what they stand for; nothing is cut."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, Text(plain(value)))
    return grid


def _part(title: str, *parts: RenderableType) -> RenderableType:
    below = [Padding(part, (0, 0, 1, 3), expand=False) for part in parts]
    return Group(Text(title, "bold cyan"), *below)


def _came_in(found: Sequence[Desk]) -> RenderableType:
    grid = _grid("section", "language", "stories", "out now", numbers=(2, 3))
    for desk in found:
        language = locale_of(desk.language).get_display_name("en") or desk.language
        grid.add_row(plain(desk.name), language, str(desk.stories), str(desk.out))
    return grid


def _cases(found: Sequence[Story], zone: str) -> Iterator[tuple[str, str]]:
    """The stories with which something is the matter, each with what the desk shows of it."""
    for article, version in found:
        name = f"“{version.title}”"
        if article.state == ArticleState.EMBARGOED and article.embargo_until:
            until = short_time(article.embargo_until, zone, "en-GB")
            yield "Embargoed", f"{name}, until {until} ({zone}). Until then nobody gets to see it."
        if article.correction:
            yield "Corrected", f"{name}: {article.correction}"
        if article.state == ArticleState.KILLED:
            yield "Killed", f"{name}: {article.reason}"
        if article.state == ArticleState.QUARANTINED:
            yield "Quarantined", f"the file “{article.external_id}”: {article.reason}"


def _went_out(found: Sequence[Issue]) -> RenderableType:
    grid = _grid(
        "edition", "matched", "left\nout", "accepted", "un-\ncertain", "stories\neach", "time",
        numbers=(1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    for issue in found:
        sums = issue.sums
        grid.add_row(
            f"{issue.number}  {plain(issue.name)}",
            str(sums.matched),
            str(sum(sums.excluded.values())),
            str(sums.accepted),
            str(sums.uncertain),
            f"{issue.fewest}" if issue.fewest == issue.most else f"{issue.fewest}–{issue.most}",
            f"{issue.took_s:.1f} s",
        )
    return grid


def _why(answer: Answer) -> tuple[str, str]:
    reason = (answer.why.reason or answer.why.state).replace("_", " ").capitalize()
    readers = "1 reader" if answer.readers == 1 else f"{answer.readers} readers"
    return reason, (
        f"{readers} of edition {answer.why.edition}, such as {answer.address}. "
        f"{answer.why.sentence}"
    )


def _grid(*columns: str, numbers: Sequence[int] = ()) -> Table:
    grid = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )
    for place, column in enumerate(columns):
        grid.add_column(
            column, justify="right" if place in numbers else "left", no_wrap=place in numbers
        )
    return grid
