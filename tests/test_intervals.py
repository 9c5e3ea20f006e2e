"""Shares with intervals: Wilson's, and a bootstrap over clusters."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.intervals import Share, bootstrap, wilson


def test_wilson_agrees_with_the_textbook() -> None:
    share = wilson(12, 25)
    assert share.value == 12 / 25
    assert share.low == pytest.approx(0.3003, abs=5e-4)
    assert share.high == pytest.approx(0.6650, abs=5e-4)


def test_twenty_five_tasks_leave_eighteen_points_to_either_side() -> None:
    share = wilson(12, 25)
    assert (share.high - share.low) / 2 == pytest.approx(0.18, abs=0.005)


@given(st.integers(0, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilsons_ends_solve_the_score_equation_and_hold_the_share(counts: tuple[int, int]) -> None:
    successes, trials = counts
    share = wilson(successes, trials)
    assert 0 <= share.low <= share.high <= 1
    if share.value is None:
        assert trials == 0
        return
    assert share.low <= share.value <= share.high
    deviate = NormalDist().inv_cdf(0.975)
    for end in (share.low, share.high):
        if 0 < end < 1:
            assert abs(share.value - end) == pytest.approx(deviate * math.sqrt(end * (1 - end) / trials), abs=1e-9)


def test_counts_that_cannot_be_are_refused() -> None:
    for successes, trials in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="cannot be"):
            wilson(successes, trials)


def test_no_trial_says_nothing() -> None:
    assert wilson(0, 0) == Share(None, 0.0, 1.0, 0) == bootstrap([], [], seed=0)


def test_copies_of_a_task_do_not_make_the_bootstrap_surer() -> None:
    values = [float(number % 2) for number in range(24)]
    alone = bootstrap(values, range(24), seed=1)
    fivefold = bootstrap(values * 5, list(range(24)) * 5, seed=1)
    careless = bootstrap(values * 5, range(120), seed=1)
    assert alone.value == fivefold.value == 0.5
    assert (fivefold.low, fivefold.high) == pytest.approx((alone.low, alone.high))
    assert careless.high - careless.low < 0.6 * (alone.high - alone.low)


def test_the_bootstrap_depends_on_the_seed_and_nothing_else() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0]
    assert bootstrap(values, range(5), seed=3) == bootstrap(values, range(5), seed=3)
    assert bootstrap(values, range(5), seed=3, resamples=50) != bootstrap(values, range(5), seed=4, resamples=50)
