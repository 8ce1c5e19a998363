"""How a run of the command line ends: each error with its exit code and one line for people."""

import traceback
from pathlib import Path

from typer.exceptions import Abort, TyperException

from publisher.cli.output import complain
from publisher.errors import ConfigurationError, PublisherError, UnavailableError

REFUSED = 1
USAGE = 2
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h
UNAVAILABLE = 75  # EX_TEMPFAIL: may be tried again
MISCONFIGURED = 78  # EX_CONFIG
INTERRUPTED = 130


def end(error: BaseException) -> int:
    """Say what went wrong; returns the exit code. A traceback goes to the log only."""
    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED
    if isinstance(error, TyperException):
        return _misused(error)
    if isinstance(error, PublisherError):
        complain(str(error))
        return exit_code(error)
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        complain("A word of the command line or of a setting is not text in UTF-8; write it anew.")
        return REFUSED
    if trouble := _of_the_database(error):
        complain(str(trouble))
        return exit_code(trouble)
    return _unexpected(error)


def exit_code(error: PublisherError) -> int:
    """What a script sees of an error of ours."""
    if isinstance(error, ConfigurationError):
        return MISCONFIGURED
    return UNAVAILABLE if isinstance(error, UnavailableError) else REFUSED


def _misused(error: TyperException) -> int:
    """A wrong option or argument; where help was asked for by saying nothing, it is printed."""
    message = error.format_message().rstrip(".")
    if message:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "publisher"
        complain(f"{message}. See: {command} --help")
    return error.exit_code


def _of_the_database(error: BaseException) -> PublisherError | None:
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError):
        return None
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
    if "no such table" in said or "no such column" in said or "does not exist" in said:
        return ConfigurationError(
            "PUBLISHER_DATABASE_URL",
            f"the database is not at the newest shape ({said}). Run: publisher db upgrade",
        )
    if type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return UnavailableError(
            f"The database does not answer: {said}. See what is wrong with: publisher doctor"
        )
    return None


def _unexpected(error: BaseException) -> int:
    log = _keep(error)
    where = f" The whole story is in {log}." if log else ""
    complain(
        f"something unexpected went wrong ({type(error).__name__}: {_first_line(error)}).{where}"
    )
    if _debugging():
        traceback.print_exception(error)
    return UNEXPECTED


def _keep(error: BaseException) -> Path | None:
    """Append the traceback to home/log/publisher.log; None where that cannot be written."""
    from publisher.settings import load_settings
    from publisher.store import utc_now

    try:
        log = load_settings().home / "log" / "publisher.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{utc_now():%Y-%m-%d %H:%M:%S} UTC\n")
            file.writelines(traceback.format_exception(error))
    except (OSError, PublisherError):
        return None
    return log


def _debugging() -> bool:
    from publisher.settings import load_settings

    try:
        return load_settings().log_level == "debug"
    except PublisherError:
        return False


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:300]
