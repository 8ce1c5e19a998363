"""Addresses, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInputError
from publisher.fetch.urls import Target, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hub.example", Target("https", "hub.example", 443, "/")),
        ("HTTP://Hub.Example:8080/a?b=c", Target("http", "hub.example", 8080, "/a?b=c")),
        ("http://hub.example.//x", Target("http", "hub.example", 80, "//x")),
        ("http://[::1]:81/", Target("http", "::1", 81, "/")),
        ("http://192.0.2.1?q", Target("http", "192.0.2.1", 80, "/?q")),
    ],
)
def test_an_address_has_parts(url: str, target: Target) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hub.example",
        "//hub.example/",
        "ftp://hub.example/",
        "file:///etc/passwd",
        "gopher://hub.example/",
        "http://",
        "http:///x",
        "http://user@hub.example/",
        "http://127.0.0.1@hub.example/",
        "http://hub.example\\@127.0.0.1/",
        "http://hub.example/#x",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://127.0.0.1.0x1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://[::1/",
        "http://[fe80::1%25lo]/",
        "http://[v1.x]/",
        "http://a..b/",
        "http://-a.example/",
        "http://hub.example:0/",
        "http://hub.example:99999/",
        "http://hub.example:8 0/",
        "http://hub.example/\r\nHost: x",
        "http://hub.example/ü",
        "http://hub.example/a b",
        "https://hub.example/" + "x" * 4000,
    ],
)
def test_what_may_be_misread_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        target_of(url)


@given(st.text(alphabet="htp:/@[]%.0123x#?\\ ab\r\n①", max_size=40))
def test_any_text_is_refused_in_words_or_plain(text: str) -> None:
    for url in (text, f"http://{text}"):
        try:
            target = target_of(url)
        except InvalidInputError:
            continue
        assert target.path.startswith("/")
        assert (target.host + target.path).isascii()
        assert not set(target.host) & set("/@#?\\ %[]\r\n")
