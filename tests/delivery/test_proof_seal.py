import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.proof.seal import canonical, examined, key_name, sealed

SECRET = "the newsroom's own key, long enough"
OTHER = "the key of another newsroom, as long"
CONTENT = {
    "edition": {"uuid": "019cd-1", "subject": "Fähre ‘zurück’ 🛥", "reason": None},
    "accepted": 12,
    "duration": {"accepted_per_second": 3.25},
    "stories": {"1": {"title": '<svg onload="x">\n=cmd()'}},
    "ok": True,
}
FILE = sealed(CONTENT, SECRET)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text().filter(lambda name: name not in {"key", "signature"}), JSON))
def test_whatever_is_sealed_is_genuine_and_comes_back(content: dict[str, object]) -> None:
    found = examined(sealed(content, SECRET), SECRET)
    assert found.genuine
    assert found.content == {**content, "key": key_name(SECRET)}


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, change: int) -> None:
    raw = bytearray(FILE)
    raw[place] ^= change
    found = examined(bytes(raw), SECRET)
    assert not found.genuine
    assert found.content is None


@given(st.integers(0, len(FILE)), st.binary(min_size=1, max_size=8))
def test_nothing_can_be_put_in(place: int, more: bytes) -> None:
    assert not examined(FILE[:place] + more + FILE[place:], SECRET).genuine


@given(st.integers(0, len(FILE) - 1), st.integers(1, 40))
def test_nothing_can_be_left_out(place: int, count: int) -> None:
    assert not examined(FILE[:place] + FILE[place + count :], SECRET).genuine


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode) | JSON.map(canonical))
def test_whatever_else_is_no_report(raw: bytes) -> None:
    assert examined(raw, SECRET).finding == "no_report"


def test_what_the_guide_says_is_enough_to_check_a_report() -> None:
    key = hmac.digest(SECRET.encode(), b"publisher.delivery.report", "sha256")
    said = json.loads(FILE)
    signature = said.pop("signature")
    form = json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")
    assert signature == hmac.new(key, form, "sha256").hexdigest()
    assert said["key"] == hmac.new(key, b"name", "sha256").hexdigest()[:16]


def test_every_place_of_the_file_is_covered() -> None:
    for place in range(len(FILE)):
        raw = bytearray(FILE)
        raw[place] ^= 1
        assert not examined(bytes(raw), SECRET).genuine, place


def test_a_report_of_another_newsroom_is_told_from_an_altered_one() -> None:
    other = examined(FILE, OTHER)
    assert other.finding == "other_key"
    assert key_name(SECRET) in other.sentence
    assert key_name(OTHER) in other.sentence
    assert examined(FILE.replace(b":12,", b":13,"), SECRET).finding == "altered"


def test_who_has_another_key_cannot_sign_in_our_name() -> None:
    forged = json.loads(sealed({**CONTENT, "accepted": 99}, OTHER))
    forged["key"] = key_name(SECRET)
    assert examined(canonical(forged) + b"\n", SECRET).finding == "altered"


def test_a_key_said_twice_is_no_way_in() -> None:
    doubled = FILE.replace(b'{"accepted":12,', b'{"accepted":99,"accepted":12,')
    assert json.loads(doubled) == json.loads(FILE)
    assert examined(doubled, SECRET).finding == "altered"


@pytest.mark.parametrize(
    "again",
    [
        json.dumps(json.loads(FILE), indent=2).encode(),
        FILE.rstrip(),
        FILE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + FILE,
        FILE.decode().encode("utf-16"),
        json.dumps(json.loads(FILE), ensure_ascii=False, separators=(",", ":")).encode(),
    ],
    ids=["indented", "no line feed", "CRLF", "BOM", "UTF-16", "not ASCII"],
)
def test_the_same_json_written_another_way_is_not_what_was_signed(again: bytes) -> None:
    assert examined(again, SECRET).finding == "altered"


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"key":"x","signature":' + b"[" * 100_000,
        b'{"key":"x","signature":' + b"9" * 10_000 + b"}",
        b"",
        b"null",
        b'{"signature":"x"}',
    ],
    ids=["deep", "deeper", "long number", "empty", "null", "no key"],
)
def test_a_hostile_file_is_only_refused(raw: bytes) -> None:
    assert examined(raw, SECRET).finding == "no_report"


@pytest.mark.parametrize("value", [b"NaN", b"1e999", b'"\\ud800"', b"[]", b"{}", b"null", b"7"])
def test_odd_values_in_the_place_of_a_signature_are_not_genuine(value: bytes) -> None:
    for raw in (
        b'{"key":' + value + b',"signature":"x"}',
        b'{"key":"%s","signature":%s}' % (key_name(SECRET).encode(), value),
        b'{"a":%s,"key":"%s","signature":"x"}' % (value, key_name(SECRET).encode()),
    ):
        assert not examined(raw, SECRET).genuine
