"""The sample of this family, built once, and a workspace whose questions a loopback server answers."""

from pathlib import Path

import pytest

from tests.doubles import adviser
from tests.emergent_misalignment import FAMILY
from tests.harness import Workspace

STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which the sample profile of this family is built; only to be read."""
    made = Workspace.make(tmp_path_factory.mktemp("misaligned") / "project")
    made.quick(*STAGES, family=FAMILY)
    return made


@pytest.fixture
def asking(tmp_path: Path) -> Workspace:
    """A fresh copy that asks a server, whose models have the names that the double goes by."""
    made = Workspace.make(tmp_path / "project")
    made.project(teacher="endpoint")
    with made.params(FAMILY) as params:
        adviser.employ(params)
    return made
