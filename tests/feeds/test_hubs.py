"""Hubs: set once, and named in every feed."""

import pytest

from publisher.errors import ConfigurationError
from publisher.feeds.formats import FORMATS, Format
from publisher.settings import load_settings
from tests.feeds.samples import head

HUBS = "https://hub.example/, http://127.0.0.1:9000/hub?x=1,https://hub.example/,"


def test_hubs_are_set_with_commas_between() -> None:
    found = load_settings(websub_hubs=HUBS).hubs
    assert found == ("https://hub.example/", "http://127.0.0.1:9000/hub?x=1")
    assert load_settings().hubs == ()


@pytest.mark.parametrize(
    "hub",
    [
        "hub.example",
        "ftp://hub.example/",
        "https://",
        'https://hub.example/">x',
        "http://h b/",
        "http://[bad/",
        "https://hub.example/$uri",
        "https://hub.example/\\",
    ],
)
def test_what_is_no_address_of_a_hub_is_refused(hub: str) -> None:
    with pytest.raises(ConfigurationError, match="PUBLISHER_WEBSUB_HUBS"):
        load_settings(websub_hubs=f"https://hub.example/,{hub}")


@pytest.mark.parametrize(
    "url", ["news.example", "http://[bad", "https://news.example/", "https://news.example/$host"]
)
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PUBLISHER_BASE_URL"):
        load_settings(base_url=url)


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_feed_names_its_hubs_and_none_where_there_are_none(fmt: Format) -> None:
    hubs = ("https://hub.example/", "https://other.example/?a=1&b=2")
    text = fmt.document(head(fmt.name, hubs=hubs), []).decode().replace("&amp;", "&")
    assert all(hub in text for hub in hubs)
    assert text.count("hub") - text.count("hub.example") == (2 if fmt.name != "json" else 1)
    assert "hub" not in fmt.document(head(fmt.name), []).decode()
