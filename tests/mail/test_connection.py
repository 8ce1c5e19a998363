"""Every answer of a mail server is told apart, and nothing is called lost that may be there."""

import pytest

from publisher.errors import RefusedError, UnavailableError
from publisher.mail.smtp import Connection, Relay, connect
from tests.mail.servers import DROP, ScriptedServer, scripted
from tests.services.smtp import SmtpServer

ANN, BOB = "ann@readers.example", "bob@readers.example"
SENDER = "news@harbour.example"
MESSAGE = b"Subject: Ferry stays\r\n\r\nGood morning.\r\n"


def test_messages_go_one_after_another_over_one_connection() -> None:
    with scripted() as server:
        connection = connect(_relay(server))

        replies = [connection.send(SENDER, reader, MESSAGE) for reader in (ANN, BOB, ANN)]

        connection.close()
    assert [(reply.outcome, reply.code) for reply in replies] == [("accepted", 250)] * 3
    assert server.bodies == [MESSAGE] * 3
    assert server.heard.count("ehlo news.test") == 1
    assert not connection.alive


def test_the_server_gets_envelope_and_message_as_they_were_handed_over(
    smtp_server: SmtpServer,
) -> None:
    connection = connect(_relay(smtp_server))
    connection.send(SENDER, ANN, MESSAGE)
    connection.close()

    (received,) = smtp_server.messages
    assert (received.sender, received.recipients, received.raw) == (SENDER, (ANN,), MESSAGE)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("550 5.1.1 no such reader", "refused"), ("450 4.2.1 later", "deferred")],
)
def test_a_reader_turned_away_does_not_stop_the_next(
    smtp_server: SmtpServer, answer: str, outcome: str
) -> None:
    smtp_server.refuse[ANN] = answer
    connection = connect(_relay(smtp_server))

    turned_away, next_one = (connection.send(SENDER, who, MESSAGE) for who in (ANN, BOB))

    connection.close()
    assert (turned_away.outcome, turned_away.code) == (outcome, int(answer[:3]))
    assert (turned_away.text, turned_away.stage) == (answer[4:], "rcpt")
    assert next_one.outcome == "accepted"
    assert smtp_server.recipients() == [BOB]


def test_a_message_refused_after_its_end_is_refused(smtp_server: SmtpServer) -> None:
    smtp_server.before_data = lambda _: "552 5.3.4 too big"
    connection = connect(_relay(smtp_server))

    reply = connection.send(SENDER, ANN, MESSAGE)

    assert (reply.outcome, reply.code, reply.stage) == ("refused", 552, "end")
    assert connection.alive
    connection.close()


def test_a_line_cut_after_the_end_of_the_message_leaves_it_uncertain(
    smtp_server: SmtpServer,
) -> None:
    smtp_server.after_data = _cut
    connection = connect(_relay(smtp_server))

    reply = connection.send(SENDER, ANN, MESSAGE)

    assert (reply.outcome, reply.code, reply.stage) == ("uncertain", None, "end")
    assert not connection.alive
    assert smtp_server.recipients() == [ANN]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_the_message_raises_and_the_server_has_nothing(command: str) -> None:
    with scripted(**{command: DROP}) as server:
        connection = connect(_relay(server))

        with pytest.raises(UnavailableError, match="lost before the message was handed over"):
            connection.send(SENDER, ANN, MESSAGE)

        assert not connection.alive
        assert server.bodies == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(("code", "outcome"), [(550, "refused"), (451, "deferred")])
def test_a_no_at_any_stage_is_an_answer_and_the_connection_stays(
    command: str, code: int, outcome: str
) -> None:
    with scripted(**{command: b"%d no\r\n" % code}) as server:
        connection = connect(_relay(server))

        reply, again = (connection.send(SENDER, who, MESSAGE) for who in (ANN, BOB))

        assert (reply.outcome, reply.code, reply.text) == (outcome, code, "no")
        assert (again.outcome, again.code, again.text) == (outcome, code, "no")
        assert connection.alive
        assert ("RSET" in server.heard) == (command in {"RCPT", "DATA"})
        connection.close()
        assert server.heard[-1] == "QUIT"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "END"])
def test_421_defers_and_closes(command: str) -> None:
    with scripted(**{command: b"421 4.3.2 going down\r\n"}) as server:
        connection = connect(_relay(server))

        reply = connection.send(SENDER, ANN, MESSAGE)

        assert (reply.outcome, reply.code) == ("deferred", 421)
        assert not connection.alive


@pytest.mark.parametrize(
    "answer", [b"what?\r\n", b"\x00\xff\r\n", b"2500 ok\r\n", b"350 hm\r\n", b"250", b"999 x\r\n"]
)
def test_garbage_is_uncertain_after_the_message_and_an_error_before(answer: bytes) -> None:
    with scripted(END=answer + (b"" if answer.endswith(b"\n") else b"\n")) as server:
        if answer == b"250":
            return _assert_accepted(server)
        reply = connect(_relay(server)).send(SENDER, ANN, MESSAGE)
        assert (reply.outcome, reply.code) == ("uncertain", None)
    with scripted(RCPT=answer) as server, pytest.raises(UnavailableError, match="lost before"):
        connect(_relay(server)).send(SENDER, ANN, MESSAGE)
    return None


