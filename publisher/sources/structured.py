"""What a page says about its article in JSON-LD, OpenGraph, meta tags and microdata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from publisher.newsroom.incoming import Rights
from publisher.newsroom.markup import plain_paragraphs
from publisher.newsroom.text import one_line
from publisher.sources.json_ld import Article, articles

_ARTICLE_SCOPE = re.compile(r"schema\.org/\w*(?:Article|BlogPosting)$", re.IGNORECASE)
_MOST_TAGS = 20
_LONGEST_SUMMARY = 600


@dataclass(frozen=True, slots=True)
class Facts:
    """The page's own claims as text; times and addresses, in `rights` too, are still to be read."""

    title: str | None
    published: str | None
    modified: str | None
    authors: tuple[str, ...]
    section: str | None
    url: str | None
    base: str | None
    image: str | None
    image_alt: str
    image_credit: str | None
    image_caption: str | None
    language: str | None
    tags: tuple[str, ...]
    summary: str | None
    comments_url: str | None
    rights: Rights
    expires: str | None
    digital_source: str | None
    is_paid: bool
    is_unlisted: bool


def read_facts(tree: HtmlElement) -> Facts:
    """Read the first article's claims: JSON-LD before OpenGraph before microdata."""
    ld = next(articles(_scripts(tree)), Article({}, {}))
    meta, item = _metas(tree), _microdata(tree)
    image = ld.part("image")
    return Facts(
        title=_plain(ld.text("headline", "name") or _og_title(meta) or item.get("headline")),
        published=ld.text("datePublished")
        or meta.get("article:published_time")
        or item.get("datepublished"),
        modified=ld.text("dateModified")
        or meta.get("article:modified_time")
        or item.get("datemodified"),
        authors=ld.people("author", "creator") or _authors(meta, item),
        section=_plain(
            ld.text("articleSection") or meta.get("article:section") or item.get("articlesection")
        ),
        url=_link(tree, "canonical") or meta.get("og:url") or ld.text("url", "mainEntityOfPage"),
        base=next(iter(_attributes(tree, "//base/@href")), None),
        image=image.text("url", "contentUrl") or meta.get("og:image") or meta.get("twitter:image"),
        image_alt=_plain(meta.get("og:image:alt")) or "",
        image_credit=_plain(image.text("creditText")),
        image_caption=_plain(image.text("caption")),
        language=next(iter(_attributes(tree, "/html/@lang")), None)
        or ld.text("inLanguage")
        or meta.get("og:locale"),
        tags=_tags(ld, tree),
        summary=_short(_plain(ld.text("description") or meta.get("og:description"))),
        comments_url=ld.text("discussionUrl"),
        rights=_rights(ld, meta, tree),
        expires=ld.text("expires") or meta.get("article:expiration_time"),
        digital_source=ld.text("digitalSourceType"),
        is_paid=(ld.text("isAccessibleForFree") or item.get("isaccessibleforfree") or "").lower()
        in {"false", "no", "0"},
        is_unlisted=_is_unlisted(meta),
    )


def _scripts(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            yield script.text_content()


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        content = one_line(element.get("content") or "")
        if content:
            found.setdefault(name.strip().lower(), content)
    return found


def _microdata(tree: HtmlElement) -> dict[str, str]:
    scopes = (e for e in tree.iter() if _ARTICLE_SCOPE.search(str(e.get("itemtype") or "")))
    scope = next(scopes, None)
    if scope is None:
        return {}
    found: dict[str, str] = {}
    for element in scope.iterdescendants():
        if name := element.get("itemprop"):
            value = element.get("content") or element.get("datetime") or element.text_content()
            found.setdefault(name.lower(), one_line(value))
    return found


def _og_title(meta: dict[str, str]) -> str | None:
    """Take the site's name off the end of the title that is meant for social networks."""
    title, site = meta.get("og:title"), meta.get("og:site_name")
    if title and site:
        return re.sub(rf"\s+[|–—·•-]\s+{re.escape(site)}$", "", title) or title
    return title


def _authors(meta: dict[str, str], item: dict[str, str]) -> tuple[str, ...]:
    named = meta.get("author") or meta.get("article:author") or item.get("author") or ""
    return tuple(one_line(name) for name in re.split(r"[,;]| and ", named) if name.strip())


def _tags(ld: Article, tree: HtmlElement) -> tuple[str, ...]:
    tags = [one_line(tag) for tag in _attributes(tree, "//meta[@property='article:tag']/@content")]
    named = dict.fromkeys(tag for tag in (*tags, *ld.texts("keywords")) if tag)
    return tuple(named)[:_MOST_TAGS]


def _rights(ld: Article, meta: dict[str, str], tree: HtmlElement) -> Rights:
    """A page's `copyright` is that of all it holds, the story among it.

    JSON-LD may hold the words of a licence where its address belongs; they are no address.
    """
    licence = ld.part("license").text("url", "@id") or ""
    return Rights(
        holder=_plain(ld.text("copyrightHolder")),
        notice=_plain(ld.text("copyrightNotice") or meta.get("copyright")),
        url=licence if "://" in licence else _link(tree, "license"),
    )


def _link(tree: HtmlElement, rel: str) -> str | None:
    for link in tree.iter("link"):
        if rel in (link.get("rel") or "").lower().split():
            return link.get("href")
    return None


def _is_unlisted(meta: dict[str, str]) -> bool:
    asked = ",".join(meta.get(name, "") for name in ("robots", "googlebot", "googlebot-news"))
    return bool({"noindex", "none"} & {word.strip().lower() for word in asked.split(",")})


def _attributes(tree: HtmlElement, path: str) -> list[str]:
    found: Any = tree.xpath(path)
    return [str(value) for value in found]


def _plain(text: str | None) -> str | None:
    """Structured data holds entities and even tags in headlines."""
    return " ".join(plain_paragraphs(text)) or None if text else None


def _short(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST_SUMMARY else None
