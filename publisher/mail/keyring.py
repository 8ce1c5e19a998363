"""The signers of a newsroom: whose mail is signed, by which domain, with which key file."""

from pathlib import Path

from publisher.errors import ConfigurationError, InvalidInputError
from publisher.mail.dkim import Signer
from publisher.mail.dkim_names import domain_name, selector_names, vouches
from publisher.settings import Settings


class Keyring:
    """Reads each key once, because that costs more than a hundred signatures."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signers: dict[tuple[str, str], Signer] = {}

    def signers(
        self, sender: str, domain: str | None = None, selector: str | None = None
    ) -> tuple[Signer, ...]:
        """Who signs mail from the address `sender`, RSA first; nobody: it is left to the relay.

        A newsletter's own `domain` and `selector` go before those of the settings, which sign
        letters and the mail of all other senders at or below their domain. Each may name two
        selectors with a comma between them. Raises ConfigurationError where a key cannot be used:
        such mail waits, and never goes unsigned.
        """
        named = (domain, selector) if domain and selector else self._of_the_house()
        if named is None or not vouches(named[0], sender):
            return ()
        found = [self._signer(named[0], name) for name in selector_names(named[1])]
        return tuple(sorted(found, key=lambda signer: not signer.is_rsa))

    def path(self, domain: str, selector: str) -> Path:
        """Where that key lies."""
        return self._settings.dkim_keys / f"{domain}.{selector}.pem"

    def _signer(self, domain: str, selector: str) -> Signer:
        if (domain, selector) not in self._signers:
            path = self.path(domain, selector)
            self._signers[domain, selector] = Signer.load(path, domain, selector)
        return self._signers[domain, selector]

    def _of_the_house(self) -> tuple[str, str] | None:
        settings = self._settings
        if not settings.dkim_domain:
            return None
        try:
            selectors = selector_names(settings.dkim_selector)
            return domain_name(settings.dkim_domain), ",".join(selectors)
        except InvalidInputError as error:
            raise ConfigurationError(
                "PUBLISHER_DKIM_DOMAIN and PUBLISHER_DKIM_SELECTOR", str(error)
            ) from None
