import pytest

from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.newsroom.models import ArticleState
from tests.services.runtimes import Clock
from tests.web.desk.visit import Desk
from tests.web.forms import h1
from tests.world import EDITOR, World

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} \"'><img src=x onerror=alert(1)>"


def _state(world: World, story: str) -> ArticleState:
    return world.article(story).state


def test_every_story_is_on_the_tab_of_its_state(desk: Desk, world: World, clock: Clock) -> None:
    world.story("out")
    world.story("waiting", embargo_until=clock.advance(minutes=1).replace(hour=20))
    world.story("unsure", embargo_held=True)
    world.story("broken", problem="The file has no headline.")
    for name, act in (("held", acts.hold), ("dead", acts.kill)):
        story = world.story(name)
        with world.runtime.sessions.begin() as session:
            article = find_article(session, story, lock=True)
            act(session, article, f"because of {name}", by=EDITOR, now=world.now)

    seen = {
        tab: desk.page(f"/desk/stories?tab={tab}").text
        for tab in ("in", "embargoed", "review", "quarantined", "hold", "gone")
    }

    assert "Out in Port Ellery" in seen["in"]
    assert "Waiting in Port Ellery" in seen["embargoed"]
    assert "today 20:31" in seen["embargoed"]
    assert "Unsure in Port Ellery" in seen["review"]
    assert "The file has no headline." in seen["quarantined"]
    assert "because of held" in seen["hold"]
    assert "because of dead" in seen["gone"]
    for text in seen.values():
        assert sum(name in text for name in ("Out in", "Waiting in", "Held in", "Dead in")) <= 1


def test_stories_are_looked_at_by_section(desk: Desk, world: World) -> None:
    world.story("ferry", "local")
    world.story("goal", "sport")
    found = desk.page("/desk/stories?section=sport").text
    assert "Goal in Port Ellery" in found
    assert "Ferry in Port Ellery" not in found


def test_what_no_tab_or_section_is_called_shows_a_page_all_the_same(
    desk: Desk, world: World
) -> None:
    world.story("ferry")
    assert "Ferry in Port Ellery" in desk.page("/desk/stories?tab=x&section=").text
    assert "Look in all sections" in desk.page("/desk/stories?section=%22%3E%3Cb%3E").text


def test_a_hostile_title_is_text_wherever_it_stands(desk: Desk, world: World) -> None:
    story = world.story("evil", title=HOSTILE, problem=None)
    world.story("worse", title=HOSTILE, problem=f"Broken: {HOSTILE}")
    paths = (
        "/desk",
        "/desk/stories",
        "/desk/stories?tab=quarantined",
        f"/desk/stories/{story}",
        f"/desk/stories/{story}/kill",
        "/desk/editions/new",
    )
    world.newsletter()
    for path in paths:
        text = desk.page(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "&lt;script&gt;" in text, path
        assert "49" not in text.split("alert(1)")[1][:40], path


def test_a_story_shows_its_versions_and_what_happened(
    desk: Desk, world: World, clock: Clock
) -> None:
    story = world.story("ferry", title="Ferry stops")
    clock.advance(hours=1)
    world.story("ferry", title="Ferry stops for the winter")
    page = desk.page(f"/desk/stories/{story}").text
    assert "Ferry stops for the winter" in page
    assert "Version 1," in page
    assert "Version 2, the one readers see" in page
    assert "Published" in page
    assert "New version" in page
    assert "by editor Mara Ellis" in page


def test_a_story_is_put_on_hold_and_released(desk: Desk, world: World) -> None:
    story = world.story("ferry")
    held = desk.send(f"/desk/stories/{story}/hold", reason="Legal is looking at it.")
    assert held.status_code == 303
    page = desk.page(held.headers["location"]).text
    assert "The story is on hold" in page
    assert "Legal is looking at it." in page
    assert _state(world, story) == ArticleState.ON_HOLD

    desk.send(f"/desk/stories/{story}/release")
    assert _state(world, story) == ArticleState.PUBLISHED


def test_an_act_is_done_in_the_editors_name(desk: Desk, world: World) -> None:
    story = world.story("ferry")
    desk.send(f"/desk/stories/{story}/withdraw", reason="Bought elsewhere.")
    assert "by editor Mara Ellis" in desk.page(f"/desk/stories/{story}").text


@pytest.mark.parametrize(
    ("act", "state"),
    [("withdraw", ArticleState.WITHDRAWN), ("kill", ArticleState.KILLED)],
)
def test_a_story_is_taken_away_and_brought_back(
    desk: Desk, world: World, act: str, state: ArticleState
) -> None:
    story = world.story("ferry")
    desk.send(f"/desk/stories/{story}/{act}", reason="It names a witness.")
    assert _state(world, story) == state
    desk.send(f"/desk/stories/{story}/restore", reason="The name is out of it.")
    assert _state(world, story) == ArticleState.IN_REVIEW


def test_a_correction_is_noted(desk: Desk, world: World) -> None:
    story = world.story("ferry")
    desk.send(f"/desk/stories/{story}/correct", reason="It closes on Monday, not in April.")
    assert "It closes on Monday, not in April." in desk.page(f"/desk/stories/{story}").text


def test_a_reason_that_will_not_do_comes_back_as_it_was_written(desk: Desk, world: World) -> None:
    story = world.story("ferry")
    long = "because " * 80
    refused = desk.send(f"/desk/stories/{story}/correct", reason=long)
    assert refused.status_code == 422
    assert "Error: " in refused.text.split("</title>")[0]
    assert "A correction needs a note of 1 to 500 characters" in refused.text
    assert long.strip() in refused.text
    assert desk.send(f"/desk/stories/{story}/kill", reason="  ").status_code == 422
    assert _state(world, story) == ArticleState.PUBLISHED


def test_what_the_state_does_not_allow_is_refused_with_words(desk: Desk, world: World) -> None:
    story = world.story("ferry")
    refused = desk.client.get(f"/desk/stories/{story}/release")
    assert refused.status_code == 422
    assert "cannot be changed by “release”" in refused.text
    assert "/release" not in desk.page(f"/desk/stories/{story}").text


def test_a_page_that_was_open_too_long_does_not_undo_what_others_did(
    desk: Desk, world: World
) -> None:
    story = world.story("ferry")
    form = desk.form(f"/desk/stories/{story}/hold", "")
    desk.send(f"/desk/stories/{story}/kill", reason="It names a witness.")
    late = desk.client.post(form.action, data={**form.fields, "reason": "Wait."})
    assert late.status_code == 422
    assert _state(world, story) == ArticleState.KILLED


def test_irreversible_steps_say_what_they_mean_first(desk: Desk, world: World) -> None:
    page = desk.page(f"/desk/stories/{world.story('ferry')}/kill")
    assert h1(page) == "Kill this story"
    assert "cannot be called back" in page.text
