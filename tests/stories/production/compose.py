"""docker-compose.yml read as Docker reads it, and its services run here, without Docker.

What a container would have is put in its place: the console script, the folder of the volume, the
files of the secrets, a free port.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.services.environment import ROOT, clean_environment, command

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
)["services"]
OURS = [name for name, service in SERVICES.items() if "publisher" in service.get("image", "")]
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Machine:
    """Stands in for the containers. `given` is what the operator exports before `up`."""

    folder: Path
    web_port: int
    given: Mapping[str, str]

    @property
    def home(self) -> Path:
        """What the volume holds."""
        return self.folder / "state"

    @property
    def secrets(self) -> Path:
        """The folder of secrets."""
        return self.folder / "secrets"

    def words(self, service: str) -> list[str]:
        """The service's command as it is run here."""
        port = ["--port", str(self.web_port)] if service == "web" else []
        return [*map(self._translated, SERVICES[service]["command"]), *port]

    def health(self, service: str) -> list[str]:
        """The command of the service's health check."""
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        assert kind == "CMD"
        return [self._translated(word) for word in words]

    def environment(self, service: str, **changes: str) -> dict[str, str]:
        """The service's environment, and nothing of the caller's."""
        stated = SERVICES[service]["environment"].items()
        values = {name: self._translated(str(value)) for name, value in stated}
        return clean_environment(self.folder, **{**values, **changes})

    def _translated(self, word: str) -> str:
        programs = {"publisher": str(command("publisher")), "python": sys.executable}
        text = _VARIABLE.sub(self._value, word)
        places = {
            "/run/secrets": str(self.secrets),
            "/var/lib/publisher": str(self.home),
            "127.0.0.1:8000": f"127.0.0.1:{self.web_port}",
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - it is taken out here
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return programs.get(text, text)

    def _value(self, found: re.Match[str]) -> str:
        name, how, word = found.groups()
        if name is None:
            return "$"
        if how == "?":
            return self.given[name]
        return self.given.get(name) or word or ""
