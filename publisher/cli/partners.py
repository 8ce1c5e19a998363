"""`publisher partners`: who gets feeds of its own, and the tokens that open them."""

from typing import Annotated

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say, table
from publisher.cli.partner_push import push
from publisher.cli.partner_view import Text, hand_over, partner_object, show_partner, use
from publisher.cli.words import split
from publisher.errors import RefusedError
from publisher.feeds.partners.register import (
    NewPartner,
    PartnerChange,
    add_partner,
    change_partner,
    find_partner,
    list_partners,
)
from publisher.feeds.partners.tokens import issue_token, revoke_tokens

app = typer.Typer(no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The partner's short name.")]


@app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="Its short name, like evening-post.")],
    name: Annotated[str, typer.Option(help="What it is called.")],
    contact: Annotated[str, typer.Option(help="Whom to write to or call.")],
    scopes: Annotated[
        list[str] | None, typer.Option(help="Feeds whose stories it gets, by comma; else all.")
    ] = None,
    text: Annotated[
        Text, typer.Option(help="full: whole stories where their rights allow it.")
    ] = Text.SUMMARY,
    as_json: Json = False,
) -> None:
    """Enter a partner and make its first token, which is shown only now."""
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            chosen = split(scopes) or ("all",)
            new = NewPartner(slug, name, contact, chosen, text is Text.FULL)
            partner = add_partner(session, new, by=at_the_shell(), now=runtime.clock())
            token = issue_token(session, slug, "", by=at_the_shell(), now=runtime.clock())
        hand_over(runtime, partner, token, as_json)


@app.command("set")
def set_(
    slug: Slug,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    contact: Annotated[str | None, typer.Option(help="Whom to write to or call.")] = None,
    scopes: Annotated[
        list[str] | None, typer.Option(help="Feeds whose stories it gets from now on, by comma.")
    ] = None,
    text: Annotated[
        Text | None, typer.Option(help="full: whole stories where their rights allow it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change what a partner gets, from its next request on."""
    change = PartnerChange(
        name=name,
        contact=contact,
        scopes=None if scopes is None else split(scopes),
        whole_texts=None if text is None else text is Text.FULL,
    )
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            partner = change_partner(session, slug, change, by=at_the_shell(), now=runtime.clock())
        show_partner(runtime, partner, as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the partners, what they get, and when they last asked."""
    with opened() as runtime, runtime.sessions.read() as session:
        found = [partner_object(session, row, runtime) for row in list_partners(session)]
        zone = runtime.settings.zone
    if as_json:
        for one in found:
            emit(one)
        return
    rows = [
        (one["slug"], one["name"], one["scopes"], one["text"], *use(one, zone)) for one in found
    ]
    columns = ("Partner", "Name", "Feeds", "Text", "Good tokens", "Last asked")
    hint = "publisher partners add SLUG --name NAME --contact ADDRESS"
    table(columns, rows, empty=f"No partners yet. Enter one with: {hint}")


@app.command("show")
def show(slug: Slug, as_json: Json = False) -> None:
    """Show one partner: its contract, addresses and tokens."""
    with opened() as runtime:
        with runtime.sessions.read() as session:
            partner = find_partner(session, slug)
        show_partner(runtime, partner, as_json)


@app.command("token")
def token(
    slug: Slug,
    note: Annotated[str, typer.Option(help="Where it is used, to tell it from others.")] = "",
    as_json: Json = False,
) -> None:
    """Make another token, which is shown only now; those there are stay good."""
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            partner = find_partner(session, slug)
            made = issue_token(session, slug, note, by=at_the_shell(), now=runtime.clock())
        hand_over(runtime, partner, made, as_json)


@app.command("revoke")
def revoke(
    slug: Slug,
    key: Annotated[
        str | None, typer.Option("--token", help="Only this one: its key, as `show` has it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Revoke a partner's tokens: they open nothing from the next request on."""
    with opened() as runtime:
        with runtime.sessions.begin() as session:
            keys = revoke_tokens(session, slug, key, by=at_the_shell(), now=runtime.clock())
            partner = find_partner(session, slug)
        if not keys:
            raise RefusedError(f"“{slug}” has no such token that is still good.")
        if as_json:
            show_partner(runtime, partner, as_json)
        else:
            say(f"Revoked: {', '.join(keys)}. A new one is made with:")
            say(f"  publisher partners token {slug}")


app.command("push")(push)
