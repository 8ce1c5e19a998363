import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.audience.tokens import CONFIRM_LIFETIME, Tokens
from publisher.errors import TokenExpiredError, TokenInvalidError

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ONE, TWO = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
TOKENS = Tokens("a key for tests, the same in all of them")
READERS: list[Callable[[str], object]] = [
    TOKENS.read_unsubscribe,
    TOKENS.read_view,
    lambda token: TOKENS.read_confirm(token, NOW),
    lambda token: TOKENS.read_form(token, NOW),
    lambda token: TOKENS.read_preferences(token, NOW),
]
MADE = [
    TOKENS.unsubscribe(ONE),
    TOKENS.view(ONE, TWO),
    TOKENS.confirm(ONE, NOW),
    TOKENS.form(NOW),
    TOKENS.preferences(ONE, NOW),
]


@given(st.uuids(), st.uuids())
def test_a_link_says_who_it_is_for(one: uuid.UUID, two: uuid.UUID) -> None:
    assert TOKENS.read_unsubscribe(TOKENS.unsubscribe(str(one))) == str(one)
    assert TOKENS.read_view(TOKENS.view(str(one), str(two))) == (str(one), str(two))
    assert TOKENS.read_confirm(TOKENS.confirm(str(one), NOW), NOW) == str(one)
    assert TOKENS.read_preferences(TOKENS.preferences(str(one), NOW), NOW) == str(one)


@pytest.mark.parametrize("made", range(len(MADE)))
@pytest.mark.parametrize("read", range(len(READERS)))
def test_a_link_for_one_purpose_is_worthless_for_another(made: int, read: int) -> None:
    if made == read:
        READERS[read](MADE[made])
        return
    with pytest.raises(TokenInvalidError):
        READERS[read](MADE[made])


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_a_flipped_bit_is_noticed(place: int, bit: int) -> None:
    token = bytearray(TOKENS.unsubscribe(ONE), "ascii")
    token[place % len(token)] ^= 1 << bit
    try:
        read = TOKENS.read_unsubscribe(token.decode("latin-1"))
    except TokenInvalidError:
        return
    assert read == ONE  # spare bits of the last base64 letter change nothing


@given(st.text(max_size=120))
def test_no_text_is_a_link(text: str) -> None:
    for read in READERS:
        with pytest.raises(TokenInvalidError):
            read(text)


def test_a_link_of_another_house_is_refused() -> None:
    with pytest.raises(TokenInvalidError):
        TOKENS.read_unsubscribe(Tokens("another key").unsubscribe(ONE))


def test_a_confirm_link_works_for_seven_days_and_no_longer() -> None:
    token = TOKENS.confirm(ONE, NOW)
    assert TOKENS.read_confirm(token, NOW + CONFIRM_LIFETIME) == ONE
    with pytest.raises(TokenExpiredError, match="17 March 2026") as caught:
        TOKENS.read_confirm(token, NOW + CONFIRM_LIFETIME + timedelta(seconds=1))
    assert caught.value.signed_at == NOW


def test_links_are_short_enough_for_one_line() -> None:
    assert len(TOKENS.unsubscribe(ONE)) == 50
    assert max(map(len, MADE)) == 71
