"""Writes the secrets that docker-compose.yml reads, each in a file of its own; keeps those there.

Run it in the folder of docker-compose.yml. The folder is closed to others; the files in it are
readable, because inside the containers another user reads them.
"""

import secrets
from pathlib import Path

FOLDER = Path("secrets")


def main() -> None:
    """Make what is missing and say so."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    database = _keep("postgres_password", secrets.token_urlsafe(32))
    broker = _keep("redis_password", secrets.token_urlsafe(32))
    _keep("secret_key", secrets.token_urlsafe(48))
    _keep("database_url", f"postgresql://publisher:{database}@postgres:5432/publisher")
    _keep("broker_url", f"redis://:{broker}@redis:6379/0")
    _keep("smtp_password", "")
    print(f"The secrets are in {FOLDER.absolute()}. Your relay's password goes in smtp_password.")


def _keep(name: str, value: str) -> str:
    path = FOLDER / name
    if not path.exists():
        path.write_text(value, encoding="utf-8")
        path.chmod(0o444 if value else 0o644)
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
