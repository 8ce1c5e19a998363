"""Every address of the site, absolute: the one place that knows what a URL looks like."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")  # what quoting would leave as it is


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses below `base_url`; what is passed in is quoted, never trusted."""

    base_url: str

    def home(self) -> str:
        """The front page."""
        return self._at()

    def article(self, uuid: str, slug: str) -> str:
        """The page of one article; the slug is for people, the uuid decides."""
        return self._at("articles", uuid, slug)

    def feeds(self) -> str:
        """The directory of feeds."""
        return self._at("feeds")

    def feed_page(self, slug: str) -> str:
        """The page of one feed, for people."""
        return self._at("feeds", slug)

    def feed(self, slug: str, fmt: str) -> str:
        """One feed document; `fmt` is rss, atom or json."""
        return self._at("feeds", f"{slug}.{fmt}")

    def feed_archive(self, slug: str, number: int, fmt: str) -> str:
        """One archive of a feed (RFC 5005); the higher its number, the newer."""
        return self._at("feeds", "archive", slug, f"{number}.{fmt}")

    def partner_feed(self, slug: str, fmt: str) -> str:
        """A partner's stories, for whoever holds its token; `fmt` also ninjs."""
        return self._at("partners", slug, f"stories.{fmt}")

    def partner_item(self, slug: str, uuid: str) -> str:
        """One story for a partner, in ninjs."""
        return self._at("partners", slug, "items", f"{uuid}.ninjs")

    def opml(self) -> str:
        """All feeds in one file, for feed readers to import."""
        return self._at("feeds.opml")

    def news_sitemap(self) -> str:
        """The stories of the last two days, for search engines."""
        return self._at("sitemap-news.xml")

    def newsletters(self) -> str:
        """What may be subscribed to, and the form to do so."""
        return self._at("newsletters")

    def confirm(self, token: str) -> str:
        """The page that confirms a subscription by POST."""
        return self._at("confirm", token)

    def unsubscribe(self, token: str) -> str:
        """The page, and the one-click address of RFC 8058, that ends a subscription by POST."""
        return self._at("unsubscribe", token)

    def preferences(self, token: str) -> str:
        """The page that changes what a subscription brings, by POST."""
        return self._at("preferences", token)

    def web_view(self, token: str) -> str:
        """An edition as one reader got it, in the browser."""
        return self._at("view", token)

    def desk(self, *parts: str | int) -> str:
        """The editors' pages."""
        return self._at("desk", *parts)

    def mailbox(self, *parts: str | int) -> str:
        """The development mailbox."""
        return self._at("mailbox", *parts)

    def static(self, name: str) -> str:
        """A style sheet, script or picture of the pages."""
        return self._at("static", *name.split("/"))

    def _at(self, *parts: str | int) -> str:
        path = "/".join(map(_quoted, parts))
        return f"{self.base_url.rstrip('/')}/{path}"


def _quoted(part: str | int) -> str:
    text = str(part)
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")
