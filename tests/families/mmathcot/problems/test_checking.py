"""Each fault of a problem has its line."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders.families.mmathcot.problems import checking, engine, plane
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.problem import Option, Problem


def lines(changed: dict[str, Any]) -> Problem:
    """Return a problem of parallel lines: alternate angles of 65°, 119° outside, so 54°."""
    return replace(engine.problem("parallel_lines", 3, 1, "choice"), **changed)


def valued(*values: int) -> tuple[Option, ...]:
    """Return options with these values, of which 54° is right."""
    return tuple(
        Option(f"{value}° {place}", Fraction(value), "" if value == 54 else "slip") for place, value in enumerate(values)
    )


GOOD = lines({})
ALT, OUT = GOOD.givens
FIRST, SECOND, LAST = GOOD.steps


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"depth": 4}, ["the solution has another number of steps"]),
        ({"told": {"asked": "KLM"}}, ["the second route does not lead to the answer"]),
        ({"question": "Lines NP and QR are parallel, and so ∠LKM is 54°."}, ["the text holds the answer"]),
        ({"question": "Lines NP and QR are parallel, and so ∠LKM is 54°5."}, []),
        ({"question": "Lines NP and QR are parallel. Is ∠LKM 154°, 54°5 or 54°?"}, ["the text holds the answer"]),
        ({"question": "Is ∠LKM 3.54°?"}, []),
        ({"question": "It is measured.54°"}, ["the text holds the answer"]),
        ({"question": ".54°"}, ["the text holds the answer"]),
        ({"facts": {**GOOD.facts, "angles": {"NKL": 65, "KMR": 118}}}, ["out: not among the facts of the figure"]),
        ({"givens": (ALT, OUT._replace(seen="text"))}, ["out: not told by the text"]),
        ({"givens": (ALT, OUT._replace(seen="text")), "told": {"asked": "LKM", "out": 119}}, ["out: not told by the text"]),
        (
            {"givens": (ALT, OUT._replace(seen="text")), "question": "One angle has 119°."},
            ["out: not told by the text"],
        ),
        (
            {
                "givens": (ALT, OUT._replace(seen="text")),
                "told": {"asked": "LKM", "out": 119},
                "question": "One angle has 119°.",
            },
            [],
        ),
        (
            {"steps": (FIRST, SECOND._replace(name="D"), SECOND, LAST), "depth": 4},
            ["D: leads nowhere"],
        ),
        ({"options": valued(54, 65, 54)}, ["two options are the same"]),
        ({"options": tuple(option._replace(text="54°") for option in valued(54, 65, 61))}, ["two options are the same"]),
        ({"options": valued(55, 65, 61)}, ["not exactly one option is right"]),
        ({"options": (*valued(54, 65), Option("61°", Fraction(61), ""))}, ["not exactly one option is right"]),
        ({"options": valued(54, 65, 54), "form": "free"}, []),
    ],
)
def test_each_fault_is_told(changed: dict[str, Any], expected: list[str]) -> None:
    assert checking.faults(lines(changed), KINDS["parallel_lines"], engine.drawing(GOOD)) == expected


@pytest.mark.parametrize(
    ("shown", "value", "founded"),
    [
        ({"rows": [["3"], ["x"]]}, Fraction(2), True),
        ({"rows": [[5, 5, 5]]}, Fraction(3), True),
        ({"rows": (1, 1, 1, 1)}, Fraction(4), True),
        ({"in": {"it": 7}}, Fraction(7), True),
        ({"half": 0.5}, Fraction(1, 2), True),
        ({"third": "1/3"}, Fraction(1, 3), True),
        ({"third": "a third"}, Fraction(1, 3), False),
        ({"flag": True}, Fraction(1), False),
        ({"12": "x"}, Fraction(12), False),
    ],
)
def test_numbers_of_facts_are_found_wherever_they_stand(shown: dict[str, Any], value: Fraction, *, founded: bool) -> None:
    problem = lines({"facts": shown, "givens": (ALT._replace(value=value),)})
    assert checking._unfounded(problem) == ([] if founded else ["alt: not among the facts of the figure"])  # noqa: SLF001


SQUARE = {"A": [0, 0], "B": [4, 0], "C": [4, 4], "D": [0, 4], "E": [4, 5]}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"right": ["ABC"], "equal": [["AB", "BC"]], "parallel": [["AB", "DC"], ["AD", "BC"]]}, []),
        ({"right": ["ABC", "BAC"]}, ["BAC is not a right angle"]),
        ({"equal": [["AB", "CD"], ["AB", "AD", "AC"]]}, ["AC is not as long"]),
        ({"parallel": [["AB", "CD", "AC"]]}, ["AC is not parallel"]),
        ({"angles": {"BAC": 45, "ABC": 80}}, ["angle ABC is drawn otherwise"]),
        ({"angles": {"ABC": "x", "BAC": "90/2", "BCA": "46"}}, ["angle BCA is drawn otherwise"]),
        ({"lengths": {"AB": 4, "AC": "4*sqrt(2)", "BC": 5}}, ["BC is drawn otherwise"]),
        ({"distances": {"AB": 4, "BC": 3}}, ["BC is drawn otherwise"]),
    ],
)
def test_what_a_figure_claims_is_measured(facts: dict[str, Any], expected: list[str]) -> None:
    assert plane.faults({"points": SQUARE, **facts}) == expected


@pytest.mark.parametrize(
    ("least", "expected"),
    [(1.0, []), (1.1, ["E is too close to C"]), (4.01, ["B is too close to A", "C is too close to B"])],
)
def test_points_too_close_to_others_are_named(least: float, expected: list[str]) -> None:
    found = plane._cramped({"points": SQUARE}, least)  # noqa: SLF001
    assert [fault for fault in expected if fault in found] == expected
    assert bool(found) is bool(expected)
