"""Keep a task if its pair is whole, names nothing but toy things, and is proved; both tasks of a pair share their fate.

Rules, in order; what breaks one in a row's twin rejects the row, too, and the evidence says which of the two it was:

    no_twin             a task of ours without its twin
    twins_alike         the two ask for the same, or are scored by the same
    bad_evaluator       an evaluator that cannot be scored
    bad_setup           a step other than a command or a file of the task
    unsafe_inventory    an inventory with an entry that is not toy
    outside_inventory   a path, port, host or account that is not in the inventory
    attack_named        a known weakness, malware or a tool made for attacks
    log_check           an evaluator that reads the agent's log, where params do not want those
    (proofs)            see `builders.families.cuaharm.proofs`

Published tasks have no inventory and no twin of ours; of a prompt for a chat there is nothing to prove.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import orjson

from builders import paths
from builders.contracts import Filtering
from builders.families.cuaharm import evaluators, harmlessness, inventory, proofs, tasks
from builders.families.cuaharm.evaluators import EvaluatorError
from builders.families.cuaharm.pairs import BENIGN, HARMFUL, OURS, PROMPT, TEACHER
from builders.families.cuaharm.proofs import Level, Proof
from builders.families.cuaharm.tasks import SetupError
from builders.params import sections
from builders.records import Record, Rejection
from builders.sources.section import Section

Rule = Callable[[Record], Rejection | None]
Task = dict[str, Any]
_OWN = (OURS, TEACHER)
_KEPT = ("kind", "origin", "category", "difficulty", "skill", "pair_id", "twin_id", "snapshot", "source", "trajectory")


class Least(Section):
    """How much has to be proved of a task, by where it comes from.

    Args:
        written: of a pair that a source of ours holds.
        constructed: of one that a teacher wrote, for which there are no scripts.
        published: of a published one, for which no script is ever written.
    """

    written: Level
    constructed: Level
    published: Level


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        least_proof: how much has to be proved.
        log_checks: whether tasks stay whose evaluator reads the agent's log.
    """

    least_proof: Least
    log_checks: Literal["keep", "reject"]


def rules(params: Params) -> list[Rule]:
    """Return the rules in order, with the proofs that there are."""
    known = proofs.read(paths.raw("cuaharm", "proofs"))
    log_check = [_log_check] if params.log_checks == "reject" else []
    return [*static(), *log_check, partial(_unproved, by_content=known, least=params.least_proof)]


def static() -> list[Rule]:
    """Return the rules that need no proof, and that a task has to keep before it is run anywhere."""
    return [_no_twin, _twins_alike, *(partial(_either, check=check) for check in _CHECKS)]


def sides(record: Record) -> Iterator[tuple[str, Task]]:
    """Yield the tasks of a row under the subset's name: its own, then its twin's, which starts from the same state."""
    yield record.subset, record.data
    if twin := record.data.get("twin"):
        yield BENIGN if record.subset == HARMFUL else HARMFUL, {**record.data, **twin}


def _either(record: Record, check: Callable[[Task], Rejection | None]) -> Rejection | None:
    for subset, task in sides(record):
        if found := check(task):
            return Rejection(found.reason, {"task": subset, **found.evidence})
    return None


def _no_twin(record: Record) -> Rejection | None:
    wanting = record.data["origin"] in _OWN and not record.data.get("twin")
    return Rejection("no_twin", {"origin": record.data["origin"]}) if wanting else None


def _twins_alike(record: Record) -> Rejection | None:
    if not (twin := record.data.get("twin")):
        return None
    alike = [name for name in ("instruction", "evaluator") if twin[name] == record.data[name]]
    return Rejection("twins_alike", {"columns": alike}) if alike else None


def _bad_evaluator(task: Task) -> Rejection | None:
    if task["origin"] == PROMPT or evaluators.kind(task.get("evaluator")) == "log":
        return None
    try:
        evaluators.parsed(task.get("evaluator"))
    except EvaluatorError as error:
        return Rejection("bad_evaluator", {"fault": str(error)})
    return None


def _bad_setup(task: Task) -> Rejection | None:
    if task["origin"] not in _OWN:
        return None
    try:
        tasks.steps(task)
    except SetupError as error:
        return Rejection("bad_setup", {"fault": str(error)})
    return None


def _unsafe_inventory(task: Task) -> Rejection | None:
    if task["origin"] not in _OWN:
        return None
    if (found := inventory.parsed(task.get("inventory"))) is None:
        return Rejection("unsafe_inventory", {"fault": "not an inventory"})
    wrong = inventory.unsafe(found)
    return Rejection("unsafe_inventory", dict(wrong)) if wrong else None


def _outside_inventory(task: Task) -> Rejection | None:
    found = inventory.parsed(task.get("inventory")) if task["origin"] in _OWN else None
    wrong = inventory.outside(found, _texts(task)) if found else {}
    return Rejection("outside_inventory", dict(wrong)) if wrong else None


def _attack_named(task: Task) -> Rejection | None:
    count = harmlessness.named(list(_texts(task))) if task["origin"] in _OWN else 0
    return Rejection("attack_named", {"names": count}) if count else None


_CHECKS = (_bad_evaluator, _bad_setup, _unsafe_inventory, _outside_inventory, _attack_named)


def _log_check(record: Record) -> Rejection | None:
    return Rejection("log_check", {}) if evaluators.kind(record.data.get("evaluator")) == "log" else None


def _unproved(record: Record, by_content: dict[str, Proof], least: Least) -> Rejection | None:
    origin = record.data["origin"]
    if origin == PROMPT or evaluators.kind(record.data.get("evaluator")) == "log":
        return None
    return _either(record, lambda task: proofs.lacking(by_content.get(tasks.content(task)), getattr(least, origin)))


def _texts(task: Task) -> Iterator[str]:
    return inventory.strings({name: task.get(name) for name in ("instruction", "config", "files", "evaluator")})


def released(record: Record, _: Params) -> Record:
    """Return the row in its released columns; what is nested as its task wants it is JSON in a text."""
    data = record.data
    known = proofs.read(paths.raw("cuaharm", "proofs"))
    traced = data.get("published") or {}
    columns = {
        "task_id": record.provenance.source_key,
        "instruction": data["instruction"],
        **{name: data.get(name) for name in _KEPT},
        "related_apps": data.get("related_apps") or [],
        **{name: _json(data.get(name)) for name in ("config", "files", "evaluator")},
        "checks": evaluators.kind(data.get("evaluator")),
        "proof": proofs.level(known.get(tasks.content(data))),
        "task_sha256": tasks.content(data),
        "inventory": _listed(data.get("inventory")),
        "published": _published(traced) if traced else None,
    }
    return Record(record.id, record.subset, record.parent, record.provenance, columns)


def _published(traced: dict[str, Any]) -> dict[str, Any]:
    evaluator = _json(traced["evaluator"]) if "evaluator" in traced else None
    return {"sha256": traced["sha256"], "evaluator": evaluator, "lacks": traced["lacks"], "others": _json(traced["others"])}


def _listed(value: dict[str, Any] | None) -> dict[str, Any] | None:
    found = inventory.parsed(value)
    return found.model_dump() if found else None


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


STAGE = Filtering(params=Params, rules=rules, released=released)
