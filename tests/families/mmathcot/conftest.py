"""A workspace in which the sample profile of the family is built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import Workspace

FAMILY = "mmathcot"


@pytest.fixture(scope="session")
def sample(samples: Callable[[str], Workspace]) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    return samples(FAMILY)


@pytest.fixture(scope="session")
def release(sample: Workspace) -> Path:
    """The release of the sample profile."""
    return sample.root / "processed" / FAMILY / "release"
