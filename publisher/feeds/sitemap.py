"""The news sitemap (sitemaps.org 0.9 with Google's news 0.9): the stories of the last two days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree
from sqlmodel import Session, col, select

from publisher.errors import RefusedError
from publisher.feeds.compose import title_of, went_out_at
from publisher.feeds.feedgen_repairs import Element, parsed
from publisher.feeds.select import NEWEST_FIRST, WENT_OUT, Story
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.pages.links import Links
from publisher.settings import Settings

AGE = timedelta(hours=48)
MOST_URLS = 1000
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_CHINESE = {"zh-hant": "zh-tw", "zh-tw": "zh-tw", "zh-hk": "zh-tw"}  # Google knows two Chinese


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The document, how many stories it has, and when the oldest of them has to go."""

    document: bytes
    entries: int
    due_at: datetime | None


def news_sitemap(session: Session, site: Settings, now: datetime) -> Sitemap:
    """The newest thousand stories of the last 48 hours that may leave through a feed."""
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .where(leavable("feed", now), col(ArticleRow.eligible_at) > now - AGE, now - AGE < WENT_OUT)
        .order_by(*NEWEST_FIRST)
        .limit(MOST_URLS)
    )
    stories = session.exec(statement).all()
    due_at = went_out_at(stories[-1][0]) + AGE if stories else None
    return Sitemap(render_sitemap(stories, site), len(stories), due_at)


def render_sitemap(stories: Sequence[Story], site: Settings) -> bytes:
    """The document, checked; raises RefusedError where an address stands in it twice."""
    root = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap={None: _SITEMAP, "news": _NEWS})
    links = Links(site.base_url)
    for article, version in stories:
        _add(root, links.article(article.uuid, version.slug), (article, version), site)
    document = etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
    found = [one.text for one in parsed(document).iter(f"{{{_SITEMAP}}}loc")]
    if len(found) != len(stories) or len(set(found)) != len(found):
        raise RefusedError("The news sitemap has other addresses than it should have.")
    return document


def _add(root: Element, address: str, story: Story, site: Settings) -> None:
    article, version = story
    url = etree.SubElement(root, f"{{{_SITEMAP}}}url")
    etree.SubElement(url, f"{{{_SITEMAP}}}loc").text = address
    news = etree.SubElement(url, f"{{{_NEWS}}}news")
    publication = etree.SubElement(news, f"{{{_NEWS}}}publication")
    etree.SubElement(publication, f"{{{_NEWS}}}name").text = site.site_name
    etree.SubElement(publication, f"{{{_NEWS}}}language").text = _language(article.language)
    at = etree.SubElement(news, f"{{{_NEWS}}}publication_date")
    at.text = went_out_at(article).isoformat()
    etree.SubElement(news, f"{{{_NEWS}}}title").text = title_of(version)


def _language(tag: str) -> str:
    """ISO 639, as Google wants it."""
    main, *rest = tag.replace("_", "-").lower().split("-")
    return main if main != "zh" else _CHINESE.get("-".join(["zh", *rest[:1]]), "zh-cn")
