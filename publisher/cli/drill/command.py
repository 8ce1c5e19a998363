"""`publisher drill`: the promise that nobody is missed and nobody mailed twice, tried out."""

from typing import Annotated

import typer

from publisher.cli.output import Json, say
from publisher.cli.signals import told_to_stop
from publisher.errors import RefusedError

INTERRUPTED = 130


def drill(
    kills: Annotated[int, typer.Option(min=1, max=10_000, help="How often a worker dies.")] = 40,
    readers: Annotated[
        int, typer.Option(min=40, max=100_000, help="How many get each edition.")
    ] = 400,
    seed: Annotated[int, typer.Option(help="Decides where each kill strikes.")] = 1,
    as_json: Json = False,
) -> None:
    """Kill workers while they send, again and again; then count who got what."""
    from publisher.cli.drill.house import InterruptedDrillError, house_open
    from publisher.cli.drill.run import run
    from publisher.cli.drill.show import bar, show, show_json

    _refuse_a_store_in_use()
    told = told_to_stop()
    if not as_json:
        say(
            f"A worker is killed {kills} times while it sends: some {3 * kills} seconds.",
            style="dim",
        )
    try:
        with house_open(readers, told) as house:
            with bar(kills, quiet=as_json) as shown:
                result = run(house, kills, seed, tell=shown.show)
            (show_json if as_json else show)(result)
            if not result.sums.hold:
                raise RefusedError(
                    "The promise did not hold. Rows, journals, logs and what the mail server "
                    f"took are kept in {house.runtime.settings.home}"
                )
    except InterruptedDrillError as stopped:
        if not as_json:
            say(str(stopped))
        raise typer.Exit(INTERRUPTED) from None


def _refuse_a_store_in_use() -> None:
    """A drill is not for a newsroom's own rows, and would not use them anyway."""
    from publisher.settings import load_settings

    settings = load_settings()
    for name in ("database_url", "broker_url"):
        if getattr(settings, name):
            raise RefusedError(
                "A drill runs in a folder of its own, on SQLite, and touches no other newsroom; "
                f"{settings.origin(name)} is set, which it would not use. Unset it for the drill: "
                f"env -u {settings.origin(name)} publisher drill"
            )
