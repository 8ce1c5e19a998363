"""From the form to the reader's yes, and out again."""

import httpx
import pytest
from lxml import html
from sqlmodel import select

from publisher.audience.models import LetterRow, SubscriberRow, SubscriptionRow
from publisher.audience.subscribers import suppress
from publisher.audience.tokens import Tokens
from publisher.store import Runtime
from tests.services.runtimes import Clock
from tests.web.conftest import ADA
from tests.web.forms import Form, ask, forms_of, h1
from tests.world import EDITOR, World


def states(runtime: Runtime) -> list[str]:
    with runtime.sessions.read() as session:
        rows = session.exec(select(SubscriptionRow).order_by(SubscriptionRow.id)).all()
        return [row.state.value for row in rows]


def letters(runtime: Runtime) -> int:
    with runtime.sessions.read() as session:
        return len(session.exec(select(LetterRow)).all())


def confirm_path(world: World) -> str:
    with world.runtime.sessions.read() as session:
        subscriber = session.exec(select(SubscriberRow)).one()
    return f"/confirm/{Tokens(world.secret).confirm(subscriber.uuid, world.now)}"


def test_a_reader_asks_and_is_told_to_look_into_the_inbox(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    answer = ask(
        client,
        clock,
        ADA,
        newsletter=["briefing", "tides"],
        **{"cadence-briefing": "weekly", "section-briefing": ["sport"]},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/newsletters/check-inbox")
    assert h1(client.get(answer.headers["location"])) == "Now look into your inbox"
    with world.runtime.sessions.read() as session:
        rows = session.exec(select(SubscriptionRow).order_by(SubscriptionRow.id)).all()
    assert [(row.state, row.cadence, row.sections) for row in rows] == [
        ("pending", "weekly", "sport"),
        ("pending", "weekly", ""),
    ]
    assert rows[0].consent["ip"] == "127.0.0.1"
    shown = client.get("/newsletters").text
    assert rows[0].consent["sentence"] in html.fromstring(shown).text_content()


def test_the_box_on_any_page_works(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    [form] = forms_of(client.get(f"/articles/{paper['ferry']}"))
    clock.advance(seconds=5)
    answer = client.post(form.action, data={**form.fields, "address": ADA})
    assert answer.status_code == 303
    assert states(world.runtime) == ["pending"]


def test_the_answer_never_tells_who_is_known(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    with world.runtime.sessions.begin() as session:
        suppress(
            session, "gone@reader.example", "erased", key=world.secret, by=EDITOR, now=world.now
        )
    world.reader("known")
    answers = [
        ask(client, clock, f"{name}@reader.example") for name in ("new", "new", "known", "gone")
    ]
    assert len({(one.status_code, one.text, one.headers["location"]) for one in answers}) == 1
    assert letters(world.runtime) == 1


def test_a_robot_gets_the_same_answer_and_nothing_else(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    answer = ask(client, clock, ADA, website="https://spam.example")
    assert answer.status_code == 303
    assert states(world.runtime) == []


@pytest.mark.parametrize(
    ("wait", "changed", "said"),
    [
        (1, {}, "very quick"),
        (60, {"form": ""}, "from this page"),
        (60, {"form": "forged.token"}, "from this page"),
        (90_000, {}, "long time"),
    ],
)
@pytest.mark.usefixtures("paper")
def test_a_form_nobody_filled_in_is_not_taken(
    client: httpx.Client, clock: Clock, wait: int, changed: dict[str, str], said: str
) -> None:
    [form] = forms_of(client.get("/newsletters"))
    clock.advance(seconds=wait)
    answer = client.post(form.action, data={**form.fields, "address": ADA, **changed})
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "ada at example"}, "name@example.org"),
        ({"address": ""}, "name@example.org"),
        ({"newsletter": []}, "at least one newsletter"),
        ({"newsletter": ["ferries"]}, "There is no newsletter “ferries”"),
        ({"section-briefing": ["opera"]}, "choose from: local, sport"),
        ({"cadence-briefing": "hourly"}, "choose from: daily, weekly"),
    ],
)
@pytest.mark.usefixtures("paper")
def test_what_cannot_be_used_is_said_and_nothing_has_to_be_typed_again(
    client: httpx.Client, clock: Clock, world: World, fields: dict[str, object], said: str
) -> None:
    answer = ask(client, clock, **{"address": ADA, "name": "Ada <Lovelace>", **fields})  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert said in answer.text
    assert html.fromstring(answer.text).xpath("//title")[0].text.startswith("Error: ")
    [form] = forms_of(answer)
    assert form.fields["name"] == ["Ada <Lovelace>"]
    assert form.fields["address"] == [fields.get("address", ADA)]
    assert states(world.runtime) == []


def test_a_yes_is_a_post(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    ask(client, clock, ADA)
    path = confirm_path(world)
    for _ in range(20):
        page = client.get(path)
    assert h1(page) == "Confirm your subscription"
    assert "Morning briefing" in page.text
    assert states(world.runtime) == ["pending"]

    [form] = forms_of(page)
    answer = client.post(form.action, data=form.fields)

    assert answer.status_code == 200
    assert h1(answer) == "You are subscribed to Morning briefing"
    assert states(world.runtime) == ["active"]
    for again in (client.get(path), client.post(path, data=form.fields)):
        assert (again.status_code, h1(again)) == (200, "Nothing left to confirm")


def test_what_came_in_between_is_not_confirmed_along(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    ask(client, clock, ADA)
    [form] = forms_of(client.get(confirm_path(world)))
    ask(client, clock, ADA, newsletter=["tides"])
    client.post(form.action, data=form.fields)
    assert states(world.runtime) == ["active", "pending"]


def test_an_old_link_says_so_and_shows_the_way(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    ask(client, clock, ADA)
    path = confirm_path(world)
    clock.advance(days=8)
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, h1(answer)) == (410, "This link is too old")
    assert states(world.runtime) == ["pending"]


@pytest.mark.parametrize("kind", ["confirm", "unsubscribe", "view"])
def test_a_forged_link_does_nothing(
    client: httpx.Client, world: World, paper: dict[str, str], kind: str
) -> None:
    world.reader("ada")
    other = Tokens("another house").unsubscribe(world.subscription_of(ADA).uuid)
    for token in ("x", other, other[:-1], "a.b.c", "%00", "é"):
        answers = [client.get(f"/{kind}/{token}")]
        if kind != "view":
            answers.append(client.post(f"/{kind}/{token}"))
        for answer in answers:
            assert (answer.status_code, h1(answer)) == (400, "This link does not work")
    assert states(world.runtime) == ["active"]


def test_the_page_answers_while_the_broker_is_away(
    world: World, clock: Clock, paper: dict[str, str], client: httpx.Client
) -> None:
    queue = world.runtime.settings.queue_folder
    queue.rename(queue.with_name("away"))
    queue.touch()  # a file where the folder of messages should be
    assert ask(client, clock, ADA).status_code == 303
    assert letters(world.runtime) == 1


def unsubscribe_path(world: World) -> str:
    token = Tokens(world.secret).unsubscribe(world.subscription_of(ADA).uuid)
    return f"/unsubscribe/{token}"


ONE_CLICK = [
    {"data": {"List-Unsubscribe": "One-Click"}},
    {"files": {"List-Unsubscribe": (None, "One-Click")}},
    {"content": b""},
    {"content": b"\xff\x00 no form at all", "headers": {"Content-Type": "text/plain"}},
    {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"Cookie": "session=somebody"}},
]


@pytest.mark.parametrize("body", ONE_CLICK)
@pytest.mark.parametrize("slash", ["", "/"])
def test_one_click_from_a_mail_program_is_enough(
    client: httpx.Client, world: World, paper: dict[str, str], body: dict[str, object], slash: str
) -> None:
    world.reader("ada")
    answer = client.post(unsubscribe_path(world) + slash, **body)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert h1(answer) == "You are unsubscribed from Morning briefing"
    assert [name for name in ("location", "set-cookie") if name in answer.headers] == []
    assert states(world.runtime) == ["ended"]


def test_looking_never_unsubscribes(
    client: httpx.Client, world: World, paper: dict[str, str]
) -> None:
    world.reader("ada")
    path = unsubscribe_path(world)
    for _ in range(30):
        page = client.get(path)
        assert client.head(path).status_code == 200
    assert h1(page) == "Unsubscribe from Morning briefing?"
    assert forms_of(page) == [Form(path, {})]
    assert len(html.fromstring(page.text).xpath("//button")) == 1
    assert states(world.runtime) == ["active"]


def test_leaving_twice_is_leaving_once(
    client: httpx.Client, world: World, paper: dict[str, str]
) -> None:
    world.reader("ada")
    path = unsubscribe_path(world)
    answers = [client.post(path), client.post(path), client.get(path)]
    assert {(one.status_code, h1(one)) for one in answers} == {
        (200, "You are unsubscribed from Morning briefing")
    }


def test_leaving_one_leaves_the_others(
    client: httpx.Client, world: World, paper: dict[str, str]
) -> None:
    world.reader("ada")
    world.reader("ada", "tides", cadence="weekly")
    client.post(unsubscribe_path(world))
    assert states(world.runtime) == ["ended", "active"]
