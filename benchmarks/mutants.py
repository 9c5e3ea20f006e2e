"""Single changes of our code that no test notices.

    python -m benchmarks.mutants --seed 7 --count 200                # builders/ but the problem engine
    python -m benchmarks.mutants --seed 7 --count 100 --engine       # the problem engine
    python -m benchmarks.mutants --seed 7 --count 20 --only builders/answers

Draws mutants (`mutating.py`), runs the tests that cover each (`covering.py`) in a copy of the checkout, nearest first, until
one fails, and lists the survivors. Those in `equivalent_mutants.yaml` say the same as the code, or what nobody can tell apart;
each has a reason there, and is not counted. A test that fails counts only if it passes without the mutant.

What it does not see: a mutant that only a test kills which its time does not reach is listed as a survivor, with how many of
its files ran. Tests of real data and of services do not run, nor are modules changed that run in Argilla or talk to it.
What a user reads is changed only with `--prose`; templates, schemas, params and cards are not changed. A test that hangs twice
is one that fails. Exit code 1 where less than 95 % are killed.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.covering import Coverage
from benchmarks.mutating import Mutant, drawn

PROJECT = Path(__file__).parent.parent
EQUIVALENT = "benchmarks/equivalent_mutants.yaml"
ENGINE = ("builders/problems/", "builders/families/mmathcot/problems/")
APART = ("builders/reviewing/server/", "builders/reviewing/argilla/")
"""Modules that run in Argilla or talk to it: only `make test-services` starts it."""
ALSO = {"tests/harness.py": "builders/__main__.py"}
GOAL = 0.95
_FIRST = 1
"""Files that one pytest runs first; it is three times as many each time."""
_OPTIONS = ("-p", "no:cacheprovider", "-x", "-q", "--no-header", "--tb=no", "-m", "not (services or vllm or train or real)")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", re.MULTILINE)
_PASSED = (0, 5)
"""Exit codes of pytest: all passed, no test was chosen."""


class Ran(NamedTuple):
    """What a run of pytest said.

    Args:
        passed: whether nothing failed; None if it did not end in time.
        failed: the test that failed, or its file.
    """

    passed: bool | None
    failed: str


class Fate(NamedTuple):
    """What became of a mutant.

    Args:
        mutant: the mutant.
        killer: the test that failed, if any did.
        ran: how many files passed.
        covering: how many files cover the module.
        seconds: how long it took.
    """

    mutant: Mutant
    killer: str
    ran: int
    covering: int
    seconds: float

    def __str__(self) -> str:
        """Say it in two lines."""
        mutant = self.mutant
        became = f"killed by {self.killer}" if self.killer else f"SURVIVED {self.ran} of {self.covering} files"
        return (
            f"{mutant.path}:{mutant.line} {became}, {self.seconds:.0f} s\n    {mutant.before[:200]}\n    {mutant.after[:200]}"
        )


class Copy:
    """A copy of a checkout, in which mutants are tried.

    Args:
        root: its folder.
        known: files and tests that are known to pass without a mutant.
        broken: files in which a test is known to fail without one.
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
        self._times = time.time()

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

    def run(self, tests: Sequence[str], seconds: float) -> Ran:
        """Run tests, until one fails."""
        environment = {name: value for name, value in os.environ.items() if name != "TRACEWRIGHT_DATA"}
        command = [sys.executable, "-m", "pytest", *_OPTIONS, *tests]
        output = self.root.parent / "said"
        with output.open("w") as out:
            process = subprocess.Popen(
                command, cwd=self.root, env=environment | {"COLUMNS": "500"}, stdout=out, stderr=out, start_new_session=True
            )
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                return Ran(None, "")
            finally:
                _end(process)
        failed = _FAILED.search(output.read_text(errors="replace"))
        return Ran(code in _PASSED, failed[1] if failed else tests[0])

    def sound(self, test: str, seconds: float) -> bool | None:
        """Tell whether a test passes as the code is; None where it does not end in time."""
        file = test.partition("::")[0]
        if {test, file} & self.known:
            return True
        passed = self.run([test], seconds).passed
        if passed:
            self.known.add(test)
        elif passed is False:
            self.broken.add(file)
        return passed


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a run with whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tried(copy: Copy, mutant: Mutant, tests: Sequence[str], seconds: float) -> Fate:
    """Run the tests that cover a mutant, until one fails that passes without it, or the time is over."""
    began, ran, size = time.monotonic(), 0, _FIRST
    deadline = began + seconds
    left = sound = [test for test in tests if test not in copy.broken]
    while left and (rest := deadline - time.monotonic()) > 1:
        batch = left[:size]
        with copy.holding(mutant):
            found = copy.run(batch, rest)
            if found.passed is None and not ran:  # one that hangs, or a machine that was busy
                found, deadline = copy.run(batch, seconds), time.monotonic() + seconds
        if found.passed:
            copy.known.update(batch)
            ran, left, size = ran + len(batch), left[size:], 3 * size
            continue
        suspect = found.failed if found.passed is False else batch[0]
        alone = found.passed is False or (len(batch) == 1 and not ran)  # one that hangs, when it had all the time twice
        passes = copy.sound(suspect, seconds) if alone else None
        if passes:
            return Fate(mutant, suspect if found.failed else f"time ({suspect})", ran, len(sound), time.monotonic() - began)
        if passes is None:
            break
        print(f"{suspect} fails without a mutant, too: its file is left out", flush=True)
        left, sound = ([test for test in some if test not in copy.broken] for some in (left, sound))
    return Fate(mutant, "", ran, len(sound), time.monotonic() - began)


