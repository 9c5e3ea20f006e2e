"""Problems with programs, and a workspace in which the sample profile is built."""

from collections.abc import Callable

import pytest

from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits
from tests.families.dualmath.solving import FAMILY, HABITS, engine_problems
from tests.harness import Workspace


@pytest.fixture(scope="session")
def sample(samples: Callable[[str], Workspace]) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    return samples(FAMILY)


@pytest.fixture(scope="session")
def problems() -> list[Problem]:
    """The engine's problems."""
    return engine_problems()


@pytest.fixture
def habits() -> Habits:
    """A solver that errs in every way."""
    return HABITS
