"""The YAML at the top of a Markdown file, read as words: no value changes its type."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import frontmatter
from frontmatter.default_handlers import YAMLHandler
from yaml import BaseLoader, YAMLError  # type: ignore[import-untyped]

from publisher.errors import InvalidInputError
from publisher.newsroom.characters import one_line, printable

_OPENING = re.compile(r"-{3,}[ \t]*(?:\n|$)")
_CLOSING = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_LONGEST = 64_000


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Keys in lower case with `_` for `-` and blanks; values are text, lists or mappings of it."""

    values: Mapping[str, Any]

    def text(self, *keys: str) -> str | None:
        """Return the first of the keys that holds text, on one line; None where none does."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, str) and one_line(value):
                return one_line(value)
        return None

    def texts(self, *keys: str) -> tuple[str, ...]:
        """Return a list of texts, whether it was written as one or with commas."""
        for key in keys:
            found = tuple(_texts(self.values.get(key)))
            if found:
                return found
        return ()

    def part(self, key: str) -> "FrontMatter":
        """Return the mapping below a key; empty where there is none."""
        value = self.values.get(key)
        return FrontMatter(_named(value) if isinstance(value, dict) else {})

    def has(self, *keys: str) -> bool:
        """Say whether one of the keys was written at all, even without a value."""
        return any(key in self.values for key in keys)


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the front matter and the body below it; both may be empty.

    Raises InvalidInputError if the front matter is TOML, never closed or not readable: its lines
    must not end up in the text.
    """
    text = printable(text).lstrip("\n")
    if re.match(r"\+{3}[ \t]*(?:\n|$)", text):
        raise InvalidInputError("The file starts with +++ (TOML). Write YAML between --- lines.")
    if not _OPENING.match(text):
        return FrontMatter({}), text
    closings = [mark.start() for mark in _CLOSING.finditer(text)]
    if len(closings) < 2:  # noqa: PLR2004 (the opening line is the first)
        raise InvalidInputError(
            "The front matter is not closed: a line --- is missing below it, or the file is cut "
            "short."
        )
    if closings[1] > _LONGEST:
        raise InvalidInputError("The front matter is over 64,000 characters long. Shorten it.")
    return _parse(text)


class _Words(YAMLHandler):
    """YAML in which `NO` stays NO, 0123 stays 0123 and 1.10 stays 1.10."""

    def load(self, fm: str, **_: object) -> Any:
        return super().load(fm, Loader=BaseLoader)


def _parse(text: str) -> tuple[FrontMatter, str]:
    try:
        values, body = frontmatter.parse(text, handler=_Words())
    except (YAMLError, RecursionError, ValueError) as error:
        raise InvalidInputError(_explain(error)) from error
    if not values and text.split("\n", 2)[1].strip("- \t"):
        raise InvalidInputError("The front matter has no `key: value` lines. Write `title: …`.")
    return FrontMatter(_named(values)), body


def _explain(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark else ""
    why = getattr(error, "problem", None) or "it is nested too deeply"
    return (
        f"The front matter cannot be read{where}: {one_line(str(why))}. "
        'Put values that hold a colon in quotes, as in title: "A: B".'
    )


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {re.sub(r"[\s-]+", "_", str(key).strip().lower()): v for key, v in values.items()}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = [value]
    for item in value if isinstance(value, list) else str(value or "").split(","):
        name = item.get("name") if isinstance(item, dict) else item
        if isinstance(name, str) and one_line(name):
            yield one_line(name)
