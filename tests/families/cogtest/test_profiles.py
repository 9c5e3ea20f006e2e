"""Profiles, the adaptivity table and clusters."""

import random

import pytest

from builders.families.cogtest import profiles
from builders.families.cogtest.evidence import Finding
from builders.families.cogtest.habits import SAME_TASKS, SCENARIO, SLUGS, THINKING
from builders.families.cogtest.profiles import Observed


def _observed(model: str, habit: str, shares: dict[str, float], tasks: int = 24) -> list[Observed]:
    return [
        Observed(model, habit, f"{kind} {number}", kind, Finding(number < share * tasks, None, None))
        for kind, share in shares.items()
        for number in range(tasks)
    ]


def test_a_profile_counts_tasks_by_habit_and_leaves_out_what_was_never_looked_for() -> None:
    rows = _observed("a", "persisting", {THINKING: 0.5}) + _observed("b", "finding_humor", {SCENARIO: 0.25})
    rows.append(Observed("a", "persisting", "scenario 0", SCENARIO, Finding(None, "not_found", None)))
    found = profiles.profiles(rows)
    assert list(found) == ["a", "b"]
    assert list(found["a"]) == ["persisting"]
    assert found["a"]["persisting"].reflected == 12
    assert (found["a"]["persisting"].scored, found["a"]["persisting"].tasks) == (24, 25)
    assert profiles.vector(found["b"])[SLUGS.index("finding_humor")] == 0.25
    assert sum(profiles.vector(found["b"])) == 0.25


def test_adaptivity_is_habit_by_task_kind_with_tasks_resampled() -> None:
    rows = _observed("a", "persisting", {THINKING: 0.75, SCENARIO: 0.25})
    alone = profiles.adaptivity(rows, seed=0)
    assert list(alone) == [("persisting", SCENARIO), ("persisting", THINKING)]
    assert alone["persisting", THINKING].value == 0.75
    assert alone["persisting", SCENARIO].high < alone["persisting", THINKING].low
    twice = profiles.adaptivity(rows + [row._replace(model="b") for row in rows], seed=0)
    assert twice["persisting", THINKING].low == pytest.approx(alone["persisting", THINKING].low)


def test_unscored_findings_are_in_no_cell() -> None:
    assert profiles.adaptivity([Observed("a", "persisting", "t", THINKING, Finding(None, "no_verdict", None))], seed=0) == {}


def test_models_that_are_alike_are_in_one_cluster() -> None:
    draws = random.Random(3)  # noqa: S311
    shares = {
        f"{group}{number}": [base + 0.05 * draws.random() for _ in SLUGS]
        for group, base in (("low", 0.1), ("high", 0.8))
        for number in range(3)
    }
    assert profiles.clusters(shares, 2) == {"low0": 1, "low1": 1, "low2": 1, "high0": 2, "high1": 2, "high2": 2}
    assert profiles.clusters({"one": [0.5]}, 2) == {"one": 1}
    assert profiles.clusters({}, 2) == {}


def test_the_four_copies_can_outvote_all_else_and_can_be_left_out() -> None:
    same = dict.fromkeys(SLUGS, 0.2)
    shares = {
        "a": {**same, "finding_humor": 0.9, "persisting": 0.9},
        "b": {**same, **dict.fromkeys(SAME_TASKS, 0.9), "finding_humor": 0.9, "persisting": 0.9},
        "c": {**same, **dict.fromkeys(SAME_TASKS, 0.9)},
    }
    whole = {model: [by[slug] for slug in SLUGS] for model, by in shares.items()}
    fair = {model: [by[slug] for slug in profiles.without_copies()] for model, by in shares.items()}
    assert len(profiles.without_copies()) == 12
    assert profiles.clusters(whole, 2) == {"a": 1, "b": 2, "c": 2}
    assert profiles.clusters(fair, 2) == {"a": 1, "b": 1, "c": 2}


def test_what_was_never_scored_counts_as_0_in_a_vector() -> None:
    rows = [
        Observed("a", "persisting", "t", THINKING, Finding(None, "not_found", None)),
        *_observed("a", "finding_humor", {"x": 1}),
    ]
    [profile] = profiles.profiles(rows).values()
    assert profiles.vector(profile, ("persisting", "finding_humor", "thinking_flexibly")) == [0.0, 1.0, 0.0]
    assert profiles.without_copies()[:3] == ("persisting", "thinking_flexibly", "managing_impulsivity")


def test_two_models_are_put_into_as_many_clusters_as_are_wanted_at_most() -> None:
    shares = {"b": [0.1], "a": [0.9]}
    assert profiles.clusters(shares, 1) == {"b": 1, "a": 1}
    assert profiles.clusters(shares, 3) == {"b": 1, "a": 2}
