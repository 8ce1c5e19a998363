"""`publisher demo`: the main job from start to finish, on this machine, and proved."""

import sys
import threading
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from publisher.cli.signals import told_to_stop
from publisher.errors import RefusedError

if TYPE_CHECKING:
    from publisher.cli.demo.screen import Screen

INTERRUPTED = 130
BELOW = (
    "An invented newspaper, two hundred invented readers, and every part of Publisher at work: "
    "files, tasks, feeds and real SMTP. Nothing leaves this machine."
)


def demo(
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the newsroom up with its pages, until Ctrl-C.")
    ] = False,
) -> None:
    """Run an invented newsroom, from articles in a folder to inboxes and feeds, and prove it."""
    if find_spec("feedparser") is None:
        raise RefusedError(
            "The demo reads its feeds with feedparser, which is not installed here. "
            "Install it beside Publisher (python -m pip install feedparser), or run: make demo"
        )
    from publisher.cli.demo.screen import Screen
    from publisher.cli.demo.stage import InterruptedDemoError

    told = told_to_stop()
    screen = Screen(Console(file=sys.stdout, highlight=False, emoji=False, markup=False))
    screen.title("The Harbour Record, a demonstration of Publisher", BELOW)
    try:
        proved = _play(screen, told, serve=serve)
    except InterruptedDemoError as stopped:
        screen.note(f"Stopped before the end; no process is left. {stopped}")
        raise typer.Exit(INTERRUPTED) from None
    if not proved:
        raise RefusedError("The demo did not do what it should. What differs is listed above.")


def _play(screen: "Screen", told: threading.Event, *, serve: bool) -> bool:
    """The acts, the proof, the summary; whether all was as it should be."""
    from publisher.cli.demo.acts import close, play, prove_it
    from publisher.cli.demo.ending import keep_a_digest, serve_until_told, show_what_is_kept
    from publisher.cli.demo.stage import stage_set
    from publisher.cli.demo.summary import summary

    began = time.monotonic()
    with stage_set(screen, told, serve=serve) as stage:
        checks = prove_it(stage, play(stage))
        fine = not any(check.differences for check in checks)
        if not serve:
            close(stage)
        screen.blank()
        screen.show(summary(stage, checks), indent=0)
        keep_a_digest(stage)
        took = time.monotonic() - began
        if serve:
            serve_until_told(stage, took)
    if not serve:
        show_what_is_kept(stage, took)
    return fine
