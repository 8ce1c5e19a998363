"""The console script `publisher`: its commands in their groups, and how every run ends."""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, NamedTuple

import typer

from publisher.cli import output
from publisher.cli.ending import end

START = "Start here"
STORIES = "Stories and feeds"
READERS = "Newsletters and readers"
MACHINERY = "A newsroom's machinery"
HELP = "Brings a newsroom's articles to readers, as e-mail digests and as feeds."


class Group(NamedTuple):
    """Commands that share a first word; their module is imported when that word is typed."""

    name: str
    panel: str
    help: str


GROUPS = (
    Group("articles", STORIES, "What came in, and what may be done with it."),
    Group("sources", STORIES, "Where articles come from."),
    Group("feeds", STORIES, "Feeds for readers' programs: RSS, Atom, JSON Feed."),
    Group("partners", STORIES, "Who gets feeds of its own, by contract and with a token."),
    Group("newsletters", READERS, "What readers may subscribe to."),
    Group("subscribers", READERS, "Who reads what."),
    Group("destinations", READERS, "How fast mail goes to each receiving domain."),
    Group("editions", READERS, "Composing, sending and stopping them; what became of them."),
    Group("environment", MACHINERY, "Whether mail may be sent from this place."),
)


def main() -> None:
    """Run one command and exit: 0 done, 1 refused, 2 misused, 70, 75, 78 (see docs/commands.md)."""
    output.stand_firm()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; returns the exit code, never raises an error."""
    first = next((word for word in arguments if not word.startswith("-")), "")
    try:
        outcome = application(first)(arguments, prog_name="publisher", standalone_mode=False)
    except SystemExit as stop:
        outcome = stop.code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody shall see a traceback
        outcome = end(error)
    output.finish()
    return outcome if isinstance(outcome, int) else 0


def application(first: str | None = None) -> typer.Typer:
    """All commands; of the groups only `first` can be run, or every one where that is None.

    Importing all of them takes longer than most commands need.
    """
    from publisher.cli import desk, doctor, pickup, preview, up, why
    from publisher.cli.demo.command import demo

    app = typer.Typer(
        name="publisher",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_publisher)
    app.command("demo", rich_help_panel=START)(demo)
    app.command("up", rich_help_panel=START)(up.up)
    app.command("doctor", rich_help_panel=START)(doctor.doctor)
    app.command("desk-link", rich_help_panel=START)(desk.desk_link)
    app.command("preview", rich_help_panel=START)(preview.preview)
    app.command("pickup", rich_help_panel=STORIES)(pickup.pickup)
    app.command("why", rich_help_panel=READERS)(why.why)
    for group in GROUPS:
        commands = _commands_of(group) if first in {None, group.name} else typer.Typer()
        app.add_typer(commands, name=group.name, help=group.help, rich_help_panel=group.panel)
    _add_machinery(app)
    return app


def _add_machinery(app: typer.Typer) -> None:
    from publisher.cli import database, processes
    from publisher.cli.drill.command import drill

    app.command("worker", rich_help_panel=MACHINERY)(processes.worker)
    app.command("beat", rich_help_panel=MACHINERY)(processes.beat)
    app.command("web", rich_help_panel=MACHINERY)(processes.web)
    app.command("mailbox", rich_help_panel=MACHINERY)(processes.mailbox)
    app.command("drill", rich_help_panel=MACHINERY)(drill)
    app.add_typer(database.app, name="db", rich_help_panel=MACHINERY)


def _commands_of(group: Group) -> typer.Typer:
    commands: typer.Typer = import_module(f"publisher.cli.{group.name}").app
    return commands


def _say_version(wanted: bool) -> None:
    if wanted:
        output.say(f"publisher {version('publisher')}")
        raise typer.Exit


def _publisher(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    pass


if __name__ == "__main__":
    main()
