"""From an article to its feed entry: texts cleaned once more, content from the templates. Pure."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment

from publisher.feeds.bylines import people
from publisher.feeds.entry import Entry
from publisher.newsroom.characters import one_line, printable
from publisher.newsroom.exits import full_text
from publisher.newsroom.incoming import Image
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.newsroom.text import summarise
from publisher.pages.environment import render
from publisher.pages.links import Links

CONTENT_BYTES = 200_000
SUMMARY_CHARACTERS = 2000  # what a source calls one may be a whole text
TEMPLATES = ("feeds/entry.html", "feeds/summary.txt")
_URL_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"


def entry_of(
    article: ArticleRow,
    version: ArticleVersionRow,
    *,
    links: Links,
    env: Environment,
    summary_only: bool = False,
) -> Entry:
    """The entry of an article that has gone out, at one of its versions.

    The whole text only where its rights are known and it is at most 200 kB; else the summary.
    """
    published_at = went_out_at(article)
    context = _context(article, version, links)
    if summary_only or not full_text(article, "feed"):
        context["body"] = ""
    content = _content(env, context)
    if context["body"] and len(content.encode()) > CONTENT_BYTES:
        context["body"] = ""
        content = _content(env, context)
    return Entry(
        id=f"urn:uuid:{article.uuid}",
        url=context["url"],
        title=context["title"],
        summary=one_line(render(env, TEMPLATES[1], **context)) or context["title"],
        content=content,
        language=context["language"],
        published_at=published_at,
        updated_at=max(published_at, _whole_seconds(article.updated_at)),
        authors=people(version.byline) or people(version.credit),
        categories=_categories(version),
        image=context["image"],
        comments_url=web_address((version.comments or {}).get("url")),
        rights=one_line((version.rights or {}).get("notice") or "") or None,
        is_whole=bool(context["body"]),
    )


def went_out_at(article: ArticleRow) -> datetime:
    """When readers are told that it was published: what its source claims, if that is possible.

    A claim later than the moment it first might go out is not believed.
    """
    latest = article.eligible_at or article.received_at
    return _whole_seconds(min(article.published_at or latest, latest))


def title_of(version: ArticleVersionRow) -> str:
    """Its title in one line; a story without one is named by its summary."""
    return one_line(version.title) or one_line(version.summary) or "…"


def _context(article: ArticleRow, version: ArticleVersionRow, links: Links) -> dict[str, Any]:
    """What the templates of an entry may use."""
    summary = summarise([version.summary], SUMMARY_CHARACTERS)
    return {
        "url": links.article(article.uuid, version.slug),
        "title": title_of(version),
        "summary": one_line(summary),
        "dateline": one_line((version.dateline or {}).get("text") or ""),
        "correction": one_line(article.correction or ""),
        "body": printable(version.body_html),
        "image": _image(version.image),
        "language": article.language.replace("_", "-"),
    }


def _content(env: Environment, context: dict[str, Any]) -> str:
    return printable(render(env, TEMPLATES[0], **context)).strip()


def _categories(version: ArticleVersionRow) -> tuple[str, ...]:
    names = map(one_line, [version.section_name or "", *version.tags])
    return tuple(dict.fromkeys(filter(None, names)))


def _image(image: dict[str, Any] | None) -> Image | None:
    url = web_address((image or {}).get("url"))
    if image is None or url is None:
        return None
    return Image(
        url=url,
        alt=one_line(image.get("alt") or ""),
        credit=one_line(image.get("credit") or "") or None,
        caption=one_line(image.get("caption") or "") or None,
        width=image.get("width"),
        height=image.get("height"),
    )


def web_address(url: str | None) -> str | None:
    """The address in the characters that a URL may have; None unless it is absolute http(s)."""
    quoted = quote(printable(url or "").strip().encode(), safe=_URL_CHARACTERS)
    try:
        parts = urlsplit(quoted)
    except ValueError:  # such as http://[bad/
        return None
    return quoted if parts.scheme in {"http", "https"} and parts.netloc else None


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)
