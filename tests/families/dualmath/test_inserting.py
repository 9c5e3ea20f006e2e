"""Inserted errors of engine problems: proven pairs, and a proof that finds every way in which a pair is none."""

from fractions import Fraction
from random import Random

import pytest

from benchmarks import frozen_problems
from builders.families.dualmath import altering, erring, inserting, mutations, programs
from builders.families.dualmath.inserting import Pair
from builders.families.dualmath.programs import Problem
from builders.families.mmathcot.problems import engine, kinds
from builders.problems import numbers, steps
from builders.records import digest


def chance(problem: Problem) -> Random:
    return Random(problem.key)  # noqa: S311  (chance, not secrets)


@pytest.fixture(scope="module")
def pairs(problems: list[Problem]) -> list[tuple[Problem, Pair]]:
    return [(problem, pair) for problem in problems for pair in inserting.pairs(problem, 12, chance(problem))]


def test_every_pair_is_proven_and_all_kinds_come(pairs: list[tuple[Problem, Pair]]) -> None:
    assert all(not inserting.faults(problem, pair) for problem, pair in pairs)
    assert {pair.error.kind for _, pair in pairs} == set(altering.KINDS)
    assert len(altering.KINDS) >= 8
    assert {pair.error.category for _, pair in pairs} == {"perception", "reasoning"}


def test_no_two_pairs_of_a_problem_are_the_same(pairs: list[tuple[Problem, Pair]]) -> None:
    distinct = {(problem.key, pair.wrong) for problem, pair in pairs}
    assert len(distinct) == len(pairs)


def test_a_pair_depends_on_problem_and_seed_alone(problems: list[Problem]) -> None:
    for problem in problems[:20]:
        first, again = (inserting.pairs(problem, 4, chance(problem)) for _ in range(2))
        assert first == again


def test_roles_follow_the_use_of_wrong_values(pairs: list[tuple[Problem, Pair]]) -> None:
    seen = set()
    for problem, pair in pairs:
        place = pair.error.place
        assert pair.roles[place] == "introduces"
        assert set(pair.roles[:place]) <= {"right"}
        for later in range(place + 1, len(pair.roles)):
            seen.add(pair.roles[later])
            same = pair.wrong[later] == pair.right[later]
            assert (pair.roles[later] == "independent") <= same
            if not same:
                assert pair.roles[later] == "inherits"
        assert pair.roles.count("introduces") == 1
        assert len(pair.roles) == len(problem.rules)
    assert seen == {"inherits", "independent"}


def _one(pairs: list[tuple[Problem, Pair]], category: str) -> tuple[Problem, Pair]:
    return next(
        (problem, pair)
        for problem, pair in pairs
        if pair.error.category == category and 0 < pair.error.place < len(pair.wrong) - 1 and pair.roles[-1] == "inherits"
    )


@pytest.mark.parametrize("category", ["perception", "reasoning"])
def test_the_proof_finds_what_is_not_one_error(category: str, pairs: list[tuple[Problem, Pair]]) -> None:
    problem, pair = _one(pairs, category)
    place, right, wrong = pair.error.place, pair.right, pair.wrong
    other = "reasoning" if category == "perception" else "perception"
    elsewhere = pair.error._replace(place=place + 1)
    kind = next(kind for kind in altering.KINDS if pair.error._replace(kind=kind).category == other)
    broken = {
        "the right solution is not right": pair._replace(right=wrong),
        "the text before the step differs": pair._replace(wrong=("Look. " + wrong[0], *wrong[1:])),
        "the first wrong step is another": pair._replace(error=elsewhere),
        "another step does not follow": pair._replace(wrong=(*wrong[: place + 1], *right[place + 1 :])),
        f"the {'calculation' if category == 'perception' else 'reading'} is of another category": pair._replace(
            error=pair.error._replace(kind=kind)
        ),
        "the answer is the same": pair._replace(wrong=(*wrong[:-1], right[-1])),
        "the answer line is another": pair._replace(given=problem.answer),
        "the roles are others": pair._replace(roles=("right", *pair.roles[:-1])),
    }
    for fault, one in broken.items():
        assert fault in inserting.faults(problem, one), fault


def test_a_second_misreading_is_found(pairs: list[tuple[Problem, Pair]]) -> None:
    problem, pair = next(
        (problem, pair)
        for problem, pair in pairs
        if any(given.seen == "figure" for given in problem.fresh[-1]) and pair.error.place < len(pair.wrong) - 1
    )
    [given] = [given for given in problem.fresh[-1] if given.seen == "figure"][:1]
    shown = f"{given.label} = {programs.quantity_text(given.value, given.unit)}"
    last = pair.wrong[-1].replace(shown, f"{given.label} = {programs.quantity_text(given.value + 1, given.unit)}")
    again = pair._replace(wrong=(*pair.wrong[:-1], last))
    assert "another step reads what is not shown" in inserting.faults(problem, again)


