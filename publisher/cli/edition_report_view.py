"""An edition's report, and what was found out about one, as the command line shows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from publisher.cli.edition_view import report_sheet
from publisher.cli.output import say, sheet, table
from publisher.cli.times import shown
from publisher.delivery.proof.check import Comparison
from publisher.delivery.proof.prove import Proof
from publisher.delivery.proof.seal import Verdict
from publisher.delivery.proof.sums import Tally

MOST_LINES = 30
SHORT_HASH = 16
STATES = ("accepted", "refused", "deferred", "uncertain", "withdrawn", "queued")
_REST = "All of them: --json"


def show_report(found: Proof, zone: str) -> None:
    """Print the report for people; times on the newsletter's clocks, tables that say something."""
    sheet([*_times(found, zone), *report_sheet(found.sums)])
    _section("Stories", ("Title", "Article", "Version", "SHA-256"), list(_stories(found)))
    _section("Variants", ("Stories", "Readers", *_heads()), list(_variants(found)))
    _section("Domains", ("Readers", *_heads()), list(_domains(found)))
    reasons, codes = found.reasons.reasons, found.reasons.codes
    _section("Reasons", ("Why", "Readers"), list(_nested(reasons)))
    _section("Reply codes", ("Code", "Readers"), list(_nested(codes)))
    doubts = [(reader, one["message_id"], one["at"]) for reader, one in found.doubts.items()]
    _section("Uncertain", ("Message-ID", "Since"), doubts)


def difference_lines(verdict: Verdict, comparison: Comparison | None) -> Iterator[str]:
    """What a genuine report is of, and what the database says now."""
    if verdict.content is None or comparison is None:
        return
    edition, said = verdict.content["edition"], verdict.content
    yield (
        f"It is of edition {edition['id']} of “{edition['newsletter']}”, {edition['state']}: "
        f"{said['matched']} matched, {said['enlisted']} enlisted, {said['accepted']} accepted."
    )
    if comparison.erased:
        many = f"{comparison.erased} of its readers were" if comparison.erased > 1 else "One was"
        yield f"{many} erased since, and counted without a domain now."
    if not comparison.differences:
        yield "The database still says the same."
        return
    yield "THE DATABASE SAYS OTHERWISE:"
    yield from (f"  · {one}" for one in comparison.differences[:MOST_LINES])
    if hidden := len(comparison.differences[MOST_LINES:]):
        yield f"  and {hidden} more like these. {_REST}"


def verdict_object(verdict: Verdict, comparison: Comparison | None) -> dict[str, Any]:
    """The object that --json prints."""
    edition = verdict.content["edition"] if verdict.content else {}
    return {
        "finding": verdict.finding,
        "sentence": verdict.sentence,
        "edition": edition.get("uuid"),
        "same": not comparison.differences if comparison else None,
        "differences": list(comparison.differences) if comparison else [],
        "erased_since": comparison.erased if comparison else None,
    }


def _times(found: Proof, zone: str) -> Iterator[tuple[str, object]]:
    edition = found.edition
    yield "Edition", f"{edition.id} of {found.newsletter.name}, {edition.state.value}"
    yield "Frozen", shown(edition.frozen_at, zone)
    yield "First outcome", shown(found.timing.first_at, zone)
    yield "Last outcome", shown(found.timing.last_at, zone)
    yield "Finished", shown(edition.finished_at, zone)
    yield "Took", None if found.seconds is None else f"{found.seconds:.1f} s"
    rate = found.accepted_per_second
    yield "Rate", None if rate is None else f"{rate:.1f} accepted a second"
    if found.sent_again:
        yield "Put up again", f"{found.sent_again} that were uncertain"


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    say()
    table((title, *columns), rows[:MOST_LINES], empty="")
    if hidden := len(rows[MOST_LINES:]):
        say(f"and {hidden} more. {_REST}")


def _stories(found: Proof) -> Iterator[tuple[object, ...]]:
    for number, item in found.items.items():
        yield number, item.title, item.article, item.version, f"{item.sha256[:SHORT_HASH]}…"


def _variants(found: Proof) -> Iterator[tuple[object, ...]]:
    for number, one in found.variants.items():
        titles = " · ".join(found.items[story].title for story in one.stories)
        yield number, titles, *_counts(one.deliveries)


def _domains(found: Proof) -> Iterator[tuple[object, ...]]:
    for domain, tally in found.domains.named.items():
        yield domain, *_counts(tally)
    others = found.domains.others
    if others is not None:
        yield f"{others['domains']} others", *_counts(others)


def _nested(counts: Mapping[str, Mapping[str, int]]) -> Iterable[tuple[object, ...]]:
    for state, inner in counts.items():
        for name, count in inner.items():
            yield state, name.replace("_", " "), count


def _counts(tally: Tally) -> tuple[int, ...]:
    return tally["deliveries"], *(tally[state] for state in STATES)


def _heads() -> tuple[str, ...]:
    return tuple(state.capitalize() for state in STATES)
