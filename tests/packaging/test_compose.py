"""The shape of production: docker-compose.yml is valid and agrees with itself and the image."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.services.environment import ROOT, clean_environment, command

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "publisher" in service.get("image", "")]


def test_the_compose_file_meets_the_compose_specification(tmp_path: Path) -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [command("check-jsonschema"), *schema, ROOT / "docker-compose.yml"],
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_names_only_what_is_declared(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert _named_volumes(service) <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_only_secrets_it_was_given(name: str) -> None:
    service = SERVICES[name]
    words = f"{service.get('environment', '')} {service.get('command', '')}"
    read = {secret for secret in COMPOSE["secrets"] if f"/run/secrets/{secret}" in words}
    assert read == set(service.get("secrets", ()))


def test_every_volume_and_secret_is_used() -> None:
    volumes = set().union(*(_named_volumes(service) for service in SERVICES.values()))
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert volumes == set(COMPOSE["volumes"])
    assert used == set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_a_service_that_stays_up_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_and_have_time_to_stop(name: str) -> None:
    service = SERVICES[name]
    assert service["command"][0] == "publisher"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"]
    assert service["stop_grace_period"] == "40s"


def test_the_image_runs_as_a_user_without_rights_and_keeps_no_build_tool() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER publisher" in last_stage
    assert not any("pip" in line or "apt-get" in line for line in last_stage)


def test_the_secrets_are_made_once_and_are_those_the_compose_file_reads(tmp_path: Path) -> None:
    first = _make_secrets(tmp_path)
    assert set(first) == {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert urlsplit(first["database_url"]).password == first["postgres_password"]
    assert urlsplit(first["broker_url"]).password == first["redis_password"]
    assert _make_secrets(tmp_path) == first


def test_nginx_is_given_every_setting_that_its_configuration_names() -> None:
    conf = (ROOT / "docker" / "nginx.conf").read_text(encoding="utf-8")
    nginx = SERVICES["nginx"]
    given = {name: nginx["environment"][name] for name in re.findall(r"\$\{(\w+)\}", conf)}
    assert all(re.match(nginx["environment"]["NGINX_ENVSUBST_FILTER"], name) for name in given)
    ours = COMPOSE["x-publisher"]["environment"]
    assert {name: value.replace(":-", "") for name, value in given.items()} == {
        name: re.sub(r":[-?][^}]*", "", ours[name]) for name in given
    }


def _named_volumes(service: dict[str, Any]) -> set[str]:
    sources = {volume.partition(":")[0] for volume in service.get("volumes", ())}
    return {source for source in sources if not source.startswith((".", "/"))}


def _make_secrets(folder: Path) -> dict[str, str]:
    script = ROOT / "docker" / "make_secrets.py"
    subprocess.run([sys.executable, script], cwd=folder, check=True, capture_output=True)
    made = (folder / "secrets").iterdir()
    return {path.name: path.read_text(encoding="utf-8") for path in made}
