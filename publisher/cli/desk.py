"""`publisher desk-link`: the way into the editors' pages."""

from typing import Annotated

import typer

from publisher.cli.opening import opened
from publisher.cli.output import Json, emit, say
from publisher.errors import InvalidInputError
from publisher.store import Runtime

NAME_LIMIT = 100


def desk_link(
    name: Annotated[str, typer.Option(help="Whose link it is; the record will say so.")] = "editor",
    as_json: Json = False,
) -> None:
    """Print a link that opens the desk once; valid for twelve hours."""
    if not name.strip() or len(name) > NAME_LIMIT:
        raise InvalidInputError(f"A name has 1 to {NAME_LIMIT} characters.")
    with opened() as runtime:
        link = new_desk_link(runtime, name.strip())
    if as_json:
        emit({"url": link, "name": name.strip()})
    else:
        say(link)


def new_desk_link(runtime: Runtime, name: str) -> str:
    """The address of a new one-time link."""
    from publisher.accounts.desk_pass import issue_link
    from publisher.pages.links import Links

    with runtime.sessions.begin() as session:
        secret = issue_link(session, name, runtime.clock())
    return Links(runtime.settings.base_url).desk("enter", secret)
