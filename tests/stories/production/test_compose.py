"""What docker-compose.yml runs in production works, on a real PostgreSQL and a real Redis."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from publisher.audience.tokens import Tokens
from publisher.store import utc_now
from tests.services.environment import command
from tests.stories.feeds import entries, in_all_formats
from tests.stories.live import text_of
from tests.stories.production.compose import OURS, SERVICES
from tests.stories.production.conftest import Services
from tests.stories.waiting import until

READER = "ada@reader.example"
ARTICLE = """---
title: Lamps are lit again on the mole
section: Quay
---

PORT ELLERY (HBR) — After nine dark years the four lamps on the north mole burn again. They were
lit last night by the keeper’s granddaughter, who had found the matches in his coat.

The harbour board pays for the oil until the spring. Then it wants to look at the figures.
"""
REFUSED = 78


def test_migrating_again_changes_nothing_and_succeeds(production: Services) -> None:
    again = production.run(production.machine.words("migrate"), "migrate")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    "service", [name for name in OURS if "test" in SERVICES[name]["healthcheck"]]
)
def test_a_service_that_is_up_passes_its_health_check(production: Services, service: str) -> None:
    checked = production.run(production.machine.health(service), service)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_reader_subscribes_and_gets_a_digest_and_a_feed(
    production: Services, tmp_path: Path
) -> None:
    _publisher(production, "newsletters", "create", "harbour", "--name", "Harbour briefing",
               "--sections", "quay", "--sender-address", "news@harbour.example")  # fmt: skip
    with production.browser() as browser:
        form = Tokens(_secret(production)).form(utc_now() - timedelta(minutes=1))
        wish = {"form": form, "address": READER, "newsletter": "harbour"}
        assert browser.post("/newsletters", data=wish).status_code == 303
        until("worker-now asks the reader", lambda: production.mail.messages)
        assert browser.post(_link(production, "/confirm/")).status_code == 200

        article = tmp_path / "lamps.md"
        article.write_text(ARTICLE, encoding="utf-8")
        _publisher(production, "pickup", str(article))
        lamps = in_all_formats("Lamps")
        until("worker-pages builds the feeds", lambda: entries(browser, "quay") == lamps)

    _publisher(production, "editions", "create", "--newsletter", "harbour", "--send")
    until("worker-bulk sends the digest", lambda: len(production.mail.messages) == 2)
    assert "Lamps are lit again" in text_of(production.mail.messages[1].parsed())


def test_all_are_still_up_and_stop_when_asked(production: Services) -> None:
    assert production.ended() == {}
    assert production.stop() == []


@pytest.mark.parametrize(
    ("service", "changes", "named"),
    [
        ("web", {"PUBLISHER_BASE_URL": "http://news.harbour.example"}, "PUBLISHER_BASE_URL"),
        ("worker-bulk", {"PUBLISHER_SECRET_KEY_FILE": ""}, "PUBLISHER_SECRET_KEY"),
        ("beat", {"PUBLISHER_SMTP_HOST": ""}, "PUBLISHER_SMTP_HOST"),
    ],
)
def test_what_suits_a_laptop_is_refused(
    production: Services, service: str, changes: dict[str, str], named: str
) -> None:
    refused = production.run(production.machine.words(service), service, **changes)
    assert refused.returncode == REFUSED
    assert named in refused.stderr


def test_the_development_mailbox_is_refused(production: Services) -> None:
    refused = production.run([str(command("publisher")), "mailbox"], "web")
    assert refused.returncode == REFUSED


def _publisher(production: Services, *words: str) -> dict[str, object]:
    done = production.run([str(command("publisher")), *words, "--json"], "web")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[0]))


def _secret(production: Services) -> str:
    return (production.machine.secrets / "secret_key").read_text(encoding="utf-8").strip()


def _link(production: Services, start: str) -> str:
    """The path of the link in the newest mail that begins so."""
    text = text_of(production.mail.messages[-1].parsed())
    links = [urlsplit(word).path for word in text.split() if word.startswith("https://")]
    [found] = [path for path in links if path.startswith(start)]
    return found
