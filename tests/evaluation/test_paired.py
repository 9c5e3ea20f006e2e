"""Paired differences: by hand, against Agresti and Min's formula, and over questions."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import pytest

from builders.evaluation import paired
from builders.evaluation.runs import Rule

RULE = Rule(("bad",), ("bad", "good"))


def items(*outcomes: Sequence[str]) -> dict[str, tuple[str, Sequence[str]]]:
    return {f"s{number}": (f"q{number}", epochs) for number, epochs in enumerate(outcomes)}


def test_a_difference_is_of_the_items_that_both_answered() -> None:
    """1 and 0, 1 and 1, 0 and 0; the fourth has no answer that counts in one of them: a third."""
    first = items(["bad"], ["bad"], ["good"], ["blank"])
    second = items(["good"], ["bad"], ["good"], ["bad"])
    found = paired.difference(first, second, RULE)
    assert found is not None
    assert (round(found.value, 4), found.of) == (0.3333, 3)


def test_epochs_and_paraphrases_of_a_question_are_one_item() -> None:
    """Two of four bad in the first, none in the second."""
    first = {"a#1": ("a", ["bad", "bad"]), "a#2": ("a", ["good", "good"])}
    second = {"a#1": ("a", ["good"]), "a#2": ("a", ["good"])}
    found = paired.difference(first, second, RULE)
    assert found is not None
    assert (found.value, found.of) == (0.5, 1)


@pytest.mark.parametrize(("up", "down", "same"), [(0, 0, 10), (12, 3, 25), (5, 5, 0), (20, 0, 0)])
def test_the_interval_is_agresti_and_mins(up: int, down: int, same: int) -> None:
    """Half an item in each cell; d = (b - c) / N, variance (b + c - (b - c)^2 / N) / N^2."""
    found = paired.of_pairs([1.0] * up + [-1.0] * down + [0.0] * same)
    assert found is not None
    b, c, total = up + 0.5, down + 0.5, up + down + same + 2
    reach = NormalDist().inv_cdf(0.975) * math.sqrt(b + c - (b - c) ** 2 / total) / total
    value = (up - down) / (total - 2)
    assert found.low == pytest.approx(max(-1, min((b - c) / total - reach, value)))
    assert found.high == pytest.approx(min(1, max((b - c) / total + reach, value)))


def test_nothing_in_common_is_no_difference() -> None:
    assert paired.difference(items(["bad"]), {"other": ("other", ["bad"])}, RULE) is None
