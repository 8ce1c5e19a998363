"""The whole machine goes dark: a journal that lost lines with it proves nothing by its silence."""

import os
from pathlib import Path

import pytest

from publisher.delivery import journal
from publisher.delivery.recover import recover
from tests.delivery.lost import send_until_lost
from tests.services.smtp import SmtpServer
from tests.world import World

READERS = 60


@pytest.mark.parametrize("left", [0.0, 0.5], ids=["nothing is left of it", "half of it is left"])
def test_nobody_is_mailed_twice_whose_line_the_disk_never_got(
    world: World,
    smtp_server: SmtpServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: float,
) -> None:
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    edition = world.digest()
    send_until_lost(world, edition, after=30)
    for path in world.runtime.settings.journal_folder.iterdir():
        _lose_the_end(path, left)
    _start_anew(tmp_path, monkeypatch)

    recover(world.runtime)
    world.send_all(edition)

    report = world.report(edition)
    assert len(smtp_server.messages) == len(set(smtp_server.recipients()))
    assert (report.adds_up, report.queued) == (True, 0)
    assert report.uncertain <= 50


def _start_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel gives every start of the machine another name."""
    name = folder / "boot_id"
    name.write_text("0ffc0ffe-0000-4000-8000-000000000001\n")
    monkeypatch.setattr(journal, "_BOOT", name)


def _lose_the_end(path: Path, left: float) -> None:
    """As a file looks after a power cut whose last pages had not been written back."""
    os.truncate(path, int(path.stat().st_size * left))
