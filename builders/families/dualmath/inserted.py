"""Subset `mie`: solutions with one inserted error, made by the program of a problem, or by a model from a right solution.

A problem's solutions take its place, and it is rejected as `spent`, or as `no_alteration` where its program allows none. What a
model wrote is checked by filter (`postchecks`).
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from pydantic import Field

from builders import paths, prompts, records
from builders.asking import works
from builders.errors import BuildError
from builders.families.dualmath import inserting, postchecks, wording
from builders.families.dualmath.collect import INSERTED, LETTERS
from builders.families.dualmath.programs import Problem
from builders.params.roles import Role
from builders.provenance import Answerer
from builders.records import Outcome, Record, Rejection, seeded
from builders.sources.section import Section
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.work import Answer, Ask

TEACHER = "teacher"
PROGRAM = Answerer(works.SYMBOLIC, "program of steps", None, None)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "fact": {"type": "string", "minLength": 1, "maxLength": 500},
        "step": {"type": "integer", "minimum": 1},
        "was": {"type": "string", "minLength": 1, "maxLength": 100},
        "becomes": {"type": "string", "minLength": 1, "maxLength": 100},
        "steps": {"type": "array", "minItems": 1, "maxItems": 60, "items": {"type": "string"}},
        "answer": {"type": "string", "minLength": 1, "maxLength": 500},
    },
    "required": ["fact", "step", "was", "becomes", "steps", "answer"],
    "additionalProperties": False,
}
_CHARTS = ("chart", "graph", "plot", "function", "statistic", "table")


class Inserting(Section):
    """How errors are inserted.

    Args:
        solutions: how many solutions with an error are made of each problem.
        seed: of what is drawn, and of the requests.
    """

    solutions: int = Field(ge=1)
    seed: int


def requests(record: Record, roles: dict[str, Role], params: Inserting) -> list[Request]:
    """Return the requests for solutions with an inserted error.

    Raises:
        BuildError: there is nobody to ask.
    """
    if TEACHER not in roles:
        where = paths.params(wording.FAMILY)
        raise BuildError("nobody inserts errors", where=where, fix=f"name a model as synthesize.roles.{TEACHER}")
    return [request(record, roles[TEACHER], number, params) for number in range(params.solutions)]


def _prompt(data: dict[str, Any], number: int) -> str:
    return prompts.render(
        wording.FAMILY,
        "synthesize",
        "insert.jinja",
        question=data["question"],
        shown=wording.shown(data),
        image=wording.picture(data) is not None,
        options=data["options"],
        letters=LETTERS,
        answer=data["answer"],
        steps=right_steps(data),
        charts=any(word in str(data["kind"]).lower() for word in _CHARTS),
        number=number,
    )


def request(record: Record, role: Role, number: int, params: Inserting) -> Request:
    """Return one of the requests for a solution with an inserted error."""
    content, images = wording.pictured(record.data, _prompt(record.data, number))
    seed = seeded(2**31, params.seed, INSERTED, record.id, number)
    body = api.chat(role, [{"role": "user", "content": content}], SCHEMA, seed=seed)
    return Request("synthesize", TEACHER, record.id, number, body, images, schema=SCHEMA)


def right_steps(data: dict[str, Any]) -> list[str]:
    """Return the steps of a problem's right solution."""
    solution = wording.read(data["solution"], "stop")
    return list(solution.steps) or list(postchecks.stepped(data["solution"]))


def made(record: Record, problem: Problem | None, params: Inserting) -> list[Outcome]:
    """Return solutions with errors that a problem's program makes, and the problem, spent."""
    chance = Random(f"{params.seed} {record.id}")  # noqa: S311  (chance, not secrets)
    pairs = inserting.pairs(problem, params.solutions, chance) if problem else []
    children: list[Outcome] = [(_proven(record, number, pair), None) for number, pair in enumerate(pairs)]
    spent = Rejection("spent", {"solutions": len(pairs)}) if pairs else Rejection("no_alteration")
    return [(record, spent), *children]


