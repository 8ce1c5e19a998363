"""What partners get: the stories of their contract, now, in every format the same."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from publisher.accounts.models import AuditRow
from publisher.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from publisher.feeds import fragments
from publisher.feeds.directory import choose_text
from publisher.feeds.fragments import Writer
from publisher.feeds.partners import shelf
from publisher.feeds.partners.register import PartnerChange, change_partner, find_partner
from publisher.feeds.publish import build_due
from publisher.newsroom import acts
from publisher.newsroom.receive import receive
from publisher.store import Runtime
from tests.feeds.archives import make_small
from tests.feeds.partners import FORMATS, Puller, partner, puller
from tests.feeds.samples import EDITOR, answer, article, bring, follow, read, story, titles
from tests.services.runtimes import Clock


def test_a_partner_gets_the_stories_of_all_its_feeds_each_once(runtime: Runtime) -> None:
    bring(
        runtime,
        story("one", title="One", section="harbour", tags=("lamps",)),
        story("two", title="Two", section="sport", tags=("lamps",)),
        story("three", title="Three", section="sport", tags=()),
    )
    post = puller(runtime, partner(runtime, scopes=("harbour", "tag-lamps")))
    for fmt in FORMATS[:3]:
        assert sorted(titles(post.feed(fmt), fmt)) == ["One", "Two"]
    assert sorted(_headlines(post)) == ["One", "Two"]


def test_every_format_carries_the_same_stories_in_the_same_order(
    runtime: Runtime, clock: Clock
) -> None:
    for number in range(5):
        bring(runtime, story(f"s{number}", title=f"Part {number}"))
        clock.advance(minutes=5)
    post = puller(runtime, partner(runtime))
    ids = [[one["id"] for one in read(post.feed(fmt), fmt)] for fmt in FORMATS[:3]]
    ids.append([one["uri"] for one in _items(post)])
    assert ids[0] == ids[1] == ids[2] == ids[3]
    assert _headlines(post)[0] == "Part 4"


@pytest.mark.parametrize(
    ("rights", "contract", "whole"),
    [("full", True, True), ("full", False, False), ("unknown", True, False),
     ("summary", True, False)],
)  # fmt: skip
def test_whole_texts_need_the_rights_and_the_contract(
    runtime: Runtime, rights: str, *, contract: bool, whole: bool
) -> None:
    bring(runtime, story(rights_status=rights, summary="Lamps."))
    post = puller(runtime, partner(runtime, whole_texts=contract))
    for fmt in FORMATS:
        assert (b"Crews worked for a week." in post.feed(fmt)) is whole


def test_a_partner_may_get_more_than_a_public_feed_of_summaries(runtime: Runtime) -> None:
    bring(runtime, story(summary="Lamps."))
    with runtime.sessions.begin() as session:
        choose_text(session, "all", summary_only=True, by=EDITOR, now=runtime.clock())
    post = puller(runtime, partner(runtime))
    assert b"Crews worked for a week." in post.feed("atom")


def test_a_feed_is_made_once_as_long_as_nothing_happens(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    first = post.document("post/stories.rss")
    calls: list[int] = []
    monkeypatch.setattr(Writer, "write_all", lambda *_a, **_k: calls.append(1))
    assert post.document("post/stories.rss") is first
    assert calls == []


def test_a_new_story_is_there_once_the_feeds_know_it(runtime: Runtime) -> None:
    bring(runtime, story("one", title="One"))
    post = puller(runtime, partner(runtime, scopes=("language-en",)))
    assert _headlines(post) == ["One"]
    with runtime.sessions.begin() as session:
        receive(session, story("two", title="Two"), by=EDITOR, now=runtime.clock())
    assert _headlines(post) == ["One"]
    answer(runtime)
    assert sorted(_headlines(post)) == ["One", "Two"]


@pytest.mark.parametrize("act", ["kill", "withdraw", "hold"])
def test_what_is_taken_back_is_gone_though_no_feed_has_heard_of_it(
    runtime: Runtime, act: str
) -> None:
    bring(runtime, story(summary="Lamps."), story("other", title="Other"))
    post = puller(runtime, partner(runtime))
    assert all(b"Harbour lights" in post.feed(fmt) for fmt in FORMATS)
    _do(runtime, act)
    for fmt in FORMATS:
        assert b"Harbour lights" not in post.feed(fmt)
        assert b"Crews worked" in post.feed(fmt)  # of the other


@pytest.mark.parametrize("act", ["kill", "withdraw"])
def test_a_story_taken_back_is_canceled_in_ninjs_and_leaves_a_tombstone(
    runtime: Runtime, clock: Clock, act: str
) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    [before] = _items(post)
    clock.advance(minutes=5)
    _do(runtime, act)
    [after] = _items(post)
    assert (after["uri"], after["pubStatus"]) == (before["uri"], "canceled")
    assert int(after["version"]) > int(before["version"])
    assert after["versionCreated"] > before["versionCreated"]
    assert f'ref="{before["uri"]}"'.encode() in post.feed("atom")
    assert _item(post, before["uri"]) == after
    clock.advance(days=91)
    follow(runtime)
    bring(runtime, story("other", title="Other"))
    assert _headlines(post) == ["Other"]


def test_a_story_that_is_held_is_quietly_absent(runtime: Runtime) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    [item] = _items(post)
    _do(runtime, "hold")
    assert _items(post) == []
    assert post.document(_item_path(item["uri"])) is None
    assert b"deleted-entry " not in post.feed("atom")


def test_a_correction_is_a_later_version_of_the_item(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    [before] = _items(post)
    clock.advance(minutes=5)
    _do(runtime, "correct", "It was Tuesday.")
    [after] = _items(post)
    assert after["edNote"] == "Correction: It was Tuesday."
    assert int(after["version"]) > int(before["version"])
    assert after["versionCreated"] > before["versionCreated"]
    assert after["firstCreated"] == before["firstCreated"]


def test_a_restored_story_is_usable_again_under_a_later_version(runtime: Runtime) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    _do(runtime, "kill")
    [canceled] = _items(post)
    _do(runtime, "restore")
    assert _items(post) == []
    with runtime.sessions.begin() as session:
        acts.release(session, article(session), by=EDITOR, now=runtime.clock())
    [again] = _items(post)
    assert (again["uri"], again["pubStatus"]) == (canceled["uri"], "usable")
    assert int(again["version"]) > int(canceled["version"])


def test_an_embargo_that_no_event_tells_of_holds(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    assert len(_items(post)) == 1
    with runtime.sessions.begin() as session:
        article(session).embargo_until = clock.now + timedelta(hours=1)
    assert _items(post) == []
    clock.advance(hours=2)
    _do(runtime, "correct", "So.")
    assert len(_items(post)) == 1


def test_an_old_story_is_found_by_its_own_address(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    for number in range(12):
        bring(runtime, story(f"s{number}", title=f"Part {number}"))
        clock.advance(minutes=5)
    post = puller(runtime, partner(runtime))
    assert "Part 0" not in _headlines(post)
    with runtime.sessions.read() as session:
        uuid = article(session, "s0").uuid
    assert _item(post, f"urn:uuid:{uuid}")["headlines"][0]["value"] == "Part 0"


def test_a_story_of_another_feed_is_nothing_to_a_partner(runtime: Runtime) -> None:
    bring(runtime, story("one", section="harbour"), story("two", section="sport"))
    post = puller(runtime, partner(runtime, scopes=("harbour",)))
    with runtime.sessions.read() as session:
        uuid = article(session, "two").uuid
    assert post.document(_item_path(uuid)) is None


def test_a_story_that_changes_its_section_changes_feeds(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story(section="harbour"))
    post = puller(runtime, partner(runtime, scopes=("harbour",)))
    assert len(_items(post)) == 1
    clock.advance(minutes=5)
    bring(runtime, story(section="sport", section_name="Sport", title="Lights, again"))
    answer(runtime)
    assert _items(post) == []


def test_a_partner_finds_nothing_under_the_name_of_another(runtime: Runtime) -> None:
    bring(runtime, story())
    partner(runtime, "gazette")
    post = puller(runtime, partner(runtime))
    assert post.document("post/stories.rss") is not None
    for path in ("gazette/stories.rss", "nobody/stories.rss", "post/stories.xml", "post", "",
                 "post/stories.rss/", "post/../gazette/stories.rss", "post/items/x.ninjs",
                 "post/stories.rss\n"):  # fmt: skip
        assert post.document(path) is None


def test_what_a_partner_gets_is_changed_from_the_next_request_on(runtime: Runtime) -> None:
    bring(runtime, story("one", title="One"), story("two", title="Two", section="sport"))
    post = puller(runtime, partner(runtime))
    assert len(_items(post)) == 2
    with runtime.sessions.begin() as session:
        change = PartnerChange(scopes=("sport",), whole_texts=False, name="Post", contact="Ines")
        change_partner(session, "post", change, by=EDITOR, now=runtime.clock())
    [item] = _items(post)
    assert (item["headlines"][0]["value"], item["representationType"]) == ("Two", "partial")
    with runtime.sessions.read() as session:
        assert find_partner(session, "post").contact == "Ines"


def test_two_web_processes_write_the_same_bytes(runtime: Runtime) -> None:
    bring(runtime, story("one"), story("two"))
    token = partner(runtime)
    for fmt in FORMATS:
        assert puller(runtime, token).feed(fmt) == puller(runtime, token).feed(fmt)


def test_nothing_of_a_partner_is_written_to_disk(runtime: Runtime) -> None:
    bring(runtime, story())
    before = {path for path in runtime.settings.home.rglob("*") if path.is_file()}
    post = puller(runtime, partner(runtime, "evening-post"))
    for fmt in FORMATS:
        post.feed(fmt, "evening-post")
    build_due(runtime)
    after = {path for path in runtime.settings.home.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} <= {"publisher.db-wal", "publisher.db-shm"}


def test_what_is_kept_in_memory_has_a_limit(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "KEPT_BYTES", 1)
    bring(runtime, story())
    post = puller(runtime, partner(runtime))
    first = post.document("post/stories.rss")
    post.feed("atom")
    again = post.document("post/stories.rss")
    assert again is not first
    assert again == first


def test_a_story_that_cannot_be_written_harms_no_other(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story("good", title="Good"), story("bad", title="Bad"))
    _break(monkeypatch, "Bad")
    post = puller(runtime, partner(runtime, whole_texts=False))
    assert _headlines(post) == ["Good"]


def test_where_nothing_can_be_written_a_partner_is_told_to_come_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(runtime, story("bad", title="Bad"))
    _break(monkeypatch, "Bad")
    post = puller(runtime, partner(runtime, whole_texts=False))
    with runtime.sessions.read() as session:
        uuid = article(session, "bad").uuid
    for path in ("post/stories.ninjs", "post/stories.rss", _item_path(uuid)):
        with pytest.raises(UnavailableError, match="Our newsroom has been told"):
            post.document(path)


@pytest.mark.parametrize("slug", ["", "Post", "a/b", "-", "x" * 65, "../all", "post\n", "ä"])
def test_a_partner_needs_a_name_that_fits_an_address(runtime: Runtime, slug: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot name a partner"):
        partner(runtime, slug)


def test_a_partner_is_entered_once_and_with_feeds_that_are_there(runtime: Runtime) -> None:
    with pytest.raises(InvalidInputError, match="publisher feeds list"):
        partner(runtime, scopes=("all", "opera"))
    with pytest.raises(InvalidInputError, match="one feed or more"):
        partner(runtime, scopes=())
    with pytest.raises(InvalidInputError, match="publisher feeds list"):
        partner(runtime, scopes=("_opml",))
    partner(runtime)
    with pytest.raises(RefusedError, match="already"):
        partner(runtime)
    with runtime.sessions.read() as session, pytest.raises(NotFoundError):
        find_partner(session, "nobody")


def test_each_act_is_on_record_and_no_secret_with_it(runtime: Runtime) -> None:
    token = partner(runtime)
    with runtime.sessions.begin() as session:
        change = PartnerChange(whole_texts=False)
        change_partner(session, "post", change, by=EDITOR, now=runtime.clock())
    with runtime.sessions.read() as session:
        rows = session.exec(
            select(AuditRow).where(AuditRow.ref == "post").order_by(col(AuditRow.id))
        ).all()
    assert [row.action for row in rows] == ["partner.add", "partner.token", "partner.set"]
    secret = token.split("_", 2)[2]
    assert all(secret not in json.dumps(row.detail) for row in rows)


def _do(runtime: Runtime, act: str, reason: str = "Zirconium") -> None:
    """An editor's act, and nobody has reacted to it yet."""
    with runtime.sessions.begin() as session:
        getattr(acts, act)(session, article(session), reason, by=EDITOR, now=runtime.clock())


def _break(monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    """Have stories of a title fail while they are written."""
    whole = fragments.entry_of

    def fails(row: Any, version: Any, **options: Any) -> Any:
        if version.title == title:
            raise RefusedError("It cannot be written.")
        return whole(row, version, **options)

    monkeypatch.setattr(fragments, "entry_of", fails)


def _items(post: Puller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(post.feed("ninjs"))["items"]
    return items


def _headlines(post: Puller) -> list[str]:
    return [item["headlines"][0]["value"] for item in _items(post)]


def _item_path(uri: str) -> str:
    return f"post/items/{uri.removeprefix('urn:uuid:')}.ninjs"


def _item(post: Puller, uri: str) -> dict[str, Any]:
    document = post.document(_item_path(uri))
    assert document is not None
    found: dict[str, Any] = json.loads(document.bodies["identity"])
    return found
