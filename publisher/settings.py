"""Every setting, where it comes from and what it must look like; read once, at the rim.

A setting `name` is the environment variable `PUBLISHER_NAME`; `PUBLISHER_NAME_FILE` names a file
that holds the value instead (for secrets). Nothing else in the project reads the environment.
"""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from publisher.errors import ConfigurationError
from publisher.setting_checks import (
    check_base_url,
    check_bounce_domain,
    check_hubs,
    check_trust_indicators,
)

PREFIX = "PUBLISHER_"
SHORTEST_KEY = 32
Security = Literal["none", "starttls", "tls"]
_USUAL_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


def load_settings(**overrides: Any) -> "Settings":
    """Read the settings; `overrides` win over the environment.

    Raises ConfigurationError that names the variable and says what would do.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise _configuration_error(error) from None
    settings.note_origins(overrides)
    return settings


def child_environment(**settings: object) -> dict[str, str]:
    """The environment for a process that this one starts: its own, with `settings` put in."""
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
    return {**os.environ, **given}


class Settings(BaseSettings):
    """One value object, passed inward; derived paths and addresses are its properties."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    production: bool = Field(default=False, description="refuse everything meant for a laptop")
    home: Path = Field(default=Path("var"), description="folder of all state kept on this host")
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="address readers see, without a slash"
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="signs links; made at first start if not production"
    )
    database_url: str = Field(default="", description="PostgreSQL or SQLite; empty: SQLite in home")
    broker_url: str = Field(default="", description="Redis or RabbitMQ; empty: a folder in home")
    site_name: str = Field(default="The Newsroom", description="the publication's name")
    language: str = Field(default="en", description="language of pages and of sources by default")
    zone: str = Field(default="UTC", description="IANA zone of the newsroom")
    postal_address: str = Field(default="", description="printed at the foot of every mail")
    sender_address: str = Field(default="", description="From of letters; empty: news@ the host")
    bounce_domain: str = Field(
        default="", description="bounces come to b+…@ it; empty: to the sender's address"
    )
    smtp_host: str = Field(default="", description="relay; empty: the development mailbox")
    smtp_port: int = Field(default=0, description="0: 587 with starttls, 465 with tls, else 25")
    smtp_security: Security = Field(default="none", description="none, starttls or tls")
    smtp_username: str = Field(default="", description="empty: no login")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="password at the relay")
    smtp_connections: int = Field(
        default=4, ge=1, le=50, description="connections to the relay of one worker process"
    )
    smtp_timeout: float = Field(default=60.0, gt=0, description="seconds to wait for the relay")
    smtp_answer_timeout: float = Field(
        default=0.0, ge=0, description="for its answers to an edition; 0: as RFC 5321 says, 10 min"
    )
    smtp_fallback_host: str = Field(
        default="", description="second relay, for when the first is away; empty: none"
    )
    smtp_fallback_port: int = Field(default=0, description="as PUBLISHER_SMTP_PORT")
    smtp_fallback_security: Security = Field(default="none", description="none, starttls or tls")
    smtp_fallback_username: str = Field(default="", description="empty: no login")
    smtp_fallback_password: SecretStr = Field(
        default=SecretStr(""), description="password at the second relay"
    )
    dkim_folder: str = Field(
        default="", description="keys named DOMAIN.SELECTOR.pem; empty: the folder dkim in home"
    )
    dkim_domain: str = Field(
        default="", description="signs mail from it and below; empty: the relay signs"
    )
    dkim_selector: str = Field(
        default="", description="name of the key of dkim_domain, or of two, with a comma between"
    )
    websub_hubs: str = Field(
        default="", description="hubs that feeds name and ping, with commas between; empty: none"
    )
    websub_hub: bool = Field(
        default=False, description="be the hub of our feeds, where no other one is named"
    )
    trust_indicators: str = Field(
        default="", description="pages on how you work: ethicsPolicy=https://…, commas between"
    )
    private_networks: str = Field(
        default="", description="networks of yours that hubs, subscribers, partners may be in"
    )
    mailbox_port: int = Field(default=2525, description="development mailbox on loopback")
    worker_processes: int = Field(default=2, ge=1, description="processes of one worker")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Overrides win over the environment, and that over files; nothing else is read."""
        return init_settings, env_settings, _FileSource(settings_cls)

    @model_validator(mode="after")
    def _suits_the_mode(self) -> Self:
        if self.production:
            _refuse_laptop_values(self)
        check_base_url(self.base_url)
        _check_signing(self)
        check_bounce_domain(self.bounce_domain)
        check_hubs(self.other_hubs)
        check_trust_indicators(self.trust_pages)
        _check_networks(self)
        return self

    def note_origins(self, overrides: dict[str, Any]) -> None:
        """Remember for `publisher doctor` where each value came from."""
        for name in type(self).model_fields:
            self._origins[name] = _origin_of(name, overrides)

    def note_origin(self, origin: str, *names: str) -> None:
        """Remember that the values of `names` came from `origin` instead."""
        self._origins.update(dict.fromkeys(names, origin))

    def origin(self, name: str) -> str:
        """Where the value of `name` came from: a variable, a file, the command line, default."""
        return self._origins.get(name, "default")

    @property
    def database(self) -> str:
        """SQLAlchemy address of the store."""
        if not self.database_url:
            return f"sqlite:///{(self.home / 'publisher.db').absolute()}"
        scheme, mark, rest = self.database_url.partition("://")
        return f"{'postgresql+psycopg' if scheme.startswith('postgres') else scheme}{mark}{rest}"

    @property
    def broker(self) -> str:
        """Address of the broker, in the words of kombu."""
        return self.broker_url or "filesystem://localhost/"

    @property
    def public_folder(self) -> Path:
        """What the web server may serve as files: the feeds."""
        return self.home / "public"

    @property
    def mailbox_folder(self) -> Path:
        """What the development mailbox was given."""
        return self.home / "mailbox"

    @property
    def journal_folder(self) -> Path:
        """What the workers of this host wrote down while sending."""
        return self.home / "journal"

    @property
    def queue_folder(self) -> Path:
        """Messages of the embedded broker."""
        return self.home / "queue"

    @property
    def inbox_folder(self) -> Path:
        """The watched folder that the embedded default starts with."""
        return self.home / "inbox"

    @property
    def hubs(self) -> tuple[str, ...]:
        """Addresses of the WebSub hubs that feeds name, each once: other people's, or our own."""
        return self.other_hubs or ((self.own_hub,) if self.own_hub else ())

    @property
    def other_hubs(self) -> tuple[str, ...]:
        """Addresses of the hubs that are to be told of changes."""
        named = (hub.strip() for hub in self.websub_hubs.split(","))
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def own_hub(self) -> str | None:
        """The address of our own hub; None where we are none."""
        return f"{self.base_url}/websub" if self.websub_hub and not self.other_hubs else None

    @property
    def trust_pages(self) -> tuple[tuple[str, str], ...]:
        """Pages on how this newsroom works, each with the IPTC's code for what it is about."""
        named = (one.strip().partition("=") for one in self.trust_indicators.split(","))
        return tuple((code.strip(), page.strip()) for code, mark, page in named if code or mark)

    @property
    def open_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks that servers of other people may be in though they are not public."""
        named = (one.strip() for one in self.private_networks.split(","))
        return tuple(map(ip_network, filter(None, named)))

    @property
    def dkim_keys(self) -> Path:
        """Private keys that sign mail, one file for each domain and selector."""
        return Path(self.dkim_folder) if self.dkim_folder else self.home / "dkim"

    @property
    def host(self) -> str:
        """Name of the host in base_url; the domain of letters' Message-IDs and List-Ids."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def sender(self) -> str:
        """Address that letters come from."""
        if self.sender_address:
            return self.sender_address
        host = self.host
        return f"news@{host}" if not host.replace(".", "").isdigit() else "news@newsroom.example"

    @property
    def uses_mailbox(self) -> bool:
        """Whether mail stays on this machine, because no relay is set."""
        return not self.smtp_host

    @property
    def relay_port(self) -> int:
        """Port that mail is handed over at."""
        if self.uses_mailbox:
            return self.mailbox_port
        return self.smtp_port or _USUAL_PORTS[self.smtp_security]

    @property
    def fallback_port(self) -> int:
        """Port of the second relay."""
        return self.smtp_fallback_port or _USUAL_PORTS[self.smtp_fallback_security]

    def ready(self) -> "Settings":
        """These settings with the folders of home in place and a secret key.

        Side effects: makes home and its folders; where there is no key yet, makes one in
        home/secret_key (mode 0600).
        """
        for folder in (self.public_folder, self.journal_folder, self.queue_folder):
            folder.mkdir(parents=True, exist_ok=True)
        if self.secret_key.get_secret_value():
            return self
        ready = self.model_copy(update={"secret_key": SecretStr(_kept_key(self.home))})
        ready.note_origin(str(self.home / "secret_key"), "secret_key")
        return ready


