"""The Python files of the project, parsed once, for tests that read code."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.services.environment import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `name` is its path from the top of the project."""

    name: str
    text: str
    tree: ast.Module

    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def imports(self) -> set[str]:
        """Dotted names of everything imported, at the top or anywhere below."""
        return {name for node in ast.walk(self.tree) for name in _imported(node)}


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """All Python files under `folders`, in the order of their names."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_parsed(path) for path in paths)


def product() -> tuple[Source, ...]:
    return sources("publisher", "tasks")


def everything() -> tuple[Source, ...]:
    return sources("publisher", "tasks", "tests", "bench")


def is_migration(source: Source) -> bool:
    return source.name.startswith("publisher/migrations/versions/")


def _parsed(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
