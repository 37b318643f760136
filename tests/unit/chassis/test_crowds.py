"""Many leases that end at once are told from those that end alone."""

from chassis.workers.crowds import Crowd


def crowd(at: list[float], live: int = 0) -> Crowd:
    made = Crowd(15, lambda: at[0])
    for number in range(live):
        made.held(f"live {number}")
    return made


def test_few_that_end_are_no_crowd_however_few_there_are() -> None:
    one = crowd([0.0])
    assert [one.ended(key) for key in "abc"] == [False, False, True]


def test_a_fifth_that_ends_is_no_crowd_and_more_is() -> None:
    one = crowd([0.0], live=16)
    assert [one.ended(key) for key in "abcde"] == [False, False, False, False, True]


def test_who_ended_one_after_the_other_is_no_crowd() -> None:
    at = [0.0]
    one = crowd(at)
    for key in "abcdef":
        at[0] += 10
        assert not one.ended(key)


def test_an_end_that_is_told_again_counts_once() -> None:
    one = crowd([0.0])
    assert [one.ended("a") for _ in range(5)] == [False] * 5


def test_who_came_back_has_not_ended() -> None:
    one = crowd([0.0])
    for key in "abc":
        one.ended(key)
        one.held(key)
    assert not one.ended("d")
