"""`publisher environment`: whether mail may leave from here, and letting it."""

import typer

from publisher.cli.output import Json, emit, say, sheet
from publisher.delivery.models import EnvironmentRow

app = typer.Typer(no_args_is_help=True)


@app.command("show")
def show(as_json: Json = False) -> None:
    """Say where mail may be sent from, and whether that is here; exit code 1 where it is not."""
    from publisher.cli.opening import opened
    from publisher.cli.times import shown
    from publisher.delivery.environment import fingerprint, why_not_here

    with opened() as runtime, runtime.sessions.read() as session:
        row = session.get(EnvironmentRow, 1)
        why, here = why_not_here(session, runtime.settings), fingerprint(session)
    facts = {
        "id": row.uuid if row else None,
        "base_url": row.base_url if row else None,
        "database": row.fingerprint if row else None,
        "confirmed_at": row.confirmed_at if row else None,
        "here": here,
        "locked": why or None,
    }
    if as_json:
        emit(facts)
    else:
        sheet(
            [
                ("Place", row.uuid if row else "set with the first mail"),
                ("Address", row.base_url if row else ""),
                ("Database", row.fingerprint if row else ""),
                ("Confirmed", shown(row.confirmed_at if row else None, runtime.settings.zone)),
                ("Here is", here),
                ("May send", why or "yes"),
            ]
        )
    if why:
        raise typer.Exit(1)


@app.command("confirm")
def confirm(as_json: Json = False) -> None:
    """Let mail be sent from here, after a copy, a restored back-up or a move."""
    from publisher.cli.opening import at_the_shell, opened
    from publisher.delivery.environment import confirm_here

    with opened() as runtime, runtime.sessions.begin() as session:
        settings, now = runtime.settings, runtime.clock()
        uuid = confirm_here(session, settings, by=at_the_shell(), now=now)
    if as_json:
        emit({"id": uuid, "base_url": settings.base_url})
    else:
        say("Mail is sent from here. What waited goes on within a minute.")
