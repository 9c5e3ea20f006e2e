"""Which modules decide about the bytes that a stage of a family writes: those it imports, found by reading them.

    python -m builders code

writes `processed/code/<family>/<stage>.json`, the sha256 of each of them, for dvc: a stage depends on its own file, so that
an edit runs the stages again that import what was edited, of the families that do, and no other.
"""

import ast
import re
import shutil
from functools import cache
from pathlib import Path

import orjson

from builders import family as families
from builders import paths, records

_PACKAGE = Path(__file__).parent.parent
_CHANGE_NO_BYTES = re.compile(
    r"builders/("
    r"__init__|errors|params/\w+|asking/(estimating|flow|resuming|usage)|(ledger|sealed)/\w+|locks|paths|progress|sources/tables"
    r"|teachers/(budget|connection|keeper|launching|metrics|pace|staff|stops|vllm)"
    r")\.py"
)
"""They word errors, find files, guard, pace, count and show; what they read is a dep or a params key of its own."""

ALSO_CALLS = {"collect": (), "synthesize": ("collect", "judge")}
"""Stage → the modules of a family that it calls besides the one of its own name: early stopping asks the judge, and prompts
that were spawned are screened like those collected."""

_ALL = "release"
"""The stage that depends on whatever the others do, since its manifest names it."""


def run() -> None:
    """Write the hashes for every family and stage."""
    folder = paths.code()
    shutil.rmtree(folder, ignore_errors=True)
    for family in families.names():
        (folder / family).mkdir(parents=True)
        for stage in paths.STAGES:
            text = orjson.dumps(hashes(family, stage), option=orjson.OPT_INDENT_2) + b"\n"
            (folder / family / f"{stage}.json").write_bytes(text)


def hashes(family: str, stage: str) -> dict[str, str]:
    """Return the sha256 of each file that decides about the bytes of a stage, by its path in the checkout."""
    found = modules(family, stage)
    if stage == _ALL:
        found = found.union(*(modules(family, other) for other in paths.STAGES if other != stage))
    named = {path.relative_to(_PACKAGE.parent).as_posix(): path for path in found}
    return {name: _hash(named[name]) for name in sorted(named) if not _CHANGE_NO_BYTES.fullmatch(name)}


def modules(family: str, stage: str) -> set[Path]:
    """Return the files that a stage of a family imports, what they import included, and the data that lie beside them.

    Data are the JSON files of a package that is imported.
    """
    own = [_PACKAGE / "families" / family / f"{name}.py" for name in ("__init__", stage, *ALSO_CALLS.get(stage, ()))]
    found: set[Path] = set()
    waiting = [_PACKAGE / "stages" / f"{stage}.py", *(path for path in own if path.is_file())]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(path))
    return found | {data for path in found if path.name == "__init__.py" for data in path.parent.glob("*.json")}


@cache
def _imported(path: Path) -> frozenset[Path]:
    """Return the modules of ours that a module imports, wherever in it the import stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == _PACKAGE.name:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = [name.split(".") for name in names]
    files = {_PACKAGE.parent.joinpath(*part[:end]) for part in parts for end in range(1, len(part) + 1)}
    candidates = {other for file in files for other in (file.with_suffix(".py"), file / "__init__.py")}
    return frozenset(candidate for candidate in candidates if candidate.is_file())


@cache
def _hash(path: Path) -> str:
    return records.file_digest(path)
