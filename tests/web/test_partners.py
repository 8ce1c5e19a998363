"""Partners pull with their token; whoever has none learns nothing at all."""

import base64
import gzip
import logging
import socket
from urllib.parse import urlsplit

import brotli
import feedparser
import httpx
import pytest
from sqlmodel import col, select

from publisher.accounts.models import AuditRow
from publisher.feeds.partners.models import PartnerTokenRow
from publisher.feeds.partners.tokens import issue_token, revoke_tokens
from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.store import Runtime
from publisher.web.public.partners import token_in
from tests.feeds.partners import partner
from tests.feeds.samples import EDITOR
from tests.services.runtimes import Clock
from tests.stories.waiting import until

MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "ninjs": "application/json; charset=utf-8",
}
EVERYWHERE = (
    "/partners/post/stories.rss",
    "/partners/gazette/stories.rss",
    "/partners/nobody/stories.rss",
    "/partners/post/stories.xml",
    "/partners/post",
    "/partners/",
    "/partners/post/items/01957f00-0000-7000-8000-000000000001.ninjs",
    "/partners/..%2ffeeds/all.rss",
    "/partners/%00",
)


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def token(runtime: Runtime, paper: dict[str, str]) -> str:
    """A newsroom that is out, and the token of a partner beside another one."""
    partner(runtime, "gazette")
    return partner(runtime)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": _basic(f"{name}:{password}".encode())}