def _proven(record: Record, number: int, pair: inserting.Pair) -> Record:
    error = pair.error
    columns = {
        "steps": list(pair.wrong),
        "given": pair.given,
        "right_steps": list(pair.right),
        "roles": list(pair.roles),
        "error": {
            "kind": error.kind,
            "category": error.category,
            "seen": "figure" if error.category == "perception" else None,
            "quantity": error.quantity,
            "was": error.was,
            "becomes": error.becomes,
            "place": error.place + 1,
        },
        "reply": {"index": number, "request": None},
    }
    return _child(record, number, columns).answered(**{TEACHER: PROGRAM})


async def drafted(record: Record, wanted: Sequence[Request], ask: Ask) -> list[Outcome]:
    """Ask for solutions with an error, and return them as rows, and the problem, spent."""
    answers = await ask.all(wanted)
    failed = works.failures(list(wanted), answers)
    if len(failed) == len(wanted):
        return [(record, Rejection("no_reply", {"replies": failed}))]
    seen: set[tuple[str, ...]] = set()
    children: list[Outcome] = []
    for asking, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Reply) and (content := _content(answer)) not in seen:
            seen.add(content)
            children.append((_written(record, asking.index, answer), None))
    evidence = {"solutions": len(children), **({"failed": failed} if failed else {})}
    return [(record, Rejection("spent", evidence)), *children]


def _content(answer: Answer) -> tuple[str, ...]:
    assert isinstance(answer, Reply)  # noqa: S101  (looked at before)
    return (*answer.value["steps"], answer.value["answer"])


def _written(record: Record, number: int, reply: Reply) -> Record:
    value = reply.value
    columns = {
        "steps": [step.strip() for step in value["steps"]],
        "given": value["answer"].strip(),
        "right_steps": right_steps(record.data),
        "said": {name: value[name] for name in ("fact", "step", "was", "becomes")},
        "reply": {"index": number, "request": reply.key},
    }
    return _child(record, number, columns)


def _child(record: Record, number: int, columns: dict[str, Any]) -> Record:
    traced = record.provenance
    key = traced.source_key or records.normalised(record.data["question"])
    identity = records.row_id(wording.FAMILY, traced.source, key, number)
    return Record(identity, record.subset, record.id, traced, {**record.data, **columns})


def altered(record: Record) -> postchecks.Altered:
    """Return what a model made of a right solution, to be checked."""
    data, alteration = record.data, record.data["said"]
    right, steps = tuple(data["right_steps"]), tuple(data["steps"])
    texts = (data["question"], data["answer"], tuple(data["options"]), right, steps, data["given"])
    return postchecks.Altered(*texts, alteration["was"], alteration["becomes"])


def unsound(record: Record) -> Rejection | None:
    """Reject what a model wrote against a rule of `postchecks`."""
    if record.subset != INSERTED or "said" not in record.data:
        return None
    found = postchecks.fault(altered(record))
    return Rejection(*found) if found else None


def _misread(record: Record) -> tuple[dict[str, Any], Sequence[str]]:
    """Return the error that a teacher entered, and what each step is to it."""
    found, alteration = altered(record), record.data["said"]
    place = postchecks.entered(found)
    shown = {"quantity": alteration["fact"], "was": alteration["was"], "becomes": alteration["becomes"]}
    error = {"kind": "misread", "category": "perception", "seen": postchecks.seen(found), **shown, "place": place}
    return error, postchecks.roles(found, place)


def columns(record: Record) -> dict[str, Any]:
    """Return the released columns of a row of `mie`."""
    data = record.data
    error, roles = _misread(record) if "said" in data else (data["error"], data["roles"])
    steps = [
        {"number": number, "text": text, "role": role, "label": "wrong" if number >= error["place"] else "right"}
        for number, (text, role) in enumerate(zip(data["steps"], roles, strict=True), start=1)
    ]
    return {
        **wording.columns(record),
        "right": False,
        "first_error": error["place"],
        "kept": True,
        "checked": "rules" if "said" in data else "program",
        "steps": steps,
        "original": data["right_steps"],
        "error": {name: value for name, value in error.items() if name != "place"},
        "reply": data["reply"],
    }
