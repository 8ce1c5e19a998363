"""Names and words: every module says its job, and the project speaks of itself alone."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import Source, everything
from tests.services.environment import ROOT

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}
REGISTRIES = re.compile(r"pypi\.(org|python)|pythonhosted|npmjs|/simple/\b|conda\.(io|anaconda)")
HOMES = re.compile(r"(?<![\w.])/(home|Users|root|work)/\w+")
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")


def test_no_module_has_an_empty_name() -> None:
    names = [source.name for source in everything() if Path(source.name).stem in EMPTY_NAMES]
    assert names == []


def test_every_module_says_its_job() -> None:
    silent = [source.name for source in everything() if _silent(source)]
    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    assert _matches(UNFINISHED, ("*.py",)) == []


@pytest.mark.parametrize("forbidden", [REGISTRIES, HOMES], ids=["registry", "machine"])
def test_no_file_names_a_registry_or_a_folder_of_one_machine(forbidden: re.Pattern[str]) -> None:
    assert _matches(forbidden, ("*",)) == []


def _silent(source: Source) -> bool:
    """An empty `__init__.py` has nothing to say."""
    return bool(source.text) and not _is_documented(source)


def _is_documented(source: Source) -> bool:
    is_test = source.name.startswith("tests/") and Path(source.name).name.startswith("test_")
    return is_test or ast.get_docstring(source.tree) is not None


def _matches(pattern: re.Pattern[str], names: tuple[str, ...]) -> list[str]:
    """`path:line: text` of each match in the files that belong to the project."""
    this = Path(__file__).relative_to(ROOT)
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in _project_files(names)
        if path != this
        for number, line in enumerate(_lines(ROOT / path), start=1)
        if pattern.search(line)
    ]


def _project_files(names: tuple[str, ...]) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _lines(path: Path) -> list[str]:
    """The lines of a text file; none of a picture."""
    raw = path.read_bytes()
    return [] if b"\0" in raw else raw.decode(errors="replace").splitlines()
