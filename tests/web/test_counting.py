"""What the web process serves of feeds is counted, and kept when it stops."""

import logging

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from publisher.feeds.models import FeedReadingRow
from publisher.store import Runtime
from publisher.web.app import create_app
from tests.services.web import serving


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def _ask(address: str) -> None:
    agent = {"User-Agent": "Feedly/1.0 (http://www.feedly.com/fetcher.html; 41 subscribers)"}
    with httpx.Client(base_url=address, headers=agent) as client:
        tag = client.get("/feeds/all.rss").headers["etag"]
        for _ in range(3):
            client.get("/feeds/all.rss", headers={"If-None-Match": tag})
        client.head("/feeds/all.atom")
        client.get("/feeds/opera.rss")


def test_what_was_served_is_in_the_rows_when_the_process_has_ended(
    runtime: Runtime, paper: dict[str, str]
) -> None:
    with serving(create_app(runtime), lifespan="on") as address:
        _ask(address)
        with runtime.sessions.read() as session:
            assert session.exec(select(FeedReadingRow)).all() == []  # a GET changes nothing
    with runtime.sessions.read() as session:
        found = session.exec(select(FeedReadingRow).order_by(FeedReadingRow.fmt)).all()
    assert [(row.fmt, row.program, row.whole, row.unchanged, row.readers) for row in found] == [
        ("atom", "Feedly", 1, 0, 41),
        ("rss", "Feedly", 1, 3, 41),
    ]


def test_without_a_database_feeds_are_served_and_counted_on(
    runtime: Runtime, paper: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(runtime)
    with runtime.sessions.begin() as session:
        session.execute(sa.text("ALTER TABLE feed_reading RENAME TO elsewhere"))
    with caplog.at_level(logging.WARNING), serving(app, lifespan="on") as address:
        _ask(address)
    assert "not written down yet" in caplog.text
    assert app.files is not None
    assert sum(app.files.tally.take().values()) == 5
