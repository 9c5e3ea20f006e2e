"""The posterior: what counts, verdicts and beliefs make of each step, and which continuation tells most."""

import numpy as np
import pytest

from builders.families.dualmath import calibrating, posterior
from builders.families.dualmath.believing import Beliefs, JudgeAccuracy
from builders.families.dualmath.calibrating import PilotSolution
from builders.families.dualmath.posterior import Observations

JUDGE = JudgeAccuracy(misses=0.05, alarms=0.1, place=0.84, rows=500)


def beliefs(judge: JudgeAccuracy | None = None, rate: list[tuple[int, int]] | None = None) -> Beliefs:
    seen = [PilotSolution(first, 5, right=False, passed=8, samples=16) for first in range(1, 6)] * 100
    return calibrating.beliefs(calibrating.rate(rate or [(0, 4)] * 300), seen, judge)


def observed(
    counts: dict[int, tuple[int, int]], verdict: int | None = None, guesses: float = 0.0, steps: int = 6
) -> Observations:
    return Observations(steps, 8, 16, tuple(counts.get(prefix, (0, 0)) for prefix in range(steps)), verdict, guesses)


def shares(one: Observations, own: Beliefs) -> np.ndarray:
    return np.array(posterior.believed(one, own).shares())


def test_it_is_a_distribution_over_steps() -> None:
    found = posterior.believed(observed({2: (1, 2), 4: (0, 5)}, 3), beliefs(JUDGE))
    assert found.joint.sum() == pytest.approx(1)
    assert np.all(found.joint[np.tril_indices(6, -1)] == 0)  # the first wrong step is not after the first unrecoverable one
    assert np.all((found.predicted >= 0) & (found.predicted <= 1))


def test_a_success_says_that_the_error_comes_later_where_nobody_recovers() -> None:
    before, after = shares(observed({}), beliefs()), shares(observed({3: (1, 1)}), beliefs())
    assert after[:3].sum() < 0.15 < before[:3].sum()


def test_a_success_says_less_where_solutions_recover() -> None:
    often = beliefs(rate=[(1, 4)] * 300)
    assert shares(observed({3: (1, 1)}), often)[:3].sum() > shares(observed({3: (1, 1)}), beliefs())[:3].sum()


def test_guessable_answers_recover_at_least_by_chance() -> None:
    assert shares(observed({3: (1, 1)}, guesses=0.25), beliefs())[:3].sum() > shares(observed({3: (1, 1)}), beliefs())[:3].sum()


def test_failures_say_that_the_error_came_before() -> None:
    assert shares(observed({3: (0, 12)}), beliefs())[:3].sum() > 0.95


def test_the_judge_moves_the_posterior_as_far_as_it_is_believed() -> None:
    weak = JUDGE.model_copy(update={"place": 0.3})
    alone, trusted, doubted = (shares(observed({}, 4), beliefs(judge))[3] for judge in (None, JUDGE, weak))
    assert alone < doubted < trusted


def test_a_judge_that_names_the_unrecoverable_step_may_have_missed_a_slip() -> None:
    """Counts that say t = 4 leave f = 3 possible; the judge naming 4 leaves it more so than it leaves f = 2."""
    found = posterior.believed(observed({3: (2, 2), 4: (0, 9)}, 4), beliefs(JUDGE)).joint
    assert found[3, 3] > found[2, 3] > found[1, 3]


def test_the_next_continuation_is_dear_only_where_it_tells_more() -> None:
    found = posterior.believed(observed({}), beliefs())
    even = found.best([1.0] * 5)
    late = found.best([9.0, 9.0, 9.0, 9.0, 1.0])
    assert even[0] in {3, 4}
    assert late[0] == 5
    assert even[1] > late[1] > 0


def test_nothing_is_told_about_a_solution_of_one_step() -> None:
    found = posterior.believed(observed({}, steps=1), beliefs())
    assert found.shares() == (1.0,)
    assert found.best([]) == (0, 0.0)


