"""Single changes of our code that no test notices.

    python -m benchmarks.mutants --record                            # which tests reach what: 20 minutes of CPU
    python -m benchmarks.mutants --record tests/answers              # of these tests alone; the rest is kept
    python -m benchmarks.mutants --record --services                 # also of those that start services
    python -m benchmarks.mutants --seed 7 --count 200                # builders/ but the problem engine
    python -m benchmarks.mutants --seed 7 --count 100 --engine       # the problem engine
    python -m benchmarks.mutants --seed 7 --count 20 --only builders/answers

Draws mutants (`mutating.py`), runs the tests that reach each (`choosing.py`) in a copy of the checkout, the quickest first,
until one fails (`trying.py`), and lists the survivors. Those in `equivalent_mutants.yaml` say the same as the code, or what
nobody can tell apart; each has a reason there, and is not counted. Which tests reach what is recorded where nothing is yet
(`reach.py`); a record of yesterday will do, since test files that have changed are gone by imports until they are recorded.

What it does not see: where the tests that reach a mutant take more than `--seconds`, the slowest of them do not run, and a
survivor is listed with how many did. Tests of real data do not run, those of services where they were recorded; modules that
run in Argilla, talk to it or need torch are not changed. What a user reads is changed only with `--prose`; templates, schemas,
params and cards are not changed. Exit code 1 where less than 95 % are killed.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

import yaml

from benchmarks import reach
from benchmarks.choosing import Choice
from benchmarks.covering import Coverage
from benchmarks.mutating import Mutant, drawn
from benchmarks.trying import Copy, Fate, tried

PROJECT = Path(__file__).parent.parent
EQUIVALENT = "benchmarks/equivalent_mutants.yaml"
ENGINE = ("builders/problems/", "builders/families/mmathcot/problems/")
APART = ("builders/reviewing/server/", "builders/reviewing/argilla/", "builders/families/cot2/tensors.py")
"""Modules that run in Argilla or talk to it, which only `make test-services` starts, or with torch: `make test-train`."""
ALSO = {"tests/harness.py": "builders/__main__.py"}
GOAL = 0.95


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
    cut = sum(fate.ran < fate.reaching for fate in survivors)
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


@contextmanager
def copies(project: Path, count: int) -> Iterator[list[Copy]]:
    """Give copies of a checkout, each with room beside it."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as made:
        found = [Copy(project, Path(folder, str(number), "project")) for number in range(count)]
        for copy in found:
            made.callback(copy.close)
        yield found


def fates(copied: Sequence[Copy], found: Sequence[Mutant], try_: Callable[[Copy, Mutant], Fate]) -> Generator[Fate, None, None]:
    """Give what becomes of mutants as it is known, one tried in each copy at a time; what still runs at the end is stopped."""
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copied:
        free.put(copy)

    def fate(mutant: Mutant) -> Fate:
        copy = free.get()
        try:
            return try_(copy, mutant)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copied)) as pool:
        waiting = [pool.submit(fate, mutant) for mutant in found]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for copy in copied:
                copy.stop()


def record(project: Path, tests: Sequence[str], jobs: int, which: str) -> reach.Reach:
    """Record what tests reach, or all where none are named."""
    options = ["-n", str(jobs), "--dist", "loadfile"] if jobs > 1 else []
    with copies(project, 1) as [copy]:
        found = reach.record(project, copy.root, tests, options, which)
    reach.write(project, found)
    return found


def main(arguments: Sequence[str] | None = None, project: Path = PROJECT) -> int:
    """Draw mutants, try them and print what became of them."""
    options = _options(arguments)
    noted = reach.read(project) if options.record is None else None
    jobs, which = (1, reach.SERVICES) if options.services else (options.jobs, reach.QUICK)  # each service has the machine
    noted = noted or record(project, options.record or [], jobs, which)
    return _draw(options, project, noted) if options.record is None else 0


def _draw(options: argparse.Namespace, project: Path, noted: reach.Reach) -> int:
    known, reasons, became = equivalents(project / EQUIVALENT), list[tuple[Mutant, str]](), list[Fate]()
    found = drawn(project, modules(project, options.only, engine=options.engine), options.seed, prose=options.prose)
    meant = list(islice(found, options.skip, options.count))
    tried_ = [mutant for mutant in meant if _key(mutant) not in known]
    reasons = [(mutant, known[_key(mutant)]) for mutant in meant if _key(mutant) in known]
    choice = Choice(project, noted, Coverage(project, "builders", ALSO))
    with copies(project, options.jobs) as copied:
        try_ = partial(_tried, choice, options.seconds)
        with suppress(KeyboardInterrupt), closing(fates(copied, tried_, try_)) as trying:
            for fate in trying:
                became.append(fate)
                print(f"{len(became)}/{len(tried_)} {fate}", flush=True)
        lines, share = summary(became, reasons)
        print("\n".join(lines), flush=True)
    return int(share < GOAL)


def _tried(choice: Choice, seconds: float, copy: Copy, mutant: Mutant) -> Fate:
    return tried(copy, mutant, choice.tests(mutant), seconds)


def _key(mutant: Mutant) -> tuple[str, str, str]:
    return mutant.path, mutant.before, mutant.after


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--skip", type=int, default=0, help="of those drawn, the first that were tried before")
    parser.add_argument("--only", default="", help="a module or folder, such as builders/answers")
    parser.add_argument("--engine", action="store_true", help="draw from the problem engine, and only from it")
    parser.add_argument("--prose", action="store_true", help="change also what a user reads")
    parser.add_argument("--seconds", type=float, default=600.0, help="of CPU that the tests of one mutant may take")
    parser.add_argument("--jobs", type=int, default=1, help="mutants that are tried, or tests that run, at the same time")
    parser.add_argument("--record", nargs="*", metavar="TESTS", help="only record which tests reach what")
    parser.add_argument("--services", action="store_true", help="record the tests that start services, beside what there is")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is known so far is told
    sys.exit(main())
