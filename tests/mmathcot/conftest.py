"""A workspace in which the sample profile of the family is built."""

from pathlib import Path

import pytest

from builders import paths, stages
from tests.harness import Workspace

FAMILY = "mmathcot"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    made = Workspace.make(tmp_path_factory.mktemp("mmathcot") / "project")
    with made.inside():
        for stage in paths.STAGES:
            stages.run(stage, FAMILY)
    return made


@pytest.fixture(scope="session")
def release(sample: Workspace) -> Path:
    """The release of the sample profile."""
    return sample.root / "processed" / FAMILY / "release"