def test_a_line_cut_within_the_message_raises_because_the_server_cannot_have_it() -> None:
    message = MESSAGE + (b"x" * 70 + b"\r\n") * 300_000
    with scripted(EHLO=b"250 scripted\r\n", DATA=b"300 go on\r\n", SUBJ=DROP) as server:
        connection = connect(_relay(server))

        with pytest.raises(UnavailableError, match="lost before the message was handed over"):
            connection.send(SENDER, ANN, message)

        assert not connection.alive


@pytest.mark.parametrize("answer", [DROP, b"500 no\r\n", b"421 bye\r\n"])
def test_a_refusal_counts_even_if_the_connection_cannot_go_on(answer: bytes) -> None:
    with scripted(RCPT=b"550 no\r\n", RSET=answer) as server:
        connection = connect(_relay(server))

        assert connection.send(SENDER, ANN, MESSAGE).outcome == "refused"
        with pytest.raises(UnavailableError, match="lost before"):
            connection.send(SENDER, BOB, MESSAGE)
        assert not connection.alive


def test_an_answer_without_end_is_cut_off() -> None:
    with (
        scripted(RCPT=b"250-more\r\n" * 200) as server,
        pytest.raises(UnavailableError, match="answered without end"),
    ):
        connect(_relay(server)).send(SENDER, ANN, MESSAGE)


def test_a_goodbye_to_a_server_that_went_away_harms_nobody() -> None:
    with scripted(QUIT=DROP) as server:
        connection = connect(_relay(server))

        connection.close()
        connection.close()

        assert not connection.alive


def test_a_yes_where_the_message_should_go_on_is_not_taken_for_acceptance() -> None:
    with scripted(DATA=b"250 ok\r\n") as server, pytest.raises(UnavailableError, match="250 ok"):
        connect(_relay(server)).send(SENDER, ANN, MESSAGE)


def test_a_silent_server_is_given_up_after_the_time_out() -> None:
    with scripted(END=b"250-wait\r\n") as server:
        reply = connect(_relay(server, timeout_s=0.3)).send(SENDER, ANN, MESSAGE)

    assert reply.outcome == "uncertain"
    assert "timed out" in reply.text


def test_an_answer_of_many_lines_is_one_text() -> None:
    with scripted(RCPT=b"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 reader\r\n") as server:
        connection = connect(_relay(server))
        reply = connection.send(SENDER, ANN, MESSAGE)
        connection.close()

    assert reply.text == "5.1.1 no 5.1.1 such 5.1.1 reader"


def test_a_10_kb_answer_is_cut_to_200_printable_characters() -> None:
    with scripted(RCPT=b"550 \x1b[31m<b>\x00" + "né".encode() * 3500 + b"\r\n") as server:
        connection = connect(_relay(server))
        reply = connection.send(SENDER, ANN, MESSAGE)
        assert connection.alive
        connection.close()

    assert reply.outcome == "refused"
    assert len(reply.text) == 200
    assert reply.text.isprintable()


def test_the_size_is_told_to_a_server_that_asks_for_it() -> None:
    with scripted() as server:
        _assert_accepted(server)

    assert f"MAIL FROM:<{SENDER}> SIZE={len(MESSAGE)}" in server.heard
    assert server.bodies == [MESSAGE]


def test_an_address_that_cannot_be_written_is_refused_without_asking() -> None:
    with scripted() as server:
        connection = connect(_relay(server))
        reply = connection.send(SENDER, "jörg@readers.example\r\nDATA", MESSAGE)
        connection.close()

    assert (reply.outcome, reply.code, reply.stage) == ("refused", None, "address")
    assert [line[:4] for line in server.heard] == ["ehlo", "QUIT"]


def test_a_return_path_that_is_no_address_is_our_own_fault() -> None:
    with scripted() as server:
        connection = connect(_relay(server))
        with pytest.raises(RefusedError, match="cannot be mailed"):
            connection.send("news", ANN, MESSAGE)
        connection.close()


def test_letters_may_go_without_a_return_path() -> None:
    with scripted() as server:
        connection = connect(_relay(server))
        connection.send("", ANN, MESSAGE)
        connection.close()

    assert any(line.startswith("MAIL FROM:<> ") for line in server.heard)


def _relay(server: SmtpServer | ScriptedServer, *, timeout_s: float = 5) -> Relay:
    return Relay("127.0.0.1", server.port, helo="news.test", timeout_s=timeout_s)


def _cut(_: object) -> None:
    raise ConnectionResetError


def _assert_accepted(server: ScriptedServer) -> None:
    connection: Connection = connect(_relay(server))
    assert connection.send(SENDER, ANN, MESSAGE).outcome == "accepted"
    connection.close()
