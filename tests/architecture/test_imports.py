"""What the import contract in pyproject.toml cannot say."""

import tomllib

import pytest

from tests.architecture.sources import Source, everything, product, sources
from tests.services.environment import ROOT

OWNERS = {
    "celery": "publisher/queue.py",
    "kombu": "publisher/queue.py",
    "premailer": "publisher/mail/inline.py",
    "smtplib": "publisher/mail/smtp.py",
    "feedgen": "publisher/feeds/",
    "urllib.request": "nobody",
    "http.client": "publisher/fetch/",
    "urllib3": "publisher/fetch/",
}


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_known_to_its_owner_only(library: str) -> None:
    strangers = [
        source.name
        for source in product()
        if _uses(source, library) and not source.name.startswith(OWNERS[library])
    ]
    assert strangers == []


def test_publisher_never_imports_tasks() -> None:
    assert [source.name for source in sources("publisher") if _uses(source, "tasks")] == []


def test_every_package_has_its_place_in_the_import_contract() -> None:
    here = {path.stem for path in (ROOT / "publisher").iterdir() if _importable(path.name)}
    assert here == _layered()


def test_nobody_uses_mocks() -> None:
    assert [source.name for source in everything() if _uses(source, "unittest")] == []


def test_models_keep_their_annotations_as_types() -> None:
    late = [
        source.name
        for source in product()
        if "__future__.annotations" in source.imports() and "sqlmodel" in source.text
    ]
    assert late == []


def _uses(source: Source, library: str) -> bool:
    return any(name == library or name.startswith(f"{library}.") for name in source.imports())


def _importable(name: str) -> bool:
    stem, _, suffix = name.partition(".")
    return suffix in {"", "py"} and not stem.startswith("_")


def _layered() -> set[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    modules = {module.strip() for layer in layers for module in layer.split("|")}
    return {module.removeprefix("publisher.") for module in modules} - {"tasks"}
