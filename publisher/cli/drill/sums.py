"""Whether the promise held: who should have a message, what the rows say, what the server has."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from publisher.cli.drill.sink import Kept
from publisher.delivery.report import Report

MOST_IN_FLIGHT = 2  # on a connection, when its worker is lost
ACCEPTED, UNCERTAIN = "accepted", "uncertain"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who should have an edition."""

    edition: int
    address: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the rows say of one recipient."""

    to: Recipient
    message_id: str
    state: str

    def __str__(self) -> str:
        return f"{self.to.address} of edition {self.to.edition} ({self.state})"


@dataclass(frozen=True, slots=True)
class Sums:
    """What a drill comes to. `differences` says in words whatever should not be so.

    `missing` are neither at the server nor uncertain; `duplicates` counts copies beyond the first.
    """

    eligible: int
    accepted: int
    uncertain: int
    at_server: int
    missing: int
    duplicates: int
    differences: tuple[str, ...]

    @property
    def hold(self) -> bool:
        """Whether the promise held."""
        return not (self.missing or self.duplicates or self.differences)


def account(
    eligible: Collection[Recipient], deliveries: Sequence[Delivery], kept: Sequence[Kept]
) -> Sums:
    """Compare the three, each of which was written down by itself."""
    rows = {delivery.to: delivery for delivery in deliveries}
    copies = Counter(one.message_id for one in kept)
    missing = [to for to in eligible if _is_missing(rows.get(to), copies)]
    duplicates = sum(count - 1 for count in copies.values())
    return Sums(
        eligible=len(eligible),
        accepted=sum(delivery.state == ACCEPTED for delivery in deliveries),
        uncertain=sum(delivery.state == UNCERTAIN for delivery in deliveries),
        at_server=len(kept),
        missing=len(missing),
        duplicates=duplicates,
        differences=(
            *(f"{to.address} of edition {to.edition} is missing." for to in missing),
            *_doubled(deliveries, copies),
            *_row_differences(eligible, deliveries, copies),
            *_server_differences(deliveries, kept),
        ),
    )


def sum_differences(reports: Mapping[int, Report], readers: int) -> list[str]:
    """Editions whose own sums do not meet, or that have something left to do."""
    found = []
    for edition, sums in reports.items():
        if not sums.adds_up or sums.matched != readers:
            found.append(f"Edition {edition} does not add up: {sums.as_json()}")
        if sums.left or sums.accepted + sums.uncertain != sums.matched:
            found.append(f"Edition {edition} is not settled: {sums.as_json()}")
    return found


def doubt_differences(uncertain: int, kills: int, connections: int) -> list[str]:
    """More doubt than so many kills of a worker with so many connections can leave."""
    most = MOST_IN_FLIGHT * kills * connections
    if uncertain <= most:
        return []
    return [f"{uncertain} deliveries are uncertain; at most {most} may be."]


def _is_missing(delivery: Delivery | None, copies: Mapping[str, int]) -> bool:
    if delivery is None:
        return True
    return not copies.get(delivery.message_id) and delivery.state != UNCERTAIN


def _doubled(deliveries: Sequence[Delivery], copies: Mapping[str, int]) -> list[str]:
    return [
        f"{delivery}: the server has {copies[delivery.message_id]} copies."
        for delivery in deliveries
        if copies.get(delivery.message_id, 0) > 1
    ]


def _row_differences(
    eligible: Collection[Recipient], deliveries: Sequence[Delivery], copies: Mapping[str, int]
) -> list[str]:
    """Rows that claim what the server does not have, or have no reader."""
    expected = set(eligible)
    found = []
    for delivery in deliveries:
        here = bool(copies.get(delivery.message_id))
        if delivery.to not in expected:
            found.append(f"{delivery} should not be written to.")
        if delivery.state == ACCEPTED and not here:
            found.append(f"{delivery}: the server does not have it.")
        if here and delivery.state not in {ACCEPTED, UNCERTAIN}:
            found.append(f"{delivery}: the server has it.")
    return found


def _server_differences(deliveries: Sequence[Delivery], kept: Sequence[Kept]) -> list[str]:
    """Messages that belong to nobody, or went to somebody else."""
    address_of = {delivery.message_id: delivery.to.address for delivery in deliveries}
    found = []
    for one in kept:
        if one.message_id not in address_of:
            found.append(f"{one.message_id}, to {one.recipient}, belongs to no delivery.")
        elif address_of[one.message_id] != one.recipient:
            meant = address_of[one.message_id]
            found.append(f"{one.message_id}, meant for {meant}, went to {one.recipient}.")
    return found
