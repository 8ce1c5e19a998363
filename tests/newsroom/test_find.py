"""Looking articles up by whatever an editor types."""

import pytest

from publisher.errors import InvalidInputError, NotFoundError
from publisher.newsroom.acts import hold
from publisher.newsroom.find import current_version, find_article, list_articles
from publisher.newsroom.models import ArticleRow, ArticleState
from tests.newsroom.desk import Desk, story
from tests.services.runtimes import Clock


def test_an_article_is_found_by_its_id_its_beginning_or_its_sources_own(
    desk: Desk, clock: Clock
) -> None:
    desk.take(story())
    clock.advance(hours=1)
    desk.take(story("goal"))
    uuid = desk.article("goal").uuid
    for ref in (uuid, uuid.upper(), uuid[:13], "goal"):
        assert desk.article(ref).external_id == "goal"


@pytest.mark.parametrize(
    "ref", ["", "ferr", "FERRY", "%", "________", "0" * 40, "a\x00b", "\ud800", "'; DROP TABLE"]
)
def test_what_fits_nothing_is_not_found(desk: Desk, ref: str) -> None:
    desk.take(story())
    with pytest.raises(NotFoundError):
        desk.article(ref)


def test_a_beginning_of_less_than_eight_characters_is_too_short(desk: Desk) -> None:
    desk.take(story())
    with pytest.raises(NotFoundError):
        desk.article(desk.article().uuid[:7])


def test_what_fits_several_asks_for_more(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(source="agency"))
    for ref in ("ferry", desk.articles()[0].uuid[:8]):
        with pytest.raises(InvalidInputError, match="give more"):
            desk.article(ref)


def test_a_source_cannot_hide_an_article_behind_its_id(desk: Desk) -> None:
    desk.take(story())
    uuid = desk.article().uuid
    desk.take(story(uuid, source="hostile"))
    assert desk.article(uuid).source == "wire"
    desk.act(hold, "Checking.", ref=uuid)


def test_the_current_version_is_the_one_that_readers_see(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(title="Ferry turns back"))
    with desk.runtime.sessions.read() as session:
        version = current_version(session, find_article(session, "ferry"))
    assert (version.number, version.title) == (2, "Ferry turns back")


def test_an_article_without_a_version_says_so(desk: Desk) -> None:
    with desk.runtime.sessions.read() as session, pytest.raises(NotFoundError):
        current_version(session, ArticleRow(uuid="x", version_id=None))


def test_articles_are_listed_newest_first_with_their_current_versions(
    desk: Desk, clock: Clock
) -> None:
    for number in range(3):
        desk.take(story(f"story-{number}", section="harbour" if number else "weather"))
        clock.advance(minutes=1)
    desk.take(story("story-1", title="Ferry turns back"))
    desk.act(hold, "Checking.", ref="story-2")
    assert _listed(desk) == ["story-2", "story-1", "story-0"]
    assert _listed(desk, limit=1) == ["story-2"]
    assert _listed(desk, section="weather") == ["story-0"]
    assert _listed(desk, states=[ArticleState.ON_HOLD]) == ["story-2"]
    assert _listed(desk, states=[ArticleState.PUBLISHED], section="harbour") == ["story-1"]
    with desk.runtime.sessions.read() as session:
        titles = [version.title for _, version in list_articles(session)]
    assert titles[1] == "Ferry turns back"


def test_quarantined_articles_are_listed_too(desk: Desk) -> None:
    desk.take(story(problem="The file is empty.", title="", paragraphs=()))
    assert _listed(desk, states=[ArticleState.QUARANTINED]) == ["ferry"]


def _listed(desk: Desk, **choice: object) -> list[str]:
    with desk.runtime.sessions.read() as session:
        return [article.external_id for article, _ in list_articles(session, **choice)]  # type: ignore[arg-type]
