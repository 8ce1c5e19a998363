"""What each command starts with: the runtime, made once, and who is at the shell."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.accounts.actor import Actor
from publisher.cli.running import running
from publisher.cli.times import zone_named
from publisher.errors import ConfigurationError, InvalidInputError
from publisher.settings import Settings, load_settings
from publisher.store import Runtime, open_runtime


@contextmanager
def opened() -> Iterator[Runtime]:
    """A runtime on a database at the newest shape.

    The embedded default is brought there by itself; any other database is left alone, and
    ConfigurationError says what to run.
    """
    runtime = open_runtime(usable(settings_now()))
    try:
        bring_up_to_date(runtime)
        point_queue(runtime.settings)
        yield runtime
    finally:
        runtime.sessions.close()


def settings_now() -> Settings:
    """The settings; where `publisher up` runs on this home, with the ports that it chose."""
    settings = checked_settings()
    newsroom = running(settings.home)
    if newsroom is None:
        return settings
    chosen = {"base_url": newsroom.base_url, "mailbox_port": newsroom.mailbox_port}
    update = {name: value for name, value in chosen.items() if settings.origin(name) == "default"}
    if not update:
        return settings
    followed = settings.model_copy(update=update)
    followed.note_origin("publisher up", *update)
    return followed


def checked_settings() -> Settings:
    """The settings as they are set, once the newsroom's zone is one."""
    settings = load_settings()
    try:
        zone_named(settings.zone)
    except InvalidInputError as error:
        raise ConfigurationError("PUBLISHER_ZONE", str(error)) from None
    return settings


def usable(settings: Settings) -> Settings:
    """The settings, once home is a folder that can be written; else ConfigurationError."""
    try:
        return settings.ready()
    except OSError as error:
        raise ConfigurationError(
            "PUBLISHER_HOME",
            f"the folder {settings.home.absolute()} cannot be used ({error.strerror}). "
            "Name one that you may write to",
        ) from None


def at_the_shell() -> Actor:
    """Whoever types: the actor of every command that changes something."""
    try:
        return Actor("cli", getpass.getuser())
    except (OSError, KeyError):  # an account without a name, as in some containers
        return Actor("cli", "somebody")


def bring_up_to_date(runtime: Runtime) -> None:
    """Have the newest shape: of the embedded default by running what is missing."""
    from publisher.cli.shape import at_head
    from publisher.store.upgrade import upgrade

    with runtime.sessions.read() as session:
        current = at_head(session)
    if current:
        return
    if runtime.settings.database_url:
        raise ConfigurationError(
            "PUBLISHER_DATABASE_URL",
            "the database is not at the newest shape. Run: publisher db upgrade",
        )
    upgrade(runtime.settings)


def point_queue(settings: Settings) -> None:
    """Have what this process wakes go to the broker of the settings."""
    from publisher import queue

    queue.configure(settings)
