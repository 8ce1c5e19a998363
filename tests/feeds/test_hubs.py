"""Hubs: set once, and named in every feed."""

import pytest

from publisher.errors import ConfigurationError
from publisher.settings import load_settings

HUBS = "https://hub.example/, http://127.0.0.1:9000/hub?x=1,https://hub.example/,"


def test_hubs_are_set_with_commas_between() -> None:
    found = load_settings(websub_hubs=HUBS).hubs
    assert found == ("https://hub.example/", "http://127.0.0.1:9000/hub?x=1")
    assert load_settings().hubs == ()


@pytest.mark.parametrize(
    "hub",
    ["hub.example", "ftp://hub.example/", "https://", 'https://hub.example/">x', "http://h b/"],
)
def test_what_is_no_address_of_a_hub_is_refused(hub: str) -> None:
    with pytest.raises(ConfigurationError, match="PUBLISHER_WEBSUB_HUBS"):
        load_settings(websub_hubs=f"https://hub.example/,{hub}")
