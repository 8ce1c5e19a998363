"""One POST, and there is no mail any more; not even of an edition that is on its way."""

import pytest

from publisher.audience.tokens import Tokens
from publisher.editions.models import DeliveryState
from publisher.pages.links import Links
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.mark.parametrize("way", ["urlencoded", "multipart"])
def test_the_link_of_a_mail_ends_the_subscription_in_one_post(
    newsroom: LiveNewsroom, way: str
) -> None:
    slug, section = f"tides-{way}", f"tides-{way}"
    newsroom.newsletter(slug, section)
    leaving, staying = (newsroom.world.reader(f"{name}-{way}", slug) for name in ("cy", "di"))
    newsroom.world.story(f"first-{way}", section)
    newsroom.digest(slug)

    link = newsroom.mails_to(leaving)[0]["List-Unsubscribe"].strip("<>")
    path = link.removeprefix(newsroom.runtime.settings.base_url)
    with newsroom.web() as program:
        body = {"data": ONE_CLICK} if way == "urlencoded" else {"files": _parts(ONE_CLICK)}
        answer = program.post(path, **body)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers

    newsroom.world.story(f"second-{way}", section)
    edition = newsroom.digest(slug)
    assert newsroom.recipients({leaving, staying}).count(leaving) == 1
    assert newsroom.recipients({leaving, staying}).count(staying) == 2
    assert newsroom.world.report(edition).matched == 1


def test_who_leaves_in_the_middle_of_an_edition_is_not_mailed(newsroom: LiveNewsroom) -> None:
    newsroom.newsletter("nets", "nets")
    readers = [newsroom.world.reader(f"netter{n:03}", "nets") for n in range(110)]
    newsroom.world.story("nets", "nets")
    newsroom.mail.delay_s = 0.02

    [edition] = newsroom.send("nets")
    until("mails go out", lambda: len(newsroom.recipients(readers)) >= 5)
    with newsroom.web() as program:
        assert program.post(_way_out(newsroom, readers[-1]), data=ONE_CLICK).status_code == 200
    assert len(newsroom.recipients(readers)) < 100

    report = newsroom.ended(edition)
    assert sorted(newsroom.recipients(readers)) == readers[:-1]
    assert newsroom.who(edition, DeliveryState.WITHDRAWN) == {readers[-1]}
    assert report.withdrawn == {"unsubscribed": 1}
    assert report.adds_up


def _parts(fields: dict[str, str]) -> dict[str, tuple[None, str]]:
    return {name: (None, value) for name, value in fields.items()}


def _way_out(newsroom: LiveNewsroom, reader: str) -> str:
    """The path of a reader's one-click link, as a mail of long ago has it."""
    tokens = Tokens(newsroom.world.secret)
    return Links("").unsubscribe(tokens.unsubscribe(newsroom.world.subscription_of(reader).uuid))
