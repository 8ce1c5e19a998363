"""`publisher feeds`: the feeds there are, building them, and taking them elsewhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.feed_health import check, health
from publisher.cli.hub_subscriptions import unsubscribe
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.times import shown
from publisher.errors import RefusedError
from publisher.feeds.directory import (
    choose_text,
    ensure_feeds,
    find_feed,
    list_feeds,
    want_whole,
)
from publisher.feeds.export import export
from publisher.feeds.health import document_size, is_up_to_date
from publisher.feeds.models import FeedRow
from publisher.feeds.paths import MEDIA_TYPES
from publisher.feeds.publish import build, build_due
from publisher.pages.links import Links
from publisher.store import Runtime

app = typer.Typer(no_args_is_help=True)


class Amount(StrEnum):
    """How much of a story a feed carries."""

    FULL = "full"
    SUMMARY = "summary"


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the feeds, where they are, and whether they are up to date."""
    with opened() as runtime:
        _show(runtime, as_json)


@app.command("build")
def build_feeds(
    slug: Annotated[
        str | None, typer.Argument(help="Only this one, even where it is up to date.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build what is behind; exit code 1 where a feed could not be built."""
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            ensure_feeds(session, runtime.clock())
        if slug is None:
            build_due(runtime)
        else:
            with runtime.sessions.begin() as session:
                want_whole(session, find_feed(session, slug).slug)
            _build_whole(runtime, slug)
        behind = [feed for feed in _show(runtime, as_json, slug) if not is_up_to_date(feed)]
    if behind:
        named = "; ".join(f"{feed.slug}: {feed.problem or 'being built'}" for feed in behind)
        raise RefusedError(f"Not up to date yet: {named}. What was up before stays up.")


app.command("check")(check)
app.command("health")(health)
app.command("unsubscribe")(unsubscribe)


@app.command("text")
def text(
    slug: Annotated[str, typer.Argument(help="The feed.")],
    amount: Annotated[Amount, typer.Argument(help="full: whole stories where rights allow it.")],
    as_json: Json = False,
) -> None:
    """Choose whether a feed carries whole stories or their summaries; readers notice at once."""
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            summary_only = amount == Amount.SUMMARY
            choose_text(
                session, slug, summary_only=summary_only, by=at_the_shell(), now=runtime.clock()
            )
        _build_whole(runtime, slug)
        _show(runtime, as_json, slug)


@app.command("export")
def export_feeds(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    as_json: Json = False,
) -> None:
    """Write every feed into a folder, for any web server."""
    with opened() as runtime:
        try:
            copies = export(runtime, folder)
        except OSError as error:
            raise RefusedError(
                f"The feeds cannot be written to {folder}: {error.strerror}. Name a folder that "
                "you may write to."
            ) from None
    for path in copies if as_json else ():
        emit({"path": str(path), "bytes": path.stat().st_size})
    if not as_json:
        say(f"{len(copies)} files are in {folder}.")


def feed_object(feed: FeedRow, links: Links, public: Path) -> dict[str, Any]:
    """The object that --json prints."""
    return {
        "slug": feed.slug,
        "id": f"urn:uuid:{feed.uuid}",
        "title": feed.title,
        "kind": feed.kind.value,
        "value": feed.value,
        "section": feed.section,
        "summary_only": feed.summary_only,
        "entries": feed.entries,
        "bytes": document_size(public, feed.slug),
        "up_to_date": is_up_to_date(feed),
        "changed_at": feed.changed_at,
        "problem": feed.problem,
        **{fmt: links.feed(feed.slug, fmt) for fmt in MEDIA_TYPES},
    }


def _build_whole(runtime: Runtime, slug: str) -> None:
    """One build writes a few archives; what it leaves it wants built at once."""
    while build(runtime, slug):
        pass


def _show(runtime: Runtime, as_json: bool, slug: str | None = None) -> list[FeedRow]:
    with runtime.sessions.read() as session:
        found = [feed for feed in list_feeds(session) if slug in {None, feed.slug}]
    links, zone = Links(runtime.settings.base_url), runtime.settings.zone
    public = runtime.settings.public_folder
    if as_json:
        for feed in found:
            emit(feed_object(feed, links, public))
        return found
    rows = [
        (
            feed.slug,
            feed.title,
            feed.kind.value,
            feed.entries,
            _shown_size(public, feed.slug),
            is_up_to_date(feed),
            shown(feed.changed_at, zone),
            links.feed(feed.slug, "rss"),
            feed.problem,
        )
        for feed in found
    ]
    columns = (
        "Feed",
        "Title",
        "Kind",
        "Stories",
        "Bytes",
        "Up to date",
        "Changed",
        "Address",
        "Problem",
    )
    table(columns, rows, empty="No feeds yet. Make them with: publisher feeds build")
    return found


def _shown_size(public: Path, slug: str) -> str:
    size = document_size(public, slug)
    return "" if size is None else f"{size:,}"