class _FileSource(PydanticBaseSettingsSource):
    """`PUBLISHER_NAME_FILE`: the value stands in a file; a last line break does not count."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """The text of the file, None where no file is named."""
        variable = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(variable, f"cannot be read: {error}") from None

    def __call__(self) -> dict[str, Any]:
        values = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                values[name] = value
        return values


def _refuse_laptop_values(settings: Settings) -> None:
    if not settings.base_url.startswith("https://"):
        raise ConfigurationError(
            "PUBLISHER_BASE_URL",
            "production needs an https:// address, because links in mails must be safe. "
            "Set it to the address that readers see, for example https://news.example.org",
        )
    if len(settings.secret_key.get_secret_value()) < SHORTEST_KEY:
        raise ConfigurationError(
            "PUBLISHER_SECRET_KEY",
            f"production needs a key of {SHORTEST_KEY} characters or more, the same on every "
            "host. Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    if settings.uses_mailbox:
        raise ConfigurationError(
            "PUBLISHER_SMTP_HOST",
            "production does not use the development mailbox. Set the relay that sends your mail",
        )


def _check_signing(settings: Settings) -> None:
    if bool(settings.dkim_domain) != bool(settings.dkim_selector):
        missing = "PUBLISHER_DKIM_SELECTOR" if settings.dkim_domain else "PUBLISHER_DKIM_DOMAIN"
        raise ConfigurationError(
            missing, "a domain and a selector name a DKIM key together. Set both, or neither"
        )


def _check_networks(settings: Settings) -> None:
    try:
        _ = settings.open_networks
    except ValueError as error:
        raise ConfigurationError(
            "PUBLISHER_PRIVATE_NETWORKS", f"{error}; write 10.1.0.0/16, with commas between several"
        ) from None


def _origin_of(name: str, overrides: dict[str, Any]) -> str:
    variable = f"{PREFIX}{name.upper()}"
    if name in overrides:
        return "command line"
    if os.environ.get(variable):
        return variable
    if os.environ.get(f"{variable}_FILE"):
        return f"{variable}_FILE"
    return "default"


def _kept_key(home: Path) -> str:
    path = home / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii").strip()
        if not key:
            raise ConfigurationError(
                "PUBLISHER_SECRET_KEY", f"{path} is empty; delete it"
            ) from None
        return key
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key


def _configuration_error(error: ValidationError) -> ConfigurationError:
    first = error.errors()[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "SETTINGS"
    return ConfigurationError(f"{PREFIX}{name}", f"{first['msg']} (got {first['input']!r})")
