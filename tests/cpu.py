"""What tests cost, in seconds of CPU with the processes they start: a clock says more about the machine than about a test.

Each test and each fixture has its own budget, whoever asks for a fixture first. Tests that start a service of others, such as
a vLLM, are free.
"""

import resource
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

BUDGET = 30.0
SERVICES = ("argilla", "browser", "ray", "sandbox", "slurm")
_FREE = {*SERVICES, "vllm"}
_APART = [0.0]
"""Seconds that were spent inside of what is being measured, and had a budget of their own."""


_ELSEWHERE = [0.0]
"""Seconds of commands that another process waited for, on behalf of this one."""


def used(*, alone: bool = False) -> float:
    """Return the seconds of CPU that this process and, unless it is meant alone, those it waited for have taken so far."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, *(() if alone else (resource.RUSAGE_CHILDREN,)))]
    return sum(usage.ru_utime + usage.ru_stime for usage in found) + (0.0 if alone else _ELSEWHERE[0])


def charge(seconds: float) -> None:
    """Count what a command took that another process started and waited for."""
    _ELSEWHERE[0] += seconds


@contextmanager
def measured(what: str, budget: float = BUDGET, *, alone: bool = False) -> Iterator[None]:
    """Fail if the block takes more CPU than its budget; what encloses it is not charged for it."""
    began, apart = used(alone=alone), _APART[0]
    yield
    spent = used(alone=alone) - began - (_APART[0] - apart)
    _APART[0] += spent
    if spent > budget:
        pytest.fail(f"{what} took {spent:.0f} s of CPU, its children's included; at most {budget:.0f}", pytrace=False)


def _free(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in _FREE)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Measure what a fixture takes to be made, those that it asks for excepted."""
    if isinstance(request.node, pytest.Item) and _free(request.node):
        return (yield)
    with measured(f"the fixture {fixturedef.argname}"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a test without its fixtures."""
    if _free(item):
        return (yield)
    with measured("the test"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Measure what is taken down after a test; a process that served a whole session ends here, and was not used here."""
    if _free(item):
        return (yield)
    with measured("taking down", alone=True):
        return (yield)
