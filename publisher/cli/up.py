"""`publisher up`: a whole newsroom on this machine, until Ctrl-C."""

import threading

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from publisher.cli.desk import new_desk_link
from publisher.cli.newsroom import InterruptedStartError, Newsroom, newsroom_up
from publisher.cli.opening import checked_settings
from publisher.cli.output import complain, plain, say, show
from publisher.cli.signals import told_to_stop

_TICK_S = 0.3


def up() -> None:
    """Run web, worker, beat and mailbox together on this machine, until Ctrl-C."""
    told = told_to_stop()
    settings = checked_settings()
    say("Starting the newsroom …", style="dim")
    try:
        with newsroom_up(settings, told) as newsroom:
            _present(newsroom)
            complaint = _watch(newsroom, told)
            say("Stopping …", style="dim")
    except InterruptedStartError as stopped:
        say(str(stopped))
        return
    if complaint:
        complain(complaint)
        raise typer.Exit(1)
    say("Everything has stopped.")


def _watch(newsroom: Newsroom, told: threading.Event) -> str:
    """Wait until told to stop; what to complain about where a process ended by itself."""
    while not told.wait(_TICK_S):
        ended = newsroom.children.ended()
        if ended:
            last = newsroom.children.last_words(ended.name)
            return f"{ended}, so the others were stopped, too:\n{last}"
    return ""


def _present(newsroom: Newsroom) -> None:
    settings = newsroom.runtime.settings
    facts = [
        ("Pages", settings.base_url),
        ("Desk", new_desk_link(newsroom.runtime, "editor")),
        ("Inbox", f"{settings.inbox_folder.absolute()}"),
        ("Feeds", f"{settings.base_url}/feeds"),
    ]
    if settings.uses_mailbox:
        address = f"{settings.base_url}/mailbox (SMTP at 127.0.0.1:{settings.mailbox_port})"
        facts.append(("Mailbox", address))
    grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(name, Text(plain(value)))
    grid.add_row("", Text("The desk's link opens once; make another: publisher desk-link", "dim"))
    grid.add_row("", Text("Articles dropped into the inbox folder are picked up at once.", "dim"))
    show(Panel(grid, title=f"{plain(settings.site_name)} is up", expand=False, padding=(1, 2)))
    say("Ctrl-C stops it.", style="dim")
