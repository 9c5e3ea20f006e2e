"""What can be read of how modules and tests depend on each other: who imports whom, and which functions read a name.

For what nobody has recorded (`reach.py`): which functions a value at the top of a module concerns, and which test files may
concern a module, nearest first: its mirror, those that are called so, those that import it, and what imports it. A test that
runs our command line in a workspace (`tests/harness.py`) counts as importing it.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.probing import functions

ELSEWHERE = ("tests/services/", "tests/train/", "tests/vllm/")
"""Tests that need what is started or installed apart."""
_TOP = "tests/"
_FAR = 99


class _Part(NamedTuple):
    """A function, or a statement at the top of a module or class.

    Args:
        name: of a function; else nothing.
        first: its first line.
        last: its last line.
        binds: the names that the module has by it, and those of attributes.
        reads: the names in it, those of attributes included.
    """

    name: str
    first: int
    last: int
    binds: frozenset[str]
    reads: frozenset[str]


class Coverage:
    """The modules and tests of a repository, and what imports what.

    Args:
        root: the repository.
        package: its package.
        also: for a module of the tests, one that it imports without saying so.
    """

    def __init__(self, root: Path, package: str, also: Mapping[str, str]) -> None:
        """Read all imports."""
        self._known: dict[str, list[_Part]] = {}
        files = (path for folder in (package, "tests") for path in root.joinpath(folder).rglob("*.py"))
        self._files = {path.relative_to(root).as_posix(): path for path in files}
        self._importers: dict[str, set[str]] = defaultdict(set)
        for path in self._files:
            for imported in self._imports(path):
                self._importers[imported].add(path)
        for path, imported in also.items():
            self._importers[imported].add(path)

    def tests(self, path: str) -> list[str]:
        """Return the test files that may concern a module, nearest first, and of those that are as near the smallest."""
        distances, room, mirror = self._distances(path), self._room(path), self.mirror(path)
        beside = {test for test in self._files if room != _TOP and test.startswith(room)}
        found = [test for test in self._files if _is_test(test) and (test in distances or test in beside)]

        def place(test: str) -> tuple[bool, bool, int, int]:
            distance = distances.get(test, _FAR)
            whole = f"{Path(test).parent}/" == _TOP and distance > 1  # what is tested there takes the whole project
            return (
                test != mirror,
                Path(test).name != Path(mirror).name,
                distance + 2 * whole - 2 * (test in beside),
                self._files[test].stat().st_size,
            )

        return sorted(found, key=place)

    def mirror(self, path: str) -> str:
        """Return the file that mirrors a module, whether or not it is there."""
        return f"{self._room(path)}test_{_name(path)}.py"

    def readers(self, path: str, line: int) -> set[str]:
        """Return what reads a value that a line at the top of a module decides about: functions, `path::name`, and test files.

        There and where it is imported, and also by another value that it goes into; one in a class goes into the class. Where
        nobody seems to read it, those that read an attribute called so: a module may be loaded by its name.
        """
        names = self.bound(path, line)
        return self._reading([(path, name) for name in names]) or self._loading(names)

    def bound(self, path: str, line: int) -> set[str]:
        """Return the names of the values that a line at the top of a module decides about."""
        found = (part.binds for part in self._parts(path) if not part.name and part.first <= line <= part.last)
        return {name for binds in found for name in binds}

    def all_readers(self, path: str) -> set[str]:
        """Return what reads any value that is made at the top of a module: functions, `path::name`, and test files."""
        return self._reading([(path, name) for part in self._parts(path) if not part.name for name in part.binds])

    def _reading(self, waiting: list[tuple[str, str]]) -> set[str]:
        found, seen = set[str](), set(waiting)
        while waiting:
            path, name = waiting.pop()
            for reader in (path, *sorted(self._importers[path])):
                parts = [part for part in self._parts(reader) if name in part.reads]
                found |= {reader if _is_test(reader) else f"{reader}::{part.name}" for part in parts if part.name}
                bound = {(reader, other) for part in parts if not part.name for other in part.binds}
                waiting += bound - seen
                seen |= bound
        return found

    def _loading(self, names: set[str]) -> set[str]:
        files = [path for path in self._files if not path.startswith(_TOP)]
        return {f"{path}::{part.name}" for path in files for part in self._parts(path) if part.name and names & part.reads}

    def _parts(self, path: str) -> list[_Part]:
        if path not in self._known:
            self._known[path] = list(_parts(self._files[path].read_bytes()))
        return self._known[path]

    def _room(self, path: str) -> str:
        """Return the folder that mirrors that of a module, or the nearest one above it that there is."""
        parts = Path(path).parts[1:-1]
        folders = (Path("tests", *parts[:depth]).as_posix() + "/" for depth in range(len(parts), 0, -1))
        return next((folder for folder in folders if any(file.startswith(folder) for file in self._files)), _TOP)

    def _distances(self, path: str) -> dict[str, int]:
        """Return by how many imports each file is away that reaches a module."""
        found, waiting = {path: 0}, [path]
        for reached in waiting:
            for importer in sorted(self._importers[reached] - found.keys()):
                found[importer] = found[reached] + 1
                waiting.append(importer)
        return found

    def _imports(self, path: str) -> Iterator[str]:
        for node in ast.walk(ast.parse(self._files[path].read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    yield from self._file(f"{node.module}.{name.name}") or self._file(node.module)
            elif isinstance(node, ast.Import):
                for name in node.names:
                    yield from self._file(name.name)

    def _file(self, module: str) -> list[str]:
        """Return the file of a module, if it is one of ours."""
        path = module.replace(".", "/")
        return [file for file in (f"{path}.py", f"{path}/__init__.py") if file in self._files]


def _parts(code: bytes) -> Iterator[_Part]:
    """Give the functions of a module, and the statements at its top and in its classes."""
    for function in functions(code):
        yield _Part(function.name, function.first, function.last, frozenset(), _reads(function.node))
    yield from _statements(ast.parse(code).body, frozenset())


def _statements(body: list[ast.stmt], of: frozenset[str]) -> Iterator[_Part]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.ClassDef):
            names = of | {node.name}
            yield _Part("", node.lineno, node.body[0].lineno - 1, names, _reads(*node.bases, *node.decorator_list))
            yield from _statements(node.body, names)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield _Part("", node.lineno, node.end_lineno or node.lineno, of | _binds(node), _reads(node))


def _binds(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.ImportFrom | ast.Import):
        return frozenset(name.asname or name.name.partition(".")[0] for name in node.names)
    return frozenset(name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store))


def _reads(*nodes: ast.AST) -> frozenset[str]:
    found = set[str]()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.ImportFrom):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
    return frozenset(found)


def _name(path: str) -> str:
    return Path(path).parent.name if Path(path).stem == "__init__" else Path(path).stem


def _is_test(path: str) -> bool:
    return Path(path).name.startswith("test_") and not path.startswith(ELSEWHERE)
