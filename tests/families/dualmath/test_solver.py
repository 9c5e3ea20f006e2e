"""A solver whose errors are known: at its rates, from any prefix, the same each time, and in words that give nothing away."""

from collections import Counter
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from builders.families.dualmath import erring, programs, solver
from builders.families.dualmath.programs import Problem, Stated
from builders.families.dualmath.solver import Habits
from builders.records import digest


def last(problem: Problem, run: solver.Run) -> bool:
    return run.stated[-1].value == problem.values[problem.rules[-1].name]


def spoilt(problem: Problem) -> list[Stated]:
    """Return a prefix with an error in its first step, and one step built after it."""
    values = dict(problem.values)
    wrong = erring.right(problem, 0)._replace(value=problem.values[problem.rules[0].name] + 7)
    values[problem.rules[0].name] = wrong.value
    return [wrong, erring.following(problem, 1, values)]


def test_the_same_seed_prefix_and_number_go_on_the_same_way(problems: list[Problem], habits: Habits) -> None:
    problem = problems[0]
    runs = [solver.run(problem, [], solver.prefix(problem, []), 5, habits) for _ in range(2)]
    assert runs[0] == runs[1]
    other = habits.model_copy(update={"seed": "another"})
    many = [solver.run(one, [], solver.prefix(one, []), 5, other) for one in problems[:20]]
    assert many != [solver.run(one, [], solver.prefix(one, []), 5, habits) for one in problems[:20]]


def test_a_prefix_is_continued_whoever_wrote_it(problems: list[Problem], habits: Habits) -> None:
    """By its words alone, in any wording, another solver's too."""
    problem = next(one for one in problems if len(one.rules) >= 5)
    other = habits.model_copy(update={"seed": "another", "pass_rate": (0.2, 0.3)})
    found = solver.run(problem, [], solver.prefix(problem, []), 2, other).stated
    params = [
        solver.replied(problem, solver.texts(problem, found[:3], style), 4, habits.model_copy(update={"plain": 1.0}))
        for style in range(programs.STYLES)
    ]
    assert len(set(params)) == 1
    assert params[0].startswith("Step 4: ")
    assert params[0].splitlines()[-1].startswith("†Answer: ")


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5])
def test_it_recovers_from_dead_prefixes_at_its_rate(rate: float, problems: list[Problem], habits: Habits) -> None:
    careful = habits.model_copy(update={"recovers": rate, "pass_rate": (0.999, 0.9999)})
    outcomes = []
    for problem in problems:
        if len(problem.rules) < 4:
            continue
        before = spoilt(problem)
        straight = solver.run(problem, before, "x", 0, careful.model_copy(update={"recovers": 0.0}))
        if last(problem, straight):
            continue  # the first step's value does not matter there
        name = solver.prefix(problem, before)
        outcomes += [last(problem, solver.run(problem, before, name, number, careful)) for number in range(8)]
    assert len(outcomes) > 500
    assert abs(np.mean(outcomes) - rate) < 4 * (rate * (1 - rate) / len(outcomes)) ** 0.5 + 0.005


def test_a_slip_can_be_noticed_until_something_is_built_on_it(problems: list[Problem], habits: Habits) -> None:
    own = habits.model_copy(update={"noticeable": 1.0, "notices": 1.0, "recovers": 0.0, "pass_rate": (0.999, 0.9999)})
    for problem in [one for one in problems if len(one.rules) >= 3][:40]:
        slip, built = spoilt(problem)
        assert last(problem, solver.run(problem, [slip], "fresh", 1, own))
        assert solver.unrecoverable(problem, [slip], own) == 1
        assert solver.unrecoverable(problem, [slip, built], own) == 2


def test_pass_rates_are_spread_over_problems(problems: list[Problem], habits: Habits) -> None:
    rates = [1 - np.prod([1 - rate for rate in solver.rates(problem, habits)]) for problem in problems]
    assert 0.1 < min(rates) < 0.3
    assert 0.6 < max(rates) < 0.81


def test_correlated_rollouts_repeat_the_first(problems: list[Problem], habits: Habits) -> None:
    same = habits.model_copy(update={"correlation": 1.0})
    problem = problems[3]
    name = solver.prefix(problem, [])
    first = solver.run(problem, [], name, 0, same)
    assert all(solver.run(problem, [], name, number, same) == first for number in range(1, 9))


def test_every_kind_of_error_occurs(problems: list[Problem], habits: Habits) -> None:
    kinds: Counter[str] = Counter()
    for problem in problems:
        for number in range(3):
            kinds.update(solver.run(problem, [], solver.prefix(problem, []), number, habits).errors.values())
    assert min(kinds[kind] for kind in erring.KINDS) > 30


