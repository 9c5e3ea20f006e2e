"""Whether a test notices a mutant: in a copy of the checkout, the quickest tests first, until one fails.

A test that fails counts only if it passes without the mutant; one that hangs twice is one that fails.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.forking import Runs
from benchmarks.mutating import Mutant
from benchmarks.reach import OPTIONS, QUICK, Timed

_BATCHES = (5.0, 20.0, 80.0)
"""Seconds of CPU of the tests that run in the first pytest, in the first two and in the first three; then all that are left."""
_QUIET, _SLOWER = 60.0, 8.0
"""How many seconds nothing may happen, and what is added to them for each second of CPU that the slowest test takes."""
_ALL = "services or not (vllm or train or real)"
"""Which tests may run; those that start services only where they are listed by name."""
_PASSED = (0, 5)
"""Exit codes of pytest: all passed, no test was chosen."""


class StoppedError(Exception):
    """A run that was to end before it had."""


class Ran(NamedTuple):
    """What a run of pytest said.

    Args:
        passed: whether nothing failed; None if it hung.
        suspect: the test that failed or hung, or its file.
        ended: the tests that passed.
    """

    passed: bool | None
    suspect: str
    ended: frozenset[str]


class Fate(NamedTuple):
    """What became of a mutant.

    Args:
        mutant: the mutant.
        killer: the test that failed, if any did.
        ran: how many tests passed.
        reaching: how many reach it.
        seconds: how long it took.
    """

    mutant: Mutant
    killer: str
    ran: int
    reaching: int
    seconds: float

    def __str__(self) -> str:
        """Say it in three lines."""
        mutant = self.mutant
        survived = f"SURVIVED {self.ran} of {self.reaching} tests" if self.reaching else "SURVIVED: no test reaches it"
        became = f"killed by {self.killer}" if self.killer else survived
        return (
            f"{mutant.path}:{mutant.line} {became}, {self.seconds:.0f} s\n    {mutant.before[:200]}\n    {mutant.after[:200]}"
        )


class Copy:
    """A copy of a checkout, in which mutants are tried.

    Args:
        root: its folder; there is room for files beside it.
        known: tests that are known to pass without a mutant.
        broken: tests that are known to fail, or to hang, without one.
    """

    def __init__(self, project: Path, root: Path) -> None:
        """Copy what git tracks, or would."""
        self.root, self.known, self.broken = root, set[str](), set[str]()
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.run(listed, cwd=project, check=True, capture_output=True, text=True).stdout.split("\0"):
            if (project / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(project / name, root / name)
        for command in (["git", "init", "-q"], ["git", "add", "-A"]):
            subprocess.run(command, cwd=root, check=True)
        self._times, self._stopped = time.time(), False
        self._runs: Runs | None = None

    def close(self) -> None:
        """End what was started for it."""
        if self._runs:
            self._runs.close()

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """Write a mutant, and the module as it was afterwards."""
        path = self.root / mutant.path
        before = path.read_text(encoding="utf-8")
        self._write(path, mutant.code)
        try:
            yield
        finally:
            self._write(path, before)

    def _write(self, path: Path, code: str) -> None:
        """Write a module at a time of its own: what python has compiled goes by seconds and size."""
        self._times += 2
        path.write_text(code, encoding="utf-8")
        os.utime(path, (self._times, self._times))

    def run(self, tests: Sequence[Timed], without: Iterable[str] = ()) -> Ran:
        """Run tests, until one fails or hangs.

        Args:
            tests: what to run; those that are broken are left out.
            without: what else to leave out of files.

        Raises:
            StoppedError: it was stopped.
        """
        folder = self.root.parent
        self._runs = self._runs or Runs(self.root, _environment(folder), [*OPTIONS, QUICK])
        (folder / "said").write_text("")
        (folder / "wanted").write_text("\n".join(test.name for test in tests), encoding="utf-8")
        (folder / "unwanted").write_text("\n".join([*self.broken, *without]), encoding="utf-8")
        shutil.rmtree(self.root / ".hypothesis" / "examples", ignore_errors=True)  # what failed with another mutant
        code = self._run(tests, _QUIET + _SLOWER * max(test.alone for test in tests))
        said = [line.partition(" ")[::2] for line in (folder / "said").read_text(encoding="utf-8").splitlines()]
        failed, ended = ([test for event, test in said if event == wanted] for wanted in ("failed", "ended"))
        running = [test for event, test in said if event == "began" and test not in set(ended)]
        suspect = [*failed, *running, tests[0].name][0]
        return Ran(None if code is None else code in _PASSED, suspect, frozenset(ended) - set(failed))

    def _run(self, tests: Sequence[Timed], quiet: float) -> int | None:
        """Return pytest's exit code, or None if it said nothing for so many seconds."""
        if self._stopped:
            raise StoppedError
        files = [file for file in dict.fromkeys(_file(test.name) for test in tests) if (self.root / file).is_file()]
        said = self.root.parent / "said"
        arguments = ["-p", "benchmarks.watching", "-x", *OPTIONS, _ALL, *files]
        assert self._runs  # noqa: S101
        code = self._runs.run(arguments, self.root.parent / "output", lambda: time.time() < said.stat().st_mtime + quiet)
        if self._stopped:
            raise StoppedError
        return code

    def stop(self) -> None:
        """End what runs, and whatever would run next."""
        self._stopped = True
        if self._runs:
            self._runs.kill()

    def sound(self, test: Timed) -> bool:
        """Tell whether a test passes as the code is."""
        if test.name not in self.known:
            if not self.run([test]).passed:
                self.broken.add(test.name)
                print(f"{test.name} does not pass without a mutant, either: it is left out", flush=True)
                return False
            self.known.add(test.name)
        return True


