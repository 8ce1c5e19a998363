"""`publisher pickup PATH…`: articles taken in by hand."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, show


def pickup(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files (.txt, .md, .html) or folders.")
    ],
    as_json: Json = False,
) -> None:
    """Take articles in; a file that cannot be used stops no other.

    Exit code 1 where a file was quarantined, or one that was named could not be used.
    """
    from publisher.cli.picked import line_of, pick_all, picked_object, was_named

    taken = refused = 0
    with opened() as runtime:
        for picked in pick_all(runtime, paths, at_the_shell()):
            if as_json:
                emit(picked_object(picked))
            else:
                show(line_of(picked))
            taken += picked.article is not None and picked.state != "quarantined"
            refused += picked.state == "quarantined" or was_named(picked, paths)
    if not as_json:
        say(f"{taken} taken in, {refused} could not be used." if refused else f"{taken} taken in.")
    if refused:
        raise typer.Exit(1)
