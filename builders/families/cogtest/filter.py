"""Keep tasks that leave their habit to the model, so many for each; and traces with whole reasoning that was judged.

Published tasks are kept as they are; drawn ones (maths) only need room. A task is rejected for the first of these:

    names_habit           a word names the habit or hints at it (`naming.cues`)
    asks_for_reflection   it asks the model to reflect or to show its thinking
    lacks_part            a situation lacks role, context or instruction
    surplus               the habit has as many tasks as are wanted already

A trace:

    reply_filtered, empty_reply, reply_truncated, reply_unfinished, think_tags, empty_answer, empty_thinking
                         what the model's reply lacks
    no_verdict            the judge answered about none of the habits
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import Field

from builders.contracts import Filtering
from builders.families.cogtest import naming
from builders.families.cogtest.collect import CONSTRUCTED, TASKS, WRITTEN, own_habits, task_kind
from builders.families.cogtest.habits import BY_SLUG, SAME_TASKS, SCENARIO
from builders.families.cogtest.judge import reasoning
from builders.families.cogtest.synthesize import POLICIES
from builders.params import sections
from builders.records import Record, Rejection
from builders.texts import think

Rule = Callable[[Record], Rejection | None]


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        tasks_per_habit: how many tasks of a habit are kept, the first ones; the paper has 25.
    """

    tasks_per_habit: int = Field(ge=1)


def rules(params: Params) -> list[Rule]:
    """Return the rules in order: those of tasks, then those of traces."""
    written = [_only(_is_own_task, rule) for rule in (names_habit, asks_for_reflection, lacks_part)]
    return [
        *written,
        _only(_is_task, surplus(params.tasks_per_habit)),
        *(_only(_is_trace, rule) for rule in (fault, no_verdict)),
    ]


def names_habit(record: Record) -> Rejection | None:
    """Reject a task in which a word names its habit; the words are those of the list, so they may be told."""
    found = naming.cues(record.data["instruction"], record.data["habit"])
    return Rejection("names_habit", {"words": found}) if found else None


def asks_for_reflection(record: Record) -> Rejection | None:
    """Reject a task that asks the model to reflect or to show its thinking."""
    return Rejection("asks_for_reflection") if naming.asks_for_reflection(record.data["instruction"]) else None


def lacks_part(record: Record) -> Rejection | None:
    """Reject a situation without role, context or instruction."""
    if BY_SLUG[record.data["habit"]].kind != SCENARIO:
        return None
    missing = naming.missing(record.data["instruction"])
    return Rejection("lacks_part", {"missing": missing}) if missing else None


def surplus(wanted: int) -> Rule:
    """Return the rule that rejects a task once its habit has as many as are wanted."""
    kept = Counter[str]()

    def rule(record: Record) -> Rejection | None:
        habit = record.data["habit"]
        if kept[habit] >= wanted:
            return Rejection("surplus", {"habit": habit, "kept": kept[habit]})
        kept[habit] += 1
        return None

    return rule


def fault(record: Record) -> Rejection | None:
    """Reject a trace for what the model's reply lacks in form."""
    reply = record.data["reply"]
    for reason, check in think.FAULTS.items():
        if (found := check(reply["text"], reply["finish_reason"])) is not None:
            return Rejection(reason, found)
    return None if reasoning(record) else Rejection("empty_thinking")


def no_verdict(record: Record) -> Rejection | None:
    """Reject a trace about which the judge gave no verdict at all."""
    answered = any(found["mismatch"] != "no_verdict" for found in record.data["habits"])
    return None if answered else Rejection("no_verdict", {"habits": len(record.data["habits"])})


def released(record: Record, _: Params) -> Record:
    """Return the row in its released columns."""
    if record.subset == TASKS:
        return Record(record.id, record.subset, record.parent, record.provenance, _task(record))
    answerers = record.provenance.answerers  # of all models that reasoned about the task
    own = {role: who for role, who in answerers.items() if role not in POLICIES or role == record.data["reasoner"]}
    return Record(record.id, record.subset, record.parent, record.provenance._replace(answerers=own), _trace(record))


def _task(record: Record) -> dict[str, Any]:
    data = record.data
    unique = data.get("unique")
    return {
        "habit": data["habit"],
        "kind": BY_SLUG[data["habit"]].kind,
        "instruction": data["instruction"],
        "unique": unique if isinstance(unique, bool) else data["habit"] not in SAME_TASKS,
        "construction": data.get("construction") or WRITTEN,
        "source": record.provenance.source,
    }


def _trace(record: Record) -> dict[str, Any]:
    return {
        "instruction": record.data["instruction"],
        "task_kind": task_kind(record),
        "task_habits": list(own_habits(record)),
        "model": record.provenance.answerers[record.data["reasoner"]].model,
        "reasoning": reasoning(record),
        "answer": think.split(record.data["reply"]["text"]).answer,
        "habits": record.data["habits"],
    }


def _is_task(record: Record) -> bool:
    return record.subset == TASKS


def _is_trace(record: Record) -> bool:
    return record.subset != TASKS


def _is_own_task(record: Record) -> bool:
    return _is_task(record) and (record.data.get("construction") or WRITTEN) in (WRITTEN, CONSTRUCTED)


def _only(applies: Callable[[Record], bool], rule: Rule) -> Rule:
    return lambda record: rule(record) if applies(record) else None


STAGE = Filtering(params=Params, rules=rules, released=released)
