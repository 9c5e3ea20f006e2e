"""Which tests reach a function: recorded once, in a copy of the checkout with probes, and kept in `.mutants/reach.json`.

By path and name, so that it stays of use while modules change. A test file that has changed since counts as one that nobody
has recorded.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.probing import probed

FILE = ".mutants/reach.json"
OPTIONS = ("-p", "no:cacheprovider", "-q", "--no-header", "--tb=no", "-m")
QUICK, SERVICES = "not (services or vllm or train or real)", "services and not (vllm or train or real)"
"""Which tests: those that start no service, and those that do."""
_LEAST = 0.005
"""Seconds that any test takes."""


class Noted(NamedTuple):
    """What was noted of a test, or of what tests share.

    Args:
        reached: the functions, `path::name`.
        uses: names of what is shared.
        seconds: of CPU, without what is shared.
    """

    reached: frozenset[str]
    uses: frozenset[str]
    seconds: float

    def with_(self, other: "Noted") -> "Noted":
        """Return what either reached; what is shared was perhaps there already for one of them."""
        return Noted(self.reached | other.reached, self.uses | other.uses, max(self.seconds, other.seconds))


class Timed(NamedTuple):
    """A test to run, or a file of which it is not known what is in it.

    Args:
        name: its id, or the path of the file.
        seconds: of CPU.
        uses: what it shares with others, with the seconds that this takes for the first.
    """

    name: str
    seconds: float
    uses: dict[str, float]

    @property
    def alone(self) -> float:
        """Seconds that it takes if it runs alone."""
        return self.seconds + sum(self.uses.values())


class Reach(NamedTuple):
    """A record.

    Args:
        functions: all there were, `path::name`.
        tests: by id.
        shared: what tests share, such as a fixture of a wider scope.
        imported: what a module called while it was imported, by its path.
        files: the sha256 of each test file.
    """

    functions: set[str]
    tests: dict[str, Noted]
    shared: dict[str, Noted]
    imported: dict[str, frozenset[str]]
    files: dict[str, str]

    def reaching(self, functions: Iterable[str]) -> list[Timed]:
        """Return the tests that reach any of these functions."""
        wanted = set(functions)
        shared = {name for name, noted in self.shared.items() if not wanted.isdisjoint(noted.reached)}
        found = []
        for name, noted in self.tests.items():
            uses = self._used(noted.uses)
            if not (wanted.isdisjoint(noted.reached) and shared.isdisjoint(uses)):
                found.append(self.timed(name))
        return found

    def timed(self, test: str) -> Timed:
        """Return a test with what it takes."""
        noted = self.tests[test]
        return Timed(test, noted.seconds + _LEAST, {name: self.shared[name].seconds for name in self._used(noted.uses)})

    def importing(self, function: str) -> set[str]:
        """Return the modules that call a function while they are imported."""
        return {path for path, reached in self.imported.items() if function in reached}

    def _used(self, names: Iterable[str]) -> set[str]:
        """Return what is shared with what it uses itself."""
        found, waiting = set[str](), [name for name in names if name in self.shared]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [other for other in self.shared[name].uses if other in self.shared]
        return found

    def replaced(self, newer: "Reach") -> "Reach":
        """Return it with the test files of a newer record in place of what was recorded of these."""
        tests = {name: noted for name, noted in self.tests.items() if name.partition("::")[0] not in newer.files}
        both = self.shared.keys() & newer.shared.keys()
        shared = self.shared | newer.shared | {name: self.shared[name].with_(newer.shared[name]) for name in both}
        imported = self.imported | newer.imported
        return Reach(newer.functions, tests | newer.tests, shared, imported, self.files | newer.files)


def read(project: Path) -> Reach | None:
    """Return the record of a checkout, if there is one."""
    if not (project / FILE).is_file():
        return None
    found = json.loads((project / FILE).read_text(encoding="utf-8"))
    names = found["functions"]

    def noted(entries: dict[str, Any]) -> dict[str, Noted]:
        return {
            name: Noted(frozenset(names[number] for number in reached), frozenset(uses), seconds)
            for name, (reached, uses, seconds) in entries.items()
        }

    imported = {path: frozenset(names[number] for number in reached) for path, reached in found["imported"].items()}
    return Reach(set(names), noted(found["tests"]), noted(found["shared"]), imported, found["files"])


def write(project: Path, reach: Reach) -> None:
    """Write a record into a checkout."""
    names = sorted(reach.functions.union(*(noted.reached for noted in (*reach.tests.values(), *reach.shared.values()))))
    numbers = {name: number for number, name in enumerate(names)}

    def plain(entries: dict[str, Noted]) -> dict[str, Any]:
        return {
            name: [sorted(numbers[function] for function in noted.reached), sorted(noted.uses), noted.seconds]
            for name, noted in sorted(entries.items())
        }

    imported = {path: sorted(numbers[name] for name in reached) for path, reached in sorted(reach.imported.items())}
    kept = {"functions": names, "tests": plain(reach.tests), "shared": plain(reach.shared)}
    text = json.dumps({**kept, "imported": imported, "files": dict(sorted(reach.files.items()))})
    (project / FILE).parent.mkdir(exist_ok=True)
    (project / FILE).with_suffix(".new").write_text(text, encoding="utf-8")
    (project / FILE).with_suffix(".new").replace(project / FILE)


def record(project: Path, copy: Path, tests: Sequence[str] = (), options: Sequence[str] = (), which: str = QUICK) -> Reach:
    """Run tests in a copy of a checkout, in which probes are written; return what they reached.

    What is recorded of other tests already is kept.

    Args:
        project: the checkout.
        copy: its copy, beside which there is room for files.
        tests: files or folders; none means all.
        options: of pytest.
        which: `QUICK` tests or those that start `SERVICES`; the latter are in files whose other tests are recorded apart.
    """
    files = {name: found for name, found in digests(copy).items() if which == QUICK and (not tests or _within(name, tests))}
    names = probed(copy, Path(__file__).with_name("reached.py"), copy.parent / "nobody")
    budget = copy / "tests" / "cpu.py"  # a probe costs little, but a fixture that costs too much takes its tests with it
    budget.write_text(re.sub(r"^BUDGET = .*$", "BUDGET = 3600.0", budget.read_text(), flags=re.MULTILINE))
    folder = copy.parent / "reached"
    folder.mkdir()
    (folder / "size").write_text(str(len(names)))
    environment = {name: value for name, value in os.environ.items() if name != "TRACEWRIGHT_DATA"}
    command = [sys.executable, "-m", "pytest", "-p", "benchmarks.reaching", *OPTIONS, which, *options, *tests]
    subprocess.run(command, cwd=copy, env={**environment, "TRACEWRIGHT_REACHING": str(folder)}, check=False)
    found, old = combined(folder, names, files), read(project)
    return found if old is None or len(files) == len(digests(copy)) else old.replaced(found)


def _within(file: str, paths: Sequence[str]) -> bool:
    return any(Path(file).is_relative_to(path) for path in paths)


def combined(folder: Path, names: Sequence[str], files: dict[str, str]) -> Reach:
    """Return what all processes of a run wrote down."""
    found: dict[str, dict[str, Noted]] = {"test": {}, "shared": {}, "imported": {}}
    for line in _lines(folder):
        noted = Noted(frozenset(names[number] for number in line["reached"]), frozenset(line["uses"]), line["seconds"])
        of = found[line["kind"]]
        of[line["name"]] = noted.with_(of[line["name"]]) if line["name"] in of else noted
    imported = {path: noted.reached for path, noted in found["imported"].items() if noted.reached}
    return Reach(set(names), found["test"], found["shared"], imported, files)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def digests(project: Path) -> dict[str, str]:
    """Return the sha256 of each test file."""
    found = sorted((project / "tests").rglob("test_*.py"))
    return {path.relative_to(project).as_posix(): sha256(path.read_bytes()).hexdigest() for path in found}
