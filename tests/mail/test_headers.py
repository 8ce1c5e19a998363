"""Headers fold, are quoted and stay what they are."""

from email import message_from_bytes, policy

import pytest

from publisher.errors import InvalidInputError, RefusedError
from publisher.mail.headers import address_header, header

TOKEN = "tok-en_" * 58


def test_a_short_header_is_written_as_it_is() -> None:
    assert header("Subject", "Ferry stays") == b"Subject: Ferry stays\r\n"


def test_a_long_subject_folds_at_words_and_unfolds_to_itself() -> None:
    subject = "The harbour board met on Tuesday and voted after a long debate to keep the ferry"

    line = header("Subject", subject)

    assert max(map(len, line.split(b"\r\n"))) <= 78
    assert line.replace(b"\r\n ", b" ") == f"Subject: {subject}\r\n".encode()


def test_a_word_too_long_for_a_line_is_encoded() -> None:
    line = header("Subject", "see " + "x" * 200)

    assert max(map(len, line.split(b"\r\n"))) <= 78
    assert _parsed(line)["Subject"] == "see " + "x" * 200


def test_a_long_unsubscribe_link_stays_whole() -> None:
    url = f"<https://news.example/unsubscribe/{TOKEN}>"

    line = header("List-Unsubscribe", url)

    assert line == f"List-Unsubscribe: {url}\r\n".encode()
    assert b"=?" not in line


def test_list_headers_fold_only_between_links() -> None:
    link, mail = f"<https://news.example/{TOKEN},x>", "<mailto:leave@news.example>"

    line = header("List-Unsubscribe", f"{link}, {mail}")

    assert line == f"List-Unsubscribe: {link},\r\n {mail}\r\n".encode()


def test_a_link_beyond_ascii_is_percent_encoded_and_holds_no_encoded_word() -> None:
    line = header("List-Help", "<https://news.example/hilfe/über?a=?utf-8?q?x?=\r\nBcc: y>")

    assert line.count(b"\r\n") == 1
    assert line.startswith(b"List-Help: <https://news.example/hilfe/%C3%BCber?a=%3Futf-8?q?x?=")


def test_a_line_over_998_is_refused_with_its_name() -> None:
    with pytest.raises(InvalidInputError, match="List-Unsubscribe is longer than 998"):
        header("List-Unsubscribe", "<https://news.example/" + "x" * 1000 + ">")


@pytest.mark.parametrize("name", ["", "Bcc: x", "X\r\nBcc", "Sübject", "X Y", "-x"])
def test_a_header_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a header name"):
        header(name, "value")


def test_a_list_id_keeps_its_identifier_and_encodes_its_phrase() -> None:
    line = header("List-Id", "Süd-Ausgabe <sued.harbour.example>")

    assert line == b"List-Id: =?utf-8?q?S=C3=BCd-Ausgabe?= <sued.harbour.example>\r\n"
    assert header("List-Id", "<a.example>") == b"List-Id: <a.example>\r\n"
    assert header("List-Id", "a.example") == b"List-Id: a.example\r\n"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("The Harbour Record", b"The Harbour Record"),
        ('"Record, The"', b'"Record, The"'),
        ("Record, The", b'"Record, The"'),
        ('The "Record" \\ Co.', b'"The \\"Record\\" \\\\ Co."'),
        ("Łucja Nowak", b"=?utf-8?q?=C5=81ucja_Nowak?="),
    ],
)
def test_a_sender_is_written_with_its_name_quoted_as_needed(name: str, written: bytes) -> None:
    line = header("From", f"{name} <news@harbour.example>")

    assert line == b"From: " + written + b" <news@harbour.example>\r\n"


def test_an_address_without_a_name_stands_alone() -> None:
    assert header("Reply-To", "desk@harbour.example") == b"Reply-To: desk@harbour.example\r\n"
    assert address_header("To", " \r\n ", "a@b.example") == b"To: a@b.example\r\n"


def test_a_second_address_in_a_name_is_only_a_name() -> None:
    line = header("From", "evil@x.example>, <other@x.example> <news@harbour.example>")

    assert [one.addr_spec for one in _parsed(line)["From"].addresses] == ["news@harbour.example"]


def test_a_long_display_name_is_cut_at_100_characters() -> None:
    line = address_header("To", "x" * 300, "ann@readers.example")

    assert line.count(b"x") - line.count(b"example") == 100


def test_an_international_domain_is_written_in_ascii() -> None:
    assert address_header("To", "", "ann@bücher.example") == b"To: ann@xn--bcher-kva.example\r\n"


def test_a_sender_that_is_no_address_is_refused() -> None:
    with pytest.raises(RefusedError, match="cannot be mailed"):
        header("From", "The Harbour Record")


def _parsed(line: bytes) -> dict[str, object]:
    return message_from_bytes(line + b"\r\n", policy=policy.default)
