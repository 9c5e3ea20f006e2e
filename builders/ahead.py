"""A function of one value for very many of them, on all cores: the results in the order of the values.

Processes of our own compute chunks of values ahead of whoever takes the results, and never more than a few chunks. They end
with the process that started them.

Changes no byte of a row.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from builders.errors import BuildError

FEW = 500
"""Values for which no process is started: it would take longer to start than they do."""
CHUNK = 32
CHUNKS_AHEAD = 4
"""For each process."""

Value = TypeVar("Value")
Result = TypeVar("Result")

_Computed = tuple[list[Result], BuildError | None]


def mapped(function: Callable[[Value], Result], values: Iterable[Value], workers: int = 0) -> Iterator[Result]:
    """Yield what a function makes of each value, in their order.

    Args:
        function: of a module, and of its argument alone: another process computes it.
        values: any number of them.
        workers: how many processes compute; 0: one for each core that this process may use.

    Raises:
        BuildError: the function raises it, at the place of the value's result; or a process was killed.
    """
    left = iter(values)
    yield from map(function, islice(left, FEW))
    workers = workers or _cores()
    if workers == 1:
        yield from map(function, left)
    elif first := list(islice(left, 1)):
        yield from _elsewhere(function, chain(first, left), workers)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _elsewhere(function: Callable[[Value], Result], values: Iterator[Value], workers: int) -> Iterator[Result]:
    waiting: deque[Future[_Computed[Result]]] = deque()
    try:
        while chunk := list(islice(values, CHUNK)):
            with _killed_is_one_line():
                waiting.append(_pool(workers).submit(_computed, function, chunk))
            if len(waiting) > CHUNKS_AHEAD * workers:
                yield from _results(waiting.popleft())
        while waiting:
            yield from _results(waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()


def _results(computed: "Future[_Computed[Result]]") -> Iterator[Result]:
    with _killed_is_one_line():
        results, error = computed.result()
    yield from results
    if error:
        raise error


@contextmanager
def _killed_is_one_line() -> Iterator[None]:
    """Whoever takes a result may hear first that a process was killed, or whoever hands out the next chunk."""
    try:
        yield
    except BrokenProcessPool:
        _pool.cache_clear()
        fix = "run it again, with more memory if that ran out"
        raise BuildError("a process that computed rows was killed", where="this machine", fix=fix) from None


def _computed(function: Callable[[Value], Result], values: list[Value]) -> "_Computed[Result]":
    """Compute a chunk up to the first error, which comes after the results before it."""
    results: list[Result] = []
    try:
        results.extend(map(function, values))
    except BuildError as error:
        return results, error
    return results, None


@cache
def _pool(workers: int) -> ProcessPoolExecutor:
    """Start the processes, once: each a fresh one, for a fork of one with threads may hang."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and end when that does, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent  # noqa: S101

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
