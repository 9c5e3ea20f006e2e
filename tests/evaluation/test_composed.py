"""Figures made of several shares."""

import math

import pytest

from builders import intervals
from builders.evaluation import composed
from builders.intervals import Share


def test_a_mean_over_categories_does_not_know_their_sizes() -> None:
    """(0.5 + 1.0 + 0.0) / 3 = 0.5, whatever the trials; a category without a trial is no category."""
    shares = [intervals.wilson(10, 20), intervals.wilson(2, 2), intervals.wilson(0, 3), intervals.wilson(0, 0)]
    found = composed.macro(shares)
    assert (found.value, found.trials) == (0.5, 25)
    one, two, none, _ = shares
    assert found.low == pytest.approx(0.5 - math.hypot(0.5 - one.low, 1 - two.low, 0 - none.low) / 3)
    assert found.high == pytest.approx(0.5 + math.hypot(one.high - 0.5, two.high - 1, none.high - 0) / 3)


def test_of_one_share_its_own_interval_is_left() -> None:
    share = intervals.wilson(3, 7)
    assert composed.macro([share]) == pytest.approx(share)
    assert composed.macro([]) == composed.NOTHING


def test_an_f1_by_hand() -> None:
    """2 / (1/0.5 + 1/0.25) = 1/3."""
    found = composed.harmonic([Share(0.5, 0.4, 0.6, 10), Share(0.25, 0.2, 0.3, 20)])
    assert found.value == pytest.approx(1 / 3)
    low_one, low_two = 2 / (1 / 0.4 + 1 / 0.25), 2 / (1 / 0.5 + 1 / 0.2)
    assert found.low == pytest.approx(1 / 3 - math.hypot(1 / 3 - low_one, 1 / 3 - low_two))
    assert composed.harmonic([Share(0.0, 0.0, 0.2, 5), Share(1.0, 0.8, 1.0, 5)]).value == 0.0
    assert composed.harmonic([Share(0.5, 0.4, 0.6, 10), composed.NOTHING]) == composed.NOTHING
