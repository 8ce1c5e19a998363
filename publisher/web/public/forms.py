"""Reading forms, sent in either of the two ways that browsers and mail programs send them."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

MOST_FIELDS = 200


async def read_form(request: Request) -> FormData:
    """The fields of a form, urlencoded or multipart; empty for any other body. Files are refused.

    Raises HTTPException 400 where it cannot be read, 413 where it is too long.
    """
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


Form = Annotated[FormData, Depends(read_form)]


def text_of(form: FormData, name: str) -> str:
    """A field's text; empty where it is missing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def texts_of(form: FormData, name: str) -> tuple[str, ...]:
    """All texts of a field that may be given several times."""
    return tuple(value for value in form.getlist(name) if isinstance(value, str))


def ip_of(request: Request) -> str:
    """Where the request came from, as proof of consent; the server sees through its proxy."""
    return request.client.host if request.client else ""
