"""Fixtures: a workspace of one's own, a built one to read from, and the real input where it is given."""

import os
from pathlib import Path

import pytest

from tests.harness import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A fresh copy of the project."""
    return Workspace.make(tmp_path / "project")


@pytest.fixture
def here(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A fresh copy of the project as the working directory, for tests that call the package itself."""
    monkeypatch.chdir(workspace.root)
    return workspace


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    made = Workspace.make(tmp_path_factory.mktemp("built") / "project")
    made.build()
    return made


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that TRACEWRIGHT_DATA points to; tests that use it carry the marker `real`."""
    return Path(os.environ["TRACEWRIGHT_DATA"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, and so report, the tests on real input where there is none."""
    if os.environ.get("TRACEWRIGHT_DATA"):
        return
    real = [item for item in items if item.get_closest_marker("real")]
    if real:
        config.hook.pytest_deselected(items=real)
        items[:] = [item for item in items if item not in real]