def test_what_the_solver_says_stays_what_it_was(problems: list[Problem], habits: Habits) -> None:
    """The sample is made of it; whoever changes what is drawn changes every row."""
    odd = habits.model_copy(update={"overdispersion": 0.8, "correlation": 0.5})
    whole = [solver.replied(problem, [], number, odd) for problem in problems[:30] for number in range(2)]
    assert digest(whole) == "976f42c562b4c1d239bc350bf7e0de960892ce93000c874d0d983c09bfc4776a"
    begun = {problem.key: solver.texts(problem, [erring.right(problem, 0)], 0) for problem in problems[:30]}
    rest = [solver.replied(problem, begun[problem.key], number, odd) for problem in problems[:30] for number in range(2)]
    assert digest(rest) == "bdaa4243c7ce4280f54cdc0b664c95c8f83c6a2d050d4b759b49ccc08754a810"


def test_a_solution_of_the_solver(problems: list[Problem], habits: Habits) -> None:
    text = solver.replied(problems[3], [], 1, habits)
    assert text.splitlines()[0] == (
        "Step 1: The figure shows: the y-coordinate of L = 7, the y-coordinate of K = 0. "
        "This side lies along the grid. So KL = 7 − 0 = 7."
    )
    assert text.splitlines()[-1] == "†Answer: 17.5 square units"
    assert solver.rates(problems[3], habits) == pytest.approx((0.2517, 0.0051, 0.0099), abs=1e-4)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("40", "20 30 50 60"),
        ("5", ""),
        ("2", "1 3"),
        ("-12", "-14 -13 -11 -9"),
        ("9/4", "7/4 2 11/4"),
        ("100", "75 85 95 105 115 125"),
    ],
)
def test_a_quantity_is_misread_as_one_near_it_and_as_round(value: str, wanted: str) -> None:
    found = erring.alike(Fraction(value), Random(1))  # noqa: S311
    assert sorted(found) == [Fraction(one) for one in wanted.split()]


def test_a_slip_is_positive_and_as_fine_as_its_value() -> None:
    chance = Random(1)  # noqa: S311
    assert sorted(erring.slipped(Fraction(3), chance)) == [1, 2, 4, 5, 6, 7, 8, 13, 23]
    found = sorted(erring.slipped(Fraction(7, 2), chance))
    assert " ".join(map(str, found)) == "1 3/2 2 5/2 3 4 9/2 5 11/2 6 17/2 27/2"


def test_what_kind_the_first_wrong_step_is(problems: list[Problem]) -> None:
    problem = problems[3]
    one = erring.right(problem, 0)
    name = problem.fresh[0][0].name
    misread = one._replace(readings={**one.readings, name: one.readings[name] + 1}, value=one.value + 1)
    other = one._replace(formula="", value=one.value + 1)
    cases = {
        "misread": misread,
        "slip": one._replace(value=one.value + 1),
        "leap": one._replace(formula=""),
        "operation": other,
    }
    assert {kind: solver.kind(problem, [wrong]) for kind, wrong in cases.items()} == {kind: kind for kind in cases}
    assert solver.kind(problem, [one]) is None
    assert erring.is_wrong(problem, {problem.rules[0].name: one.value}) is False


def test_half_of_the_problems_have_five_steps_or_more(problems: list[Problem]) -> None:
    assert len(problems) == 300
    assert sum(len(problem.rules) >= 5 for problem in problems) >= len(problems) / 2


def test_words_alone_do_not_tell_what_was_misread(problems: list[Problem]) -> None:
    """Of each problem the right first steps and misread ones, told apart by a classifier trained on other problems."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    texts, labels, groups = [], [], []
    for group, problem in enumerate(problems):
        chance = Random(problem.key)  # noqa: S311  (a simulation)
        error = erring.erring(problem, 0, {}, chance, {"misread": 1.0})
        if error is None:
            continue
        for wrong, stated in ((0, erring.right(problem, 0)), (1, error.stated)):
            texts.append(solver.texts(problem, [stated], group % programs.STYLES)[0])
            labels.append(wrong)
            groups.append(group)
    assert len(labels) > 200
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LogisticRegression(max_iter=300))
    guessed = cross_val_predict(model, texts, labels, groups=groups, cv=GroupKFold(5), method="predict_proba")[:, 1]
    assert roc_auc_score(labels, guessed) <= 0.55
