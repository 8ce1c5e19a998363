"""`publisher db`: bringing the database to the newest shape, and seeing whether it is."""

import typer

from publisher.cli.output import Json, emit, say

app = typer.Typer(no_args_is_help=True)


@app.command("upgrade")
def upgrade_database(as_json: Json = False) -> None:
    """Bring the database to the newest shape. Safe to repeat."""
    from publisher.cli.opening import settings_now, usable
    from publisher.cli.shape import head
    from publisher.store.upgrade import upgrade

    upgrade(usable(settings_now()))
    if as_json:
        emit({"revision": head(), "head": head(), "current": True})
    else:
        say(f"The database is at the newest shape ({head()}).")


@app.command("check")
def check(as_json: Json = False) -> None:
    """Say whether the database has the newest shape; exit code 1 where it has not."""
    from publisher.cli.opening import settings_now, usable
    from publisher.cli.shape import head, shape_of
    from publisher.store import open_runtime

    runtime = open_runtime(usable(settings_now()))
    with runtime.sessions.read() as session:
        revision = shape_of(session)
    current = revision == head()
    if as_json:
        emit({"revision": revision, "head": head(), "current": current})
    elif current:
        say(f"The database is at the newest shape ({revision}).")
    else:
        say(f"The database is at {revision or 'nothing yet'}, the newest shape is {head()}.")
        say("Run: publisher db upgrade")
    if not current:
        raise typer.Exit(1)
