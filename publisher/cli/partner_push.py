"""`publisher partners push`: whose stories are brought to a server of theirs."""

from typing import Annotated

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say
from publisher.cli.partner_view import partner_object, show_partner
from publisher.errors import InvalidInputError
from publisher.feeds.partners.endpoint import change_secret, end_push, set_push
from publisher.feeds.partners.register import find_partner
from publisher.store import Runtime


def push(
    slug: Annotated[str, typer.Argument(help="The partner's short name.")],
    to: Annotated[
        str | None, typer.Option(help="Address of its server, https://…, from now on.")
    ] = None,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Sign with another secret from now on.")
    ] = False,
    off: Annotated[bool, typer.Option("--off", help="Push nothing to it any more.")] = False,
    as_json: Json = False,
) -> None:
    """Have what happens to a partner's stories brought to its server, signed, in ninjs."""
    if off and (to or new_secret):
        raise InvalidInputError("Say either --off, or --to and --new-secret.")
    if not off and to is None and not new_secret:
        raise InvalidInputError(
            "Say --to ADDRESS, --new-secret or --off. How it goes is shown by: "
            f"publisher partners show {slug}"
        )
    with opened() as runtime:
        secret = _change(runtime, slug, to, new_secret=new_secret, off=off)
        with runtime.sessions.read() as session:
            partner = find_partner(session, slug)
            one = partner_object(session, partner, runtime)
        if as_json:
            emit(one if secret is None else {**one, "secret": secret})
            return
        show_partner(runtime, partner, as_json=False)
    if secret is not None:
        say()
        say("The secret is shown only now. Hand it over by a way that others cannot read:")
        say(f"  {secret}")


def _change(
    runtime: Runtime, slug: str, to: str | None, *, new_secret: bool, off: bool
) -> str | None:
    """Do what was asked for; the secret, if there is another one now."""
    by, now, secret = at_the_shell(), runtime.clock(), None
    with runtime.sessions.begin() as session:
        if off:
            end_push(session, slug, by=by, now=now)
        if to is not None:
            ours = runtime.settings.open_networks
            secret = set_push(session, slug, to, ours=ours, by=by, now=now)
        if new_secret and secret is None:
            secret = change_secret(session, slug, by=by, now=now)
    return secret
