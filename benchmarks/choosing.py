"""Which tests may notice a mutant: those that reach the function that changes, the quickest first, the mirror file's sooner.

A value at the top of a module is noticed where it is read: by the tests that reach a function that reads it (`covering.py`),
or, unless its name is private, any of its module. What is called while a module is imported decides about all the values there.
Of a function that has not been recorded, and of a test file that has changed since, imports tell what they concern.
"""

from pathlib import Path

from benchmarks.covering import Coverage
from benchmarks.mutating import Mutant
from benchmarks.probing import functions
from benchmarks.reach import Reach, Timed, digests

_UNKNOWN = 5.0
"""Seconds that a file is thought to take that nobody has recorded."""
_VALUES = "tests/test_known.py"
"""The test file that knows the values at the top of all modules."""
_WORDS = {"tests/test_draws.py", "tests/test_messages.py"}
"""Those that know what draws are made of, what errors say, and where they say that it is."""
_FIRST = 0.1
"""What is made of the seconds of a test in the mirror file: it notices most."""


class Choice:
    """What is known of the tests of a checkout.

    Args:
        project: the checkout.
        reach: what was recorded.
        coverage: what can be read.
    """

    def __init__(self, project: Path, reach: Reach, coverage: Coverage) -> None:
        """Find out which test files have changed since the record."""
        self._project, self._reach, self._coverage = project, reach, coverage
        self._files = digests(project)
        self.changed = {name for name, found in self._files.items() if reach.files.get(name) != found}

    def tests(self, mutant: Mutant) -> list[Timed]:
        """Return the tests that may notice a mutant, in the order in which they should run."""
        names, mirror = self._concerned(mutant), self._coverage.mirror(mutant.path)
        found = [test for test in self._reach.reaching(names) if self._recorded(test.name)]
        near, files = self._coverage.tests(mutant.path), names & self._files.keys()
        if not names & self._reach.functions:
            files |= set(near)
        if not self._in_a_body(mutant):
            files |= {mirror} & set(near)
        files |= (knowing := self._knowing(mutant))
        there = {test.name for test in found}
        for file in sorted(files | self.changed & set(near)):
            recorded = [] if file in self.changed else [test for test in self._reach.tests if _file(test) == file]
            found += [self._reach.timed(test) for test in recorded if test not in there] or [Timed(file, _UNKNOWN, {})]

        def order(test: Timed) -> tuple[bool, float]:
            return _file(test.name) not in knowing, test.alone * (_FIRST if _file(test.name) == mirror else 1.0)

        return sorted(found, key=order)

    def _knowing(self, mutant: Mutant) -> set[str]:
        """Return the test files that know what is written there, whoever reaches it."""
        values = set() if self._in_a_body(mutant) else {_VALUES}
        return (values | (_WORDS if mutant.word else set())) & self._files.keys()

    def _recorded(self, test: str) -> bool:
        return _file(test) in self._files and _file(test) not in self.changed

    def _concerned(self, mutant: Mutant) -> set[str]:
        """Return the function that changes, `path::name`, and the functions and test files that read what it decides about."""
        around = self._around(mutant)
        if not around:
            readers = self._coverage.readers(mutant.path, mutant.line)
            private = all(name.startswith("_") for name in self._coverage.bound(mutant.path, mutant.line))
            return readers if readers and private else readers | self._within(mutant.path)
        names = {around[-1]}
        for path in self._reach.importing(around[-1]):
            names |= self._coverage.all_readers(path) | self._within(path)
        return names

    def _around(self, mutant: Mutant) -> list[str]:
        """Return the functions that enclose what changes, the innermost last."""
        code = (self._project / mutant.path).read_bytes()
        return [f"{mutant.path}::{found.name}" for found in functions(code) if found.first <= mutant.line <= found.last]

    def _in_a_body(self, mutant: Mutant) -> bool:
        """Tell whether what changes is within a function, and no value at the top or of an argument that is left out."""
        code = (self._project / mutant.path).read_bytes()
        return any(found.node.body[0].lineno <= mutant.line <= found.last for found in functions(code))

    def _within(self, path: str) -> set[str]:
        return {name for name in self._reach.functions if _file(name) == path}


def _file(name: str) -> str:
    return name.partition("::")[0]
