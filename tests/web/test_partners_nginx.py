"""Behind nginx as docker-compose.yml sets it up: partners are asked for their token there, too."""

import re
from pathlib import Path

import httpx
import pytest

from publisher.store import Runtime
from tests.feeds.partners import partner

PATH = "/partners/post/stories.rss"


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def test_a_partner_pulls_through_nginx(front: httpx.Client, runtime: Runtime) -> None:
    asked = {"Authorization": f"Bearer {partner(runtime)}", "Accept-Encoding": "gzip"}
    first = front.get(PATH, headers=asked)
    assert (first.status_code, first.headers["content-encoding"]) == (200, "gzip")
    assert first.headers["cache-control"] == "private, no-cache"
    again = front.get(PATH, headers={**asked, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}.gz", "/partners/", "/feeds/../partners/post/stories.rss"]
)
def test_nginx_gives_nothing_of_partners_away_itself(
    front: httpx.Client, runtime: Runtime, path: str
) -> None:
    """Not even a file that somebody put where it serves the public ones from."""
    folder = runtime.settings.public_folder / "partners" / "post"
    folder.mkdir(parents=True)
    for name in ("stories.rss", "stories.rss.gz"):
        (folder / name).write_text("Zirconium")
    answer = front.get(path)
    assert answer.status_code == 401
    assert "Zirconium" not in answer.text


def test_no_place_where_nginx_serves_files_is_that_of_partners() -> None:
    text = (Path(__file__).parents[2] / "docker" / "nginx.conf").read_text()
    parts = text.split("location ")[1:]
    places = [part.partition(" {")[0] for part in parts if "root " in part]
    patterns = [place.removeprefix("~ ") for place in places if place.startswith("~ ")]
    named = [place for place in places if not place.startswith("~ ")]
    assert (len(patterns), named) == (1, ["@for_people"])  # it is led to from the pattern
    assert not any(re.search(pattern, PATH) for pattern in patterns)
