"""`publisher editions report` and `verify`: what became of an edition, and proof of it."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from publisher.audience.models import NewsletterRow
from publisher.cli.edition_report_view import difference_lines, show_report, verdict_object
from publisher.cli.opening import opened
from publisher.cli.output import Json, emit, say, write
from publisher.delivery.proof.check import Comparison, compared_with_database
from publisher.delivery.proof.prove import prove, signed
from publisher.delivery.proof.seal import Verdict, examined
from publisher.delivery.proof.table import csv_text, reader_rows
from publisher.editions.find import find_edition
from publisher.errors import InvalidInputError, RefusedError
from publisher.store import Runtime

LARGEST_BYTES = 256 * 1024 * 1024

Ref = Annotated[str, typer.Argument(metavar="EDITION", help="Its number or its id.")]


def report(
    ref: Ref,
    *,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Every matched reader as a line, without addresses.")
    ] = False,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="With --csv: a column of addresses, too.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the signed report, or with --csv the table, to this file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Count what became of it, reader by reader; the sums must meet.

    With --json it is the signed report that `publisher editions verify` checks.
    """
    if addresses and not as_csv:
        raise InvalidInputError("--addresses belongs to the table: add --csv.")
    if as_csv and as_json and out is None:
        raise InvalidInputError("A report is printed in one form: leave out --csv or --json.")
    with opened() as runtime:
        if out is not None:
            size = _write_file(out, _chunks(runtime, ref, as_csv=as_csv, addresses=addresses))
            _say_written(out, size, as_csv=as_csv, as_json=as_json)
        elif as_csv or as_json:
            for chunk in _chunks(runtime, ref, as_csv=as_csv, addresses=addresses):
                write(chunk)
        else:
            _show(runtime, ref)


def verify(
    file: Annotated[Path, typer.Argument(help="A signed report.")], *, as_json: Json = False
) -> None:
    """Say whether a report is as it was signed, and whether the database still says the same.

    Exit code 1 where it is not, or does not.
    """
    raw = _content(file)
    with opened() as runtime:
        verdict = examined(raw, _secret(runtime))
        comparison = _comparison(runtime, verdict)
    if as_json:
        emit(verdict_object(verdict, comparison))
    else:
        say(verdict.sentence)
        for line in difference_lines(verdict, comparison):
            say(line)
    if not verdict.genuine or (comparison and comparison.differences):
        raise typer.Exit(1)


def _chunks(runtime: Runtime, ref: str, *, as_csv: bool, addresses: bool) -> Iterable[str]:
    with runtime.sessions.snapshot() as session:
        edition = find_edition(session, ref)
        secret = _secret(runtime)
        if as_csv:
            yield from csv_text(reader_rows(session, edition, secret=secret, addresses=addresses))
        else:
            yield signed(session, edition, secret=secret).decode("ascii")


def _show(runtime: Runtime, ref: str) -> None:
    with runtime.sessions.snapshot() as session:
        edition = find_edition(session, ref)
        found = prove(session, edition, secret=_secret(runtime))
        zone = session.get_one(NewsletterRow, edition.newsletter_id).zone
    show_report(found, zone)


def _comparison(runtime: Runtime, verdict: Verdict) -> Comparison | None:
    if verdict.content is None:
        return None
    with runtime.sessions.snapshot() as session:
        return compared_with_database(session, verdict.content, secret=_secret(runtime))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise RefusedError(f"{file} is too large for a report.")
        return file.read_bytes()
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None


def _write_file(file: Path, chunks: Iterable[str]) -> int:
    """Write a file that only its owner may read; returns its bytes."""
    rest = (chunk.encode() for chunk in chunks)
    beginning = next(rest)  # before the file is touched: there may be no such edition
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            return target.write(beginning) + sum(target.write(chunk) for chunk in rest)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None


def _say_written(file: Path, size: int, *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        emit({"path": str(file), "bytes": size})
    elif as_csv:
        say(f"A line for each matched reader is in {file}.")
    else:
        say(f"The signed report is in {file}. Check it with: publisher editions verify {file}")


def _secret(runtime: Runtime) -> str:
    return runtime.settings.secret_key.get_secret_value()
