from datetime import timedelta

from publisher.fetch.pauses import LONGEST_PAUSE, pause_after


def test_pauses_grow_to_an_hour() -> None:
    means = [timedelta(seconds=10) * 2**n for n in range(9)] + [LONGEST_PAUSE] * 30
    for failures, mean in enumerate(means, start=1):
        assert 0.8 * mean <= pause_after(failures) <= 1.2 * mean
    assert len({pause_after(3) for _ in range(20)}) > 1


def test_a_server_that_wants_its_peace_has_it_for_an_hour_at_most() -> None:
    assert pause_after(1, timedelta(minutes=20)) == timedelta(minutes=20)
    assert pause_after(1, timedelta(days=400)) == LONGEST_PAUSE
    assert pause_after(1, timedelta(seconds=-5)) > timedelta(0)
