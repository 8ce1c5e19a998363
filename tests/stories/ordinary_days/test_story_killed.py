"""A story that must not be used is gone everywhere: mails still to go, feeds, its page."""

from tests.stories.feeds import entries, in_all_formats
from tests.stories.live import LiveNewsroom, text_of
from tests.stories.waiting import until

READERS = 110
WINDOW = 50


def test_killed_in_the_middle_of_an_edition_it_is_in_no_later_mail(newsroom: LiveNewsroom) -> None:
    newsroom.newsletter("docks", "docks")
    readers = [newsroom.world.reader(f"docker{n:03}", "docks") for n in range(READERS)]
    newsroom.world.story("crane", "docks")
    libel = newsroom.world.story("libel", "docks")
    newsroom.mail.delay_s = 0.02

    [edition] = newsroom.send("docks")
    until("mails go out", lambda: len(newsroom.recipients(readers)) >= 5)
    newsroom.kill(libel)
    assert len(newsroom.recipients(readers)) < WINDOW

    assert newsroom.ended(edition).accepted == READERS
    texts = [text_of(newsroom.mails_to(reader)[0]) for reader in readers]
    assert all("Crane in Port Ellery" in text for text in texts)
    assert all("Libel in Port Ellery" in text for text in texts[:5])
    assert not any("Libel in Port Ellery" in text for text in texts[WINDOW:])


def test_killed_after_an_edition_it_is_gone_from_feeds_page_and_later_editions(
    newsroom: LiveNewsroom,
) -> None:
    newsroom.newsletter("slips", "slips")
    reader = newsroom.world.reader("ed", "slips")
    newsroom.world.story("launch", "slips")
    hoax = newsroom.world.story("hoax", "slips")
    newsroom.digest("slips")
    assert "Hoax in Port Ellery" in text_of(newsroom.mails_to(reader)[0])

    with newsroom.web() as browser:
        both = in_all_formats("Launch", "Hoax")
        until("it is in the feeds", lambda: entries(browser, "slips") == both)
        assert browser.get(f"/articles/{hoax}").status_code == 200
        newsroom.kill(hoax)
        assert browser.get(f"/articles/{hoax}").status_code == 410
        other = in_all_formats("Launch")
        until("it is in no feed", lambda: entries(browser, "slips") == other)
        until("of the site either", lambda: not in_all_formats("Hoax") & entries(browser, "all"))

    newsroom.world.story("keel", "slips")
    newsroom.world.reader("late-ed", "slips")
    newsroom.digest("slips")
    later = [*newsroom.mails_to(reader)[1:], *newsroom.mails_to("late-ed@reader.example")]
    assert len(later) == 2
    assert not any("Hoax" in text_of(mail) for mail in later)
