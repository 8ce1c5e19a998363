"""Feeds as a folder of static files, for any web server."""

import shutil
from pathlib import Path

from publisher.feeds.compress import SUFFIXES
from publisher.feeds.paths import FOLDER
from publisher.feeds.publish import build_due
from publisher.feeds.swap import STAGED
from publisher.store import Runtime


def export(runtime: Runtime, folder: Path) -> list[Path]:
    """Build what is behind and copy every document into `folder`, dates kept; the copies.

    Feeds lie in the folder itself, archives, the news sitemap and the list of feeds as they do in
    addresses; compressed files lie beside the plain ones, and those of an earlier export go where
    there are none any more: a web server would send them on.
    """
    build_due(runtime)
    public = runtime.settings.public_folder
    copies: list[Path] = []
    for path in sorted(public.rglob("*")):
        relative = path.relative_to(public)
        if path.is_file() and STAGED not in relative.parts:
            target = folder / (
                relative.relative_to(FOLDER) if relative.parts[0] == FOLDER else relative
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            copies.append(Path(shutil.copy2(path, target)))
    _forget(set(copies))
    return copies


def _forget(copies: set[Path]) -> None:
    """Remove compressed files beside plain ones that have none now."""
    for copy in copies:
        for suffix in SUFFIXES.values():
            beside = copy.with_name(f"{copy.name}{suffix}")
            if beside not in copies:
                beside.unlink(missing_ok=True)
