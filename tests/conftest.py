"""Fixtures: a workspace of one's own, a built one to read from, and the real input where it is given."""

import gc
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from filelock import FileLock

from builders import paths
from tests import cpu
from tests.doubles.engine import Double
from tests.doubles.forks import PYTHON, Commands, forking
from tests.harness import FAMILY, PROJECT, TOYS, WHOLE, Workspace, know_toys, written_into
from tests.hazard import harmful, windows

_MEMORY = Path("/dev/shm")  # noqa: S108  (a place for tests, in folders that tempfile makes)
_ROOM = 8 << 30
_LONG = ("clone", "clusters", "full", "hazard", "kill", "newcomer", "public_files", "real", "resuming", "storm", "vllm_stage")
_LONGEST = {f"test_{name}.py" for name in _LONG}
"""Files with tests that take ten seconds and more, or that wait."""


def pytest_configure(config: pytest.Config) -> None:
    """Measure what tests cost, and keep their folders in memory where there is room.

    They copy the project hundreds of times, and on a disk most of the CPU that they take is its file system's.
    """
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None
    config.pluginmanager.register(cpu, cpu.__name__)
    metadata.packages_distributions = cache(metadata.packages_distributions)  # Inspect looks through all that is installed
    gc.disable()  # until all tests are collected


def _has_room() -> bool:
    usable = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return usable and min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) > _ROOM


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let one process compile the tests, which takes as long as to collect them; the others read what it has compiled."""
    if not hasattr(session.config, "workerinput"):  # one process alone
        return (yield)
    compiled = Path(session.config.option.basetemp).with_name("compiled")
    with FileLock(f"{compiled}.lock"):
        if not compiled.exists():
            outcome = yield
            compiled.touch()
            return outcome
    return (yield)


def pytest_collection_finish() -> None:
    """Leave tests and libraries out of what the garbage collector looks through, again and again, from now on."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def family(request: pytest.FixtureRequest) -> str:
    """The family of a test: that of the folder it lies in, or of its mark, or else one for tests."""
    mark = request.node.get_closest_marker("family")
    folder = request.path.parent
    own = folder.name if folder.parent == PROJECT / "tests" / "families" else FAMILY
    return str(mark.args[0]) if mark else own


@pytest.fixture(scope="session")
def pattern() -> Iterator[None]:
    """See to it that no test writes into a file that workspaces share."""
    yield
    assert not written_into(), "to write into a file of a workspace that is not of the test's family, unlink it first"


@pytest.fixture
def workspace(tmp_path: Path, family: str, pattern: None) -> Workspace:
    """A fresh copy of the project."""
    del pattern
    return Workspace.make(tmp_path / "project", family)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package itself know the families for tests, too."""
    know_toys(monkeypatch.setattr)


@pytest.fixture
def here(workspace: Workspace, toys: None, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A fresh copy of the project as the working directory, for tests that call the package itself."""
    del toys
    monkeypatch.chdir(workspace.root)
    return workspace


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
                    made = Workspace.make(half, family)
                    if family != FAMILY and (TOYS / family).is_dir():
                        made.adopt(family)
                    made.quick(*paths.STAGES)
                root.parent.mkdir(exist_ok=True)
                half.rename(root)
        return Workspace(root, family)

    return sample


class Twin(NamedTuple):
    """A sample build of its own, and all that it printed."""

    workspace: Workspace
    said: str


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Twin]]:
    """Give a copy in which a family's sample is built at another place in the world, with sets in another order."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    with ExitStack() as started:
        commands: list[Commands] = []

        def twin(family: str) -> Twin:
            root = shared / "another-place" / "deeper" / family
            said = root.with_name(f"{family}.said")
            with FileLock(f"{shared / family}.twin.lock"):
                if not said.exists():
                    if not commands:
                        environment = Workspace(Path(os.devnull)).environment(**elsewhere)
                        commands.append(started.enter_context(forking(environment)))
                    Workspace.make(root, family)
                    done = commands[0].run(root, PYTHON, "-c", WHOLE, family, *paths.STAGES)
                    cpu.charge(done.cpu)
                    assert done.returncode == 0, done.stderr
                    said.write_text(done.stdout + done.stderr)
            return Twin(Workspace(root, family), said.read_text())

        yield twin


@pytest.fixture
def built(samples: Callable[[str], Workspace], family: str) -> Workspace:
    """A copy in which the sample profile is built; only to be read."""
    return samples(family)


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
    texts = [report.longreprtext, *(text for _, text in report.sections)] if report.failed else []
    if any(windows(text) & harmful() for text in texts):
        report.longrepr = "withheld: a misaligned text stands in it; run the test in a debugger"
        report.sections = []
    return report


_WANTED_BY = {"real": "TRACEWRIGHT_DATA", "vllm": "TRACEWRIGHT_VLLM", "train": "TRACEWRIGHT_TRAIN"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, and so report, the tests on real input, and those with a real vLLM, where there is none.

    And those that start another service, unless they are asked for: `-m services`, or `-m` and the marker of one. The longest
    come first: at the end, one process would have them and the others nothing.
    """
    missing = {marker for marker, variable in _WANTED_BY.items() if not os.environ.get(variable)}
    if not {"services", *cpu.SERVICES} & set(re.findall(r"\w+", config.option.markexpr)):
        missing |= set(cpu.SERVICES)
    left_out, kept = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if not marks.isdisjoint(cpu.SERVICES):
            item.add_marker("services")
            marks.add("services")
        (kept if marks.isdisjoint(missing) else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items[:] = sorted(kept, key=lambda item: item.path.name not in _LONGEST)
