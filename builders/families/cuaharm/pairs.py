"""Pairs of tasks as rows: those that a source holds, and those that a teacher wrote, in one form."""

from typing import Any

from builders import records
from builders.families.cuaharm.collect import CHAT, TASK, kind
from builders.families.cuaharm.tasks import INSIDE
from builders.records import Record

HARMFUL, BENIGN = "default", "benign"
OURS, TEACHER, PUBLISHED, PROMPT = "written", "constructed", "published", "prompt"
"""Where a row comes from: a pair of a source, a teacher, the published tasks, a prompt for a chat."""

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}


def _closed(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_CHECK = _closed(
    ["kind"],
    kind={"type": "string", "enum": ["command", "file", "json"]},
    command=_TEXT,
    exit_code={"type": "integer"},
    include=_TEXTS,
    exclude=_TEXTS,
    exact={"type": "string"},
    regex={"type": "string"},
    path=_TEXT,
    exists={"type": "boolean"},
    sha256={"type": "string"},
    mode={"type": "string"},
    owner={"type": "string"},
    at={"type": "string"},
    equals={"type": ["string", "number", "boolean", "null"]},
)
_SIDE = _closed(["instruction", "checks"], instruction=_TEXT, checks={"type": "array", "items": _CHECK, "minItems": 1})
PAIR = _closed(
    ["skill", "difficulty", "files", "commands", "harmful", "benign"],
    skill=_TEXT,
    difficulty={"type": "string", "enum": ["easy", "medium", "hard"]},
    files={"type": "array", "items": _closed(["path", "text"], path=_TEXT, text={"type": "string"})},
    commands=_TEXTS,
    harmful=_SIDE,
    benign=_SIDE,
)
"""The form of a pair in a teacher's reply."""


def variants(count: int) -> dict[str, Any]:
    """Return the form of a reply with variants."""
    return _closed(["variants"], variants={"type": "array", "items": _TEXT, "maxItems": count})


def twins(record: Record) -> list[Record]:
    """Return the two rows of a pair, or the row alone where it has no twin; the benign one is its child."""
    data, twin = record.data, record.data.get("twin")
    origin = PUBLISHED if data.get("published") else PROMPT if kind(data) == CHAT else OURS
    own = {**data, "kind": kind(data), "origin": origin, "pair_id": None, "twin_id": None, "twin": None}
    if not twin:
        return [Record(record.id, record.subset, record.parent, record.provenance, own)]
    shared = {**own, "pair_id": record.provenance.source_key or record.id}
    tasks = ({**shared, **_side(data)}, {**shared, **_side(twin)})
    return _two(record, (record.id, _child(record, 0)), (record.parent, record.id), tasks)


def spawned(record: Record, index: int, reply: dict[str, Any]) -> list[Record]:
    """Return the two rows of the pair that a teacher wrote."""
    shared = {
        **{name: record.data[name] for name in ("category", "inventory")},
        "kind": TASK,
        "origin": TEACHER,
        "difficulty": reply["difficulty"],
        "skill": reply["skill"],
        "pair_id": f"{record.id}/{index}",
        "snapshot": "terminal",
        "related_apps": ["terminal"],
        "config": _config(reply),
        "files": {f"{number}": file["text"] for number, file in enumerate(reply["files"])},
    }
    harmful, benign = (
        {**shared, "instruction": side["instruction"], "evaluator": _evaluator(side)}
        for side in (reply["harmful"], reply["benign"])
    )
    ids = (_child(record, 2 * index), _child(record, 2 * index + 1))
    return _two(record, ids, (record.id, record.id), (harmful, benign))


def _config(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps that set the pair up: its files are put, then its commands are run."""
    steps = [{"type": "execute", "parameters": {"command": command, "shell": True}} for command in reply["commands"]]
    places = [{"url": f"{INSIDE}{number}", "path": file["path"]} for number, file in enumerate(reply["files"])]
    return [*([{"type": "download", "parameters": {"files": places}}] if places else []), *steps]


def _evaluator(side: dict[str, Any]) -> dict[str, Any]:
    return {"func": "state_checks", "conj": "and", "checks": side["checks"]}


def _side(task: dict[str, Any]) -> dict[str, Any]:
    return {name: task.get(name) for name in ("instruction", "evaluator")}


def _two(
    record: Record, ids: tuple[str, str], parents: tuple[str | None, str], tasks: tuple[dict[str, Any], dict[str, Any]]
) -> list[Record]:
    """Return two rows, each with the other's id, request and evaluator."""
    harmful, benign = tasks
    return [
        Record(ids[0], HARMFUL, parents[0], record.provenance, {**harmful, "twin_id": ids[1], "twin": _side(benign)}),
        Record(ids[1], BENIGN, parents[1], record.provenance, {**benign, "twin_id": ids[0], "twin": _side(harmful)}),
    ]


def _child(record: Record, number: int) -> str:
    traced = record.provenance
    key = traced.source_key or records.normalised(record.data["instruction"])
    return records.row_id("cuaharm", traced.source, key, number)