def _file(test: str) -> str:
    return test.partition("::")[0]


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "TRACEWRIGHT_DATA"}
    return {**kept, "TRACEWRIGHT_WATCHED": str(folder)}


def batches(tests: Sequence[Timed], seconds: float) -> list[list[Timed]]:
    """Part tests, the quickest first, so that a few run before many do.

    Args:
        tests: all of them.
        seconds: of CPU that they may take; those beyond it are left out.
    """
    found: list[list[Timed]] = [[]]
    limits, taken, there = [*_BATCHES, seconds], 0.0, set[str]()
    for test in tests:
        taken += test.seconds + sum(cost for name, cost in test.uses.items() if name not in there)
        there |= test.uses.keys()
        if taken > seconds:
            break
        while taken > limits[0] and len(limits) > 1:
            limits.pop(0)
            found.append([])
        found[-1].append(test)
    return [batch for batch in found if batch]


def tried(copy: Copy, mutant: Mutant, tests: Sequence[Timed], seconds: float) -> Fate:
    """Run the tests that reach a mutant, until one fails that passes without it, or they would take too much CPU."""
    began, done, there = time.monotonic(), set[str](), len(_sound(copy, tests))
    for batch in batches(_sound(copy, tests), seconds):
        while left := [test for test in _sound(copy, batch) if test.name not in done]:
            with copy.holding(mutant):
                found = copy.run(left, done)
                suspect = _suspect(found, left)
                busy = found.passed is None and bool(copy.run([suspect]).passed)
            done |= found.ended | {test.name for test in left if found.passed} | {suspect.name for _ in range(busy)}
            copy.known.update(done)
            if not found.passed and not busy and copy.sound(suspect):
                killer = suspect.name if found.passed is False else f"time ({suspect.name})"
                return Fate(mutant, killer, len(done), there, time.monotonic() - began)
    ran = len([test for test in tests if test.name in done])
    return Fate(mutant, "", ran, len(_sound(copy, tests)), time.monotonic() - began)


def _sound(copy: Copy, tests: Sequence[Timed]) -> list[Timed]:
    return [test for test in tests if not {test.name, _file(test.name)} & copy.broken]


def _suspect(found: Ran, tests: Sequence[Timed]) -> Timed:
    """Return the test that failed or hung; of a file that could not be read, or of which only the name is known, one in it."""
    file = _file(found.suspect)
    near = [test for test in tests if test.name == found.suspect] or [test for test in tests if _file(test.name) == file]
    test = near[0] if near else tests[0]
    return test._replace(name=found.suspect) if test.name == file else test
