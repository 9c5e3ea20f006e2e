"""Problems with programs, and a workspace in which the sample profile is built."""

from collections.abc import Callable

import orjson
import pytest

from builders.families.dualmath import programs
from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits
from tests.harness import PROJECT, Workspace

FAMILY = "dualmath"


@pytest.fixture(scope="session")
def sample(samples: Callable[[str], Workspace]) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    return samples(FAMILY)


@pytest.fixture(scope="session")
def problems() -> list[Problem]:
    """The engine's problems."""
    lines = (PROJECT / "raw" / FAMILY / "sources" / "engine_problems.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    read = [programs.read(row["program"], row["key"], row["question"], row["answer"]) for row in rows]
    return [problem for problem in read if problem]


@pytest.fixture
def habits() -> Habits:
    """A solver that errs in every way."""
    return Habits(
        seed="test",
        pass_rate=(0.2, 0.9),
        kinds={"slip": 0.3, "misread": 0.4, "operation": 0.2, "leap": 0.1},
        noticeable=0.4,
        notices=0.42,
        recovers=0.1,
        overdispersion=0.0,
        correlation=0.0,
        plain=0.25,
    )
