"""Bringing a database to the newest shape."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from publisher.settings import Settings


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Run the migrations up to `revision`; safe to repeat. Works on an empty database."""
    command.upgrade(alembic_config(settings.ready().database), revision)


def alembic_config(database: str) -> Config:
    """Alembic's own settings, made here so that no ini file has to be found."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["database"] = database
    return config
