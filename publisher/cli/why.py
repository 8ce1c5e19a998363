"""`publisher why`: why did, or didn't, this reader get that edition?"""

from typing import Annotated

import typer

from publisher.cli.opening import opened
from publisher.cli.output import Json, emit, say


def why(
    address: Annotated[str, typer.Argument(help="The reader's e-mail address.")],
    edition: Annotated[str, typer.Argument(help="The edition's number or id.")],
    as_json: Json = False,
) -> None:
    """Say why a reader did, or didn't, get an edition."""
    from publisher.audience.addresses import address_key
    from publisher.delivery.why import why as answer
    from publisher.editions.find import find_edition

    with opened() as runtime, runtime.sessions.read() as session:
        key = address_key(runtime.settings.secret_key.get_secret_value(), address)
        found = answer(session, key, find_edition(session, edition))
    if as_json:
        emit(found.as_json())
        return
    say(found.sentence)
    for title in found.stories:
        say(f"  · {title}")
