"""Modules that note which of their functions begin: each sets a byte of its own in a file that all processes of a test share.

A probe is one statement that stores a byte, so that it costs nothing to speak of, and counts in processes that are forked,
killed or started anew, and in copies that tests make of the project, since it is in the source. Lambdas and functions that
are nothing but a docstring have none. What is remembered from an earlier call, by `functools.cache` and what is like it, counts
as reached by whoever asks for it again; what is called while a module is imported is noted with that module.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PACKAGE = "builders"
_SHARED = "_reached"
"""The module that opens the file, in the package: `reached.py`."""
_NAME = "_reached_"
"""What it is called in the modules that import it; no name of ours looks like it."""
_HEAD = f"""
try:
    from {PACKAGE} import {_SHARED} as {_NAME}
except ImportError:  # a module that is run by its path, where another package of this name is found
    import pathlib, runpy, types
    {_NAME} = pathlib.Path(__file__).resolve()
    {_NAME} = next(folder / "{PACKAGE}" for folder in {_NAME}.parents if (folder / "{PACKAGE}").is_dir()) / "{_SHARED}.py"
    {_NAME} = types.SimpleNamespace(**runpy.run_path(str({_NAME})))
_saved_ = {_NAME}.enter()
"""
"""What opens the file."""
_REMEMBERING = {"cache", "lru_cache"}
_Defined = ast.FunctionDef | ast.AsyncFunctionDef


class Function(NamedTuple):
    """A function as it is written.

    Args:
        name: with those of what encloses it, `Class.method.inner`.
        first: its first line, that of its first decorator.
        last: its last line.
        node: what was read.
    """

    name: str
    first: int
    last: int
    node: _Defined


def functions(code: str | bytes) -> list[Function]:
    """Return every function of a module, the inner ones behind those that enclose them."""
    return list(_functions(ast.parse(code), ""))


def _functions(node: ast.AST, outer: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, _Defined | ast.ClassDef):
            name = f"{outer}.{child.name}".lstrip(".")
        if isinstance(child, _Defined):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield Function(name, first, child.end_lineno or child.lineno, child)
        yield from _functions(child, name)


def probed(root: Path, shared: Path, nobody: Path) -> list[str]:
    """Write probes into the package of a checkout; return what each byte stands for, `path::function`.

    Args:
        root: the checkout, which is changed.
        shared: the module that opens the file.
        nobody: a file for processes to which no other was named; it is made.
    """
    sources = {path.relative_to(root).as_posix(): path for path in sorted((root / PACKAGE).rglob("*.py"))}
    named = dict.fromkeys(
        f"{name}::{function.name}" for name, path in sources.items() for function in functions(path.read_bytes())
    )
    numbers = {name: number for number, name in enumerate(named)}
    nobody.write_bytes(bytes(len(numbers)))
    for name, path in sources.items():
        path.write_bytes(with_probes(path.read_bytes(), name, numbers))
    for path in sorted((root / "tests").rglob("*.py")):
        if _imports_ours(path):  # one that does not may be run where there is no package of ours
            path.write_bytes(with_probes(path.read_bytes(), path.relative_to(root).as_posix(), {}))
    text = shared.read_text(encoding="utf-8").replace("os.devnull", repr(str(nobody)))
    (root / PACKAGE / f"{_SHARED}.py").write_text(text, encoding="utf-8")
    return list(numbers)


def _imports_ours(path: Path) -> bool:
    imported = (node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ImportFrom))
    return any((node.module or "").partition(".")[0] == PACKAGE for node in imported)


def with_probes(code: bytes, path: str, numbers: Mapping[str, int]) -> bytes:
    """Return a module with probes in the functions that have numbers, and around those that remember.

    One without either stays as it is.
    """
    lines, after, parsed = code.splitlines(keepends=True), list[tuple[int, int, bytes]](), ast.parse(code)
    for function in functions(code):
        number = numbers.get(f"{path}::{function.name}")
        if number is not None and (found := _probe(lines, function.node, f"{_NAME}.seen[{number}] = 1")):
            after.append(found)
        after += _around(lines, function.node)
    if not after:
        return code
    for line, column, text in sorted(after, key=lambda place: (-place[0], -place[1], place[2])):  # "@" stands before "_"
        lines[line] = lines[line][:column] + text + lines[line][column:]
    start = _start(parsed)
    lines.insert(start, _HEAD.encode())
    if lines[-1] and not lines[-1].endswith(b"\n"):
        lines[-1] += b"\n"
    return b"".join([*lines, f"{_NAME}.leave({path!r}, _saved_)\n".encode()])


def _start(parsed: ast.Module) -> int:
    """Return the number of lines that must stay first: the docstring, and what is imported from the future."""
    kept = 0
    for node in parsed.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if not ((docstring and not kept) or (isinstance(node, ast.ImportFrom) and node.module == "__future__")):
            break
        kept = node.end_lineno or node.lineno
    return kept


def _probe(lines: list[bytes], node: _Defined, probe: str) -> tuple[int, int, bytes] | None:
    """Return where to put a probe: line, column, text. A docstring stays first."""
    body = node.body[ast.get_docstring(node, clean=False) is not None :]
    if not body:
        return None
    first = body[0]
    decorators = first.decorator_list if isinstance(first, _Defined | ast.ClassDef) else []
    line = min([first.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    before = lines[line][: first.col_offset]
    if before.strip():
        return line, first.col_offset, f"{probe}; ".encode()
    return line, 0, before + f"{probe}\n".encode()


def _around(lines: list[bytes], node: _Defined) -> Iterator[tuple[int, int, bytes]]:
    """Put what notes calls around a function that remembers, and inside of that what notes what it reached."""
    if len(node.decorator_list) != 1 or _called(node.decorator_list[0]) not in _REMEMBERING:
        return
    indent = lines[node.lineno - 1][: node.col_offset]
    yield node.decorator_list[0].lineno - 1, 0, indent + f"@{_NAME}.asked\n".encode()
    yield node.lineno - 1, 0, indent + f"@{_NAME}.computed\n".encode()


def _called(decorator: ast.expr) -> str:
    found = decorator.func if isinstance(decorator, ast.Call) else decorator
    return found.attr if isinstance(found, ast.Attribute) else found.id if isinstance(found, ast.Name) else ""
