"""`publisher doctor`: every setting with its origin, every part that has to work."""

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.text import Text

from publisher.cli.checks import Check, examine, masked_address
from publisher.cli.output import Json, emit, plain, say, show, table
from publisher.settings import PREFIX, Settings

Quiet = Annotated[bool, typer.Option("--quiet", help="Print only what failed.")]
Dns = Annotated[
    bool, typer.Option("--dns/--no-dns", help="Ask DNS about SPF, DKIM, DMARC and PTR.")
]
_SIGNS = {"ok": ("ok    ", "green"), "failed": ("failed", "bold red"), "note": ("note  ", "yellow")}


def doctor(quiet: Quiet = False, dns: Dns = True, as_json: Json = False) -> None:
    """Show every setting and where it comes from, check every part, and say what to do.

    Exit code 1 where something failed.
    """
    from publisher.cli.opening import settings_now

    settings = settings_now()
    if not quiet:
        _show_settings(settings, as_json)
    failed = 0
    for check in _checks(settings, dns):
        failed += check.state == "failed"
        if check.state == "failed" or not quiet:
            _show_check(check, as_json)
    if not as_json and not quiet:
        say()
        say("Something has to be done first." if failed else "Everything is in order.")
    if failed:
        raise typer.Exit(1)


def _checks(settings: Settings, dns: bool) -> Iterator[Check]:
    from publisher.cli.senders import examine_senders
    from publisher.cli.sending import examine_sending
    from publisher.mail.lookup import DnsResolver

    yield from examine(settings)
    yield from examine_sending(settings)
    yield from examine_senders(settings, DnsResolver() if dns else None)


def _show_settings(settings: Settings, as_json: bool) -> None:
    rows = [
        (f"{PREFIX}{name.upper()}", *_shown(name, settings)) for name in type(settings).model_fields
    ]
    if as_json:
        for variable, value, origin in rows:
            emit({"setting": variable, "value": value, "origin": origin})
    else:
        table(("Setting", "Value", "From"), rows, empty="")
        say()


def _shown(name: str, settings: Settings) -> tuple[str, str]:
    """The value for people's eyes, and where it comes from."""
    value, origin = getattr(settings, name), settings.origin(name)
    if not isinstance(value, SecretStr):
        return (masked_address(str(value)) if name.endswith("_url") else str(value)), origin
    kept = settings.home / name
    if not value.get_secret_value() and kept.is_file():
        return "set, not shown", str(kept)
    return ("set, not shown" if value.get_secret_value() else ""), origin


def _show_check(check: Check, as_json: bool) -> None:
    if as_json:
        said = {"state": check.state, "detail": check.detail, "remedy": check.remedy}
        emit({"check": check.name, **said})
        return
    sign, colour = _SIGNS[check.state]
    sentence = " ".join(part for part in (check.detail, check.remedy) if part)
    show(Text.assemble((sign, colour), f"  {check.name:<10}", plain(sentence)))
