"""`publisher sources`: where articles come from."""

from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.times import shown
from publisher.sources.models import SourceRow
from publisher.sources.register import NewFolder, add_folder, list_sources

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the sources, and what is wrong with them."""
    with opened() as runtime, runtime.sessions.read() as session:
        found = list_sources(session)
        zone = runtime.settings.zone
    if as_json:
        for row in found:
            emit(source_object(row))
        return
    rows = [
        (row.slug, row.location, row.trust, shown(row.polled_at, zone), row.problem)
        for row in found
    ]
    table(
        ("Source", "Folder", "Articles", "Last looked at", "Problem"),
        rows,
        empty="No sources yet. Watch a folder with: publisher sources add SLUG --folder PATH",
    )


@app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="Its short name, like wire-desk.")],
    folder: Annotated[Path, typer.Option(help="The folder to watch.")],
    baseline: Annotated[
        bool, typer.Option(help="What lies there already goes into the feeds and is not mailed.")
    ] = True,
    review: Annotated[
        bool, typer.Option("--review", help="An editor must release every article.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Of articles that name none; else the newsroom's.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Of times that name none; else the newsroom's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Watch a folder for articles."""
    with opened() as runtime:
        new = NewFolder(
            slug=slug,
            folder=folder,
            language=language or runtime.settings.language,
            zone=zone or runtime.settings.zone,
            baseline=baseline,
            review=review,
        )
        with runtime.sessions.begin() as session:
            row = add_folder(session, new, by=at_the_shell(), now=runtime.clock())
    if as_json:
        emit(source_object(row))
        return
    first = "goes into the feeds and is not mailed" if baseline else "is mailed like the rest"
    say(f"Watching {row.location} as “{row.slug}”. What lies there already {first}.")


def source_object(row: SourceRow) -> dict[str, Any]:
    """The object that --json prints."""
    return {
        "slug": row.slug,
        "kind": row.kind,
        "folder": row.location,
        "language": row.language,
        "zone": row.zone,
        "review": row.trust == "review",
        "baseline_done": row.baseline_done,
        "polled_at": row.polled_at,
        "problem": row.problem,
    }
