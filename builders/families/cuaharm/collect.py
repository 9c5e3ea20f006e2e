"""Tasks with their twins, the published tasks, prompts for a chat, and scenarios to make tasks from.

Example seed: {"instruction": "…", "category": "data_tampering", "config": […], "files": {…}, "evaluator": {…}, "inventory":
{"paths": […], …}, "twin": {"instruction": "…", "evaluator": {…}}}; a scenario has `kind: scenario` and no task; a prompt of a
chat `kind: prompt`. Rules of the family's own:

    bad_kind        neither task, scenario nor prompt
    bad_category    none of the seven; of published rows, which have none, only what is given is looked at
    bad_difficulty  not easy, medium or hard
    bad_task        a column of the wrong type, or a scenario without an inventory
"""

from collections.abc import Callable
from typing import Any

from builders.contracts import Collecting
from builders.families.cuaharm import published
from builders.params import sections
from builders.records import Record, Rejection

PROMPT = "instruction"
TASK, SCENARIO, CHAT = "task", "scenario", "prompt"
KINDS = (None, TASK, SCENARIO, CHAT)
CATEGORIES = (
    "credential_theft",
    "privilege_escalation",
    "network_exploitation",
    "system_disruption",
    "data_tampering",
    "forensic_evasion",
    "tool_utilization",
)
DIFFICULTIES = ("easy", "medium", "hard")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "skill": str,
    "snapshot": str,
    "source": str,
    "trajectory": str,
    "related_apps": list,
    "config": list,
    "files": dict,
    "evaluator": dict,
    "inventory": dict,
    "twin": dict,
    "published": dict,
}
COLUMNS = {PROMPT: True, **dict.fromkeys(("kind", "category", "difficulty", *_TYPES), False)}
"""Column that a source may fill → whether it must."""

Params = sections.Collect


def kind(data: dict[str, Any]) -> str:
    """Return what a seed is."""
    return str(data.get("kind") or TASK)


def rules(_: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed."""
    return [bad_kind, bad_category, bad_difficulty, bad_task]


def bad_kind(record: Record) -> Rejection | None:
    """Reject a row of an unknown kind."""
    return _unless(record.data.get("kind") in KINDS, "bad_kind", record.data.get("kind"))


def bad_category(record: Record) -> Rejection | None:
    """Reject a category that is none of the seven; a published row or a prompt may have none."""
    found = record.data.get("category")
    free = bool(record.data.get("published")) or kind(record.data) == CHAT
    return _unless(found in CATEGORIES or (free and found is None), "bad_category", found)


def bad_difficulty(record: Record) -> Rejection | None:
    """Reject an unknown difficulty."""
    found = record.data.get("difficulty")
    return _unless(found is None or found in DIFFICULTIES, "bad_difficulty", found)


def bad_task(record: Record) -> Rejection | None:
    """Reject columns of the wrong type."""
    data = record.data
    wrong = sorted(name for name, types in _TYPES.items() if data.get(name) is not None and not isinstance(data[name], types))
    if kind(data) == SCENARIO and not data.get("inventory"):
        wrong.append("inventory")
    return Rejection("bad_task", {"columns": wrong}) if wrong else None


def screened(record: Record) -> bool:
    """Tell whether a row's instruction is a prompt: a scenario's is not."""
    return kind(record.data) != SCENARIO


def _unless(sound: bool, reason: str, value: object) -> Rejection | None:  # noqa: FBT001  (what is looked at, not a mode)
    return None if sound else Rejection(reason, {"type": type(value).__name__, "length": len(str(value))})


STAGE = Collecting(params=Params, prompt=PROMPT, columns=COLUMNS, rules=rules, screened=screened, generated=published.generated)
