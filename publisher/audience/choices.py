"""What a reader may choose of a newsletter, checked against what it offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from publisher.audience.models import Cadence, NewsletterRow
from publisher.audience.newsletters import check_section, find_newsletter
from publisher.errors import InvalidInputError

SECTIONS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """One newsletter as a reader wants it.

    `cadence` None is the first that the newsletter offers; no `sections` means all of them.
    """

    newsletter: str
    cadence: str | None = None
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedChoice:
    """A choice that the newsletter offers; `sections` as kept: sorted slugs, joined by comma."""

    newsletter: NewsletterRow
    cadence: Cadence
    sections: str


def check_choices(session: Session, choices: Sequence[Choice]) -> list[CheckedChoice]:
    """The choices, one for each newsletter (the last one said counts).

    Raises NotFoundError for an unknown newsletter, and InvalidInputError that lists what there
    is where a choice is not offered or nothing was chosen.
    """
    if not choices:
        raise InvalidInputError("Choose at least one newsletter.")
    wanted = {choice.newsletter: choice for choice in choices}
    return [_checked(session, choice) for choice in wanted.values()]


def check_choice(newsletter: NewsletterRow, choice: Choice) -> CheckedChoice:
    """The choice of this newsletter, whether or not it takes new readers.

    Raises InvalidInputError that lists what there is where it is not offered.
    """
    return CheckedChoice(
        newsletter, _cadence(newsletter, choice.cadence), _sections(newsletter, choice.sections)
    )


def _checked(session: Session, choice: Choice) -> CheckedChoice:
    newsletter = find_newsletter(session, choice.newsletter)
    if not newsletter.active:
        raise InvalidInputError(f"{newsletter.name} takes no subscriptions at present.")
    return check_choice(newsletter, choice)


def _cadence(newsletter: NewsletterRow, wanted: str | None) -> Cadence:
    if wanted is None:
        return Cadence(newsletter.cadences[0])
    if wanted not in newsletter.cadences:
        offered = ", ".join(newsletter.cadences)
        raise InvalidInputError(
            f"{newsletter.name} does not come “{wanted[:40]}”; choose from: {offered}."
        )
    return Cadence(wanted)


def _sections(newsletter: NewsletterRow, wanted: Sequence[str]) -> str:
    chosen = sorted(set(wanted))
    for section in chosen:
        check_section(section)
    unknown = [section for section in chosen if section not in newsletter.sections]
    if newsletter.sections and unknown:
        raise InvalidInputError(
            f"{newsletter.name} has no section {_quoted(unknown)}; "
            f"choose from: {', '.join(newsletter.sections)}."
        )
    if newsletter.sections and len(chosen) == len(newsletter.sections):
        return ""  # all of them, and those that join later
    kept = ",".join(chosen)
    if len(kept) > SECTIONS_LIMIT:
        raise InvalidInputError("These are too many sections; leave the choice empty for all.")
    return kept


def _quoted(slugs: Sequence[str]) -> str:
    return ", ".join(f"“{slug}”" for slug in slugs)
