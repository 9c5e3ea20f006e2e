"""Many values on all cores: the results are those of one core, in their order, and no process is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import wait
from itertools import count, islice
from pathlib import Path

import psutil
import pytest

from builders import ahead
from builders.errors import BuildError

VALUES = ahead.FEW + 3 * ahead.CHUNK + 5
WRONG = ahead.FEW + ahead.CHUNK + 7


def square(value: int) -> int:
    return value * value


def sound(value: int) -> int:
    if value == WRONG:
        raise BuildError("is wrong", where=str(value), fix="take another")
    return value


def killing(value: int) -> int:
    if value >= ahead.FEW:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def test_results_are_those_of_one_core_in_their_order() -> None:
    assert list(ahead.mapped(square, range(VALUES), 2)) == [square(value) for value in range(VALUES)]
    assert list(ahead.mapped(square, range(VALUES), 1)) == [square(value) for value in range(VALUES)]


def test_an_error_comes_in_the_place_of_its_result() -> None:
    results: list[int] = []
    with pytest.raises(BuildError, match=f"^{WRONG}: is wrong; take another$"):
        results.extend(ahead.mapped(sound, range(VALUES), 2))
    assert results == list(range(WRONG))


def test_few_values_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_pool", lambda _: pytest.fail("a process was started"))
    assert list(ahead.mapped(square, range(ahead.FEW), 2))[-1] == square(ahead.FEW - 1)


def test_no_more_values_are_taken_than_a_few_chunks() -> None:
    taken: list[int] = []

    def noted() -> Iterator[int]:
        for value in count():
            taken.append(value)
            yield value

    assert len(list(islice(ahead.mapped(square, noted(), 2), ahead.FEW + 1))) == ahead.FEW + 1
    assert len(taken) <= ahead.FEW + (2 * ahead.CHUNKS_AHEAD + 2) * ahead.CHUNK


def test_a_killed_process_is_one_line_and_the_next_run_has_new_ones() -> None:
    with pytest.raises(BuildError, match="a process that computed rows was killed"):
        list(ahead.mapped(killing, range(VALUES), 2))
    assert list(ahead.mapped(square, range(VALUES), 2))[-1] == square(VALUES - 1)


def test_processes_killed_before_the_next_chunk_are_one_line_too() -> None:
    wait([ahead._pool(2).submit(os._exit, 1)])  # noqa: SLF001  (known to be gone)
    with pytest.raises(BuildError, match="a process that computed rows was killed"):
        list(ahead.mapped(square, range(VALUES), 2))
    assert list(ahead.mapped(square, range(VALUES), 2))[-1] == square(VALUES - 1)


def test_processes_end_with_the_one_that_started_them() -> None:
    """Killed in the midst of it: nobody is left who could tell them."""
    code = (
        "from builders import ahead\nfrom operator import neg\nfrom itertools import count\n"
        "for value in ahead.mapped(neg, count(), 2):\n    if value == -2000: print(flush=True)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent) as process:
        assert process.stdout
        process.stdout.readline()
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 2
        process.kill()
        _, left = psutil.wait_procs(workers, timeout=60)
        assert left == []
