"""A real nginx with our configuration, where one is installed."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

import httpx
import pytest

from publisher.settings import Settings
from tests.services.environment import ROOT
from tests.services.left_out import leave_out

FRAME = """
daemon off; {user} worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(
    folder: Path, public: Path, web: str, settings: Settings | None = None
) -> Iterator[httpx.Client]:
    """Serve `public`, and `web` behind it, as docker-compose.yml does; a client of it.

    Its configuration is filled in from `settings`; where there are none, feeds have no hubs.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        leave_out("nginx", "install nginx")
    port = _free_port()
    text = _filled_in((ROOT / "docker" / "nginx.conf").read_text(), settings)
    for ours, here in (
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("http://web:8000", web),
        ("/srv/public", str(public)),
        ("resolver 127.0.0.11 valid=10s;", ""),
    ):
        assert ours in text
        text = text.replace(ours, here)
    (folder / "site.conf").write_text(text)
    # started by root, its worker would be somebody who cannot read `public`, and ask `web` instead
    user = "" if os.geteuid() else "user root;"
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user=user))
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-e", f"{folder}/log"])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            _wait_for(client)
            yield client
    finally:
        process.terminate()
        process.wait(10)


def _filled_in(text: str, settings: Settings | None) -> str:
    """As envsubst of the image does it: names that it does not know stay."""
    values: dict[str, str | bool] = {
        "PUBLISHER_BASE_URL": settings.base_url if settings else "http://127.0.0.1:8000",
        "PUBLISHER_WEBSUB_HUBS": settings.websub_hubs if settings else "",
        "PUBLISHER_WEBSUB_HUB": settings.websub_hub if settings else "",
    }
    return Template(text).safe_substitute(values)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx did not start")
