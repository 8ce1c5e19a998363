"""What a request asks for: which encoding it takes, and whether it has the document. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

IDENTITY = "identity"
PREFERRED = ("br", "gzip", IDENTITY)
_LEAST = 0.0001  # identity is taken unless refused, but anything that is named comes first
_TAG = re.compile(r'"([^"]*)"')
_ENCODING_SUFFIX = re.compile(r"(?:--?|;)(?:gzip|deflate|br|zstd)$")
_WEIGHT = re.compile(r"\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*")


@lru_cache(maxsize=256)  # readers' programs ask in a few ways
def choose_encoding(accepted: str | None, available: tuple[str, ...]) -> str | None:
    """The encoding to answer in (RFC 9110 §12.5.3), of those available and identity.

    Of equal weights the smaller document wins. None where identity is refused and nothing else
    is taken. A program that does not say gets the plain document.
    """
    if accepted is None:
        return IDENTITY
    weights = _weights(accepted)
    others = weights.pop("*", None)
    offered = [name for name in PREFERRED if name in {IDENTITY, *available}]
    unsaid = dict.fromkeys(offered, 0.0 if others is None else others)
    if others is None:
        unsaid[IDENTITY] = _LEAST
    asked = {name: weights.get(name, unsaid[name]) for name in offered}
    best = max(offered, key=lambda name: asked[name])
    return best if asked[best] > 0 else None


def is_browser(accept: str | None) -> bool:
    """Whether a person wants to look at it: browsers ask for HTML first.

    Feed readers that take HTML, too, name a media type of feeds before it.
    """
    return accept is not None and accept.startswith("text/html")


@lru_cache(maxsize=256)  # most of them ask with the same tag
def has_it(etag: str, if_none_match: str) -> bool:
    """Weak comparison with `*` or a list (RFC 9110 §13.1.2), whatever the encoding.

    `etag` is that of the plain document; ours, and servers in between, add the encoding to it.
    """
    if if_none_match.strip() == "*":
        return True
    ours = etag.strip('"')
    return any(_ENCODING_SUFFIX.sub("", tag) == ours for tag in _TAG.findall(if_none_match))


def has_seen(changed_at: datetime, if_modified_since: str) -> bool:
    """Whether it has not changed since; a date that cannot be read is ignored (§13.1.3)."""
    try:
        since = parsedate_to_datetime(if_modified_since)
    except (ValueError, OverflowError):
        return False
    return changed_at <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _weights(accepted: str) -> dict[str, float]:
    weights = {}
    for item in accepted.lower().split(","):
        name, *parameters = item.split(";")
        found = [match for match in map(_WEIGHT.fullmatch, parameters) if match]
        name = name.strip().removeprefix("x-")
        if name:
            weights[name] = float(found[0][1]) if found else 1.0
    return weights
