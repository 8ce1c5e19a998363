"""A worker imports what its lanes need: what it imports, each of its processes keeps."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tasks
from publisher.queue import BULK, LANES, NOW, PAGES, app, configure
from publisher.settings import load_settings
from tests.services.environment import ROOT

LOADED = """
import json, sys
from importlib import import_module
from publisher.cli.main import application

application(sys.argv[1])
import celery.apps.worker, celery.concurrency.prefork, tasks
for lane in sys.argv[2:]:
    for module in tasks.BY_LANE[lane]:
        import_module(module)
print(json.dumps(sorted(sys.modules)))
"""
COMMAND_LINES = ("celery.bin", "click_repl", "prompt_toolkit", "publisher.cli.doctor")
NOT_FOR_MAIL = (
    *COMMAND_LINES,
    "alembic",
    "fastapi",
    "feedgen",
    "frontmatter",
    "markdown_it",
    "nh3",
    "publisher.feeds",
    "publisher.fetch",
    "publisher.sources",
    "trafilatura",
)


@pytest.mark.parametrize("lane", [NOW, BULK])
def test_a_worker_that_sends_mail_imports_nothing_for_feeds_articles_or_people(lane: str) -> None:
    assert _among(_imported("worker", lane), NOT_FOR_MAIL) == []


def test_beat_wakes_by_name_and_imports_no_work() -> None:
    imported = _imported("beat")
    assert _among(imported, (*NOT_FOR_MAIL, "premailer", "publisher.delivery")) == []
    assert "tasks.timetable" in imported


def test_every_task_is_known_to_the_workers_of_its_lane(tmp_path: Path) -> None:
    configure(load_settings(home=tmp_path, broker_url=""))
    for module in (module for lane in LANES for module in tasks.BY_LANE[lane]):
        import_module(module)
    ours = {name: task for name, task in app.tasks.items() if name.startswith("publisher.")}
    lanes = {name: app.amqp.router.route({}, name)["queue"].name for name in ours}
    assert set(lanes.values()) == {NOW, BULK, PAGES}
    assert [name for name in ours if ours[name].__module__ not in tasks.BY_LANE[lanes[name]]] == []


def test_no_module_with_tasks_is_left_out() -> None:
    with_tasks = {
        f"tasks.{path.stem}"
        for path in (ROOT / "tasks").glob("*.py")
        if "@app.task" in path.read_text(encoding="utf-8")
    }
    assert {module for modules in tasks.BY_LANE.values() for module in modules} == with_tasks


def _imported(command: str, *lanes: str) -> list[str]:
    words = [sys.executable, "-c", LOADED, command, *lanes]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(said.stdout)
    return modules


def _among(modules: list[str], unwanted: tuple[str, ...]) -> list[str]:
    return [
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in unwanted)
    ]
