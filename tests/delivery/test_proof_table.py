import csv
import io
import tracemalloc
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.delivery.proof.table import csv_text, reader_rows
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow
from tests.delivery.outcomes import ADDRESSES, crowd, mixed_edition, move, proof, table
from tests.world import World


def _reply(world: World, edition: int, reply: str) -> str:
    """The cell of a reply that a server gave to the one refused."""
    with world.runtime.sessions.begin() as session:
        refused = col(DeliveryRow.state) == DeliveryState.REFUSED
        session.execute(sa.update(DeliveryRow).where(refused).values(reply=reply))
    (row,) = [row for row in _read_back(world, edition) if row["state"] == "refused"]
    return row["reply"]


def _read_back(world: World, edition: int) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_text(world, edition), newline="")))


def _text(world: World, edition: int) -> str:
    with world.runtime.sessions.snapshot() as session:
        row = session.get_one(EditionRow, edition)
        return "".join(csv_text(reader_rows(session, row, secret=world.secret)))


def test_every_matched_reader_is_a_row_and_the_counts_are_those_of_the_report(
    world: World,
) -> None:
    edition = mixed_edition(world)
    rows = _read_back(world, edition)
    said = proof(world, edition).as_json()
    assert len(rows) == said["matched"] == len({row["subscriber"] for row in rows})
    counts = Counter(row["state"] for row in rows)
    assert counts.pop("excluded") == sum(said["excluded"].values())
    assert counts.pop("withdrawn") == sum(said["withdrawn"].values())
    assert counts == {state: said[state] for state in counts}


def test_a_row_says_what_became_of_one_reader(world: World) -> None:
    edition = mixed_edition(world)
    accepted, *_, left_out = table(world, edition)
    assert accepted | {"subscriber": "", "message_id": ""} == {
        "subscriber": "",
        "domain": "big.example",
        "state": "accepted",
        "reason": "",
        "code": "250",
        "reply": "",
        "attempts": "1",
        "at": "2026-03-10T09:30:10Z",
        "variant": "1",
        "message_id": "",
    }
    assert (left_out["state"], left_out["reason"]) == ("excluded", "nothing_new")
    assert left_out["message_id"] == left_out["variant"] == ""


def test_the_message_ids_are_those_of_the_report(world: World) -> None:
    edition = mixed_edition(world)
    ids = {row["subscriber"]: row["message_id"] for row in table(world, edition)}
    ((reader, doubt),) = proof(world, edition).doubts.items()
    assert ids[reader] == doubt["message_id"]
    assert len(set(ids.values()) - {""}) == len(ADDRESSES)


def test_there_is_no_address_unless_it_is_asked_for(world: World) -> None:
    edition = mixed_edition(world)
    said = "550 <cy@big.example>: no cy+x@BIG.example here"
    assert _reply(world, edition, said) == "550 <(address)>: no (address) here"
    assert "ada@" not in _text(world, edition)
    rows = {row["address"]: row for row in table(world, edition, addresses=True)}
    assert rows.keys() == {*ADDRESSES.values(), "hal@reader.example"}
    assert rows["cy@big.example"]["reply"] == said


def test_an_erased_reader_stays_a_row_without_a_trace_of_the_address(world: World) -> None:
    edition = mixed_edition(world)
    _reply(world, edition, "550 cy@big.example is unknown")
    with world.runtime.sessions.begin() as session:
        move(session, "cy", None)
    (row,) = [row for row in table(world, edition, addresses=True) if row["state"] == "refused"]
    assert (row["address"], row["domain"]) == ("", "(erased)")
    assert row["reply"] == "550 (address) is unknown"


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1 555", "'+1 555"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=cmd()", "'=cmd()"),
        ("\r\n=cmd()", "'=cmd()"),
        ("550 no\r\nsuch\nreader", "550 no  such reader"),
        ('550 "<svg onload=alert(1)>", gone', '550 "<svg onload=alert(1)>", gone'),
        ("550 \u202eyes\u2028no \x1b[31m", "550  yes no  [31m"),
        ("550 nein, kein Fährmann", "550 nein, kein Fährmann"),
    ],
)
def test_a_hostile_reply_is_a_harmless_cell_of_one_line(
    world: World, reply: str, shown: str
) -> None:
    edition = mixed_edition(world)
    assert _reply(world, edition, reply) == shown
    text = _text(world, edition)
    assert text.count("\n") == 1 + len(_read_back(world, edition))


def test_two_tables_of_an_edition_are_the_same_bytes(world: World) -> None:
    edition = mixed_edition(world)
    crowd(world, edition, 50)
    assert _text(world, edition) == _text(world, edition)


def test_a_table_takes_no_more_room_for_more_readers(world: World) -> None:
    edition = mixed_edition(world)
    crowd(world, edition, 2_000)
    few = _peak(world, edition)
    crowd(world, edition, 16_000)
    assert _peak(world, edition) < 1.5 * few


def _peak(world: World, edition: int) -> int:
    """The most memory that writing the table took, in bytes, once everything is warm."""
    with world.runtime.sessions.snapshot() as session:
        row = session.get_one(EditionRow, edition)
        for _ in csv_text(reader_rows(session, row, secret=world.secret)):
            break
        tracemalloc.start()
        for _ in csv_text(reader_rows(session, row, secret=world.secret)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak
