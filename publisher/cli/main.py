"""The console script `publisher`: its commands in their groups, and how every run ends."""

import sys
from collections.abc import Callable
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
    module: str = ""

    @property
    def commands(self) -> typer.Typer:
        """Its commands; their module is imported now."""
        commands: typer.Typer = import_module(f"publisher.cli.{self.module or self.name}").app
        return commands


class Single(NamedTuple):
    """A command of one word: the function of its name in `publisher.cli.<module>`."""

    name: str
    panel: str
    module: str

    @property
    def function(self) -> Callable[..., None]:
        """What the command does; its module is imported now."""
        module = import_module(f"publisher.cli.{self.module}")
        function: Callable[..., None] = getattr(module, self.name.replace("-", "_"))
        return function


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
    Group("db", MACHINERY, "The database's shape.", module="database"),
)
SINGLES = (
    Single("demo", START, "demo.command"),
    Single("up", START, "up"),
    Single("doctor", START, "doctor"),
    Single("desk-link", START, "desk"),
    Single("preview", START, "preview"),
    Single("pickup", STORIES, "pickup"),
    Single("why", READERS, "why"),
    Single("worker", MACHINERY, "processes"),
    Single("beat", MACHINERY, "processes"),
    Single("web", MACHINERY, "processes"),
    Single("mailbox", MACHINERY, "processes"),
    Single("drill", MACHINERY, "drill.command"),
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
    """The command or group that `first` names, alone; all of them where it names none.

    Importing them all takes more time and memory than any of them needs, and the processes that
    a worker forks keep all that it imported.
    """
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
    known = {one.name for one in (*SINGLES, *GROUPS)}
    wanted = {first} & known or known
    for single in SINGLES:
        if single.name in wanted:
            app.command(single.name, rich_help_panel=single.panel)(single.function)
    for group in GROUPS:
        if group.name in wanted:
            app.add_typer(
                group.commands, name=group.name, help=group.help, rich_help_panel=group.panel
            )
    return app


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
