"""Options that take several words: given again and again, or joined by commas."""

from collections.abc import Sequence


def split(values: Sequence[str] | None) -> tuple[str, ...]:
    """The words, in order and without blanks: `("a,b", "c")` gives `("a", "b", "c")`."""
    parts = [part.strip() for value in values or () for part in value.split(",")]
    return tuple(part for part in parts if part)
