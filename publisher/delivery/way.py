"""The way to the relays as one process goes it: over the first that does well.

What it learns by itself and what the rows say come together between windows, in the transaction
that is open then: while messages go over, nothing here asks the database.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from publisher.delivery.models import RelayRow
from publisher.delivery.relay import relays_of
from publisher.delivery.relay_health import note_failure, note_success, rows_of
from publisher.errors import UnavailableError
from publisher.mail.connection import Connection
from publisher.mail.smtp import Relay, connect
from publisher.settings import Settings


class Way:
    """Leads to one relay at a time; the second takes over while the first is away.

    `answers_s` is how long its lines wait for an answer, if not as long as an edition's do.
    `holding` gives the names of the lines that this process has and that served it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        answers_s: float | None = None,
        holding: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._holding = holding
        self.relays = tuple(
            replace(relay, answers_s=relay.answers_s if answers_s is None else answers_s)
            for relay in relays_of(settings)
        )
        self._away: dict[str, str] = {}
        self._troubled: frozenset[str] = frozenset()
        self._news: dict[str, str] = {}

    @property
    def relay(self) -> Relay | None:
        """The one that is used now; None where none can be had."""
        return next((one for one in self.relays if one.place not in self._away), None)

    def open_line(self) -> Connection:
        """A new connection; raises UnavailableError. Runs in threads beside the others."""
        relay = self.relay
        if relay is None:
            raise UnavailableError(" ".join(dict.fromkeys(self._away.values())))
        return connect(relay)

    def turn(self, reason: str) -> bool:
        """The relay in use cannot be had; whether there is another."""
        relay = self.relay
        if relay is not None:
            self._away[relay.place] = self._news[relay.place] = reason
        return self.relay is not None

    def is_detour(self, line: Connection) -> bool:
        """Whether the line leads elsewhere than new ones do: the first relay is back."""
        relay = self.relay
        return relay is not None and line.name != relay.named

    def exchange(
        self, session: Session, serving: Collection[str], now: datetime, *, troubled: bool = True
    ) -> None:
        """Tell and learn, in a transaction; call `told` once it is committed.

        Where no row says that any relay is in trouble, it need not be `troubled` to look for them.
        """
        self.tell(session, serving, now)
        if troubled or self._news:
            self.learn(session)
        else:
            self._take_over({})

    def tell(self, session: Session, serving: Collection[str], now: datetime) -> None:
        """Write what was found out; `serving` are names of lines that messages went over."""
        for relay in self.relays:
            if relay.place in self._troubled and relay.named in serving:
                note_success(session, relay.place)
        for place, reason in self._news.items():
            note_failure(session, place, reason, now)

    def learn(self, session: Session) -> None:
        """Take over what the rows say of the relays, and forget what was told them.

        A relay that others cannot have is not away for who has a line to it: it may take only so
        many, and whoever has them must go on, or they stand idle and nobody gets in.
        """
        self._take_over(rows_of(session, self.relays))

    def _take_over(self, rows: Mapping[str, RelayRow]) -> None:
        self._troubled = frozenset(rows)
        held = self._holding() if rows else ()
        self._away = {
            relay.place: row.reason or ""
            for relay in self.relays
            if (row := rows.get(relay.place)) and row.not_before and relay.named not in held
        }
        self._away |= self._news

    def told(self) -> None:
        """What was told is committed."""
        self._news.clear()
