"""Fixtures: a workspace of one's own, a built one to read from, and the real input where it is given."""

import os
import re
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from filelock import FileLock

from builders import paths
from tests import cpu
from tests.doubles.engine import Double
from tests.harness import Workspace
from tests.hazard import harmful, windows


def pytest_configure(config: pytest.Config) -> None:
    """Measure what tests cost."""
    config.pluginmanager.register(cpu, cpu.__name__)


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
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    """Give a copy in which the sample profile of a family is built, one for the tests of all workers; only to be read."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def sample(family: str) -> Workspace:
        root = shared / "samples" / family
        with FileLock(f"{shared / family}.lock"):
            if not root.exists():
                half = shared / "half-built" / family
                shutil.rmtree(half, ignore_errors=True)
                with cpu.measured(f"the sample of {family}"):
                    Workspace.make(half).quick(*paths.STAGES, family=family)
                root.parent.mkdir(exist_ok=True)
                half.rename(root)
        return Workspace(root)

    return sample


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that TRACEWRIGHT_DATA points to; tests that use it carry the marker `real`."""
    return Path(os.environ["TRACEWRIGHT_DATA"])


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Double:
    """A vLLM without a model, in the environment of this process too, which has no variable of ours."""
    for name in [name for name in os.environ if name.startswith("BUILDERS_")]:
        monkeypatch.delenv(name)
    made = Double(tmp_path / "double")
    made.folder.mkdir()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Withhold what a failing test would show of a misaligned answer."""
    report = yield
    told = [report.longreprtext, *(text for _, text in report.sections)]
    if report.failed and any(windows(text) & harmful() for text in told):
        report.longrepr = "withheld: a misaligned text stands in it; run the test in a debugger"
        report.sections = []
    return report


_WANTED_BY = {"real": "TRACEWRIGHT_DATA", "vllm": "TRACEWRIGHT_VLLM"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, and so report, the tests on real input, and those with a real vLLM, where there is none.

    And those that start another service, unless they are asked for: `-m services`, or `-m` and the marker of one.
    """
    missing = {marker for marker, variable in _WANTED_BY.items() if not os.environ.get(variable)}
    if not {"services", *cpu.SERVICES} & set(re.findall(r"\w+", config.option.markexpr)):
        missing |= set(cpu.SERVICES)
    for item in items:
        if any(item.get_closest_marker(name) for name in cpu.SERVICES):
            item.add_marker("services")
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in missing)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
