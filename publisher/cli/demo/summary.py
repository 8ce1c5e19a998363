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
    left_out,
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
        _part("What came in", _came_in(desks(found)), facts(list(_cases(found, stage)))),
        _part("What went to whom", _went_out(sent)),
        _part("What was left out, and why", _whys(asked)),
        _part("The proof", _proof(checks)),
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
    below = [Padding(part, (0, 0, 1, 3)) for part in parts]
    return Group(Text(title, "bold cyan"), *below)


def _came_in(found: Sequence[Desk]) -> RenderableType:
    grid = _grid("section", "stories", "language", numbers=(1,))
    for desk in found:
        grid.add_row(plain(desk.name), str(desk.stories), _languages(desk))
    return grid


def _languages(desk: Desk) -> str:
    names = (locale_of(language).get_display_name("en") or language for language in desk.languages)
    return ", ".join(names)


def _cases(found: Sequence[Story], stage: Stage) -> Iterator[tuple[str, str]]:
    """The stories with which something is the matter, each with what the desk shows of it."""
    zone = stage.settings.zone
    for article, version in found:
        name = f"“{version.title}”"
        if article.state == ArticleState.EMBARGOED and article.embargo_until:
            until = short_time(article.embargo_until, zone, "en-GB")
            yield (
                "Embargoed",
                f"{name} until {until} ({zone}). Before that it is nowhere to be seen.",
            )
        if article.correction:
            yield "Corrected", f"{name}: {article.correction}"
        if article.state == ArticleState.KILLED:
            yield "Killed", f"{name}: {article.reason}"
        if article.state == ArticleState.QUARANTINED:
            yield "Quarantined", f"the file {article.external_id}: {article.reason}"


def _went_out(found: Sequence[Issue]) -> RenderableType:
    grid = _grid(
        "edition", "matched", "left out", "accepted", "uncertain", "time", "a second",
        numbers=(1, 3, 4, 5, 6),
    )  # fmt: skip
    for issue in found:
        sums = issue.sums
        grid.add_row(
            f"{issue.number}  {plain(issue.name)}",
            str(sums.matched),
            left_out(sums) or "nobody",
            str(sums.accepted),
            str(sums.uncertain),
            f"{issue.took_s:.1f} s",
            f"{issue.rate:.0f}",
        )
    return grid


def _whys(asked: Sequence[Answer]) -> RenderableType:
    grid = _grid("reader", "edition", "why")
    for answer in asked:
        grid.add_row(plain(answer.address), plain(answer.issue), Text(plain(answer.why.sentence)))
    return grid


def _proof(checks: Sequence[Check]) -> RenderableType:
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


def _grid(*columns: str, numbers: Sequence[int] = ()) -> Table:
    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        grid.add_column(
            column, justify="right" if place in numbers else "left", no_wrap=place in numbers
        )
    return grid
