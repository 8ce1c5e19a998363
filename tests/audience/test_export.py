from collections.abc import Callable

from publisher.audience.choices import Choice
from publisher.audience.export import COLUMNS, export_rows
from publisher.store import Runtime


def test_each_subscription_is_a_row(newsroom: Runtime, add: Callable[..., object]) -> None:
    add(Choice("briefing", "weekly", ("sport",)), Choice("tides"), name="Ada")
    with newsroom.sessions.read() as session:
        head, first, second = export_rows(session)
    assert head == COLUMNS
    assert first[:8] == (
        "ada@example.org", "Ada", "en", "confirmed", "briefing", "weekly", "sport", "active",
    )  # fmt: skip
    assert first[8] == "2026-03-10T09:30:00+00:00"
    assert second[4] == "tides"


def test_nothing_is_run_by_a_spreadsheet(newsroom: Runtime, add: Callable[..., object]) -> None:
    for number, name in enumerate(("=1+1", "+1", "-1", "@SUM(A1)")):
        add(address=f"={number}@example.org", name=name)
    with newsroom.sessions.read() as session:
        cells = [cell for row in list(export_rows(session))[1:] for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
