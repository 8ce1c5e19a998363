"""`publisher feeds unsubscribe`: ending subscriptions of our own hub."""

from typing import Annotated

import typer

from publisher.cli.opening import at_the_shell, opened
from publisher.cli.output import Json, emit, say
from publisher.errors import InvalidInputError
from publisher.feeds.websub.deny import end_subscriptions


def unsubscribe(
    host: Annotated[
        str | None, typer.Argument(help="Of the callbacks, such as reader.example.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Of all hosts.")] = False,
    reason: Annotated[
        str, typer.Option(help="What those who subscribed are told.")
    ] = "This hub ends the subscription.",
    as_json: Json = False,
) -> None:
    """End subscriptions at our hub and tell the programs, so that they look for another way."""
    if (host is not None) == everybody:
        raise InvalidInputError("Name a host, or say --all.")
    with opened() as runtime, runtime.sessions.begin() as session:
        named = host.lower() if host else None
        count = end_subscriptions(session, named, reason, by=at_the_shell(), now=runtime.clock())
    if as_json:
        emit({"host": host, "ended": count})
    else:
        say(f"{count} subscriptions are ended; the worker tells each of them.")
