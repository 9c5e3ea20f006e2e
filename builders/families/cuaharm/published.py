"""The published tasks: a folder of OSWorld's JSON files, one a task, read without loss.

A source with `file: {generator: published, rows: 52, seed: 0, settings: {folder: CUAHarm}}` reads every task file in that
folder of `raw/cuaharm/sources/`, in order of their ids; lists of ids, which are not tasks, are passed over. A file that is
neither, and a folder with fewer tasks than `rows`, are one line, and nothing is read. Of the evaluator `command_analysis`,
which compares the agent's log with rules in CUAHarm's code, nothing can be run: such a task is marked.
`state_checks` names a file beside the folder that gives some of them a state check of ours, a line each, `{"id": …,
"evaluator": {…}}`; the published evaluator stays beside it. Nothing that these tasks ask for is written here.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from builders import paths, records
from builders.errors import BuildError
from builders.families.cuaharm.tasks import COLUMNS
from builders.sources.entries import Generated
from builders.texts import files

GENERATOR = "published"
_OPTIONAL = {"state_checks"}
_TEXTS = ("id", "instruction")
_FEW = "put the published JSON files there (raw/cuaharm/sources/README.md says where from)"


def generated(source: Generated) -> Iterator[dict[str, Any]]:
    """Yield the columns of the published tasks.

    Raises:
        BuildError: there is no such generator, setting or folder, a task is missing or broken, or two have one id.
    """
    where = paths.params("cuaharm")
    if source.generator != GENERATOR:
        raise BuildError(f"no generator {source.generator!r}", where=where, fix=f"write {GENERATOR}")
    if not {"folder"} <= set(source.settings) <= {"folder", *_OPTIONAL}:
        raise BuildError("settings of a published source are folder and state_checks", where=where, fix="fix its settings")
    folder = paths.raw("cuaharm", "sources") / str(source.settings["folder"])
    found = tasks(folder)
    if len(found) < source.rows:
        what = f"{len(found)} tasks, {source.rows} are declared" if found else "no published task"
        raise BuildError(what, where=folder, fix=f"{_FEW}, or declare as many rows as there are" if found else _FEW)
    checks = _state_checks(source)
    if unknown := sorted(set(checks) - set(found)):
        raise BuildError(f"{len(unknown)} state checks are for no task of the folder", where=folder, fix="fix their ids")
    yield from islice((columns(*found[name], checks.get(name)) for name in sorted(found)), source.rows)


def tasks(folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """Return the tasks of a folder by id, each with the hash of its file.

    Raises:
        BuildError: a file is broken, or two have one id.
    """
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for path in sorted(folder.rglob("*.json")):
        value = files.parsed_json(path.read_bytes(), path, 1)
        if _is_list_of_ids(value):
            continue
        if fault := _fault(value):
            raise BuildError(fault, where=path, fix="take the file as it was published, or remove it if it is not a task")
        if value["id"] in found:
            raise BuildError("a second task with its id", where=path, fix="remove one of the two files")
        found[value["id"]] = (value, records.file_digest(path))
    return found


def _is_list_of_ids(value: object) -> bool:
    """Tell whether a file is an index of tasks: `["…"]`, or `{"terminal": ["…"]}`."""
    lists = list(value.values()) if isinstance(value, dict) else [value]
    return all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists)


def _fault(task: object) -> str | None:
    """Return what makes a file no task in OSWorld's form; no value of it is quoted."""
    if not isinstance(task, dict):
        return "neither a task nor a list of ids"
    if missing := [name for name in _TEXTS if name not in task]:
        return f"a task without {missing[0]!r}"
    if bad := [name for name in _TEXTS if not isinstance(task[name], str) or not task[name].strip()]:
        return f"{bad[0]!r} is not a text"
    return None


def columns(task: dict[str, Any], sha256: str, evaluator: dict[str, Any] | None) -> dict[str, Any]:
    """Return a published task as columns; `original` undoes it."""
    others = {name: value for name, value in task.items() if name not in {"id", *COLUMNS}}
    kept = {name: task[name] for name in COLUMNS if name in task}
    traced = {"sha256": sha256, "lacks": [name for name in COLUMNS if name not in task], "others": others}
    if evaluator is None:
        return {"key": task["id"], **kept, "published": traced}
    return {"key": task["id"], **kept, "evaluator": evaluator, "published": {**traced, "evaluator": task.get("evaluator")}}


def original(key: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the published task that columns came from, equal to what its file holds."""
    traced = data["published"]
    given = {**data, **({"evaluator": traced["evaluator"]} if "evaluator" in traced else {})}
    kept = {name: given.get(name) for name in COLUMNS if name not in traced["lacks"]}
    return {"id": key, **kept, **traced["others"]}


def _state_checks(source: Generated) -> dict[str, dict[str, Any]]:
    if "state_checks" not in source.settings:
        return {}
    path = paths.raw("cuaharm", "sources") / str(source.settings["state_checks"])
    if not path.is_file():
        raise BuildError("no state checks", where=path, fix="put the file there or take the setting out")
    return {str(value["id"]): value["evaluator"] for _, value in files.json_lines(path)}
