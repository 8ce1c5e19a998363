"""What a process that sends mail keeps between batches: its press, its lines and their way."""

from functools import cached_property

from publisher.delivery.press import Press
from publisher.delivery.way import Way
from publisher.mail.lines import Lines
from publisher.store import Runtime

MESSAGES_EACH = 1000


class Carrier:
    """One a process. Its lines to the relay are opened at need and kept while they are used."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.press = Press(runtime.settings)
        self.way = Way(runtime.settings, holding=self._serving)
        self.stopping = False

    @cached_property
    def lines(self) -> Lines:
        """The open connections to the relay."""
        return Lines(
            self.way.open_line,
            most=self.runtime.settings.smtp_connections,
            messages_each=MESSAGES_EACH,
            turn=self.way.turn,
            detour=self.way.is_detour,
        )

    def stop(self) -> None:
        """Have the batch that is being sent put back once what is on its way is handed over."""
        self.stopping = True

    def hang_up(self) -> None:
        """Say goodbye on every line; the next message opens new ones."""
        if "lines" in self.__dict__:
            self.lines.close()
            del self.lines

    def _serving(self) -> set[str]:
        return self.lines.serving if "lines" in self.__dict__ else set()
