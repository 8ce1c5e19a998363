"""Reads schema.org JSON-LD as it is found on news pages: nested, listed, referred to, broken."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from publisher.newsroom.text import one_line

_ARTICLE_TYPE = re.compile(r"(?:^|[/:#])\w*(?:Article|BlogPosting)$")
_ORGANISATION = re.compile(r"(?:^|[/:#])\w*(?:Organi[sz]ation|Agency)$")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MOST_NODES = 2000


@dataclass(frozen=True, slots=True)
class Article:
    """One node; what it refers to by `@id` is looked up in `by_id`."""

    node: dict[str, Any]
    by_id: dict[str, dict[str, Any]]

    def text(self, *keys: str) -> str | None:
        """Return the first of the keys that has a value, as text on one line."""
        for key in keys:
            for value in self._values(key):
                if text := _text(value):
                    return text
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return all values of a key; one text with commas counts as several."""
        texts = [text for value in self._values(key) if (text := _text(value))]
        listed = texts[0].split(",") if len(texts) == 1 else texts
        return tuple(one_line(text) for text in listed)

    def people(self, *keys: str) -> tuple[str, ...]:
        """Return the names of people; organisations are none."""
        for key in keys:
            names = [
                text
                for value in self._values(key)
                if not _has_type(value, _ORGANISATION) and (text := _text(value))
            ]
            if names:
                return tuple(names)
        return ()

    def part(self, key: str) -> "Article":
        """Return the node below a key; a bare address counts as a node with that `url`."""
        for value in self._values(key):
            if isinstance(value, dict):
                return Article(value, self.by_id)
            if isinstance(value, str):
                return Article({"url": value}, self.by_id)
        return Article({}, self.by_id)

    def _values(self, key: str) -> list[Any]:
        value = self.node.get(key)
        listed = value if isinstance(value, list) else [value]
        return [self._resolved(item) for item in listed if item is not None]

    def _resolved(self, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("@id"), str):
            return {**self.by_id.get(value["@id"], {}), **value}
        return value


def articles(scripts: Iterable[str]) -> Iterator[Article]:
    """Yield the articles of a page in its own order; scripts that are no JSON are passed over."""
    nodes = [node for script in scripts for node in _nodes(_load(script))][:_MOST_NODES]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    for node in nodes:
        if _has_type(node, _ARTICLE_TYPE) and (node.get("headline") or node.get("name")):
            yield Article(node, by_id)


def _load(script: str) -> object:
    text = _WRAPPING.sub("", script.strip())
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            loaded: object = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return loaded
    return None


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    """Walk lists, `@graph` and `mainEntity` without recursion, in document order."""
    waiting = [value]
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, list):
            waiting[:0] = current[:_MOST_NODES]
        elif isinstance(current, dict):
            yield current
            below = (current.get("@graph"), current.get("mainEntity"))
            waiting[:0] = [part for part in below if isinstance(part, list | dict)]


def _has_type(value: object, pattern: re.Pattern[str]) -> bool:
    if not isinstance(value, dict):
        return False
    types = value.get("@type")
    listed = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and pattern.search(name) for name in listed)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value") or value.get("url") or _id(value))
    return one_line(str(value)) if isinstance(value, str | int) else ""


def _id(value: dict[str, Any]) -> str:
    identity = value.get("@id")
    return identity if isinstance(identity, str) and identity.startswith("http") else ""