@pytest.mark.parametrize("fmt", MEDIA_TYPES)
def test_a_feed_is_pulled_with_a_token_and_not_sent_twice(
    client: httpx.Client, token: str, fmt: str
) -> None:
    path = f"/partners/post/stories.{fmt}"
    first = client.get(path, headers={**bearer(token), "Accept-Encoding": "identity"})
    assert (first.status_code, first.headers["content-type"]) == (200, MEDIA_TYPES[fmt])
    assert b"mud" in first.content
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Authorization, Accept-Encoding"
    assert "access-control-allow-origin" not in first.headers
    for tag in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        again = client.get(path, headers={**bearer(token), "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["vary"] == "Authorization, Accept-Encoding"
        assert again.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_compressed_feed_reads_like_the_plain_one(
    client: httpx.Client, token: str, encoding: str
) -> None:
    decode = {"gzip": gzip.decompress, "br": brotli.decompress}[encoding]
    asked = {**bearer(token), "Accept-Encoding": encoding}
    plain = client.get(
        "/partners/post/stories.ninjs", headers={**asked, "Accept-Encoding": "identity"}
    )
    with client.stream("GET", "/partners/post/stories.ninjs", headers=asked) as answer:
        assert answer.headers["content-encoding"] == encoding
        assert decode(b"".join(answer.iter_raw())) == plain.content
    assert answer.headers["etag"] != plain.headers["etag"]


def test_what_programs_of_readers_make_of_it_is_the_paper(client: httpx.Client, token: str) -> None:
    answer = client.get("/partners/post/stories.atom", headers=bearer(token))
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, len(feed.entries)) == (False, 8)
    assert feed.feed.title == "The Harbour Record: The Evening Post"
    [own] = [link.href for link in feed.feed.links if link.rel == "self"]
    assert own == "http://127.0.0.1:8000/partners/post/stories.atom"


def test_a_program_that_knows_only_passwords_sends_the_token_as_one(
    client: httpx.Client, token: str
) -> None:
    for name in ("", "post", "anybody", "Zoë"):
        answer = client.get("/partners/post/stories.rss", headers=basic(name, token))
        assert answer.status_code == 200
    assert client.get("/partners/post/stories.rss", auth=("post", token)).status_code == 200


def test_a_user_name_is_no_token_because_servers_log_it(client: httpx.Client, token: str) -> None:
    for headers in (basic(token, ""), basic(token, "x")):
        assert client.get("/partners/post/stories.rss", headers=headers).status_code == 401


def test_a_token_in_the_address_opens_nothing(client: httpx.Client, token: str) -> None:
    for path in (
        f"/partners/post/stories.rss?token={token}",
        f"/partners/post/stories.rss?access_token={token}",
        f"/partners/{token}/stories.rss",
    ):
        assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("sent", ["nothing", "nonsense", "revoked"])
def test_without_a_good_token_every_address_answers_the_same(
    runtime: Runtime, client: httpx.Client, token: str, path: str, sent: str
) -> None:
    with runtime.sessions.begin() as session:
        old = issue_token(session, "post", "", by=EDITOR, now=runtime.clock())
        revoke_tokens(session, "post", old.split("_")[1], by=EDITOR, now=runtime.clock())
    headers = {"nothing": {}, "nonsense": bearer("nonsense"), "revoked": bearer(old)}[sent]
    answer = client.get(path, headers=headers)
    expected = client.get(EVERYWHERE[0])
    assert answer.status_code == 401
    assert answer.content == expected.content
    assert "Authorization: Bearer TOKEN" in answer.text
    assert {**answer.headers, "date": ""} == {**expected.headers, "date": ""}
    assert answer.headers.get_list("www-authenticate", split_commas=False) == [
        'Basic realm="Partners", charset="UTF-8"',
        'Bearer realm="Partners"',
    ]
    assert answer.headers["cache-control"] == "private, no-cache"


def test_with_a_good_token_what_is_another_s_is_like_what_is_not_there(
    client: httpx.Client, token: str, paper: dict[str, str]
) -> None:
    answers = [client.get(path, headers=bearer(token)) for path in EVERYWHERE[1:]]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert answers[0].headers["vary"] == "Authorization, Accept-Encoding"


def test_one_story_has_an_address_of_its_own(
    client: httpx.Client, token: str, paper: dict[str, str]
) -> None:
    path = f"/partners/post/items/{paper['draw']}.ninjs"
    item = client.get(path, headers=bearer(token)).json()
    feed = client.get("/partners/post/stories.ninjs", headers=bearer(token)).json()
    assert item in feed["items"]
    assert item["by"] == "Mara Ellis"


def test_a_revoked_partner_gets_nothing_from_the_next_request_on(
    runtime: Runtime, client: httpx.Client, token: str
) -> None:
    first = client.get("/partners/post/stories.rss", headers=bearer(token))
    with runtime.sessions.begin() as session:
        revoke_tokens(session, "post", by=EDITOR, now=runtime.clock())
    had = {**bearer(token), "If-None-Match": first.headers["etag"]}
    for headers in (bearer(token), had):
        assert client.get("/partners/post/stories.rss", headers=headers).status_code == 401


def test_a_killed_story_is_canceled_from_the_next_request_on(
    runtime: Runtime, client: httpx.Client, token: str, paper: dict[str, str]
) -> None:
    first = client.get("/partners/post/stories.ninjs", headers=bearer(token))
    with runtime.sessions.begin() as session:
        row = find_article(session, paper["draw"], lock=True)
        acts.kill(session, row, "So.", by=EDITOR, now=runtime.clock())
    had = {**bearer(token), "If-None-Match": first.headers["etag"]}
    again = client.get("/partners/post/stories.ninjs", headers=had)
    assert again.status_code == 200
    assert "mud" not in again.text
    [gone] = [one for one in again.json()["items"] if one["pubStatus"] == "canceled"]
    assert gone["uri"] == f"urn:uuid:{paper['draw']}"


def test_head_has_the_headers_of_get(client: httpx.Client, token: str) -> None:
    path = "/partners/post/stories.json"
    head, get = (one(path, headers=bearer(token)) for one in (client.head, client.get))
    assert head.content == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_a_304_has_no_body_on_the_wire(client: httpx.Client, token: str) -> None:
    tag = client.get("/partners/post/stories.rss", headers=bearer(token)).headers["etag"]
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall(
            f"GET /partners/post/stories.rss HTTP/1.1\r\nHost: x\r\nIf-None-Match: {tag}\r\n"
            f"Authorization: Bearer {token}\r\nConnection: close\r\n\r\n".encode()
        )
        said = b""
        while more := line.recv(65536):
            said += more
    assert said.startswith(b"HTTP/1.1 304")
    assert said.partition(b"\r\n\r\n")[2] == b""


def test_nothing_is_sent_to_a_partners_address(client: httpx.Client, token: str) -> None:
    assert client.post("/partners/post/stories.rss", headers=bearer(token)).status_code == 405


def test_an_encoding_that_nobody_has_is_refused(client: httpx.Client, token: str) -> None:
    asked = {**bearer(token), "Accept-Encoding": "zstd, identity;q=0"}
    assert client.get("/partners/post/stories.rss", headers=asked).status_code == 406


def test_the_use_of_a_token_is_noted_and_nothing_else_is_written(
    runtime: Runtime, client: httpx.Client, clock: Clock, token: str
) -> None:
    acts_before = _acts(runtime)
    client.get("/partners/post/stories.rss", headers=bearer(token))
    until("the use of the token is noted", lambda: _used(runtime, token) == clock.now)
    assert _acts(runtime) == acts_before


def test_no_log_holds_a_token(
    client: httpx.Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for headers in (bearer(token), basic("post", token), basic(token, ""), bearer(token[:-1])):
        client.get("/partners/post/stories.rss", headers=headers)
    assert token.split("_", 2)[2][:-1] not in caplog.text


def test_a_token_is_found_where_programs_put_it_and_nowhere_else() -> None:
    for lines, token in (
        ([], None),
        (["Bearer abc"], "abc"),
        (["bearer  abc "], "abc"),
        ([_basic(b"me:abc")], "abc"),
        ([_basic(b"me:abc").lower()[:5] + _basic(b"me:abc")[5:]], "abc"),
        ([_basic(b"me:a:b")], "a:b"),
        ([_basic(b"abc")], ""),
        ([_basic(b"\xff\xfe:\xff")], None),
        (["Basic !!!"], None),
        (["Digest username=abc"], None),
        (["abc"], None),
        ([""], None),
        (["Bearer abc", "Bearer abd"], None),
        ([f"Bearer {'a' * 100_000}"], None),
    ):
        assert token_in(lines) == token, lines


def _basic(credentials: bytes) -> str:
    return f"Basic {base64.b64encode(credentials).decode()}"


def _acts(runtime: Runtime) -> list[str]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(AuditRow.action).order_by(col(AuditRow.id))))


def _used(runtime: Runtime, token: str) -> object:
    with runtime.sessions.read() as session:
        return session.get_one(PartnerTokenRow, token.split("_")[1]).used_at
