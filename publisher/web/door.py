"""What every page needs, made once when the application starts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from publisher.audience.tokens import Tokens
from publisher.delivery.press import Press
from publisher.feeds.files import Published
from publisher.feeds.partners.shelf import Shelf
from publisher.pages.environment import environment, render
from publisher.pages.filters import short_time
from publisher.pages.languages import locale_of
from publisher.pages.links import Links
from publisher.settings import Settings
from publisher.store import Runtime
from publisher.web.assets import Assets, load_assets


@dataclass(frozen=True, slots=True)
class Door:
    """The web's way into the house; `secret` is the house's key."""

    runtime: Runtime
    env: Environment
    assets: Assets
    tokens: Tokens
    links: Links
    feeds: Published
    partners: Shelf
    press: Press
    secret: str

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.runtime.settings

    def now(self) -> datetime:
        """The time by the runtime's clock, aware and in UTC."""
        return self.runtime.clock()


def open_door(runtime: Runtime) -> Door:
    """Everything that pages share; templates and assets are read now."""
    settings = runtime.settings
    secret = settings.secret_key.get_secret_value()
    env = environment(settings)
    assets = load_assets(env)
    env.filters["path"] = path_of
    env.filters["brief"] = brief
    env.globals["asset"] = assets.path
    return Door(
        runtime=runtime,
        env=env,
        assets=assets,
        tokens=Tokens(secret),
        links=Links(settings.base_url),
        feeds=Published(settings.public_folder, base_url=settings.base_url, hubs=settings.hubs),
        partners=Shelf(settings),
        press=Press(settings),
        secret=secret,
    )


def door_of(request: Request) -> Door:
    """The door of the application that got this request."""
    door = request.app.state.door
    assert isinstance(door, Door)  # noqa: S101 - tells the type; create_app put it there
    return door


def page(
    door: Door,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A rendered page. Besides `context`, every template may use language, zone and now."""
    settings = door.settings
    html = render(
        door.env,
        template,
        language=settings.language,
        zone=settings.zone,
        now=door.now(),
        postal_address=settings.postal_address,
        **context,
    )
    return HTMLResponse(html, status_code=status, headers=headers)


def brief(at: datetime, now: datetime, zone: str, language: str) -> str:
    """The time where it is of today, else the date; of another year with its year."""
    here, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if here.date() == today.date():
        return short_time(at, zone, language)
    skeleton = "MMMd" if here.year == today.year else "yMMMd"
    return format_skeleton(skeleton, here, locale=locale_of(language))


def path_of(url: str) -> str:
    """The address within this site: links and forms then work under whatever name it is reached."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl() or "/"
