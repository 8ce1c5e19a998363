"""Writes each entry once in every format and keeps it: a feed is then a join of what is there.

An entry is kept under everything it was made from, templates included. So it can never be stale,
and one new story in a feed of fifty costs the writing of one.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from jinja2 import BaseLoader, Environment, TemplateNotFound

from publisher.errors import RefusedError
from publisher.feeds.compose import TEMPLATES, entry_of
from publisher.feeds.entry import Entry
from publisher.feeds.formats import FORMATS
from publisher.feeds.select import Story
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import Settings

log = logging.getLogger(__name__)

KEPT_BYTES = 32_000_000  # of one process
FRAGMENT_BYTES = 900_000


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, and its text by the name of the format."""

    entry: Entry
    fragments: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """Bytes that it needs in the format that needs most."""
        return max(len(fragment) + 2 for fragment in self.fragments.values())


class Writer:
    """Writes the entries of one site; `writings` counts those that were not kept from before."""

    def __init__(self, links: Links, env: Environment) -> None:
        self.links = links
        self.writings = 0
        self._env = env
        self._kept: OrderedDict[tuple[object, ...], Written] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def write_all(
        self, stories: Sequence[Story], *, summary_only: bool = False
    ) -> tuple[list[Written | None], list[str]]:
        """Each story's text, None for what cannot be written, and the reasons why."""
        templates = self._templates()
        written: list[Written | None] = []
        left_out: list[str] = []
        for article, version in stories:
            try:
                key = (templates, summary_only, *_seen(article, version))
                written.append(self._known(key) or self._write(key, article, version))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one harms no other
                reason = f"Left out: “{version.title}” ({article.uuid}): {error}"
                log.warning("%s", reason.encode(errors="replace").decode())
                left_out.append(reason)
                written.append(None)
        return written, left_out

    def _write(
        self, key: tuple[object, ...], article: ArticleRow, version: ArticleVersionRow
    ) -> Written:
        entry = entry_of(
            article, version, links=self.links, env=self._env, summary_only=bool(key[1])
        )
        written = Written(entry, {fmt.name: fmt.fragment(entry) for fmt in FORMATS})
        if written.size > FRAGMENT_BYTES:
            raise RefusedError(f"It needs {written.size} bytes, even without its text.")
        self._keep(key, written)
        return written

    def _known(self, key: tuple[object, ...]) -> Written | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[object, ...], written: Written) -> None:
        with self._lock:
            self.writings += 1
            before = self._kept.pop(key, None)
            self._kept[key] = written
            self._bytes += _weight(written) - (_weight(before) if before else 0)
            while self._bytes > KEPT_BYTES:
                self._bytes -= _weight(self._kept.popitem(last=False)[1])

    def _templates(self) -> str:
        """What the templates say now: people edit them while we run."""
        loader = self._env.loader or BaseLoader()
        digest = hashlib.sha256()
        for name in TEMPLATES:
            try:
                digest.update(loader.get_source(self._env, name)[0].encode())
            except TemplateNotFound:
                digest.update(b"missing")
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Site:
    base_url: str
    site_name: str


def writer_for(settings: Settings) -> Writer:
    """The writer of this site, one in a process: what it keeps is what makes builds fast."""
    return _writer(_Site(settings.base_url, settings.site_name))


@lru_cache(maxsize=4)
def _writer(site: _Site) -> Writer:
    return Writer(Links(site.base_url), environment(site))


def _seen(article: ArticleRow, version: ArticleVersionRow) -> tuple[object, ...]:
    """All that an entry is made from: what a version says never changes, and has a hash."""
    return (
        version.content_hash,
        article.uuid,
        article.language,
        article.rights_status,
        article.published_at,
        article.received_at,
        article.eligible_at,
        article.updated_at,
        article.correction,
    )


def _weight(written: Written) -> int:
    return sum(map(len, written.fragments.values()))
