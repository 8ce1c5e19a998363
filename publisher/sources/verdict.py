"""Says whether what a source handed in is an article at all."""

from dataclasses import dataclass, replace
from datetime import tzinfo

from publisher.newsroom.incoming import Incoming
from publisher.newsroom.text import word_count

FEWEST_WORDS = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article comes from and what holds where it says nothing itself.

    `zone` is that of times written without one.
    """

    source: str
    external_id: str
    language: str
    zone: tzinfo


def checked(incoming: Incoming) -> Incoming:
    """Return the article with a `problem` if it must not be published as it is.

    What a source wants held, withdrawn or killed needs no text: the order must not fail because
    the text is gone.
    """
    if incoming.problem or incoming.signal in {"hold", "withdraw", "kill"}:
        return incoming
    return replace(incoming, problem=_problem(incoming))


def unusable(problem: str, *, source: str, external_id: str, language: str = "en") -> Incoming:
    """Return the placeholder of a file that could not be read, with the reason."""
    return Incoming(source, external_id, "", (), "", language=language, problem=problem)


def _problem(incoming: Incoming) -> str | None:
    if not incoming.title:
        return "There is no headline. Add one before the text."
    if not incoming.paragraphs:
        return "There is no text below the headline. Add the article's paragraphs."
    words = word_count(incoming.paragraphs)
    if words < FEWEST_WORDS:
        return (
            f"The text has only {words} words, an article needs at least {FEWEST_WORDS}: "
            "it may be cut short."
        )
    return None