def equivalents(path: Path) -> dict[tuple[str, str, str], str]:
    """Return why a mutant need not be killed, by its module, the lines before and after."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return {(entry["module"], entry["before"], entry["after"]): entry["reason"] for entry in listed}


def modules(root: Path, only: str, *, engine: bool) -> list[str]:
    """Return the modules of which mutants are drawn."""
    paths = sorted(path.relative_to(root).as_posix() for path in root.joinpath("builders").rglob("*.py"))
    meant = [path for path in paths if path.startswith(ENGINE) == engine and not path.startswith(APART)]
    return [path for path in (paths if only else meant) if path.startswith(only)]


def summary(fates: Sequence[Fate], reasons: Sequence[tuple[Mutant, str]]) -> tuple[list[str], float]:
    """Return the lines that end a run, and the share that was killed."""
    survivors = [fate for fate in fates if not fate.killer]
    cut = sum(fate.ran < fate.covering for fate in survivors)
    killed = len(fates) - len(survivors)
    words = [fate for fate in fates if fate.mutant.word]
    share = killed / len(fates) if fates else 1.0
    drawn_ = f"{len(fates) + len(reasons)} drawn, {len(reasons)} equivalent, {killed} killed, {len(survivors)} survived"
    lines = [
        f"{drawn_} ({cut} of them before all their tests had run): {share:.1%}",
        f"of strings: {sum(bool(fate.killer) for fate in words)} of {len(words)}",
        *(f"survivor: {fate}" for fate in survivors),
        *(f"equivalent: {mutant.path}:{mutant.line} {mutant.after[:100]}: {reason}" for mutant, reason in reasons),
    ]
    return lines, share


def main(arguments: Sequence[str] | None = None, project: Path = PROJECT) -> int:
    """Draw mutants, try them and print what became of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--skip", type=int, default=0, help="of those drawn, the first that were tried before")
    parser.add_argument("--only", default="", help="a module or folder, such as builders/answers")
    parser.add_argument("--engine", action="store_true", help="draw from the problem engine, and only from it")
    parser.add_argument("--prose", action="store_true", help="change also what a user reads")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the tests of one mutant may take")
    options = parser.parse_args(arguments)
    known, fates, reasons = equivalents(project / EQUIVALENT), list[Fate](), list[tuple[Mutant, str]]()
    coverage = Coverage(project, "builders", ALSO)
    found = drawn(project, modules(project, options.only, engine=options.engine), options.seed, prose=options.prose)
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(project, Path(folder, "project"))
        try:
            for number, mutant in islice(enumerate(found, 1), options.skip, options.count):
                if reason := known.get((mutant.path, mutant.before, mutant.after)):
                    reasons.append((mutant, reason))
                    continue
                fates.append(tried(copy, mutant, coverage.tests(mutant.path), options.seconds))
                print(f"{number}/{options.count} {fates[-1]}", flush=True)
        except KeyboardInterrupt:
            print("stopped")
    lines, share = summary(fates, reasons)
    print("\n".join(lines))
    return int(share < GOAL)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is known so far is told
    sys.exit(main())
