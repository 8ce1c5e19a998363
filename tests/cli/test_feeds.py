import json
from pathlib import Path

import feedparser

from tests.cli.conftest import Shell


def test_feeds_are_built_and_listed(shell: Shell) -> None:
    assert "publisher feeds build" in shell("feeds", "list").out
    row = shell("feeds", "build", "--json").row
    assert (row["slug"], row["up_to_date"], row["entries"]) == ("all", True, 0)
    assert row["rss"] == "http://127.0.0.1:8000/feeds/all.rss"
    assert shell("feeds", "list", "--json").row == row


def test_one_feed_is_built_though_it_is_up_to_date(shell: Shell) -> None:
    shell("feeds", "build")
    assert shell("feeds", "build", "all").code == 0
    said = shell("feeds", "build", "nothing")
    assert (said.code, said.err) == (1, "publisher: There is no feed “nothing”.\n")


def test_feeds_are_exported_for_any_web_server(shell: Shell, tmp_path: Path) -> None:
    rows = shell("feeds", "export", tmp_path / "out", "--json").rows
    plain = {"all.atom", "all.json", "all.rss", "feeds.opml", "sitemap-news.xml"}
    compressed = {f"{name}{suffix}" for name in plain for suffix in (".gz", ".br")}
    found = {Path(row["path"]).name for row in rows}
    assert plain <= found <= plain | compressed
    assert feedparser.parse((tmp_path / "out" / "all.atom").read_bytes()).bozo == 0
    assert json.loads((tmp_path / "out" / "all.json").read_text())["items"] == []


def test_a_folder_that_cannot_be_written_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = shell("feeds", "export", tmp_path / "file")
    assert said.code == 1
    assert "Name a folder that you may write to" in said.err


def test_a_source_is_added_once(shell: Shell, tmp_path: Path) -> None:
    row = shell("sources", "add", "wire-desk", "--folder", tmp_path, "--no-baseline", "--json").row
    assert (row["folder"], row["baseline_done"], row["review"]) == (str(tmp_path), True, False)
    assert shell("sources", "list", "--json").row == row
    assert "already" in shell("sources", "add", "wire-desk", "--folder", tmp_path / "..").err
    assert "watches" in shell("sources", "add", "other", "--folder", tmp_path).err


def test_a_folder_that_cannot_be_watched_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        said = shell("sources", "add", "wire", "--folder", folder)
        assert said.code == 1
        assert "cannot be watched" in said.err
    assert "cannot name a source" in shell("sources", "add", "Wire!", "--folder", tmp_path).err


def test_a_feed_is_made_to_carry_summaries_only(shell: Shell) -> None:
    shell("feeds", "build")
    assert shell("feeds", "text", "all", "summary", "--json").row["summary_only"] is True
    assert shell("feeds", "text", "all", "full", "--json").row["summary_only"] is False
    said = shell("feeds", "text", "nothing", "full")
    assert (said.code, said.err) == (1, "publisher: There is no feed “nothing”.\n")


def test_subscriptions_of_a_host_or_of_all_are_ended(shell: Shell) -> None:
    row = shell("feeds", "unsubscribe", "reader.example", "--json").row
    assert row == {"host": "reader.example", "ended": 0}
    assert "0 subscriptions" in shell("feeds", "unsubscribe", "--all").out
    for words in ((), ("reader.example", "--all")):
        said = shell("feeds", "unsubscribe", *words)
        assert said.code == 1
        assert "Name a host, or say --all." in said.err
