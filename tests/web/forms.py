"""Filling in the forms of pages as a browser does."""

from dataclasses import dataclass

import httpx
from lxml import html

from tests.services.runtimes import Clock


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands on a page: where it goes, and what is filled in already."""

    action: str
    fields: dict[str, list[str]]


def forms_of(page: httpx.Response) -> list[Form]:
    """All forms of a page, in order; a form without an action goes to the page itself."""
    return [
        Form(form.get("action") or page.request.url.path, _fields(form))
        for form in html.fromstring(page.text).xpath("//form")
    ]


def ask(client: httpx.Client, clock: Clock, address: str, **fields: object) -> httpx.Response:
    """Open the newsletters page, take one's time, and send the form."""
    form = forms_of(client.get("/newsletters"))[-1]
    clock.advance(seconds=30)
    return client.post(form.action, data={**form.fields, "address": address, **fields})


def h1(page: httpx.Response) -> str:
    """The one headline of a page."""
    [found] = html.fromstring(page.text).xpath("//h1")
    return " ".join(found.text_content().split())


def _fields(form: html.HtmlElement) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for field in form.xpath(".//input[@name]"):
        if field.get("type") not in {"checkbox", "radio"} or field.get("checked") is not None:
            fields.setdefault(field.get("name"), []).append(field.get("value") or "")
    return fields
