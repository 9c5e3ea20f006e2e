"""A plugin of pytest that runs only the tests that are listed, and tells which began, failed and ended.

Listed in the folder that the variable names: `wanted` has a test or a whole file on each line, `unwanted` tests not to run. A
test that is no longer there is none; one that starts a service is run only where it is listed itself. Told, in `said`, are
lines of an event and a test, or a file that cannot be read.
"""

import os
from pathlib import Path

import pytest

FOLDER = "TRACEWRIGHT_WATCHED"
_folder = Path(os.environ[FOLDER])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not listed."""
    wanted, unwanted = (set((_folder / name).read_text(encoding="utf-8").split("\n")) for name in ("wanted", "unwanted"))
    listed = [bool(_names(item) & wanted) and item.nodeid not in unwanted for item in items]
    config.hook.pytest_deselected(items=[item for item, kept in zip(items, listed, strict=True) if not kept])
    items[:] = [item for item, kept in zip(items, listed, strict=True) if kept]


def _names(item: pytest.Item) -> set[str]:
    """Return how a test may be listed: as one of its file only if it starts no service."""
    return {item.nodeid, *(() if item.get_closest_marker("services") else [item.nodeid.partition("::")[0]])}


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Tell of a file that cannot be read."""
    if report.failed:
        _say("failed", report.nodeid)


def pytest_runtest_logstart(nodeid: str) -> None:
    """Tell that a test begins."""
    _say("began", nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell that a test has failed."""
    if report.failed:
        _say("failed", report.nodeid)


def pytest_runtest_logfinish(nodeid: str) -> None:
    """Tell that a test has ended."""
    _say("ended", nodeid)


def _say(event: str, test: str) -> None:
    with (_folder / "said").open("a", encoding="utf-8") as file:
        file.write(f"{event} {test}\n")
