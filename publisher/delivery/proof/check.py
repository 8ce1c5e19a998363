"""Whether the database still says what a signed report says; and if not, what differs, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from publisher.delivery.proof.prove import prove
from publisher.delivery.proof.sums import ERASED, NAMES
from publisher.editions.models import EditionRow

Content = Mapping[str, Any]
_DOMAINS = ("domains", "other_domains")
_WORDS = {
    "stories": "story",
    "variants": "variant",
    "domains": "domain",
    "other_domains": "other domains,",
    "reasons": "reason",
    "codes": "code",
    "uncertain_deliveries": "uncertain delivery of subscriber",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sentence for everything that differs; `erased` readers since are no difference."""

    differences: tuple[str, ...]
    erased: int = 0


def compared_with_database(session: Session, content: Content, *, secret: str) -> Comparison:
    """What the rows say now, beside a report that is genuine."""
    uuid = content["edition"]["uuid"]
    edition = session.exec(select(EditionRow).where(EditionRow.uuid == uuid)).first()
    if edition is None:
        return Comparison(("This database has no such edition.",))
    return compared(content, prove(session, edition, secret=secret).as_json())


def compared(then: Content, now: Content) -> Comparison:
    """What differs between two reports of an edition. Pure.

    A reader erased in between moves from their domain to those without one, and nowhere else.
    """
    apart = {"key", *_DOMAINS}
    found = list(_differences(then, now, (then.keys() | now.keys()) - apart))
    erased = _erased(now) - _erased(then)
    if erased > 0:
        found += _more_than_erased(then["domains"], now["domains"], erased)
    else:
        found += _differences(then, now, _DOMAINS)
    return Comparison(tuple(found), max(erased, 0))


def _differences(then: Content, now: Content, names: Iterable[str]) -> Iterator[str]:
    chosen = tuple(names)
    before, after = (dict(_flat({name: one.get(name) for name in chosen})) for one in (then, now))
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield _sentence(path, before.get(path), after.get(path))


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, (*path, name))
    elif value is not None:
        yield path, list(value) if isinstance(value, list | tuple) else value


def _sentence(path: tuple[str, ...], before: Any, after: Any) -> str:
    first, *rest = path
    what = f"{_WORDS.get(first, first.replace('_', ' '))} {', '.join(rest)}".strip()
    if path[-1] == "sha256" and before and after:
        return f"{what[0].upper()}{what[1:]}: the text that is kept is not the one that was sent."
    return f"{what[0].upper()}{what[1:]}: {_said(before)} then, {_said(after)} now."


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def _erased(content: Content) -> int:
    return int(content["domains"].get(ERASED, {}).get(NAMES[0], 0))


def _more_than_erased(
    then: Mapping[str, Mapping[str, int]], now: Mapping[str, Mapping[str, int]], erased: int
) -> Iterator[str]:
    """Domains that gained, or lost more than those who were erased.

    One that is named in only one of the two reports cannot be compared: its place changed.
    """
    common = sorted(then.keys() & now.keys() - {ERASED})
    lost = sum(then[domain][NAMES[0]] - now[domain][NAMES[0]] for domain in common)
    for domain in common:
        if lost > erased or any(now[domain][name] > then[domain][name] for name in NAMES):
            yield from _differences(
                {"domains": {domain: then[domain]}},
                {"domains": {domain: now[domain]}},
                ("domains",),
            )
