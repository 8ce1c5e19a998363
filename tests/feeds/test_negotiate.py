"""What programs may say of encodings, and what they get (RFC 9110 §12.5.3)."""

import pytest

from publisher.feeds.negotiate import choose_encoding

BOTH = ("br", "gzip")


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("br,gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.001", "gzip"),
        ("identity", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("zstd, dcb, compress", "identity"),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("gzip, *;q=0", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("gzip ; q=0.8 , br ; Q=0.9", "br"),
        ("gzip;q=nonsense", "gzip"),
        (",;q=1,,", "identity"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("identity;q=0, zstd", None),
    ],
)
def test_the_best_encoding_is_chosen(accepted: str | None, chosen: str | None) -> None:
    assert choose_encoding(accepted, BOTH) == chosen


@pytest.mark.parametrize(
    ("available", "chosen"), [((), "identity"), (("gzip",), "gzip"), (("br",), "br")]
)
def test_only_what_is_there_is_chosen(available: tuple[str, ...], chosen: str) -> None:
    assert choose_encoding("gzip, br", available) == chosen
