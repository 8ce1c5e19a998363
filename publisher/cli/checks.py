"""What `publisher doctor` looks at: each part of a newsroom that has to work, and what to do."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError

from publisher.errors import (
    ConfigurationError,
    PublisherError,
    TemplateBrokenError,
    UnavailableError,
)
from publisher.newsroom.incoming import Incoming
from publisher.settings import Settings

SMTP_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; `remedy` says what to do. A note is no failure, only good to know."""

    name: str
    state: Literal["ok", "failed", "note"]
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Look at every part, one after another; a broken one never hides the others."""
    parts: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
        ("home", _home),
        ("database", _database),
        ("broker", _broker),
        ("mail", _mail),
        ("templates", _templates),
        ("tasks", _tasks),
    )
    for name, look in parts:
        try:
            yield look(settings)
        except PublisherError as error:
            yield Check(name, "failed", str(error))
        except Exception as error:  # noqa: BLE001 - whatever a neighbour's client raises
            yield Check(name, "failed", _first_line(error), _REMEDIES.get(name, ""))


_REMEDIES = {
    "home": "Name a folder that you may write to in PUBLISHER_HOME.",
    "database": "Check PUBLISHER_DATABASE_URL, and that the server is up and lets you in.",
    "broker": "Check PUBLISHER_BROKER_URL, and that the broker is up.",
    "tasks": "Install Publisher again; its installation is not whole.",
}


def _home(settings: Settings) -> Check:
    home = settings.home.absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        return Check("home", "failed", f"{home}: {error.strerror}", _REMEDIES["home"])
    return Check("home", "ok", f"{home} can be written")


def _database(settings: Settings) -> Check:
    from publisher.cli.shape import head, server_of, shape_of
    from publisher.store.engine import make_engine
    from publisher.store.sessions import Sessions

    if not settings.database_url and not (settings.home / "publisher.db").exists():
        return Check("database", "note", "not made yet; publisher up makes it")
    sessions = Sessions(make_engine(settings.database))
    try:
        with sessions.read() as session:
            server, shape = server_of(session), shape_of(session)
    finally:
        sessions.close()
    if shape != head():
        found = f"{server}, at {shape or 'nothing yet'} of {head()}"
        return Check("database", "failed", found, "Run: publisher db upgrade")
    return Check("database", "ok", f"{server}, at the newest shape ({shape})")


def _broker(settings: Settings) -> Check:
    from publisher import queue

    if not settings.broker_url:
        settings.queue_folder.mkdir(parents=True, exist_ok=True)
    queue.ping_broker(settings)
    if settings.broker_url:
        return Check("broker", "ok", f"{masked_address(settings.broker_url)} answers")
    return Check("broker", "ok", f"the folder {settings.queue_folder.absolute()}")


def _mail(settings: Settings) -> Check:
    from publisher.delivery.relay import relay_of
    from publisher.mail import smtp

    relay = relay_of(settings)
    relay = replace(relay, timeout_s=min(relay.timeout_s, SMTP_PATIENCE_S))
    try:
        smtp.connect(relay).close()
    except UnavailableError as error:
        if settings.uses_mailbox:
            asleep = (
                f"the development mailbox (port {relay.port}) is not up; publisher up starts it"
            )
            return Check("mail", "note", asleep)
        return Check("mail", "failed", str(error))
    kind = "the development mailbox" if settings.uses_mailbox else "the mail server"
    return Check("mail", "ok", f"{kind} {relay.host}:{relay.port} answers")


def _templates(settings: Settings) -> Check:
    """Mails and feeds by writing some; of pages only their grammar: the web gives them more."""
    from publisher.cli.proof import proof_of
    from publisher.pages.environment import environment
    from publisher.store import utc_now

    env = environment(settings)
    pages = env.list_templates(filter_func=lambda name: name.startswith("web/"))
    for name in pages:
        if name.endswith((".html", ".txt")):
            _read_page(env, name)
    proof_of(_specimen(settings), settings, env, utc_now())
    return Check("templates", "ok", "a mail and feeds were written, and the pages can be read")


def _read_page(env: Environment, name: str) -> None:
    assert env.loader is not None  # noqa: S101 - tells the type; ours has one
    try:
        env.parse(env.loader.get_source(env, name)[0], name)
    except TemplateSyntaxError as error:
        raise TemplateBrokenError(name, error.message or "syntax", error.lineno) from None


def _specimen(settings: Settings) -> Incoming:
    """An article that is nowhere."""
    text = "The ferry is back at the pier, and the first cars rolled on board this morning."
    return Incoming(
        source="doctor",
        external_id="specimen",
        title="Ferry returns to the old pier",
        paragraphs=(text,),
        body_html=f"<p>{text}</p>",
        language=settings.language,
        section="local",
        section_name="Local",
    )


def _tasks(_settings: Settings) -> Check:
    offered = sorted(entry.value for entry in entry_points(group="publisher.tasks"))
    if not offered:
        raise ConfigurationError("publisher.tasks", "no tasks are installed; workers would idle")
    return Check("tasks", "ok", f"from {', '.join(offered)}")


def masked_address(url: str) -> str:
    """The address without its password."""
    scheme, mark, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    if not (mark and at and ":" in login):
        return url
    return f"{scheme}://{login.partition(':')[0]}:***@{place}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
