"""SPF (RFC 7208): whether a domain says which servers may send its mail, and says it soundly."""

import re
from collections.abc import Iterator

from publisher.mail.lookup import Resolver

MOST_LOOKUPS = 10  # §4.6.4: above that receivers give up
_TERM = re.compile(r"[-+?~]?(\w[\w.-]*)[:=]?(.*)")
_LOOKING_UP = frozenset(("include", "a", "mx", "ptr", "exists", "redirect"))


def spf_records(domain: str, resolver: Resolver) -> list[str]:
    """The domain's SPF records; sound is exactly one."""
    found = resolver.ask(domain, "TXT")
    return [text for text in found if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]


def flaw(record: str, resolver: Resolver) -> str:
    """What is wrong with a record, to be read after its domain's name; empty if it is sound."""
    if {"all", "+all"} & set(record.lower().split()):
        return "lets every server in the world send in its name (+all)"
    if _lookups(record, resolver) > MOST_LOOKUPS:
        return f"makes receivers look up more than {MOST_LOOKUPS} names, so they give up"
    ends = any(name in {"all", "redirect"} for name, _ in _terms(record))
    return "" if ends else "does not say what holds for other servers; end it with -all or ~all"


def _lookups(record: str, resolver: Resolver, spent: int = 0) -> int:
    """How many names a receiver looks up; counting ends soon after too many."""
    for name, target in _terms(record):
        if spent > MOST_LOOKUPS:
            break
        spent += name in _LOOKING_UP
        if name in {"include", "redirect"} and "%" not in target:
            for inner in spf_records(target, resolver)[:1]:
                spent = _lookups(inner, resolver, spent)
    return spent


def _terms(record: str) -> Iterator[tuple[str, str]]:
    for term in record.lower().split()[1:]:
        found = _TERM.fullmatch(term)
        if found:
            yield found[1], found[2]
