"""Zeros mean something only if every other number is possible."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.cli.drill.sink import Kept
from publisher.cli.drill.sums import (
    Delivery,
    Recipient,
    account,
    doubt_differences,
    sum_differences,
)
from publisher.delivery.report import Report

ADA, BEN, CY = (Recipient(1, f"{name}@readers.example") for name in ("ada", "ben", "cy"))
EVERYBODY = [ADA, BEN, CY]
ROWS = [
    Delivery(ADA, "<a@drill>", "accepted"),
    Delivery(BEN, "<b@drill>", "accepted"),
    Delivery(CY, "<c@drill>", "uncertain"),
]
AT_SERVER = [Kept(ADA.address, "<a@drill>"), Kept(BEN.address, "<b@drill>")]


def test_a_drill_without_fault_holds() -> None:
    sums = account(EVERYBODY, ROWS, AT_SERVER)

    assert sums.hold
    assert (sums.eligible, sums.accepted, sums.uncertain, sums.at_server) == (3, 2, 1, 2)
    assert (sums.missing, sums.duplicates, sums.differences) == (0, 0, ())


def test_what_is_uncertain_may_be_at_the_server_or_not() -> None:
    assert account(EVERYBODY, ROWS, [*AT_SERVER, Kept(CY.address, "<c@drill>")]).hold


def test_a_message_that_the_server_lost_is_missing() -> None:
    sums = account(EVERYBODY, ROWS, AT_SERVER[1:])

    assert not sums.hold
    assert sums.missing == 1
    assert "ada@readers.example of edition 1 is missing." in sums.differences
    assert any("(accepted): the server does not have it" in line for line in sums.differences)


@pytest.mark.parametrize("state", ["queued", "refused", "deferred", "withdrawn"])
def test_who_got_nothing_and_is_not_in_doubt_is_missing(state: str) -> None:
    sums = account(EVERYBODY, [*ROWS[:2], replace(ROWS[2], state=state)], AT_SERVER)

    assert (sums.hold, sums.missing) == (False, 1)


def test_a_reader_without_a_row_is_missing() -> None:
    assert account(EVERYBODY, ROWS[:2], AT_SERVER).missing == 1


def test_a_second_copy_is_a_duplicate() -> None:
    sums = account(EVERYBODY, ROWS, [*AT_SERVER, AT_SERVER[0], AT_SERVER[0]])

    assert (sums.hold, sums.duplicates) == (False, 2)
    assert "ada@readers.example of edition 1 (accepted): the server has 3 copies." in (
        sums.differences
    )


def test_a_second_copy_of_what_is_uncertain_is_a_duplicate() -> None:
    doubled = [Kept(CY.address, "<c@drill>")] * 2

    assert account(EVERYBODY, ROWS, [*AT_SERVER, *doubled]).duplicates == 1


@pytest.mark.parametrize("state", ["queued", "refused", "deferred", "withdrawn"])
def test_a_message_at_the_server_of_which_the_rows_do_not_know_is_noticed(state: str) -> None:
    rows = [replace(ROWS[0], state=state), *ROWS[1:]]

    (found,) = account(EVERYBODY, rows, AT_SERVER).differences
    assert found == f"ada@readers.example of edition 1 ({state}): the server has it."


def test_a_row_that_claims_more_than_the_server_has_is_noticed() -> None:
    forged = Delivery(CY, "<c@drill>", "accepted")

    sums = account(EVERYBODY, [*ROWS[:2], forged], AT_SERVER)
    assert not sums.hold
    assert "cy@readers.example of edition 1 (accepted): the server does not have it." in (
        sums.differences
    )


def test_a_row_for_somebody_who_should_get_nothing_is_noticed() -> None:
    stranger = Delivery(Recipient(1, "dee@readers.example"), "<d@drill>", "uncertain")

    (found,) = account(EVERYBODY, [*ROWS, stranger], AT_SERVER).differences
    assert "dee@readers.example" in found
    assert "should not be written to" in found


def test_a_message_of_no_delivery_is_noticed() -> None:
    (found,) = account(EVERYBODY, ROWS, [*AT_SERVER, Kept(ADA.address, "<x@drill>")]).differences
    assert found == "<x@drill>, to ada@readers.example, belongs to no delivery."


def test_a_message_that_went_to_somebody_else_is_noticed() -> None:
    swapped = [Kept(BEN.address, "<a@drill>"), AT_SERVER[1]]

    (found,) = account(EVERYBODY, ROWS, swapped).differences
    assert "meant for ada@readers.example, went to ben@readers.example" in found


@given(st.lists(st.sampled_from(range(6)), min_size=1, max_size=4), st.integers(0, 3))
def test_whatever_is_lost_or_doubled_is_counted_exactly(lost: list[int], doubled: int) -> None:
    everybody = [Recipient(1, f"r{n}@readers.example") for n in range(6)]
    rows = [Delivery(to, f"<{n}@drill>", "accepted") for n, to in enumerate(everybody)]
    gone = set(lost)
    kept = [Kept(row.to.address, row.message_id) for n, row in enumerate(rows) if n not in gone]
    kept += kept[:1] * doubled

    sums = account(everybody, rows, kept)
    assert (sums.missing, sums.duplicates) == (len(gone), doubled)


def test_an_edition_whose_sums_do_not_meet_is_noticed() -> None:
    fine = Report(matched=3, enlisted=3, accepted=2, uncertain=1)

    assert sum_differences({1: fine}, readers=3) == []
    assert "does not add up" in sum_differences({1: replace(fine, enlisted=4)}, readers=3)[0]
    assert "does not add up" in sum_differences({1: fine}, readers=4)[0]
    waiting = replace(fine, accepted=1, queued=1)
    assert "is not settled" in sum_differences({1: waiting}, readers=3)[0]
    turned_away = replace(fine, accepted=1, refused=1)
    assert "is not settled" in sum_differences({1: turned_away}, readers=3)[0]


def test_more_doubt_than_the_kills_can_leave_is_noticed() -> None:
    assert doubt_differences(8, kills=2, connections=2) == []
    assert doubt_differences(9, kills=2, connections=2) == [
        "9 deliveries are uncertain; at most 8 may be."
    ]
