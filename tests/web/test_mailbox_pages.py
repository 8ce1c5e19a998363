"""The development mailbox in the browser."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from publisher.mail.maildir import store
from publisher.store import Runtime
from publisher.web.app import create_app
from tests.services.runtimes import Clock
from tests.services.web import PATIENCE_S, serving
from tests.web.forms import h1

MIXED = (
    b"From: The Harbour Record <news@harbour.example>\r\n"
    b"Subject: =?utf-8?q?F=C3=A4hre_f=C3=A4llt_aus?=\r\n"
    b"X-Odd: <b>bold</b>\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe ferry <stops>.\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<!DOCTYPE html><html><head><title>x</title></head><body><p>The ferry stops.</p>\r\n"
    b"--b--\r\n"
)


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """Mail lies in files: the kind of database does not matter."""
    return one_database


@pytest.fixture
def folder(runtime: Runtime) -> Path:
    runtime.settings.mailbox_folder.mkdir(parents=True, exist_ok=True)
    return runtime.settings.mailbox_folder


def keep(folder: Path, clock: Clock, recipient: str, subject: str) -> str:
    raw = f"Subject: {subject}\r\n\r\nHello {recipient}\r\n".encode()
    return store(folder, "news@harbour.example", [recipient], raw, clock.advance(seconds=1))


def test_an_empty_mailbox_says_what_it_is_for(client: httpx.Client) -> None:
    page = client.get("/mailbox")
    assert h1(page) == "Development mailbox"
    assert "No mail has come yet." in page.text


def test_messages_are_listed_newest_first(client: httpx.Client, folder: Path, clock: Clock) -> None:
    keep(folder, clock, "ada@reader.example", "Older")
    keep(folder, clock, "ben@reader.example", "Newer")
    page = client.get("/mailbox").text
    assert page.index("Newer") < page.index("Older")
    assert "ada@reader.example" in page


def test_the_list_has_pages_of_fifty(client: httpx.Client, folder: Path, clock: Clock) -> None:
    for number in range(120):
        keep(folder, clock, "ada@reader.example", f"Number {number:03}")
    first, last = client.get("/mailbox").text, client.get("/mailbox?page=3").text
    assert first.count("Number ") == 50
    assert "Number 119" in first
    assert last.count("Number ") == 20
    assert "Number 000" in last
    assert "Page 3 of 3" in last
    for odd in ("0", "-1", "99", "x", "²"):
        assert client.get(f"/mailbox?page={odd}").status_code == 200


@pytest.mark.parametrize("q", ["BEN@", "ferry", " Fähre "])
def test_a_message_is_found_by_recipient_or_subject(
    client: httpx.Client, folder: Path, clock: Clock, q: str
) -> None:
    keep(folder, clock, "ada@reader.example", "Something else")
    found = keep(folder, clock, "ben@reader.example", "The ferry, Fähre")
    page = client.get("/mailbox", params={"q": q}).text
    assert found in page
    assert "Something else" not in page
    assert "1 message" in page


def test_what_is_not_found_is_said_and_quoted_as_text(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    keep(folder, clock, "ada@reader.example", "<script>alert(1)</script>")
    page = client.get("/mailbox", params={"q": "<b>no</b>"}).text
    assert "No message is like that." in page
    assert "<b>no</b>" not in page
    assert "<script>alert" not in client.get("/mailbox").text


def test_a_message_is_shown_as_it_looks_as_text_and_with_its_headers(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    key = store(folder, "news@harbour.example", ["ada@reader.example"], MIXED, clock.now)
    page = client.get(f"/mailbox/{key}")
    assert h1(page) == "Fähre fällt aus"
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "news@harbour.example" in page.text
    assert "The ferry &lt;stops&gt;." in client.get(f"/mailbox/{key}?part=text").text
    headers = client.get(f"/mailbox/{key}?part=headers").text
    assert "<dd>&lt;b&gt;bold&lt;/b&gt;</dd>" in headers


def test_its_html_stands_alone_and_can_run_nothing(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    key = store(folder, "", ["ada@reader.example"], MIXED, clock.now)
    html = client.get(f"/mailbox/{key}/html")
    assert '<head><base target="_blank">' in html.text
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert html.headers["referrer-policy"] == "no-referrer"


def test_a_message_is_downloaded_as_it_came(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    key = store(folder, "", ["ada@reader.example"], MIXED, clock.now)
    file = client.get(f"/mailbox/{key}/raw")
    assert file.content == MIXED
    assert file.headers["content-type"] == "message/rfc822"
    assert file.headers["content-disposition"] == f'attachment; filename="{key}.eml"'


def test_a_mail_of_plain_text_shows_its_text(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    key = keep(folder, clock, "ada@reader.example", "Plain")
    assert "Hello ada@reader.example" in client.get(f"/mailbox/{key}").text
    assert client.get(f"/mailbox/{key}/html").status_code == 404


@pytest.mark.parametrize(
    "key", ["x", "..%2F..%2Fsecret_key", "20260310T093000000000Z-000000000000"]
)
@pytest.mark.parametrize("part", ["", "/html", "/raw"])
def test_there_is_nothing_under_any_other_key(client: httpx.Client, key: str, part: str) -> None:
    assert client.get(f"/mailbox/{key}{part}").status_code == 404


def test_a_strangers_name_for_this_machine_opens_nothing(client: httpx.Client) -> None:
    for name in ("evil.example", "[bad", "[bad]:80"):
        assert client.get("/mailbox", headers={"Host": name}).status_code == 404
    assert client.get("/mailbox", headers={"Host": "localhost:8000"}).status_code == 200


@pytest.mark.parametrize(
    "change",
    [{"smtp_host": "mail.example"}, {"production": True}],
    ids=["a relay is set", "production"],
)
def test_there_is_no_mailbox_where_mail_really_goes_out(
    runtime: Runtime, folder: Path, clock: Clock, change: dict[str, object]
) -> None:
    key = keep(folder, clock, "ada@reader.example", "Secret")
    settings = runtime.settings.model_copy(update=change)
    app = create_app(Runtime(settings, runtime.sessions, runtime.clock))
    with serving(app) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        for path in ("/mailbox", f"/mailbox/{key}", f"/mailbox/{key}/html", f"/mailbox/{key}/raw"):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert "Secret" not in answer.text


def test_ten_thousand_messages_are_read_once_at_most(
    client: httpx.Client, folder: Path, clock: Clock
) -> None:
    keep(folder, clock, "ada@reader.example", "The first of all")
    raw = (folder / next(path.name for path in folder.glob("*.eml"))).read_bytes()
    start = clock.now
    for number in range(1, 10_000):
        at = start + timedelta(seconds=number)
        (folder / f"{at:%Y%m%dT%H%M%S%fZ}-{number:012x}.eml").write_bytes(raw)
    assert "9,999 messages" not in client.get("/mailbox").text
    assert client.get("/mailbox?q=ada@").text.count("The first of all") == 50
    for path in folder.glob("*.eml"):
        path.write_bytes(b"")
    assert client.get("/mailbox?q=ada@").text.count("The first of all") == 50
