"""`publisher newsletters`: what readers may subscribe to."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from publisher.audience.models import NewsletterRow
from publisher.audience.newsletter_change import NewsletterChange, change_newsletter
from publisher.audience.newsletters import (
    NewNewsletter,
    create_newsletter,
    find_newsletter,
    list_newsletters,
)
from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, plain, say, sheet, table
from publisher.cli.words import split
from publisher.errors import InvalidInputError

app = typer.Typer(no_args_is_help=True)

Sections = Annotated[
    list[str] | None, typer.Option(help="Slugs, by comma; without them every section.")
]
Cadences = Annotated[list[str] | None, typer.Option(help="daily, weekly or both, by comma.")]
SenderAddress = Annotated[str | None, typer.Option(help="Else PUBLISHER_SENDER_ADDRESS.")]
DkimDomain = Annotated[
    str | None, typer.Option(help="Signs its mails; else PUBLISHER_DKIM_DOMAIN.")
]
DkimSelector = Annotated[str | None, typer.Option(help="Name of that domain's key.")]
_HOURS = re.compile(r"(\d{1,2})(?::00)?\s*[-–]\s*(\d{1,2})(?::00)?")
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Policy(StrEnum):
    """What becomes of a delivery of which nobody knows whether it arrived."""

    HOLD = "hold"
    RESEND = "resend"


@app.command("create")
def create(
    slug: Annotated[str, typer.Argument(help="Its short name, like morning-briefing.")],
    name: Annotated[str | None, typer.Option(help="What readers call it; else made up.")] = None,
    sections: Sections = None,
    cadence: Cadences = None,
    hour: Annotated[int, typer.Option(help="Hour at which it goes out, 0 to 23.")] = 7,
    weekday: Annotated[int, typer.Option(help="Of weekly ones: 0 Sunday to 6 Saturday.")] = 1,
    zone: Annotated[str | None, typer.Option(help="Time zone; else the newsroom's.")] = None,
    sender_name: Annotated[str | None, typer.Option(help="From whom; else the newsroom.")] = None,
    sender_address: SenderAddress = None,
    reply_to: Annotated[str | None, typer.Option(help="Where answers go.")] = None,
    dkim_domain: DkimDomain = None,
    dkim_selector: DkimSelector = None,
    description: Annotated[str, typer.Option(help="One sentence for readers.")] = "",
    language: Annotated[str | None, typer.Option(help="Else the newsroom's.")] = None,
    as_json: Json = False,
) -> None:
    """Set a newsletter up; readers may subscribe at once."""
    with opened() as runtime:
        settings = runtime.settings
        new = NewNewsletter(
            slug=slug,
            name=name or slug.replace("-", " ").title(),
            sender_name=sender_name or settings.site_name,
            sender_address=sender_address or settings.sender,
            zone=zone or settings.zone,
            hour=hour,
            description=description,
            reply_to=reply_to,
            dkim_domain=dkim_domain,
            dkim_selector=dkim_selector,
            sections=split(sections),
            cadences=split(cadence) or ("daily",),
            language=language or settings.language,
            weekday=weekday,
        )
        with runtime.sessions.begin() as session:
            row = create_newsletter(session, new, by=at_the_shell(), now=runtime.clock())
    _show_created(row, as_json)


@app.command("set")
def set_(
    slug: Annotated[str, typer.Argument(help="Its short name.")],
    sender_name: Annotated[str | None, typer.Option(help="From whom.")] = None,
    sender_address: Annotated[str | None, typer.Option(help="From which address.")] = None,
    reply_to: Annotated[str | None, typer.Option(help="Where answers go; or none.")] = None,
    dkim_domain: Annotated[str | None, typer.Option(help="Signs its mails; or none.")] = None,
    dkim_selector: Annotated[str | None, typer.Option(help="Name of its key; or none.")] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Hours in which its editions wait, like 22-7; or none.")
    ] = None,
    uncertain: Annotated[
        Policy | None, typer.Option(help="A mail that may or may not have arrived.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change from whom a newsletter comes, when it rests, what becomes of uncertain mails."""
    change = NewsletterChange(
        sender_name=sender_name,
        sender_address=sender_address,
        reply_to=_or_none(reply_to),
        dkim_domain=_or_none(dkim_domain),
        dkim_selector=_or_none(dkim_selector),
        quiet=None if quiet is None else _hours(quiet),
        resend_uncertain=None if uncertain is None else uncertain is Policy.RESEND,
    )
    with opened() as runtime, runtime.sessions.begin() as session:
        row = change_newsletter(session, slug, change, by=at_the_shell(), now=runtime.clock())
    if as_json:
        emit(newsletter_object(row))
    else:
        sheet(_facts(row))


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the newsletters."""
    with opened() as runtime, runtime.sessions.read() as session:
        found = list_newsletters(session)
    if as_json:
        for row in found:
            emit(newsletter_object(row))
        return
    rows = [(row.slug, row.name, when(row), row.sections or "all", row.active) for row in found]
    table(
        ("Slug", "Name", "Goes out", "Sections", "Open"),
        rows,
        empty="No newsletters yet. Set one up with: publisher newsletters create SLUG",
    )


@app.command("show")
def show(
    slug: Annotated[str, typer.Argument(help="Its short name.")], as_json: Json = False
) -> None:
    """Show one newsletter."""
    with opened() as runtime, runtime.sessions.read() as session:
        row = find_newsletter(session, slug)
    if as_json:
        emit(newsletter_object(row))
    else:
        sheet(_facts(row))


def _or_none(text: str | None) -> str | None:
    """What is typed as none takes away what is there."""
    return "" if text == "none" else text


def _hours(text: str) -> tuple[int, int] | tuple[()]:
    """Quiet hours as they are typed: two hours, or none."""
    if text.strip() == "none":
        return ()
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise InvalidInputError(
            f"“{plain(text[:80])}” are no quiet hours; write the first and the last, like 22-7, "
            "or none."
        )
    return int(found[1]), int(found[2])


def newsletter_object(row: NewsletterRow) -> dict[str, Any]:
    """The object that --json prints."""
    return {"id": row.uuid, **row.model_dump(exclude={"id", "uuid"})}


def when(row: NewsletterRow) -> str:
    """When its editions go out, for people."""
    clock = f"at {row.hour:02}:00 {row.zone}"
    times = {"daily": f"daily {clock}", "weekly": f"weekly on {DAYS[row.weekday]} {clock}"}
    return " and ".join(times.get(cadence, cadence) for cadence in row.cadences)


def _show_created(row: NewsletterRow, as_json: bool) -> None:
    if as_json:
        emit(newsletter_object(row))
        return
    say(f"Readers may subscribe to “{row.name}” now. It goes out {when(row)}.")
    if row.dkim_domain:
        say("Its mails are signed. What DNS must say for that, and whether it does, tells:")
        say("  publisher doctor")


def _facts(row: NewsletterRow) -> Iterator[tuple[str, object]]:
    yield "Name", row.name
    yield "Slug", row.slug
    yield "Description", row.description
    yield "Goes out", when(row)
    yield "From", f"{row.sender_name} <{row.sender_address}>"
    yield "Answers to", row.reply_to
    yield "Signed by", row.dkim_domain and f"{row.dkim_selector} of {row.dkim_domain}"
    yield "Sections", row.sections or "all"
    yield "Language", row.language
    yield "Most stories", row.max_stories
    quiet = row.quiet_from is not None and f"{row.quiet_from:02}:00 to {row.quiet_until:02}:00"
    yield "Rests", quiet or "never"
    yield "Uncertain mail", "is sent again" if row.resend_uncertain else "is held for an editor"
    yield "Open", row.active
