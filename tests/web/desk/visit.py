"""An editor's browser at the desk: opens pages and sends their forms as they stand."""

from typing import Any

import httpx

from publisher.accounts.desk_pass import issue_link
from tests.web.forms import Form, forms_of
from tests.world import World


def link_to(world: World, name: str = "Mara Ellis") -> str:
    """The path of a fresh one-time link."""
    with world.runtime.sessions.begin() as session:
        return f"/desk/enter/{issue_link(session, name, world.now)}"


class Desk:
    """A browser with a session."""

    def __init__(self, client: httpx.Client, world: World) -> None:
        self.client = client
        entered = client.post(link_to(world))
        assert entered.status_code == 303, entered.text

    def page(self, path: str) -> httpx.Response:
        """A page that is there."""
        found = self.client.get(path)
        assert found.status_code == 200, found.text
        return found

    def form(self, path: str, action: str) -> Form:
        """The form of a page that goes to `action`; the page's own where that is empty."""
        found = forms_of(self.page(path))
        return next(form for form in found if form.action == (action or path) and form.fields)

    def send(self, path: str, action: str = "", /, **fields: Any) -> httpx.Response:
        """Fill in and send one form of a page; redirects are not followed."""
        form = self.form(path, action)
        return self.client.post(form.action, data={**form.fields, **fields})

    def act(self, edition: int, name: str) -> httpx.Response:
        """Press a button on the page of an edition, and look at where that leads."""
        done = self.send(f"/desk/editions/{edition}", f"/desk/editions/{edition}/{name}")
        assert done.status_code == 303, done.text
        return self.page(done.headers["location"])
