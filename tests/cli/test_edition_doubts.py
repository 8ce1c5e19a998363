from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.settings import load_settings
from publisher.store import open_runtime
from tests.cli.conftest import Shell
from tests.world import World

WORDS = "The worker was lost while the server had the message."


@pytest.fixture
def edition(home: Path) -> int:
    """An edition of three readers, of two of whom nobody knows whether they have it."""
    world = World(open_runtime(load_settings()))
    world.newsletter("briefing", zone="Europe/Lisbon")
    world.readers(3)
    world.story("ferry")
    number = world.digest()
    with world.runtime.sessions.begin() as session:
        doubt = {"state": DeliveryState.UNCERTAIN, "reply": WORDS, "at": world.now}
        accepted = {"state": DeliveryState.ACCEPTED, "at": world.now}
        for values, which in ((accepted, col(DeliveryRow.subscriber_id) == 1),
                              (doubt, col(DeliveryRow.subscriber_id) != 1)):  # fmt: skip
            session.execute(sa.update(DeliveryRow).where(which).values(values))
    return number


def test_uncertain_deliveries_are_listed(shell: Shell, edition: int) -> None:
    first, second = shell("editions", "uncertain", edition, "--json").rows
    assert first["address"] == "reader0001@reader.example"
    assert first["message_id"] != second["message_id"]
    assert (first["words"], first["resent_at"], first["again_at"]) == (WORDS, None, None)
    said = shell("editions", "uncertain", edition).out
    assert first["subscriber"] in said
    assert first["message_id"] in said.replace("\n", "")
    assert f"for edition {edition}" in said


def test_one_is_settled_and_the_other_sent_again(shell: Shell, edition: int) -> None:
    first, second = shell("editions", "uncertain", edition, "--json").rows

    settle = ("editions", "settle", edition, "--as", "accepted", "--only", first["subscriber"])
    assert shell(*settle, "--json").row == {"edition": 1, "state": "sending", "deliveries": 1}
    said = shell("editions", "resend", edition, "--only", second["subscriber"])
    assert said.out.startswith("1 delivery is put up to be sent again.")

    report = shell("editions", "report", edition, "--json").row
    assert (report["accepted"], report["queued"], report["uncertain"]) == (2, 1, 0)
    assert report["sent_again"] == 1
    assert "No delivery" in shell("editions", "uncertain", edition).out
    again = shell("editions", "resend", edition)
    assert (again.code, "No delivery of edition 1 is in doubt" in again.err) == (1, True)


def test_what_a_log_cannot_say_is_refused(shell: Shell, edition: int) -> None:
    assert shell("editions", "settle", edition, "--as", "lost").code == 2
    assert shell("editions", "settle", edition).code == 2
    stranger = shell("editions", "settle", edition, "--as", "refused", "--only", "nobody")
    assert (stranger.code, "nobody" in stranger.err) == (1, True)
