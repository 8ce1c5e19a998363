"""From our errors to answers: the one place that knows which is which."""

import math
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from publisher.errors import (
    NotFoundError,
    RefusedError,
    TokenExpiredError,
    TokenInvalidError,
    UnavailableError,
)
from publisher.web.door import Door, page
from publisher.web.public.frame import notice

DATABASE_RETRY_S = 10
_NOWHERE = "Nothing here", "The address may be mistyped, or the page has moved."
_WORDS = {
    400: ("That did not work", "The request could not be understood. Go back and try again."),
    404: _NOWHERE,
    405: ("Not like this", "This address does not take that kind of request."),
    413: ("Too much at once", "What was sent is too long for us. Shorten it and try again."),
}


def handle_errors(app: FastAPI) -> None:
    """Have every error answered by a page that says what to do."""
    handlers: dict[type[Exception], Any] = {
        TokenExpiredError: _expired,
        TokenInvalidError: _invalid,
        RefusedError: _refused,
        NotFoundError: _not_found,
        UnavailableError: _unavailable,
        OperationalError: _no_database,
        DataError: _unusable,
        RequestValidationError: _unreadable,
        HTTPException: _http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


class LastWord:
    """The page for what nobody expected: no database, nothing that could fail again."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500."""
        response = page(
            self._door,
            "web/public/failed.html",
            status=500,
            title="Something went wrong on our side",
            text="It is not your fault, and it has been noted. Please try again in a few minutes.",
        )
        await response(scope, receive, send)


def _expired(request: Request, error: TokenExpiredError) -> Response:
    return notice(
        request,
        "This link is too old",
        str(error),
        status=410,
        private=True,
    )


def _invalid(request: Request, error: TokenInvalidError) -> Response:
    return notice(request, "This link does not work", str(error), status=400, private=True)


def _refused(request: Request, error: RefusedError) -> Response:
    return notice(request, "That is not possible", str(error), status=422)


def _not_found(request: Request, _error: NotFoundError) -> Response:
    return notice(request, *_NOWHERE, status=404)


def _unavailable(request: Request, error: UnavailableError) -> Response:
    retry = {"Retry-After": str(math.ceil(error.retry_after_s))}
    return notice(request, "Please try again soon", str(error), status=503, headers=retry)


def _no_database(request: Request, _error: OperationalError) -> Response:
    door: Door = request.app.state.door
    return page(
        door,
        "web/public/failed.html",
        status=503,
        headers={"Retry-After": str(DATABASE_RETRY_S)},
        title="Please try again soon",
        text="We cannot get at our own records at the moment. Nothing is lost.",
    )


def _unusable(request: Request, _error: DataError) -> Response:
    """PostgreSQL takes no NUL in a text, nor a number that is too large; nobody types those."""
    return notice(request, *_WORDS[400], status=400)


def _unreadable(request: Request, _error: RequestValidationError) -> Response:
    return notice(request, *_WORDS[400], status=400)


def _http(request: Request, error: HTTPException) -> Response:
    title, text = _WORDS.get(error.status_code, _WORDS[400])
    headers = dict(error.headers or {})
    return notice(request, title, text, status=error.status_code, headers=headers)
