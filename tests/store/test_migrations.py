"""The migrations make the very tables that the models describe, on both databases."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from publisher.migrations.models import metadata
from publisher.settings import load_settings
from publisher.store.engine import make_engine
from publisher.store.upgrade import alembic_config, upgrade


def test_the_models_have_nothing_that_the_migrations_lack(migrated_url: str) -> None:
    command.check(alembic_config(_address(migrated_url)))


def test_every_check_of_the_models_is_in_the_migrated_database(migrated_url: str) -> None:
    """Alembic sees neither a new check nor a new word in one, so they are compared here."""
    engine = make_engine(_address(migrated_url))
    migrated = _checks(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    described = _checks(engine)
    engine.dispose()

    assert described
    assert migrated == described


def test_upgrading_twice_changes_nothing(migrated_url: str, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, database_url=migrated_url, secret_key="k" * 40)
    upgrade(settings)
    engine = make_engine(settings.database)
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()

    assert names == {*metadata.tables, "alembic_version"}


def _address(url: str) -> str:
    return load_settings(database_url=url, secret_key="k" * 40).database


def _checks(engine: sa.Engine) -> dict[str, dict[str, frozenset[str]]]:
    """From table to its checks by name, each as the words it allows."""
    inspector = sa.inspect(engine)
    found = {}
    for table in metadata.tables:
        checks = inspector.get_check_constraints(table)
        words = {
            str(one["name"]): frozenset(re.findall(r"'(\w+)'", one["sqltext"])) for one in checks
        }
        if words:
            found[table] = words
    return found
