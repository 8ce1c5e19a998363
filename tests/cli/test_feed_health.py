import socket
from pathlib import Path

from publisher.feeds.tally import keep
from publisher.settings import Settings
from publisher.store.runtime import open_runtime
from tests.cli.conftest import Shell


def test_documents_are_checked_and_what_is_wrong_is_said(shell: Shell, home: Path) -> None:
    shell("feeds", "build")
    done = shell("feeds", "check", "all", "--json")
    assert (done.code, [row["format"] for row in done.rows]) == (0, ["rss", "atom", "json"])
    assert all(row["problems"] == [] and row["bytes"] > 0 for row in done.rows)
    path = home / "public" / "feeds" / "all.atom"
    path.write_bytes(path.read_bytes().replace(b"</feed>", b""))
    said = shell("feeds", "check")
    assert said.code == 1
    assert "It cannot be read" in said.out
    assert said.err == "publisher: 1 of 3 documents are not as they should be.\n"


def test_a_check_builds_nothing(shell: Shell, home: Path) -> None:
    shell("feeds", "build")
    (home / "public" / "feeds" / "all.rss").unlink()
    assert "publisher feeds build" in shell("feeds", "check").out
    assert not (home / "public" / "feeds" / "all.rss").exists()
    assert "no feed “nothing”" in shell("feeds", "check", "nothing").err


def test_health_says_how_feeds_do_and_who_reads_them(shell: Shell, home: Path) -> None:
    assert shell("feeds", "health").code == 0
    shell("feeds", "build")
    runtime = open_runtime(Settings())
    with runtime.sessions.begin() as session:
        asked = ("feeds/all.rss", 304, b"Miniflux/2.2; 3 readers")
        keep(session, {asked: 9}, runtime.clock())
    feed, program = shell("feeds", "health", "--json").rows
    assert (feed["slug"], feed["state"], feed["unchanged"]) == ("all", "up to date", 9)
    assert program == {"program": "Miniflux", "whole": 0, "unchanged": 9, "readers": 3}
    assert "100%" in shell("feeds", "health").out
    (home / "public" / "feeds" / "all.rss").unlink()
    said = shell("feeds", "health")
    assert (said.code, "not here" in said.out) == (1, True)
    assert "need somebody: all" in said.err


def test_the_list_says_how_large_a_feed_is(shell: Shell, home: Path) -> None:
    row = shell("feeds", "build", "--json").row
    assert row["bytes"] == (home / "public" / "feeds" / "all.rss").stat().st_size


def test_a_site_that_does_not_answer_is_no_fault_of_its_feeds(shell: Shell) -> None:
    shell("feeds", "build")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = shell("feeds", "check", "--url", f"http://127.0.0.1:{port}")
    assert said.code == 75
    assert f"takes no connection at port {port}" in said.err
    assert shell("feeds", "check", "--url", "news.example").code == 1
