"""A mail server for tests that pipelines: usual unless an act is put in a command's way."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from publisher.mail.conversation import Keeper
from publisher.mail.pipeline import Lines, Offer
from publisher.mail.replies import Reply
from publisher.mail.smtp import Relay, connect

SENDER = "news@harbour.example"
BODY = b"Subject: Ferry stays\r\n\r\nGood morning.\r\n"


@dataclass(frozen=True, slots=True)
class Act:
    """An answer other than the usual; at the message's end `keep` says whether it is taken."""

    answer: bytes = b""
    keep: bool = True
    hang_up: bool = False


Director = Callable[[str, str], Act | None]  # (verb, the whole line); "." is the message's end


@dataclass
class Host:
    """One connection as the server sees it, without a socket: bytes in, answers out."""

    direct: Director
    kept: list[str]
    heard: list[str]
    features: Iterable[str] = ("PIPELINING", "SIZE 1000000", "8BITMIME")
    empty_is_fine: bool = False
    gone: bool = False
    _rest: bytes = b""
    _sender: bool = False
    _readers: list[str] = field(default_factory=list)
    _in_content: bool = False

    def hear(self, data: bytes) -> bytes:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        said = b""
        for line in lines:
            if not self.gone:
                said += self._line(line)
        return said

    def _line(self, line: bytes) -> bytes:
        if not self._in_content:
            return self._command(line.decode("utf-8", "replace"))
        if line != b".":
            return b""
        self._in_content = False
        self._sender = False
        readers, self._readers = self._readers, []
        taken = readers or self.empty_is_fine
        act = self._act(".", "") or Act(b"250 kept\r\n" if taken else b"554 nobody\r\n")
        if act.keep and readers:
            self.kept += readers
        return act.answer

    def _command(self, line: str) -> bytes:
        verb = line[:4].strip().upper()
        self.heard.append(line)
        act = self._act(verb, line)
        answer = self._usual(verb) if act is None else act.answer
        last = answer.rstrip().rpartition(b"\n")[2]
        if verb == "MAIL":
            self._sender = self._sender or last.startswith(b"2")
        elif verb == "RCPT" and last.startswith(b"2"):
            self._readers.append(line.partition("<")[2].partition(">")[0])
        elif verb == "RSET" and last.startswith(b"2"):
            self._sender, self._readers = False, []
        elif verb == "DATA":
            self._in_content = last.startswith(b"3")
        return answer

    def _usual(self, verb: str) -> bytes:
        if verb == "EHLO":
            said = [f"250-{line}\r\n" for line in ("wire", *self.features)]
            return "".join(said).encode() + b"250 HELP\r\n"
        return self._in_turn(verb)

    def _in_turn(self, verb: str) -> bytes:
        match verb:
            case "MAIL" if self._sender:
                return b"503 one at a time\r\n"
            case "RCPT" if not self._sender:
                return b"503 whose?\r\n"
            case "DATA" if not self._readers:
                return b"354 to nobody\r\n" if self.empty_is_fine else b"554 nobody\r\n"
            case "DATA":
                return b"354 go on\r\n"
            case "QUIT":
                self.gone = True
                return b"221 bye\r\n"
        return b"250 ok\r\n"

    def _act(self, verb: str, line: str) -> Act | None:
        act = self.direct(verb, line)
        self.gone = self.gone or bool(act and act.hang_up)
        return act


class Wire:
    """Hosts behind a port, each client in a thread of its own."""

    def __init__(self, direct: Director, **host: object) -> None:
        self.kept: list[str] = []
        self.heard: list[str] = []
        self.clients = 0
        self._direct = direct
        self._host = host
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def stop(self) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, run: Callable[..., None], *values: object) -> None:
        thread = threading.Thread(target=run, args=values, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.clients += 1
                self._sockets.append(client)
                self._start(self._talk, client)

    def _talk(self, client: socket.socket) -> None:
        host = Host(self._direct, self.kept, self.heard, **self._host)
        with client, suppress(OSError):
            act = self._direct("", "")
            client.sendall(act.answer if act else b"220 wire\r\n")
            while not host.gone and not (act and act.hang_up) and (data := client.recv(65536)):
                client.sendall(host.hear(data))


@contextmanager
def wire(direct: Director = lambda _verb, _line: None, **host: object) -> Iterator[Wire]:
    """A server that answers as `direct` says, and as usual where it says nothing."""
    server = Wire(direct, **host)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def lines_to(
    port: int, *, most: int = 1, each: int = 100, answers_s: float = 5.0
) -> Iterator[Lines]:
    """Lines to a server on loopback, closed at the end."""
    relay = Relay("127.0.0.1", port, helo="news.test", timeout_s=5, answers_s=answers_s)
    lines = Lines(lambda: connect(relay), most=most, messages_each=each)
    try:
        yield lines
    finally:
        lines.close()


def at(verb: str, answer: bytes, *, nth: int | None = None, **how: bool) -> Director:
    """Answer the nth command of this kind so, or all of them."""
    count = 0

    def direct(said: str, _line: str) -> Act | None:
        nonlocal count
        count += said == verb
        ours = said == verb and nth in {None, count}
        return Act(answer, **how) if ours else None

    return direct


def reader(key: int) -> str:
    return f"reader{key}@readers.example"


def offers(count: int, body: bytes = BODY) -> Iterator[Offer]:
    """Messages to reader0, reader1 and so on, made when they are asked for."""
    return (Offer(key, SENDER, reader(key), body) for key in range(count))


class Book(Keeper):
    """Writes down what it hears, and checks what must hold at every moment."""

    def __init__(self, *, most_in_doubt: int = 1, fence: int | None = None) -> None:
        self.replies: dict[int, Reply] = {}
        self.reasons: dict[int, str] = {}
        self.offered: list[int] = []
        self.asked = 0
        self._in_doubt: set[int] = set()
        self._most_in_doubt = most_in_doubt
        self._fence = fence

    def may_offer(self) -> bool:
        self.asked += 1
        return self._fence is None or len(self.offered) < self._fence

    def offering(self, key: int) -> bool:
        assert key not in self.offered
        assert key not in self.replies
        if not self.may_offer():
            return False
        self.offered.append(key)
        self._in_doubt.add(key)
        assert len(self._in_doubt) <= self._most_in_doubt
        return True

    def answered(self, key: int, reply: Reply) -> None:
        assert key not in self.replies
        assert key not in self.reasons
        assert reply.outcome in {"refused", "deferred"} or key in self._in_doubt
        self.replies[key] = reply
        self._in_doubt.discard(key)

    def not_taken(self, key: int, reason: str) -> None:
        assert key not in self.replies
        assert key not in self.reasons
        self.reasons[key] = reason
        self._in_doubt.discard(key)

    def outcomes(self) -> list[str]:
        """By key; “not taken” stands for those that the server does not have."""
        ends = {key: reply.outcome for key, reply in self.replies.items()}
        ends |= dict.fromkeys(self.reasons, "not taken")
        return [ends[key] for key in sorted(ends)]

    def readers(self, *outcomes: str) -> set[str]:
        """Who ended so."""
        return {reader(key) for key, reply in self.replies.items() if reply.outcome in outcomes}
