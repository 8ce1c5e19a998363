"""The archives carry what the product needs, and nothing else."""

import tarfile
import zipfile

from tests.packaging.archives import Built
from tests.services.environment import ROOT


def test_the_wheel_carries_code_templates_migrations_and_types(built: Built) -> None:
    names = _wheel_names(built)
    assert _project_files("publisher") | _project_files("tasks") <= names
    templates = {f"publisher/_{name}" for name in _project_files("templates")}
    assert templates <= names
    assert {"publisher/py.typed", "publisher/migrations/script.py.mako"} <= names


def test_the_wheel_has_no_tests_and_nothing_at_its_top_but_two_packages(built: Built) -> None:
    tops = {name.partition("/")[0] for name in _wheel_names(built)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"publisher", "tasks"}


def test_the_sdist_can_be_tested_and_built_again(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"Makefile", "LICENSE", "requirements.lock", "docker-compose.yml", "pyproject.toml"}
    assert wanted | _project_files("templates") | _project_files("tests") <= names


def _wheel_names(built: Built) -> set[str]:
    with zipfile.ZipFile(built.wheel) as archive:
        return set(archive.namelist())


def _project_files(folder: str) -> set[str]:
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    names = {path.relative_to(ROOT).as_posix() for path in paths}
    return {name for name in names if "__pycache__" not in name}
