"""The web application: pages, feeds and what guards them."""

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from publisher.feeds.tally import Tally
from publisher.store import Runtime
from publisher.web import assets, health, mailbox
from publisher.web.counting import counting
from publisher.web.desk import router as desk
from publisher.web.door import open_door
from publisher.web.errors import LastWord, handle_errors
from publisher.web.guards import NoTraceback, PlainAddresses, SecurityHeaders, headers_of
from publisher.web.public import (
    articles,
    confirm,
    feed_pages,
    feeds,
    home,
    partners,
    preferences,
    subscribe,
    unsubscribe,
    view,
    websub,
)

MOST_BODY_BYTES = 64 * 1024
ROUTERS = (
    assets.router,
    health.router,
    home.router,
    articles.router,
    subscribe.router,
    confirm.router,
    unsubscribe.router,
    partners.router,
    preferences.router,
    view.router,
    feeds.router,
    feed_pages.router,
    websub.router,
    desk.router,
    mailbox.router,
)


class Site(FastAPI):
    """The application; what is up as a file is answered before any of it is asked."""

    files: feeds.FeedFiles | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.files is None or not await self.files.answered(scope, send):
            await super().__call__(scope, receive, send)


def create_app(runtime: Runtime) -> Site:
    """The application on this runtime; it keeps nothing of its own."""
    door = open_door(runtime)
    tally = Tally()
    app = Site(
        lifespan=counting(runtime, tally),
        title=runtime.settings.site_name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=MOST_BODY_BYTES,
    )
    app.state.door = door
    for router in ROUTERS:
        app.include_router(router)
    handle_errors(app)
    # the one added last sees the request first
    app.add_middleware(NoTraceback, last_word=LastWord(door))
    app.add_middleware(PlainAddresses)
    headers = headers_of(https=runtime.settings.base_url.startswith("https://"))
    app.add_middleware(SecurityHeaders, headers=headers)
    app.files = feeds.FeedFiles(door.feeds, headers, tally)
    return app
