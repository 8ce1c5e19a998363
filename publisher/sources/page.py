"""Reads a saved web page: what its structured data says first, then the text that is left."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from html import escape

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from publisher.errors import InvalidInputError
from publisher.newsroom.characters import one_line, printable
from publisher.newsroom.incoming import Comments, Image, Incoming
from publisher.newsroom.markup import plain_paragraphs
from publisher.newsroom.newscodes import digital_source
from publisher.newsroom.text import section_name, section_slug
from publisher.sources.body import byline_and_credit, language_tag, open_body, web_address
from publisher.sources.decoding import decode_page
from publisher.sources.structured import Facts, read_facts
from publisher.sources.times import read_time
from publisher.sources.verdict import FEWEST_WORDS, Origin, checked, unusable

_UNCLOSED = re.compile(r"<(?!(?:img|br|hr)\b)(\w+)((?: [^<>]*)?)/>")
_LEADING_BLOCK = re.compile(r"\s*<(h[1-6]|p)(?: [^>]*)?>(.*?)</\1>", re.DOTALL)
_LEADING_BLOCKS = 6
_MOST_TAGS = 100_000


def parse_page(
    raw: bytes, *, source: str, external_id: str, language: str, zone: tzinfo
) -> Incoming:
    """Read the page's first article; never raises and never fetches anything.

    A page that asks not to be indexed is not used; one that is not free to read may only be
    summarised. A time without a zone is in the source's `zone`.
    """
    origin = Origin(source, external_id, language, zone)
    try:
        return checked(_incoming(_tree(decode_page(raw)), origin))
    except InvalidInputError as refusal:
        return unusable(str(refusal), source=source, external_id=external_id, language=language)


def _incoming(tree: HtmlElement, origin: Origin) -> Incoming:
    facts = read_facts(tree)
    _keep_first_article(tree)
    url = web_address(facts.url, web_address(facts.base))
    heading = _heading(tree)
    title = facts.title or heading
    image = _image(facts, url)
    shown = (heading, title, facts.section, facts.summary)
    html = _without_furniture(_text_html(tree), shown)
    body = open_body(
        _without_image(html, facts.image), base_url=web_address(facts.base, url) or url
    )
    byline, credit = byline_and_credit(facts.authors or _found_author(tree), body.credit)
    comments_url = web_address(facts.comments_url, url)
    incoming = Incoming(
        source=origin.source,
        external_id=origin.external_id,
        title=title,
        paragraphs=body.paragraphs,
        body_html=body.html,
        version_at=_time(facts.modified or facts.published, origin.zone),
        language=language_tag(facts.language) or origin.language,
        section=section_slug(facts.section) if facts.section else None,
        section_name=section_name(facts.section) if facts.section else None,
        section_printed=facts.section,
        summary=facts.summary,
        dateline=body.dateline,
        credit=credit,
        byline=byline,
        published_at=_time(facts.published, origin.zone),
        url=url,
        image=image,
        tags=facts.tags,
        comments=Comments(open=True, url=comments_url) if comments_url else None,
    )
    return _with_terms(incoming, facts, origin.zone)


def _with_terms(incoming: Incoming, facts: Facts, zone: tzinfo) -> Incoming:
    """Add what the page says of its use."""
    return replace(
        incoming,
        rights_status="summary" if facts.is_paid else "unknown",
        rights=replace(facts.rights, url=web_address(facts.rights.url, incoming.url)),
        expires_at=_time(facts.expires, zone),
        digital_source=digital_source(facts.digital_source),
        problem="The page asks not to be indexed (noindex), so it is not used."
        if facts.is_unlisted
        else None,
    )


def _tree(text: str) -> HtmlElement:
    if text.count("<") > _MOST_TAGS:
        raise InvalidInputError("The page has more tags than any article. Save only the article.")
    if re.search(r"<html\b", text, re.IGNORECASE) and not re.search(
        r"</(?:html|body)\b", text, re.IGNORECASE
    ):
        raise InvalidInputError("The page has no end: the file is cut short. Save it again.")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return document_fromstring(printable(text).encode(), parser=parser)
    except (LxmlError, ValueError, AssertionError) as error:
        raise InvalidInputError("This is not a web page: it has no tags.") from error


def _keep_first_article(tree: HtmlElement) -> None:
    """Themes put further stories below the first: only the first with a real text stays."""
    nodes = [
        node for node in tree.iter("article") if next(node.iterancestors("article"), None) is None
    ]
    full = [node for node in nodes if len(node.text_content().split()) >= FEWEST_WORDS]
    for node in nodes:
        if full and node is not full[0]:
            node.drop_tree()


def _heading(tree: HtmlElement) -> str:
    """Return the text of the first `h1`, else of `title`."""
    for tag in ("h1", "title"):
        for element in tree.iter(tag):
            if text := one_line(element.text_content()):
                return text
    return ""


def _text_html(tree: HtmlElement) -> str:
    import trafilatura  # noqa: PLC0415 - megabytes that only who reads pages needs

    try:
        html = trafilatura.extract(
            tree,
            output_format="html",
            favor_precision=True,
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
        )
    except Exception as error:
        raise InvalidInputError("The text of this page cannot be told from the rest.") from error
    return _UNCLOSED.sub(r"<\1\2></\1>", _inside_body(html or ""))


def _inside_body(html: str) -> str:
    return html.partition("<body>")[2].rpartition("</body>")[0]


def _without_furniture(html: str, known: Iterable[str | None]) -> str:
    """Take off what stands above the text and is shown elsewhere: headline, section, deck."""
    shown = {one_line(text).casefold() for text in known if text}
    for _ in range(_LEADING_BLOCKS):
        block = _LEADING_BLOCK.match(html)
        if not block or " ".join(plain_paragraphs(block[2])).casefold() not in shown:
            break
        html = html[block.end() :]
    return html


def _without_image(html: str, url: str | None) -> str:
    """The main picture stands above the text already."""
    if not url:
        return html
    return re.sub(rf'<img src="{re.escape(escape(url))}"[^<>]*>', "", html)


def _found_author(tree: HtmlElement) -> tuple[str, ...]:
    import trafilatura  # noqa: PLC0415 - as above

    try:
        author = trafilatura.extract_metadata(tree, extensive=False).author
    except Exception:  # noqa: BLE001 (as above; a page without an author is fine)
        return ()
    return tuple(name.strip() for name in (author or "").split(";") if name.strip())


def _image(facts: Facts, base_url: str | None) -> Image | None:
    url = web_address(facts.image, base_url)
    if url is None:
        return None
    return Image(
        url=url, alt=facts.image_alt, credit=facts.image_credit, caption=facts.image_caption
    )


def _time(written: str | None, zone: tzinfo) -> datetime | None:
    return read_time(written, zone) if written else None
