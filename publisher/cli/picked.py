"""What became of picked-up files, as the command line shows it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from publisher.accounts.actor import Actor
from publisher.cli.output import plain
from publisher.newsroom.incoming import Incoming
from publisher.sources.pickup import Picked, pick_up
from publisher.sources.present import as_json_object
from publisher.sources.register import PICKUP
from publisher.store import Runtime

_COLOURS = {"published": "green", "quarantined": "red", "skipped": "yellow"}


def pick_all(runtime: Runtime, paths: Sequence[Path], by: Actor) -> Iterator[Picked]:
    """What became of each file, in order; what is not there is skipped, and no row is kept."""
    for path in paths:
        if path.exists() or path.is_symlink():
            yield from pick_up(runtime, [path], by=by)
        else:
            yield Picked(path, "skipped", "skipped", "There is no such file or folder.")


def was_named(picked: Picked, paths: Sequence[Path]) -> bool:
    """What else lies in a folder need not be an article; a file that was named should be one."""
    return picked.state == "skipped" and picked.path in paths


def picked_object(picked: Picked) -> dict[str, Any]:
    """The object that --json prints; of a skipped file only state and reason say something."""
    article, nothing = picked.article, Incoming(PICKUP, picked.path.stem, "", (), "")
    return as_json_object(
        picked.incoming or nothing,
        id=article.uuid if article else None,
        state=picked.state,
        reason=picked.reason,
        version=article.version if article else None,
    )


def line_of(picked: Picked) -> Text:
    """The line for people."""
    known = {"unchanged": ", nothing new", "older": ", an older version", "updated": ", updated"}
    state = f"{picked.state.replace('_', ' ')}{known.get(picked.outcome, '')}"
    line = Text(f"{state:<12}", style=_COLOURS.get(picked.state, "cyan"))
    if picked.article is not None and picked.incoming is not None and picked.incoming.title:
        line.append(f"  “{plain(picked.incoming.title)}” ({picked.article.uuid})", style="default")
    else:
        line.append(f"  {plain(picked.path)}", style="default")
    return line.append(f": {plain(picked.reason)}" if picked.reason else "", style="default")
