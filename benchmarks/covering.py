"""Which tests cover a module, nearest first: its mirror, those that are called so, those that import it, and what imports it.

Found by reading imports, also those inside of functions. A test that runs our command line in a workspace (`tests/harness.py`)
counts as importing it. No lines are traced: most tests of stages run them in processes that are forked or killed, which a
tracer does not see, and tracing the whole suite takes longer than most draws. So a test that is named here may never reach a
line that changes.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ELSEWHERE = ("tests/services/", "tests/train/", "tests/vllm/")
"""Tests that need what is started or installed apart."""
_TOP = "tests/"
_FAR = 99


class Coverage:
    """The modules and tests of a repository, and what imports what.

    Args:
        root: the repository.
        package: its package.
        also: for a module of the tests, one that it imports without saying so.
    """

    def __init__(self, root: Path, package: str, also: Mapping[str, str]) -> None:
        """Read all imports."""
        files = (path for folder in (package, "tests") for path in root.joinpath(folder).rglob("*.py"))
        self._files = {path.relative_to(root).as_posix(): path for path in files}
        self._importers: dict[str, set[str]] = defaultdict(set)
        for path in self._files:
            for imported in self._imports(path):
                self._importers[imported].add(path)
        for path, imported in also.items():
            self._importers[imported].add(path)

    def tests(self, path: str) -> list[str]:
        """Return the test files that cover a module, nearest first, and of those that are as near the smallest."""
        distances, room = self._distances(path), self._room(path)
        named = f"test_{_name(path)}.py"
        beside = {test for test in self._files if room != _TOP and test.startswith(room)}
        found = [test for test in self._files if _is_test(test) and (test in distances or test in beside)]

        def place(test: str) -> tuple[bool, bool, int, int]:
            distance = distances.get(test, _FAR)
            whole = f"{Path(test).parent}/" == _TOP and distance > 1  # what is tested there takes the whole project
            return (
                test != f"{room}{named}",
                Path(test).name != named,
                distance + 2 * whole - 2 * (test in beside),
                self._files[test].stat().st_size,
            )

        return sorted(found, key=place)

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


def _name(path: str) -> str:
    return Path(path).parent.name if Path(path).stem == "__init__" else Path(path).stem


def _is_test(path: str) -> bool:
    return Path(path).name.startswith("test_") and not path.startswith(ELSEWHERE)
