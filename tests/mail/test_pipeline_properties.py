"""Whatever a server does: one end for each message, nothing accepted that the server lacks."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import UnavailableError
from publisher.mail import lines as lines_module
from publisher.mail.conversation import Conversation
from publisher.mail.envelope import Features
from publisher.mail.pipeline import hand_over
from tests.mail.wire import Act, Book, Host, lines_to, offers, wire

Script = dict[str, list[Act | None]]

usual = st.none()
refusals = st.sampled_from([b"550 no\r\n", b"451 later\r\n", b"550-no\r\n550 never\r\n"]).map(
    lambda answer: Act(answer, keep=False)
)
closings = st.builds(Act, st.just(b"421 bye\r\n"), keep=st.just(value=False), hang_up=st.booleans())
cuts = st.builds(
    Act, st.sampled_from([b"", b"25"]), keep=st.booleans(), hang_up=st.just(value=True)
)
garbage = st.builds(
    Act,
    st.sampled_from([b"\xff\r\n", b"2500\r\n", b"399 x\r\n", b"250-" + b"x" * 70_000 + b"\r\n"]),
    keep=st.booleans(),
)
last_words = st.just(Act(b"250 kept\r\n", keep=True, hang_up=True))
doubled = st.just(Act(b"250 kept\r\n250 kept\r\n", keep=True))
noes = st.one_of(usual, usual, usual, usual, refusals, closings, cuts, garbage)
ends = st.one_of(usual, usual, refusals, closings, cuts, garbage, last_words, doubled)
scripts = st.fixed_dictionaries(
    {"MAIL": st.lists(noes), "RCPT": st.lists(noes), "DATA": st.lists(noes), ".": st.lists(ends)},
    optional={"RSET": st.lists(noes, max_size=2)},
)
features = st.sampled_from([("PIPELINING", "SIZE 5000"), ("SIZE",)])


@pytest.fixture(scope="module", autouse=True)
def _impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "_FIRST_WAIT_S", 0.01)
        yield


@settings(max_examples=60, deadline=None)
@given(
    script=scripts,
    announced=features,
    count=st.integers(0, 15),
    most=st.integers(1, 3),
    each=st.integers(1, 6),
    empty_is_fine=st.booleans(),
    fence=st.none() | st.integers(0, 10),
)
def test_over_real_lines_every_message_has_one_end_and_the_sums_agree(
    *,
    script: Script,
    announced: tuple[str, ...],
    count: int,
    most: int,
    each: int,
    empty_is_fine: bool,
    fence: int | None,
) -> None:
    book = Book(most_in_doubt=most, fence=fence)
    unreachable = False
    with (
        wire(_following(script), features=announced, empty_is_fine=empty_is_fine) as server,
        lines_to(server.port, most=most, each=each, answers_s=0.5) as lines,
    ):
        try:
            hand_over(lines, offers(count), book)
        except UnavailableError:
            unreachable = True

    if not unreachable and fence is None:
        assert len(book.outcomes()) == count
    _assert_sums(book, server.kept)


@settings(max_examples=400, deadline=None)
@given(
    script=scripts,
    pipelining=st.booleans(),
    count=st.integers(1, 6),
    empty_is_fine=st.booleans(),
    bites=st.lists(st.integers(1, 90), min_size=1),
    turns=st.integers(0, 400),
)
def test_a_conversation_cut_anywhere_knows_what_the_server_may_have(
    *,
    script: Script,
    pipelining: bool,
    count: int,
    empty_is_fine: bool,
    bites: list[int],
    turns: int,
) -> None:
    book = Book()
    host = Host(_following(script), [], [], empty_is_fine=empty_is_fine)
    talk = Conversation("The mail server", Features(pipelining=pipelining))
    link = _Trickle(bites)
    messages = list(offers(count))
    begun = []
    for _ in range(turns):
        while talk.ready and messages:
            begun.append(messages[0].key)
            talk.begin(messages.pop(0), book)
        talk.outbox.flush(link)  # type: ignore[arg-type]
        talk.hear(host.hear(link.taken()))
        if host.gone or not talk.alive:
            break
    talk.lose("the test cut it")

    assert len(book.outcomes()) == len(begun)
    assert len(book.readers("uncertain")) <= 1
    _assert_sums(book, host.kept)


class _Trickle:
    """Takes a few bytes at a time, as a slow line does."""

    def __init__(self, bites: list[int]) -> None:
        self._bites = bites
        self._turn = 0
        self._full = False
        self._taken = b""

    def sendmsg(self, pieces: Sequence[memoryview]) -> int:
        if self._full:
            raise BlockingIOError
        self._turn += 1
        bite = b"".join(pieces)[: self._bites[self._turn % len(self._bites)]]
        self._taken += bite
        self._full = True
        return len(bite)

    def taken(self) -> bytes:
        self._full = False
        taken, self._taken = self._taken, b""
        return taken


def _following(script: Script) -> Callable[[str, str], Act | None]:
    """For each kind of command one act after the other, over all connections; then the usual."""
    rest = {verb: iter(acts) for verb, acts in script.items()}
    return lambda verb, _line: next(rest.get(verb, iter(())), None)


def _assert_sums(book: Book, kept: Sequence[str]) -> None:
    assert len(set(kept)) == len(kept)
    assert book.readers("accepted") <= set(kept)
    assert set(kept) <= book.readers("accepted", "uncertain")
