"""What every case stands on: the tools, the newsrooms, one mail, and smtp-source just before."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from bench.check import sample
from bench.houses import SQLITE, Estate, House
from bench.postfix import Tools
from bench.servers import estate
from bench.sizes import Sizes
from bench.smtp_tools import HOST, Sink, send_by_source, sink_open


@dataclass
class Ground:
    """Databases are opened at first need, and closed with `stack`."""

    tools: Tools
    sizes: Sizes
    processes: int
    connections: int
    stack: ExitStack
    estates: dict[str, Estate] = field(default_factory=dict)

    @property
    def sessions(self) -> int:
        """Connections in all."""
        return self.processes * self.connections

    @cached_property
    def message(self) -> bytes:
        """What one reader gets, of the middle length."""
        with sink_open(self.tools) as sink, self.house(SQLITE, 100, 50, sink.port) as house:
            return sample(house)

    def base(self) -> float:
        """Messages a second of smtp-source, just now."""
        messages = self.sizes.base
        with sink_open(self.tools) as sink:
            seconds = send_by_source(
                self.tools,
                sink.port,
                messages=messages,
                size=len(self.message),
                sessions=self.sessions,
            )
            sink.expect(messages)
        return messages / seconds

    def in_time(self, trip_ms: int) -> int:
        """How many messages go in the time there is, at one round trip a message."""
        return int(self.sizes.trip_s * self.sessions * 1000 / trip_ms)

    @contextmanager
    def sent_to(
        self, kind: str, readers: int, variants: int, **settings: str
    ) -> Iterator[tuple[House, Sink]]:
        """The same, its mail going to a sink."""
        with (
            sink_open(self.tools) as sink,
            self.house(kind, readers, variants, sink.port, **settings) as house,
        ):
            yield house, sink

    @contextmanager
    def house(
        self, kind: str, readers: int, variants: int, port: int, **settings: str
    ) -> Iterator[House]:
        """A newsroom with so many readers, whose mail goes to `port`."""
        if kind not in self.estates:
            self.estates[kind] = self.stack.enter_context(estate(kind))
        with self.estates[kind].lend(
            readers,
            variants,
            smtp_host=HOST,
            smtp_port=port,
            smtp_connections=self.connections,
            worker_processes=self.processes,
            **settings,
        ) as house:
            yield house
