"""The console script `publisher`: its commands in their groups, and how every run ends."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from publisher.cli import database, desk, doctor, output, processes, up
from publisher.cli.ending import end

START = "Start here"
PROCESSES = "A newsroom's machinery"

app = typer.Typer(
    name="publisher",
    help="Brings a newsroom's articles to readers, as e-mail digests and as feeds.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run one command and exit: 0 done, 1 refused, 2 misused, 70, 75, 78 (see docs/commands.md)."""
    output.stand_firm()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; returns the exit code, never raises an error."""
    try:
        outcome = app(arguments, prog_name="publisher", standalone_mode=False)
    except SystemExit as stop:
        outcome = stop.code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody shall see a traceback
        outcome = end(error)
    output.finish()
    return outcome if isinstance(outcome, int) else 0


def _say_version(wanted: bool) -> None:
    if wanted:
        output.say(f"publisher {version('publisher')}")
        raise typer.Exit


@app.callback()
def _publisher(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    """Brings a newsroom's articles to readers, as e-mail digests and as feeds."""


app.command("up", rich_help_panel=START)(up.up)
app.command("doctor", rich_help_panel=START)(doctor.doctor)
app.command("desk-link", rich_help_panel=START)(desk.desk_link)
app.command("worker", rich_help_panel=PROCESSES)(processes.worker)
app.command("beat", rich_help_panel=PROCESSES)(processes.beat)
app.command("web", rich_help_panel=PROCESSES)(processes.web)
app.command("mailbox", rich_help_panel=PROCESSES)(processes.mailbox)
app.add_typer(database.app, name="db", rich_help_panel=PROCESSES)

if __name__ == "__main__":
    main()
