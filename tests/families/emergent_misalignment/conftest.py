"""The sample of this family, built once, and a workspace whose questions a loopback server answers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles import adviser
from tests.families.emergent_misalignment import FAMILY
from tests.harness import Workspace


@pytest.fixture(scope="session")
def sample(samples: Callable[[str], Workspace]) -> Workspace:
    """A copy in which the sample profile of this family is built; only to be read."""
    return samples(FAMILY)


@pytest.fixture
def asking(tmp_path: Path) -> Workspace:
    """A fresh copy that asks a server, whose models have the names that the double goes by."""
    made = Workspace.make(tmp_path / "project")
    made.project(teacher="endpoint")
    with made.params(FAMILY) as params:
        adviser.employ(params)
    return made
