"""What an empty variable means."""

import pytest

from publisher.settings import load_settings


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_HOME", "")
    monkeypatch.setenv("PUBLISHER_SMTP_PORT", "")

    settings = load_settings()

    assert (str(settings.home), settings.smtp_port) == ("var", 0)
    assert settings.origin("home") == "default"
