"""`publisher feeds check` and `health`: whether feeds are as they should be, and who reads them."""

from typing import Annotated, Any

import typer

from publisher.cli.opening import opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.times import shown
from publisher.errors import RefusedError
from publisher.feeds.check import Checked, check_feed
from publisher.feeds.check_site import check_site, open_client
from publisher.feeds.directory import find_feed, list_feeds
from publisher.feeds.files import Published
from publisher.feeds.health import (
    SPAN,
    FeedHealth,
    ProgramReading,
    Reading,
    feed_health,
    program_readings,
)
from publisher.store import Runtime


def check(
    slug: Annotated[str | None, typer.Argument(help="Only this feed.")] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Ask the site at this address over HTTP, not the files here."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read every document of the feeds strictly, and ask for it as programs do; change nothing.

    Exit code 1 where something is wrong, 75 where the site does not answer.
    """
    with opened() as runtime:
        with runtime.sessions.read() as session:
            slugs = [feed.slug for feed in list_feeds(session)]
            if slug is not None:
                slugs = [find_feed(session, slug).slug]
        found = _checked_there(runtime, slugs, url) if url else _checked_here(runtime, slugs)
    _print_checked(found, as_json)
    wrong = [one for one in found if one.problems]
    if wrong:
        raise RefusedError(f"{len(wrong)} of {len(found)} documents are not as they should be.")


def health(as_json: Json = False) -> None:
    """Show how each feed does, and who read it in the last seven days.

    Only what web processes served is counted. Exit code 1 where a feed needs somebody.
    """
    with opened() as runtime, runtime.sessions.read() as session:
        now, folder = runtime.clock(), runtime.settings.public_folder
        feeds = feed_health(session, folder, now)
        programs = program_readings(session, now)
    if as_json:
        for feed in feeds:
            emit(_feed_object(feed))
        for program in programs:
            emit({"program": program.name, **_reading_object(program.reading)})
    else:
        _print_health(feeds, programs, runtime.settings.zone)
    unwell = [feed.slug for feed in feeds if not feed.is_well]
    if unwell:
        raise RefusedError(
            f"These feeds need somebody: {', '.join(unwell)}. See: publisher feeds list"
        )


def state_of(feed: FeedHealth) -> str:
    """How the feed does, in a word or two."""
    if feed.size is None:
        return "not here"
    if not feed.up_to_date:
        return "behind"
    return "up to date" if feed.problem is None else "something left out"


def _checked_here(runtime: Runtime, slugs: list[str]) -> list[Checked]:
    published = Published(runtime.settings.public_folder)
    return [one for slug in slugs for one in check_feed(published, slug, runtime.clock())]


def _checked_there(runtime: Runtime, slugs: list[str], url: str) -> list[Checked]:
    hubs = runtime.settings.hubs
    with open_client() as client:
        return [one for slug in slugs for one in check_site(client, url, slug, hubs)]


def _print_checked(found: list[Checked], as_json: bool) -> None:
    if as_json:
        for one in found:
            emit(
                {
                    "slug": one.slug,
                    "format": one.fmt,
                    "entries": one.entries,
                    "bytes": one.size,
                    "problems": one.problems,
                }
            )
        return
    rows = [
        (one.slug, one.fmt, one.entries, f"{one.size:,}", " ".join(one.problems) or "fine")
        for one in found
    ]
    columns = ("Feed", "Format", "Stories", "Bytes", "Result")
    table(columns, rows, empty="No feeds yet. Make them with: publisher feeds build")


def _print_health(feeds: list[FeedHealth], programs: list[ProgramReading], zone: str) -> None:
    rows = [
        (
            feed.slug,
            state_of(feed),
            feed.entries,
            "" if feed.size is None else f"{feed.size:,}",
            shown(feed.changed_at, zone),
            *_reading_cells(feed.reading),
        )
        for feed in feeds
    ]
    columns = ("Feed", "State", "Stories", "Bytes", "Changed", "Requests", "Unchanged", "Readers")
    table(columns, rows, empty="No feeds yet. Make them with: publisher feeds build")
    if programs:
        say()
        table(
            ("Program", "Requests", "Unchanged", "Readers"),
            [(one.name, *_reading_cells(one.reading)) for one in programs],
            empty="",
        )
    say(
        f"Requests are those of the last {SPAN.days} days that the web process answered itself; "
        "readers are those that programs say they ask for."
    )


def _reading_cells(reading: Reading) -> tuple[str, str, str]:
    share = reading.unchanged_share
    return (
        f"{reading.requests:,}",
        "" if share is None else f"{share:.0%}",
        f"{reading.readers:,}",
    )


def _feed_object(feed: FeedHealth) -> dict[str, Any]:
    return {
        "slug": feed.slug,
        "state": state_of(feed),
        "entries": feed.entries,
        "bytes": feed.size,
        "changed_at": feed.changed_at,
        "problem": feed.problem,
        **_reading_object(feed.reading),
    }


def _reading_object(reading: Reading) -> dict[str, Any]:
    return {
        "whole": reading.whole,
        "unchanged": reading.unchanged,
        "readers": reading.readers,
    }
