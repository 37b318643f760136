"""Many leases that end at once are told from those that end alone."""

from chassis.workers.crowds import Crowd, Reprieves


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


def reprieves(at: list[float]) -> Reprieves:
    """Thirty seconds for each end of a crowd, which ends one to three are already."""
    made = Reprieves(30, lambda: at[0])
    for end in (1, 2, 3):
        made.left(f"lease {end}", end, 1)
    return made


def test_an_end_in_a_crowd_is_put_off_once_and_then_told() -> None:
    at = [0.0]
    one = reprieves(at)
    assert one.left("a", 7, 1) == 30
    at[0] += 30
    assert one.left("a", 7, 2) == 0


def test_an_end_that_comes_again_too_early_waits_for_the_rest() -> None:
    at = [0.0]
    one = reprieves(at)
    one.left("a", 7, 1)
    at[0] += 10
    assert one.left("a", 7, 2) == 20


def test_an_end_that_a_killed_worker_had_in_hand_is_put_off_by_the_next_one() -> None:
    assert reprieves([0.0]).left("a", 7, 2) == 30


def test_no_end_is_put_off_for_ever() -> None:
    assert reprieves([0.0]).left("a", 7, Reprieves.MOST + 1) == 0


def test_ends_that_others_dealt_with_are_forgotten() -> None:
    at = [0.0]
    one = reprieves(at)
    assert one.left("a", 7, 1) == 30
    at[0] += 61
    for end in (11, 12, 13):
        one.left(f"lease {end}", end, 1)
    assert one.left("a", 7, 2) == 30
