"""Article HTML from anywhere becomes a small, balanced, harmless subset; or plain paragraphs.

The sanitiser runs until its own output no longer changes, so a browser that parses the result
reads the very tree that was checked: markup that mutates on the second parse cannot pass.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

import nh3

from publisher.newsroom.characters import one_line, printable


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_PARAGRAPHS = _names(
    "div section article main header footer aside details summary address center dl dt dd "
    "hgroup fieldset legend form"
)
_RENAMED = dict.fromkeys(sorted(_PARAGRAPHS), "p") | {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "b": "strong",
    "i": "em",
    "strike": "s",
    "tt": "code",
}
_KEPT = _names(
    "p h2 h3 h4 ul ol li blockquote figure figcaption img a em strong code pre br hr u s sub sup "
    "small del ins cite q abbr table caption thead tbody tfoot tr th td"
)
_DROPPED = _names(
    "script style noscript template iframe object embed svg math title nav button select "
    "textarea option audio video canvas noembed noframes xmp plaintext"
)
_BREAKS = _PARAGRAPHS | _names(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote figure pre hr table caption thead tbody tfoot tr"
)
_GAPS = _names("br td th")

_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_VALUES = {
    "lang": re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"),
    "dir": re.compile(r"ltr|rtl|auto"),
    **dict.fromkeys(
        ("width", "height", "start", "colspan", "rowspan"), re.compile(r"[0-9]{1,4}")
    ),
}  # fmt: skip

_OPENERS = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_DEEPER = _names("p li dt dd tr td th br hr img input meta link wbr col source")
_DEEPEST = 400
_PASSES = 8

_RENAMES = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?=[ >])")
_LINKLESS = re.compile(r"<a(?: (?:lang|dir)=\"[^\"]*\")*>(.*?)</a>", re.DOTALL)
_SOURCELESS = re.compile(r"<img(?![^>]* src=)[^>]*>")
_ALTLESS = re.compile(r"<img(?![^>]* alt=)")
_EMPTY = re.compile(
    r"<(p|h2|h3|h4|strong|em|u|s|small|a|li|ul|ol|blockquote|figcaption|figure)(?: [^>]*)?>\s*</\1>"
)
_TEXT = re.compile(r"(?:^|(?<=>))[^<]+")
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(_BREAKS)})(?: [^>]*)?>")
_ANY_TAG = re.compile(r"<[^>]*>")
_RAW_TAG = re.compile(r"<[^<>]*>?")


def clean_html(html: str, *, base_url: str | None = None) -> str:
    """Reduce article HTML to the tags an e-mail and a feed can carry, balanced and harmless.

    Links and pictures become absolute against `base_url`; what cannot become an http, https or
    mailto address goes (a link keeps its text). Braces are text here like any other character:
    the result is a value for templates and is never itself a template. Cleaning twice changes
    nothing.
    """
    current = _without_depth(printable(html))
    for _ in range(_PASSES):
        cleaned = _tidy(_sanitise(current, base_url))
        if cleaned == current:
            return cleaned
        current = cleaned
    return paragraphs_html(plain_paragraphs(current))


def plain_paragraphs(html: str) -> tuple[str, ...]:
    """Return the text of HTML block by block in reading order, without captions of pictures."""
    bare = nh3.clean(
        _without_depth(printable(html)),
        tags=set(_BREAKS | _GAPS),
        attributes={},
        clean_content_tags=set(_DROPPED | {"figcaption"}),
        link_rel=None,
    )
    blocks = (_ANY_TAG.sub(" ", block) for block in _BLOCK_TAG.split(bare))
    texts = (one_line(unescape(block)) for block in blocks)
    return tuple(text for text in texts if text)


def paragraphs_html(paragraphs: Iterable[str]) -> str:
    """Return plain paragraphs as HTML, one `<p>` a line."""
    texts = (one_line(paragraph) for paragraph in paragraphs)
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts if text)


def without_opening(html: str, opening: str) -> str:
    """Cut `opening`, the text a cleaned body begins with (a dateline), wherever its tags lie.

    The body comes back unchanged if it begins with something else.
    """
    wanted = "".join(opening.split())
    pieces = re.split(r"(<[^>]*>)", html)
    for index, piece in enumerate(pieces):
        if not wanted:
            break
        if not piece.startswith("<"):
            pieces[index], wanted, matched = _cut_opening(unescape(piece), wanted)
            if not matched:
                return html
    return html if wanted else clean_html("".join(pieces))


def absolute_url(url: str, base_url: str | None, schemes: Iterable[str]) -> str | None:
    """Return an address as it stands or joined to `base_url`; None if no scheme allows it."""
    try:
        parts = urlsplit(url.strip())
        if not parts.scheme or (parts.scheme in {"http", "https"} and not parts.netloc):
            url = urljoin(base_url or "", url.strip())
            parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in schemes or not (parts.netloc or parts.scheme == "mailto"):
        return None
    return "".join(url.split("\n")).strip().replace(" ", "%20")


def _sanitise(html: str, base_url: str | None) -> str:
    return nh3.clean(
        html,
        tags=set(_KEPT | set(_RENAMED)),
        attributes=_ATTRIBUTES,
        clean_content_tags=set(_DROPPED),
        attribute_filter=_attribute_filter(base_url),
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _attribute_filter(base_url: str | None) -> Callable[[str, str, str], str | None]:
    def keep(_tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return absolute_url(value, base_url, ("http", "https", "mailto"))
        if name == "src":
            return absolute_url(value, base_url, ("http", "https"))
        pattern = _VALUES.get(name)
        return value if pattern is None or pattern.fullmatch(value) else None

    return keep


def _tidy(html: str) -> str:
    html = printable(html.replace("&nbsp;", " "))
    html = _RENAMES.sub(lambda tag: f"<{tag[1]}{_RENAMED[tag[2]]}", html)
    html = _LINKLESS.sub(r"\1", html)
    html = _ALTLESS.sub('<img alt=""', _SOURCELESS.sub("", html))
    html = _TEXT.sub(lambda text: unicodedata.normalize("NFC", text[0]), html)
    for _ in range(_PASSES):
        html, emptied = _EMPTY.subn("", html)
        if not emptied:
            break
    return html.strip()


def _without_depth(html: str) -> str:
    """Flatten absurdly nested markup: parsing takes time with the square of the depth."""
    depth = deepest = 0
    for closing, name in _OPENERS.findall(html):
        if name.lower() not in _NEVER_DEEPER:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return html if deepest <= _DEEPEST else _RAW_TAG.sub(" ", html)


def _cut_opening(text: str, wanted: str) -> tuple[str, str, bool]:
    """Cut as much of `wanted` (without white space) as `text` begins with; say if it agreed."""
    for position, character in enumerate(text):
        if not wanted:
            return escape(text[position:].lstrip(), quote=False), "", True
        if not character.isspace():
            if character != wanted[0]:
                return text, wanted, False
            wanted = wanted[1:]
    return "", wanted, True
