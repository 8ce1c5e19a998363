"""Which program asks for a feed, by its User-Agent, and for how many readers it says it does. Pure.

The names are a fixed list, so that nobody fills our rows by inventing programs. Nothing else of a
User-Agent is kept.
"""

import re
from typing import NamedTuple

MOST_READERS = 10_000_000  # that one program may claim; more is not believed
UNNAMED = "Unnamed"
OTHERS = "Others"
BROWSERS = "Browsers"
# what its User-Agent contains, lower case, and what we call it; the first that fits
KNOWN = (
    ("feedly", "Feedly"),
    ("inoreader", "Inoreader"),
    ("newsblur", "NewsBlur"),
    ("feedbin", "Feedbin"),
    ("theoldreader", "The Old Reader"),
    ("bazqux", "BazQux"),
    ("freshrss", "FreshRSS"),
    ("miniflux", "Miniflux"),
    ("tiny tiny rss", "Tiny Tiny RSS"),
    ("commafeed", "CommaFeed"),
    ("nextcloud-news", "Nextcloud News"),
    ("netnewswire", "NetNewsWire"),
    ("reeder", "Reeder"),
    ("thunderbird", "Thunderbird"),
    ("newsboat", "Newsboat"),
    ("liferea", "Liferea"),
    ("akregator", "Akregator"),
    ("rssguard", "RSS Guard"),
    ("rss guard", "RSS Guard"),
    ("vienna", "Vienna"),
    ("spacecowboy", "Feeder"),
    ("slackbot", "Slack"),
    ("mailchimp", "Mailchimp"),
    ("feedfetcher-google", "Google"),
    ("googlebot", "Google"),
    ("bingbot", "Bing"),
    ("applebot", "Apple"),
    ("publisher (", "Publisher"),
    ("curl/", "Scripts"),
    ("wget/", "Scripts"),
    ("python", "Scripts"),
    ("go-http-client", "Scripts"),
)
_CLAIM = re.compile(r"(?<![\d.])(\d{1,9})\s+(?:subscriber|reader)s?\b", re.IGNORECASE)


class Program(NamedTuple):
    """Our name for a program, and how many readers it says it asks for; 0: it does not say."""

    name: str
    readers: int = 0


def program_of(agent: str) -> Program:
    """The program that sends this User-Agent."""
    return Program(_name_of(agent.lower()), _claimed(agent))


def _name_of(agent: str) -> str:
    if not agent.strip(" -"):
        return UNNAMED
    for part, name in KNOWN:
        if part in agent:
            return name
    is_browser = agent.startswith("mozilla/") and "compatible;" not in agent
    return BROWSERS if is_browser else OTHERS


def _claimed(agent: str) -> int:
    found = _CLAIM.search(agent)
    readers = int(found[1]) if found else 0
    return readers if readers <= MOST_READERS else 0
