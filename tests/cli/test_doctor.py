from pathlib import Path

from publisher.settings import PREFIX, Settings
from tests.cli.conftest import Shell
from tests.services.smtp import SmtpServer


def test_the_doctor_finds_a_new_home_in_order(shell: Shell) -> None:
    said = shell("doctor")
    assert said.code == 0
    assert said.out.rstrip().endswith("Everything is in order.")


def test_the_doctor_shows_every_setting_and_where_it_comes_from(shell: Shell, home: Path) -> None:
    rows = {row["setting"]: row for row in shell("doctor", "--json").rows if "setting" in row}
    assert set(rows) == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert rows["PUBLISHER_HOME"] == {
        "setting": "PUBLISHER_HOME",
        "value": str(home),
        "origin": "PUBLISHER_HOME",
    }
    assert rows["PUBLISHER_LANGUAGE"]["origin"] == "default"


def test_the_doctor_never_prints_a_secret(program: Shell, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("tide-table-1888\n")
    said = program(
        "doctor",
        settings={
            "PUBLISHER_SECRET_KEY": "lighthouse-key-that-nobody-may-see",
            "PUBLISHER_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
            "PUBLISHER_BROKER_URL": "redis://keeper:buoy-seven@127.0.0.1:1/0",
        },
    )
    assert "PUBLISHER_SMTP_PASSWORD_FILE" in said.out
    for secret in ("lighthouse-key", "tide-table", "buoy-seven"):
        assert secret not in said.out + said.err


def test_the_doctor_says_what_to_do_about_an_old_database(program: Shell, tmp_path: Path) -> None:
    empty = {"PUBLISHER_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    said = program("doctor", "--quiet", settings=empty)
    assert said.code == 1
    assert "Run: publisher db upgrade" in said.out


def test_the_quiet_doctor_says_nothing_when_all_is_well(program: Shell) -> None:
    said = program("doctor", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_the_doctor_tries_the_mail_server(program: Shell, smtp_server: SmtpServer) -> None:
    relay = {"PUBLISHER_SMTP_HOST": "127.0.0.1", "PUBLISHER_SMTP_PORT": str(smtp_server.port)}
    rows = program("doctor", "--json", settings=relay).rows
    assert {row["state"] for row in rows if row.get("check") == "mail"} == {"ok"}


def test_the_doctor_says_which_setting_names_a_mail_server_that_is_away(program: Shell) -> None:
    away = {"PUBLISHER_SMTP_HOST": "127.0.0.1", "PUBLISHER_SMTP_PORT": "1"}
    said = program("doctor", "--quiet", settings=away)
    assert said.code == 1
    assert "PUBLISHER_SMTP_HOST" in said.out


def test_the_doctor_reports_a_broker_that_is_away(program: Shell) -> None:
    away = {"PUBLISHER_BROKER_URL": "redis://127.0.0.1:1/0"}
    said = program("doctor", "--quiet", settings=away)
    assert said.code == 1
    assert "broker" in said.out
    assert "PUBLISHER_BROKER_URL" in said.out
