"""`publisher preview FILE`: one article as a mail and in feeds; nothing is kept."""

import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.output import Json, emit, say, table
from publisher.errors import InvalidInputError, RefusedError
from publisher.newsroom.incoming import Incoming
from publisher.settings import Settings


def preview(
    file: Annotated[Path, typer.Argument(help="An article: .txt, .md or .html.")],
    *,
    output: Annotated[Path | None, typer.Option(help="Folder to write to; else a new one.")] = None,
    open_it: Annotated[
        bool, typer.Option("--open/--no-open", help="Show it in the browser, from a terminal.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Show one article as a mail and as a feed entry. Needs no database and keeps nothing."""
    from publisher.cli.proof import proof_of
    from publisher.pages.environment import environment
    from publisher.settings import load_settings
    from publisher.store import utc_now

    settings = load_settings()
    proof = proof_of(_read(file, settings), settings, environment(settings), utc_now())
    paths = _write(proof.files, output)
    for warning in proof.warnings:
        say(warning, style="yellow")
    if as_json:
        emit({"subject": proof.subject, "html_bytes": proof.html_bytes, **paths})
    else:
        say(f"“{proof.subject}”, {proof.html_bytes / 1000:.1f} KB of HTML")
        table(("File", "Where"), paths.items(), empty="")
    if open_it and sys.stdout.isatty():
        webbrowser.open(Path(paths["index.html"]).as_uri())


def _read(file: Path, settings: Settings) -> Incoming:
    from publisher.cli.times import zone_named
    from publisher.sources.files import SkippedFile
    from publisher.sources.readers import read_file

    path = file.absolute()
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise InvalidInputError(f"{file} is {kind}. Name the file of one article.")
    found = read_file(
        path,
        source="preview",
        root=path.resolve().parent,
        language=settings.language,
        zone=zone_named(settings.zone),
    )
    problem = found.reason if isinstance(found, SkippedFile) else found.problem
    if isinstance(found, SkippedFile) or problem:
        raise InvalidInputError(f"{file}: {problem}")
    return found


def _write(files: dict[str, bytes], output: Path | None) -> dict[str, str]:
    try:
        folder = output or Path(tempfile.mkdtemp(prefix="publisher-preview-"))
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise RefusedError(
            f"The preview cannot be written to {output}: {error.strerror}. Name a folder that "
            "you may write to: --output DIR"
        ) from None
    return {name: str((folder / name).absolute()) for name in files}
