"""Building: coalesced, claimed, checked, and never worse than what is up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.feeds import claims, publish, render
from publisher.feeds.directory import want
from publisher.feeds.export import export
from publisher.feeds.files import Published
from publisher.feeds.models import FeedRow
from publisher.feeds.publish import build, build_due
from publisher.feeds.swap import STAGED
from publisher.newsroom.models import ArticleVersionRow
from publisher.newsroom.receive import receive
from publisher.store import Runtime
from tests.feeds.samples import (
    EDITOR,
    answer,
    article,
    bring,
    document,
    feed_row,
    path,
    story,
    titles,
    walk,
)
from tests.services.runtimes import Clock

FORMATS = ("rss", "atom", "json")


def test_a_burst_of_news_is_one_build(runtime: Runtime) -> None:
    bring(runtime, story())
    for number in range(10):
        _receive(runtime, f"s{number}")
        answer(runtime)
    assert [build(runtime, "all") for _ in range(10)].count(True) == 1
    assert len(titles(document(runtime, "rss"), "rss")) == 11


def test_news_wakes_the_builds_of_the_feeds_it_touches(runtime: Runtime) -> None:
    bring(runtime, story())
    for message in runtime.settings.queue_folder.glob("*.msg"):
        message.unlink()
    _receive(runtime, "goal")
    answer(runtime)
    messages = [message.read_text() for message in runtime.settings.queue_folder.glob("*.msg")]
    builds = [message for message in messages if "publisher.feeds.build" in message]
    assert sorted(slug for m in builds for slug in ("all", "harbour") if f"'{slug}'" in m) == [
        "all",
        "harbour",
    ]


def test_many_builders_at_once_build_once(runtime: Runtime) -> None:
    bring(runtime, story())
    _receive(runtime, "goal")
    answer(runtime)
    with ThreadPoolExecutor(4) as builders:
        done = list(builders.map(lambda _: build(runtime, "all"), range(8)))
    assert done.count(True) == 1


def test_news_during_a_build_is_built_next(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story())
    _want(runtime)
    assemble = publish.assemble

    def assemble_while_news_comes(*arguments: object) -> object:
        made = assemble(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        _receive(runtime, "goal")
        answer(runtime)
        assert not build(runtime, "all")  # claimed
        return made

    monkeypatch.setattr(publish, "assemble", assemble_while_news_comes)
    assert build(runtime, "all")
    assert len(titles(document(runtime, "rss"), "rss")) == 1
    assert build(runtime, "all")
    assert len(titles(document(runtime, "rss"), "rss")) == 2


def test_a_builder_that_died_is_followed_by_another(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    _want(runtime, claimed_until=clock.now + claims.LEASE)
    assert not build(runtime, "all")
    clock.now += claims.LEASE
    assert build(runtime, "all")


def test_a_clock_that_is_set_back_does_not_keep_a_feed_from_being_built(
    runtime: Runtime, clock: Clock
) -> None:
    bring(runtime, story())
    _want(runtime, claimed_until=clock.now + claims.LEASE)  # its builder died
    clock.advance(days=-1)
    assert build(runtime, "all")


def test_a_builder_that_lost_its_lease_puts_nothing_up(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story())
    _want(runtime)
    before = path(runtime, "rss").stat().st_mtime_ns
    assemble = publish.assemble

    def assemble_for_too_long(*arguments: object) -> object:
        made = assemble(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        clock.now += claims.LEASE
        _receive(runtime, "goal")
        answer(runtime)
        assert build(runtime, "all")
        return made

    monkeypatch.setattr(publish, "assemble", assemble_for_too_long)
    assert not build(runtime, "all")
    assert len(titles(document(runtime, "rss"), "rss")) == 2
    assert path(runtime, "rss").stat().st_mtime_ns > before
    assert list((path(runtime, "rss").parent / STAGED).iterdir()) == []


def test_a_story_that_cannot_be_written_harms_no_neighbour(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", title="A goal"))
    _break_version(runtime, image={"url": 7})
    _want(runtime)
    assert build(runtime, "all")
    assert all(titles(document(runtime, fmt), fmt) == ["A goal"] for fmt in FORMATS)
    problem = feed_row(runtime).problem or ""
    assert problem.startswith("Left out: “Harbour lights return to Port Ellery”")
    assert feed_row(runtime).entries == 1


def test_a_story_mended_is_back_and_the_problem_is_gone(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", title="A goal"))
    _break_version(runtime, image={"url": 7})
    _want(runtime)
    build(runtime, "all")
    _break_version(runtime, image=None)
    _want(runtime)
    build(runtime, "all")
    assert feed_row(runtime).problem is None
    assert len(titles(document(runtime, "atom"), "atom")) == 2


def test_a_failed_build_keeps_the_last_good_documents(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    before = [document(runtime, fmt) for fmt in FORMATS]
    _break_version(runtime, image={"url": 7})
    _want(runtime)
    assert not build(runtime, "all")
    assert [document(runtime, fmt) for fmt in FORMATS] == before
    assert "Not one story could be written" in (feed_row(runtime).problem or "")
    assert not build(runtime, "all")  # it has been tried just now
    _break_version(runtime, image=None)
    clock.now += claims.PATIENCE
    assert build(runtime, "all")


def test_a_full_disk_keeps_the_last_good_documents(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story())
    before = document(runtime, "rss")
    _receive(runtime, "goal")
    answer(runtime)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert not build(runtime, "all")
    assert document(runtime, "rss") == before
    assert "No space left" in (feed_row(runtime).problem or "")


def test_unchanged_news_leaves_files_and_validators(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    published = Published(runtime.settings.public_folder)
    before = published.answer("/feeds/all.rss").headers
    clock.advance(hours=1)
    _want(runtime)
    assert build(runtime, "all")
    assert published.answer("/feeds/all.rss").headers == before


def test_what_does_not_fit_into_a_megabyte_is_in_archives(runtime: Runtime) -> None:
    long = "<p>" + "lamp & " * 20_000 + "</p>"
    stories = [story(f"s{number}", body_html=long, section=None) for number in range(12)]
    bring(runtime, *stories)
    for fmt in FORMATS:
        texts = walk(runtime, fmt)
        assert len(texts) > 1
        assert all(150_000 < len(text) <= render.DOCUMENT_BYTES for text in texts)
        assert len(titles(texts[0], fmt)) == feed_row(runtime).entries < 12
        assert sum(len(titles(text, fmt)) for text in texts) == 12


def test_a_feed_without_archives_leaves_what_does_not_fit_to_the_page(runtime: Runtime) -> None:
    long = "<p>" + "lamp & " * 20_000 + "</p>"
    bring(runtime, *(story(f"s{number}", body_html=long) for number in range(12)))
    for fmt in FORMATS:
        text = document(runtime, fmt, "tag-lamps")
        assert 400_000 < len(text) <= render.DOCUMENT_BYTES
        assert len(titles(text, fmt)) == feed_row(runtime, "tag-lamps").entries < 12


def test_the_sweep_brings_back_files_that_are_lost(runtime: Runtime) -> None:
    bring(runtime, story())
    before = document(runtime, "atom")
    path(runtime, "atom").unlink()
    assert build_due(runtime) == 1
    assert document(runtime, "atom") == before
    assert build_due(runtime) == 0


def test_an_export_is_a_folder_of_the_same_files(runtime: Runtime, tmp_path: Path) -> None:
    bring(runtime, story())
    _receive(runtime, "goal")
    answer(runtime)
    copies = export(runtime, tmp_path / "site")
    slugs = ("all", "harbour", "author-mara-quill", "tag-lamps", "tag-quays-piers")
    plain = {f"{slug}.{fmt}" for slug in slugs for fmt in FORMATS}
    assert {copy.name for copy in copies} >= plain | {
        "sitemap-news.xml",
        "feeds.opml",
        "all.rss.br",
    }
    assert not [copy for copy in copies if STAGED in copy.parts]
    assert len(titles((tmp_path / "site" / "all.rss").read_bytes(), "rss")) == 2
    assert (tmp_path / "site" / "all.rss").stat().st_mtime == path(runtime, "rss").stat().st_mtime


def test_an_export_leaves_nothing_compressed_of_an_earlier_one(
    runtime: Runtime, tmp_path: Path
) -> None:
    bring(runtime, story())
    export(runtime, tmp_path / "site")
    (path(runtime, "rss").parent / "all.rss.br").unlink()  # as when it has become too small
    export(runtime, tmp_path / "site")
    assert not (tmp_path / "site" / "all.rss.br").exists()
    assert (tmp_path / "site" / "all.rss.gz").exists()


def _receive(runtime: Runtime, external_id: str) -> None:
    with runtime.sessions.begin() as session:
        receive(session, story(external_id, title=external_id), by=EDITOR, now=runtime.clock())


def _want(runtime: Runtime, **values: datetime) -> None:
    with runtime.sessions.begin() as session:
        want(session, ["all"])
        if values:
            session.execute(sa.update(FeedRow).values(**values))


def _break_version(runtime: Runtime, **values: object) -> None:
    """Change a stored version behind the newsroom's back."""
    with runtime.sessions.begin() as session:
        version_id = article(session).version_id
        statement = sa.update(ArticleVersionRow).where(col(ArticleVersionRow.id) == version_id)
        session.execute(statement.values(content_hash=repr(values)[:64], **values))