def test_overdispersed_counts_convince_less() -> None:
    alike = beliefs().model_copy(update={"concentration": 200.0})
    apart = beliefs().model_copy(update={"concentration": 3.0})
    assert shares(observed({3: (0, 6)}), alike)[3:].sum() < shares(observed({3: (0, 6)}), apart)[3:].sum()


@pytest.mark.parametrize("verdict", [0, 2])
def test_a_hidden_error_is_as_likely_as_verdict_and_rate_make_it(verdict: int) -> None:
    found = posterior.hidden(observed({}, verdict), beliefs(JUDGE))
    assert sum(found) == pytest.approx(1)
    assert (found[0] > 0.9) == (verdict == 0)
    assert posterior.hidden(observed({}), beliefs())[0] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("one", "own", "wanted", "next_right", "best"),
    [
        (observed({}, steps=3), beliefs(), [0.4, 0.3167, 0.2833], [0.405, 0.2455], (2, 0.456344)),
        (
            observed({1: (1, 2), 2: (0, 3)}, steps=3)._replace(passed=3, samples=8),
            beliefs(rate=[(1, 4)] * 9),
            [0.4962, 0.4559, 0.0479],
            [0.4003, 0.2461],
            (1, 0.038727),
        ),
        (
            observed({2: (0, 1)}, 2, guesses=0.25, steps=4),
            beliefs(JUDGE),
            [0.1338, 0.8327, 0.0243, 0.0093],
            [0.5503, 0.2556, 0.2605],
            (1, 0.033392),
        ),
        (observed({1: (2, 2)}, 1, steps=3), beliefs(JUDGE), [0.4265, 0.3895, 0.184], [0.629, 0.2031], (2, 0.326328)),
        (observed({}, 0, steps=2), beliefs(JUDGE), [0.575, 0.425], [0.331], (1, 0.364819)),
        (observed({}, 1, steps=1), beliefs(JUDGE), [1.0], [], (0, 0.0)),
    ],
    ids=["bare", "counted", "guessable", "doubted", "missed", "one-step"],
)
def test_shares_and_what_comes_next_are_these(
    one: Observations,
    own: Beliefs,
    wanted: list[float],
    next_right: list[float],
    best: tuple[int, float],
) -> None:
    found = posterior.believed(one, own)
    assert found.shares() == pytest.approx(wanted, abs=1e-4)
    assert (found.predicted * found.joint).sum(axis=(1, 2)) == pytest.approx(np.array(next_right), abs=1e-4)
    assert found.best([1.0] * (one.steps - 1)) == pytest.approx(best, abs=1e-6)


def test_a_slip_lies_shortly_before_what_builds_on_it() -> None:
    found = posterior.believed(observed({}, steps=3), beliefs()).joint
    assert found == pytest.approx(np.array([[1 / 3, 0.05, 0.05 / 3], [0, 0.85 / 3, 0.1 / 3], [0, 0, 0.85 / 3]]))


@pytest.mark.parametrize(
    ("verdict", "steps", "wanted"),
    [
        (0, 6, [0.9939, *[0.001] * 6]),
        (2, 6, [0.4767, 0.0483, 0.4227, 0.0282, *[0.0081] * 3]),
        (1, 1, [0.4865, 0.5135]),
        (None, 4, [0.9, *[0.025] * 4]),
    ],
)
def test_hidden_errors_by_step(verdict: int | None, steps: int, wanted: list[float]) -> None:
    assert posterior.hidden(observed({}, verdict, steps=steps), beliefs(JUDGE)) == pytest.approx(wanted, abs=1e-4)


def test_a_verdict_that_cannot_be_says_nothing() -> None:
    sure = JUDGE.model_copy(update={"misses": 0.0, "alarms": 1.0})
    assert posterior.hidden(observed({}, 0, steps=2), beliefs(sure)) == pytest.approx((0.9, 0.05, 0.05))
