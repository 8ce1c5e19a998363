"""The signers of a newsroom: whose mail is signed, by which domain, with which key file."""

from pathlib import Path

from publisher.errors import ConfigurationError, InvalidInputError
from publisher.mail.dkim import Signer
from publisher.mail.dkim_names import domain_name, selector_name, vouches
from publisher.settings import Settings


class Keyring:
    """Reads each key once, because that costs more than a hundred signatures."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signers: dict[tuple[str, str], Signer] = {}

    def signer(
        self, sender: str, domain: str | None = None, selector: str | None = None
    ) -> Signer | None:
        """Who signs mail from the address `sender`; None where the relay is left to do it.

        A newsletter's own `domain` and `selector` go before those of the settings, which sign
        letters and the mail of all other senders at or below their domain. Raises
        ConfigurationError where the key cannot be used: such mail waits, and never goes unsigned.
        """
        pair = (domain, selector) if domain and selector else self._of_the_house()
        if pair is None or not vouches(pair[0], sender):
            return None
        if pair not in self._signers:
            self._signers[pair] = Signer.load(self.path(*pair), *pair)
        return self._signers[pair]

    def path(self, domain: str, selector: str) -> Path:
        """Where that key lies."""
        return self._settings.dkim_keys / f"{domain}.{selector}.pem"

    def _of_the_house(self) -> tuple[str, str] | None:
        settings = self._settings
        if not settings.dkim_domain:
            return None
        try:
            return domain_name(settings.dkim_domain), selector_name(settings.dkim_selector)
        except InvalidInputError as error:
            raise ConfigurationError(
                "PUBLISHER_DKIM_DOMAIN and PUBLISHER_DKIM_SELECTOR", str(error)
            ) from None
