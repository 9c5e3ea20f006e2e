"""Which modules decide about the bytes that a stage of a family writes: those it imports, found by reading them.

    python -m builders code

writes `processed/code/<family>/<stage>.json`, the sha256 of each of them and of the templates that the stage fills in, for
dvc: a stage depends on its own file, so that an edit runs the stages again that import what was edited, of the families that
do, and no other. A module says in its docstring that it changes no byte of a row (`CHANGES_NOTHING`), and is left out then:
it words errors, finds files, guards, paces, counts or shows, and what it reads is a dep or a params key of its own.
"""

import ast
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson

from builders import family as families
from builders import paths, records

_PACKAGE = Path(__file__).parent.parent
CHANGES_NOTHING = "Changes no byte of a row."
"""The sentence of a module that no stage depends on."""

_ASKING = ("synthesize", "judge")
"""The stages that fill in templates."""

_ALL = "release"
"""The stage that depends on whatever the others do, since its manifest names it."""


def run() -> None:
    """Write the hashes for every family and stage."""
    folder = paths.code()
    shutil.rmtree(folder, ignore_errors=True)
    for family in families.names():
        (folder / family).mkdir(parents=True)
        for stage in paths.STAGES:
            found = {**hashes(family, stage), **templates(family, stage)}
            text = orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n"
            (folder / family / f"{stage}.json").write_bytes(text)


def hashes(family: str, stage: str) -> dict[str, str]:
    """Return the sha256 of each file that decides about the bytes of a stage, by its path in the checkout."""
    found = modules(family, stage)
    if stage == _ALL:
        found = found.union(*(modules(family, other) for other in paths.STAGES if other != stage))
    named = {path.relative_to(_PACKAGE.parent).as_posix(): path for path in found}
    return {name: _hash(named[name]) for name in sorted(named) if _decides(named[name])}


def templates(family: str, stage: str) -> dict[str, str]:
    """Return the sha256 of each template that a stage of a family fills in, by its path in the checkout.

    An asking stage fills in its own, and those of the family's other asking stage where it imports its module. A family
    without templates has none.
    """
    if stage == _ALL:
        return {name: found for other in _ASKING for name, found in templates(family, other).items()}
    folder = _PACKAGE / "families" / family
    read = modules(family, stage) if stage in _ASKING else set()
    of = [folder / "prompts" / other for other in _ASKING if folder / f"{other}.py" in read]
    files = sorted(path for prompts in of for path in prompts.rglob("*") if path.is_file())
    return {path.relative_to(_PACKAGE.parent).as_posix(): _hash(path) for path in files}


def modules(family: str, stage: str) -> set[Path]:
    """Return the files that a stage of a family imports, what they import included, and the data that lie beside them.

    Data are the JSON files of a package that is imported.
    """
    own = [_PACKAGE / "families" / family / f"{name}.py" for name in ("__init__", stage)]
    found: set[Path] = set()
    waiting = [_PACKAGE / "stages" / f"{stage}.py", *(path for path in own if path.is_file())]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(path))
    return found | {data for path in found if path.name == "__init__.py" for data in path.parent.glob("*.json")}


def _imported(path: Path) -> frozenset[Path]:
    """Return the modules of ours that a module imports, wherever in it the import stands."""
    return _read(path).imported


def _decides(path: Path) -> bool:
    """Tell whether a file can change a row: not one that is nothing but a docstring, nor one whose docstring denies it."""
    return path.suffix != ".py" or _read(path).decides


class _Module(NamedTuple):
    imported: frozenset[Path]
    decides: bool


@cache
def _read(path: Path) -> _Module:
    parsed = ast.parse(path.read_bytes())
    names = set()
    for node in _statements(parsed):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == _PACKAGE.name:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = [name.split(".") for name in names]
    files = {_PACKAGE.parent.joinpath(*part[:end]) for part in parts for end in range(1, len(part) + 1)}
    candidates = {other for file in files for other in (file.with_suffix(".py"), file / "__init__.py")}
    docstring = ast.get_docstring(parsed) or ""
    decides = len(parsed.body) > bool(docstring) and CHANGES_NOTHING not in " ".join(docstring.split())
    return _Module(frozenset(candidate for candidate in candidates if candidate.is_file()), decides)


def _statements(parsed: ast.Module) -> Iterator[ast.AST]:
    """Yield every statement, and what holds statements; imports are in no expression, and those are most of a tree."""
    waiting: list[ast.AST] = [parsed]
    while waiting:
        node = waiting.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, part, [])


@cache
def _hash(path: Path) -> str:
    return records.file_digest(path)
