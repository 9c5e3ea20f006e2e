"""A plugin of pytest that notes which functions each test reaches, in a checkout with probes (`probing.py`).

What a fixture of a wider scope than one test reaches when it is made belongs to every test that uses it. If its value is a
function, such as one that makes a sample unless there is one, then also what any call with the same arguments reached belongs
to every test that makes such a call, here or in another process of pytest-xdist.

A line of JSON for each: `kind` (test, shared, imported), `name`, `reached` (numbers), `uses` (names of what is shared),
`seconds` of CPU without what is shared.
"""

import functools
import json
import os
import types
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FOLDER = "TRACEWRIGHT_REACHING"
"""The variable that names the folder of results; `size` in it says how many functions there are."""
_folder = Path(os.environ[FOLDER])
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
_bytes = _folder / f"{_worker}.bytes"
_bytes.write_bytes(bytes(int((_folder / "size").read_text())))
os.environ["TRACEWRIGHT_REACHED"] = str(_bytes)
_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
os.environ["PYTEST_XDIST_TESTRUNUID"] = f"{_run}-{_worker}"  # a process that forks notes what its own worker's tests reach

from builders import _reached as reached  # type: ignore[attr-defined]  # noqa: E402  (it opens the file)
from tests.cpu import used  # noqa: E402

reached.own()


@dataclass
class _Scope:
    """What is noted at the moment: a test, or something that tests share."""

    uses: set[str] = field(default_factory=set)
    apart: float = 0.0


_scopes = [_Scope()]


@contextmanager
def _noted(kind: str, name: str) -> Iterator[_Scope]:
    """Note what is reached in a block, apart from what encloses it."""
    scope, began, saved = _Scope(), used(), reached.begin()
    if kind == "shared":
        _scopes[-1].uses.add(name)
    _scopes.append(scope)
    try:
        yield scope
    finally:
        _scopes.pop()
        found, seconds = reached.end(saved, kept=False), used() - began
        _scopes[-1].apart += seconds
        _write(kind, name, found, sorted(scope.uses), round(seconds - scope.apart, 2))


def _write(kind: str, name: str, found: bytes, uses: list[str], seconds: float) -> None:
    numbers = [number for number, byte in enumerate(found) if byte]
    line = {"kind": kind, "name": name, "reached": numbers, "uses": uses, "seconds": seconds}
    with (_folder / f"{_worker}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note what a test reaches, its fixtures included that are its own."""
    with _noted("test", item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Note which fixtures of a wider scope a test has used."""
    request = getattr(item, "_request", None)
    for definition in dict(getattr(request, "_fixture_defs", {})).values():
        if definition.scope != "function":
            _scopes[-1].uses.add(_key(definition))
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Note what a fixture of a wider scope reaches when it is made."""
    if fixturedef.scope == "function":
        return (yield)
    with _noted("shared", _key(fixturedef)) as scope:
        value = yield
        scope.uses |= {_key(request._get_active_fixturedef(name)) for name in fixturedef.argnames}  # noqa: SLF001
    if isinstance(value, types.FunctionType) and fixturedef.cached_result:
        value = _shared(_key(fixturedef), value)
        fixturedef.cached_result = (value, *fixturedef.cached_result[1:])
    return value


def _key(definition: pytest.FixtureDef[Any]) -> str:
    """Name a fixture, whatever its parameter."""
    return f"{definition.baseid}::{definition.argname}"


def _shared(key: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that notes what calls with the same arguments reach as something that is shared."""

    @functools.wraps(function)
    def calling(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  (whatever it takes and returns)
        with _noted("shared", f"{key}({arguments}{named})"):
            return function(*arguments, **named)

    return calling


def pytest_sessionfinish() -> None:
    """Note what modules called while they were imported."""
    for path, found in sorted(reached.imported.items()):
        _write("imported", path, found, [], 0.0)
