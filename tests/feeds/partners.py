"""Partners of The Harbour Record for tests: entered with a token, asking as the web does."""

from dataclasses import dataclass

from publisher.feeds.partners.compose import PULLED_AS
from publisher.feeds.partners.register import NewPartner, add_partner
from publisher.feeds.partners.shelf import Document, Shelf
from publisher.feeds.partners.tokens import Holder, holder_of, issue_token
from publisher.store import Runtime
from tests.feeds.samples import EDITOR

FORMATS = PULLED_AS


def partner(
    runtime: Runtime,
    slug: str = "post",
    scopes: tuple[str, ...] = ("all",),
    *,
    whole_texts: bool = True,
) -> str:
    """Enter a partner; its token."""
    new = NewPartner(slug, "The Evening Post", "desk@post.example", scopes, whole_texts)
    with runtime.sessions.begin() as session:
        add_partner(session, new, by=EDITOR, now=runtime.clock())
        return issue_token(session, slug, "", by=EDITOR, now=runtime.clock())


def holder(runtime: Runtime, token: str | None) -> Holder | None:
    """Whose token it is, if it is any good."""
    with runtime.sessions.read() as session:
        return holder_of(session, token)


@dataclass(frozen=True, slots=True)
class Puller:
    """A partner's system with its token; the shelf is that of one web process."""

    runtime: Runtime
    token: str
    shelf: Shelf

    def document(self, path: str) -> Document | None:
        """What lies under a path below the partner's own."""
        with self.runtime.sessions.snapshot() as session:
            who = holder_of(session, self.token)
            assert who is not None
            return self.shelf.document(session, who.contract, path, self.runtime.clock())

    def feed(self, fmt: str, slug: str = "post") -> bytes:
        """The partner's feed in a format."""
        document = self.document(f"{slug}/stories.{fmt}")
        assert document is not None
        return document.bodies["identity"]


def puller(runtime: Runtime, token: str) -> Puller:
    """A partner's system that asks a web process which has just started."""
    return Puller(runtime, token, Shelf(runtime.settings))
