"""How far a judge agrees with people: a table of four counted by hand."""

import pytest

from builders.evaluation.agreement import Pair, agreement


def pairs(both: int, missed: int, alarmed: int, neither: int, silent: int = 0) -> list[Pair]:
    return [
        *[Pair(people=True, judge=True)] * both,
        *[Pair(people=True, judge=False)] * missed,
        *[Pair(people=False, judge=True)] * alarmed,
        *[Pair(people=False, judge=False)] * neither,
        *[Pair(people=True, judge=None)] * silent,
    ]


def test_agreement_stands_apart_for_what_people_fail_and_pass() -> None:
    """3 of 5 fails found, 8 of 10 passes passed: 11 of 15; F1 6/10; correlation (24 - 4) / sqrt(5 * 10 * 5 * 10)."""
    found = agreement(pairs(3, 2, 2, 8, silent=4))
    assert (found.fails.value, found.fails.trials) == (0.6, 5)
    assert (found.passes.value, found.passes.trials) == (0.8, 10)
    assert found.all.value == pytest.approx(11 / 15)
    assert found.f1 == pytest.approx(0.6)
    assert found.correlation == pytest.approx(0.4)
    assert found.no_verdict == 4


def test_a_judge_that_passes_everything_has_no_correlation() -> None:
    found = agreement(pairs(0, 2, 0, 8))
    assert (found.all.value, found.fails.value, found.passes.value) == (0.8, 0.0, 1.0)
    assert (found.f1, found.correlation) == (0.0, None)


def test_without_a_verdict_nothing_is_said() -> None:
    found = agreement(pairs(0, 0, 0, 0, silent=3))
    assert (found.all.value, found.f1, found.correlation, found.no_verdict) == (None, None, None, 3)