@pytest.mark.parametrize(
    ("kind", "formula", "expected"),
    [
        ("operation", "a + b", {"a - b"}),
        ("constant", "180 - a", {"360 - a"}),
        ("reversed", "a - b", {"b - a"}),
        ("omitted", "a + b", {"a", "b"}),
        ("grouping", "(a + b) * c", {"a + b * c"}),
        ("grouping", "c * (a + b)", {"c * a + b"}),
        ("operation", "180 - a", {"180 + a"}),
        ("operation", "(a - b) / 100", {"(a - b) * 100", "(a + b) / 100"}),
        ("operation", "sqrt(a + b)", {"sqrt(a - b)"}),
        ("operation", "a ** 2", set()),
        ("operation", "2 ** (a + b)", set()),
        ("operation", "(a + b) ** 2", {"(a - b) ** 2"}),
        ("constant", "-(a * 60)", {"-(a * 100)"}),
        ("constant", "a / 100 + 90", {"a / 10 + 90", "a / 100 + 180"}),
        ("constant", "360 / 3 - 4", {"180 / 3 - 4", "360 / 2 - 4", "360 / 3 - 2"}),
        ("constant", "a * 7", set()),
        ("reversed", "(a - b) / 100", {"100 / (a - b)", "(b - a) / 100"}),
        ("reversed", "a * b + c", set()),
        ("omitted", "(a - b) / 100", {"a - b", "a / 100"}),
        ("omitted", "a * a", {"a"}),
        ("omitted", "a ** b", set()),
        ("omitted", "sqrt(a + b)", {"sqrt(a)", "sqrt(b)"}),
        ("grouping", "(a - b) / 100", {"a - b / 100"}),
        ("grouping", "c / (a + b)", set()),
        ("grouping", "(a * b) * c", set()),
    ],
)
def test_what_a_formula_becomes(kind: str, formula: str, expected: set[str]) -> None:
    assert set(mutations.mutants(formula, kind)) == expected


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a + b", ("a - b",)),
        ("180 - a", ("180 + a", "360 - a")),
        ("a * b / 100", ("a * b * 100", "a / b / 100", "a * b / 10")),
        ("a ** 2", ("a ** 3",)),
        ("sqrt(a + b)", ("sqrt(a - b)",)),
        ("-a * 60", ("-a / 60", "-a * 100")),
        ("90 * a", ("90 / a", "180 * a")),
        ("a * 7", ("a / 7",)),
    ],
)
def test_what_the_solver_makes_of_a_formula(formula: str, wanted: tuple[str, ...]) -> None:
    assert erring._mutants(formula) == wanted  # noqa: SLF001


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("47", "74"), ("-120", "-210 -102"), ("33", ""), ("7", ""), ("505/2", ""), ("15/2", "51/2"), ("907", "970")],
)
def test_digits_that_are_exchanged(value: str, wanted: str) -> None:
    assert altering._exchanged_digits(Fraction(value)) == [Fraction(one) for one in wanted.split()]  # noqa: SLF001


@pytest.mark.parametrize(
    ("kind", "label", "value", "wanted"),
    [
        ("scale", "AB", "6", "3 12"),
        ("scale", "AB", "7", "14"),
        ("scale", "AB", "7/2", ""),
        ("scale", "AB", "7/4", ""),
        ("scale", "the x-coordinate of A", "6", ""),
        ("sign", "the x-coordinate of A", "6", "-6"),
        ("sign", "the x-coordinate of A", "0", ""),
        ("sign", "AB", "6", ""),
        ("near_value", "AB", "2", "1 3"),
        ("digits_exchanged", "AB", "47", "74"),
    ],
)
def test_what_a_quantity_is_read_as(kind: str, label: str, value: str, wanted: str) -> None:
    given = steps.figure("a", label, Fraction(value))
    found = altering._other_values(given, kind, Random(1))  # noqa: S311, SLF001
    assert sorted(found) == [Fraction(one) for one in wanted.split()]


def test_a_quantity_that_is_no_fraction_is_read_as_nothing_else() -> None:
    root = steps.figure("a", "AB", numbers.read("sqrt(2)"))
    assert altering._other_values(root, "near_value", Random(1)) == []  # noqa: S311, SLF001


def test_the_errors_of_a_problem_stay_what_they_were(problems: list[Problem]) -> None:
    """The sample is made of them; whoever changes what is drawn changes its rows."""
    kinds_ = [(problem, kind) for problem in problems[:12] for kind in altering.KINDS]
    found = [[str(error) for error in altering.errors(problem, kind, Random(kind))] for problem, kind in kinds_]  # noqa: S311
    assert digest(found) == "b1817a851a14c97eeb12356e3d7d068c57a23caa5096ab97ec857f762dde7a4b"


def test_a_name_that_is_but_an_exponent_is_not_exchanged() -> None:
    assert mutations.renamed("u * b**far", "b", "a") == "u * a ** far"
    assert mutations.renamed("u * b**far", "far", "near") is None


def test_every_kind_of_problem_takes_errors() -> None:
    """Also one whose formulas are unlike those that the sample has."""
    for kind, about in kinds.KINDS.items():
        drawn = engine.problem(kind, max(about.depths), 1, "free")
        if frozen_problems.is_rational(drawn):
            row = frozen_problems.row(drawn, kind)
            problem = programs.read(row["program"], kind, row["question"], row["answer"])
            assert problem
            found = inserting.pairs(problem, 16, chance(problem))
            assert found, kind
            assert not any(inserting.faults(problem, pair) for pair in found), kind


def test_values_stay_plausible(pairs: list[tuple[Problem, Pair]]) -> None:
    for problem, pair in pairs:
        for rule, one in zip(problem.rules, programs.taken(problem, pair.wrong), strict=True):
            ought = problem.values[rule.name]
            assert one.value.denominator <= ought.denominator
            assert pair.error.kind == "sign" or (one.value > 0) == (ought > 0)
