"""The processes of a newsroom, each in the foreground: web, worker, beat, mailbox."""

from contextlib import suppress
from importlib import import_module
from typing import Annotated
from urllib.parse import urlsplit

import typer

from publisher.cli.opening import opened, settings_now, usable
from publisher.cli.output import say
from publisher.errors import ConfigurationError, InvalidInputError, UnavailableError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
GRACE_S = 3
_NOT_STARTED = 3  # as uvicorn itself ends then


def worker(
    queues: Annotated[
        str, typer.Option(help="Lanes to work on, by comma: mail.now, mail.bulk, pages.")
    ] = "mail.now,mail.bulk,pages",
    processes: Annotated[
        int | None, typer.Option(min=0, help="How many at once; 0: in this process alone.")
    ] = None,
) -> None:
    """Work on what is woken, until told to stop."""
    from publisher import queue
    from publisher.cli.logs import log_to_stderr

    lanes = [lane.strip() for lane in queues.split(",") if lane.strip()]
    unknown = [lane for lane in lanes if lane not in queue.LANES]
    if unknown or not lanes:
        raise InvalidInputError(
            f"“{unknown[0] if unknown else queues}” is no lane. Choose from: "
            f"{', '.join(queue.LANES)}."
        )
    settings = usable(settings_now())
    log_to_stderr(settings)
    many = settings.worker_processes if processes is None else processes
    raise typer.Exit(queue.run_worker(settings, lanes=lanes, processes=many))


def beat() -> None:
    """Tick, until told to stop. Two of them are harmless."""
    from publisher import queue
    from publisher.cli.logs import log_to_stderr

    settings = usable(settings_now())
    log_to_stderr(settings)
    raise typer.Exit(queue.run_beat(settings))


def web(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Port; without it the one of PUBLISHER_BASE_URL."),
    ] = None,
) -> None:
    """Serve readers' pages, feeds and the desk, until told to stop."""
    import uvicorn
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    from publisher.cli.logs import log_to_stderr
    from publisher.cli.ports import is_free

    with opened() as runtime:
        listening = port or _own_port(runtime.settings.base_url)
        if not is_free(host, listening):
            raise UnavailableError(
                f"Port {listening} of {host} is taken. Stop what uses it, or name another: --port"
            )
        log_to_stderr(runtime.settings)
        # the doors do not import each other: this one is opened by its name
        application = import_module("publisher.web.app").create_app(runtime)
        config = uvicorn.Config(
            application,
            host=host,
            port=listening,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            proxy_headers=False,
        )
        # behind the files: whoever asks for a feed, and how, makes no difference to it
        application.add_middleware(ProxyHeadersMiddleware, trusted_hosts=config.forwarded_allow_ips)
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            raise SystemExit(_NOT_STARTED)


def mailbox(
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port; else PUBLISHER_MAILBOX_PORT.")
    ] = None,
) -> None:
    """Take mail in and keep it, for development only, until told to stop."""
    from publisher.cli.signals import told_to_stop
    from publisher.mail.mailbox import Mailbox
    from publisher.store import utc_now

    settings = usable(settings_now())
    if settings.production:
        raise ConfigurationError(
            "PUBLISHER_PRODUCTION", "the development mailbox is not for production. Set a relay"
        )
    listening = port or settings.mailbox_port
    server = Mailbox(settings.mailbox_folder, "127.0.0.1", listening, clock=utc_now)
    told = told_to_stop()
    taken = server.start()
    say(f"The mailbox listens on 127.0.0.1:{taken} and keeps mail in {settings.mailbox_folder}.")
    told.wait()
    server.stop()


def _own_port(base_url: str) -> int:
    """The port of base_url where that is this host; behind a proxy it is not ours to take."""
    from publisher.cli.ports import port_of

    return port_of(base_url) if urlsplit(base_url).hostname in LOOPBACK else 8000
