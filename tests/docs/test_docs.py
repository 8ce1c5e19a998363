import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from publisher.cli.main import application
from tests.architecture.sources import sources
from tests.docs.pages import Page, page, pages
from tests.services.environment import ROOT

LONGEST_README = 180
LONGEST_RECORD = 60
TESTS = re.compile(r"\btest_\w+")
VARIABLES = re.compile(r"\bPUBLISHER_[A-Z_]*[A-Z]\b")
OUTSIDE = {"PUBLISHER_PORT"}  # of the compose file
RECORD = re.compile(r"docs/adr/(\d{4})-[a-z0-9-]+\.md")


@pytest.fixture(params=pages(), ids=lambda one: one.name)
def each(request: pytest.FixtureRequest) -> Page:
    one: Page = request.param
    return one


def test_every_relative_link_leads_somewhere(each: Page) -> None:
    lost = [link for link in each.links() if "://" not in link and not _leads(each, link)]
    assert lost == []


def test_every_command_that_is_named_is_there(each: Page) -> None:
    wrong = [line for line in _commands(each) if _problem(line)]
    assert wrong == []


def test_every_test_that_is_named_is_there(each: Page) -> None:
    there = {function.name for source in sources("tests") for function in source.functions()}
    there |= {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert {name for line in each.code_lines() for name in TESTS.findall(line)} <= there


def test_every_setting_that_is_named_is_there(each: Page) -> None:
    listed = set(VARIABLES.findall(page("docs/settings.md").text)) | OUTSIDE
    named = {name.removesuffix("_FILE") for name in VARIABLES.findall(each.text)}
    assert named <= listed


def test_every_target_of_make_that_is_named_is_there(each: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    there = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {line.split()[1] for line in each.code_lines() if re.match(r"make [a-z]", line)}
    assert named <= there


def test_records_of_decisions_are_numbered_without_a_gap() -> None:
    records = [found for one in pages() if (found := RECORD.fullmatch(one.name))]
    assert [int(found[1]) for found in records] == list(range(1, len(records) + 1))
    titles = [page(found[0]).text.partition("\n")[0] for found in records]
    assert all(title.startswith(f"# {number}. ") for number, title in enumerate(titles, start=1)), (
        titles
    )


def test_records_and_the_readme_are_short() -> None:
    assert _lines(page("README.md")) <= LONGEST_README
    assert [one.name for one in pages() if _is_long_record(one)] == []


def _leads(here: Page, link: str) -> bool:
    target, _, anchor = link.partition("#")
    path = (here.path.parent / target).resolve() if target else here.path
    if not path.exists():
        return False
    return not anchor or anchor in page(path.relative_to(ROOT).as_posix()).anchors()


def _commands(one: Page) -> list[str]:
    """Lines that begin with `publisher`, also after a prompt or inside a container."""
    lines = (re.sub(r"^(?:\$ |docker compose exec \w+ )", "", line) for line in one.code_lines())
    return [line for line in lines if re.match(r"publisher [a-z]", line)]


def _problem(line: str) -> str:
    """What is wrong with a command line: a word that is no command, or an unknown option."""
    words = shlex.split(line.replace("…", ""), comments=True)[1:]
    command: Any = get_command(application())
    while words and getattr(command, "commands", None):
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    known = {name for one in command.params for name in [*one.opts, *one.secondary_opts]}
    named = {part for word in words if word.startswith("--") for part in word.split("/")}
    return " ".join(sorted(named - known - {"--help"}))


def _is_long_record(one: Page) -> bool:
    return bool(RECORD.fullmatch(one.name)) and _lines(one) > LONGEST_RECORD


def _lines(one: Page) -> int:
    return one.text.count("\n")
