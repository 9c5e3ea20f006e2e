"""CogTest under Inspect: planted reasoning and findings, and a profile worked out by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from tests.evaluation import planted
from tests.evaluation.planted import Planted
from tests.harness import jsonl

CLARITY = "thinking_and_communicating_with_clarity_and_precision"
TASKS = [
    {"instruction": "Task one.", "habit": "finding_humor", "kind": "scenario"},
    {"instruction": "Task two.", "habit": "finding_humor", "kind": "scenario"},
    {"instruction": "Task three.", "habit": "finding_humor", "kind": "scenario"},
    {"instruction": "Task four.", "habit": "striving_for_accuracy_and_precision", "kind": "thinking"},
    {"instruction": "Task four.", "habit": CLARITY, "kind": "thinking"},
    {"instruction": "Task five.", "habit": "finding_humor", "kind": "scenario"},
    {"instruction": "Task six.", "habit": "finding_humor", "kind": "scenario"},
]
REPLIES = {
    "one": Planted("<think>A pun comes to mind. On with it.</think>Done."),
    "two": Planted("Done.", reasoning="Nothing comes to mind."),
    "three": Planted("<think>It is quiet.</think>Done."),
    "four": Planted("<think>Let me define n. Then count.</think>Done."),
    "five": Planted("I just answer."),
    "six": Planted("<think>It goes on and", "length"),
}


def target(asked: str) -> Planted:
    return REPLIES[asked.rsplit("Task ", 1)[1].removesuffix(".")]


def judge(asked: str) -> str:
    """Find the pun, the definition under clarity, and in task three something that nobody said."""
    passage = asked.split("<BEGIN PASSAGE>")[1]
    evidence = ""
    if "pun" in passage:
        evidence = "A pun comes to mind."
    elif "quiet" in passage:
        evidence = "How droll this is."
    elif "define" in passage and "clarity" in asked.casefold().split("<begin passage>")[0]:
        evidence = "Let me define n."
    return json.dumps({"evidence": evidence, "is_reflected": bool(evidence)})


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The same tasks under the mock model and behind an endpoint."""
    from builders.families.cogtest.evaluate import cogtest

    folder = tmp_path_factory.mktemp("cogtest")
    file = folder / "tasks.jsonl"
    file.write_text(jsonl(*TASKS))
    scripts: dict[str, planted.Script] = {"target": target, "judge": judge}
    with planted.ledger(folder):
        yield {kind: planted.run(cogtest, kind, scripts, {"tasks": str(file)}, folder) for kind in planted.KINDS}


@pytest.mark.parametrize("kind", planted.KINDS)
def test_every_number_by_hand(logs: dict[str, Any], kind: str) -> None:
    """Humor 1 of 2 with one unscored, clarity 1 of 1, accuracy 0 of 1: 2 of 4 in all, without copies 1 of 2."""
    found = planted.numbers(logs[kind])
    wanted = {
        "habits": 2 / 4,
        "habits_n": 4,
        "habits_excluded_no_reasoning": 1,
        "habits_excluded_truncated": 1,
        "habits_without_copies": 1 / 2,
        "kind:scenario/habits": 1 / 2,
        "kind:thinking/habits": 1 / 2,
        "habit:finding_humor/reflected": 1 / 2,
        "habit:finding_humor/reflected_n": 2,
        "habit:finding_humor/reflected_asked": 3,
        "habit:finding_humor/reflected_excluded_not_found": 1,
        "habit:finding_humor/reflected_least": 1 / 3,
        "habit:finding_humor/reflected_most": 2 / 3,
        f"habit:{CLARITY}/reflected": 1.0,
        "habit:striving_for_accuracy_and_precision/reflected": 0.0,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize("kind", planted.KINDS)
def test_an_instruction_that_two_habits_share_is_asked_once(logs: dict[str, Any], kind: str) -> None:
    assert sorted(planted.outcomes(logs[kind]).values()) == [*["looked_at"] * 4, "no_reasoning", "truncated"]


def test_a_model_that_does_not_reason_by_itself_is_told_to(tmp_path: Path) -> None:
    from builders.families.cogtest.evaluate import cogtest

    file = tmp_path / "tasks.jsonl"
    file.write_text(jsonl(TASKS[0]))

    def target(asked: str) -> str:
        assert asked.startswith("Think about the user's message first")
        return "<think>A pun comes to mind.</think>Done."

    with planted.ledger(tmp_path):
        arguments = {"tasks": str(file), "elicitation": "prompted", "habits": "all"}
        log = planted.run(cogtest, "mock", {"target": target, "judge": judge}, arguments, tmp_path)
    assert planted.numbers(log)["habits_n"] == 16


@pytest.mark.parametrize(
    "row", [{"habit": "finding_humor"}, {"instruction": 7, "habit": "finding_humor"}, {"instruction": "One."}]
)
def test_a_task_without_instruction_or_habit_is_one_line(row: dict[str, Any]) -> None:
    from builders.families.cogtest.evaluate import _samples

    with pytest.raises(BuildError, match="a task without an instruction or a habit"):
        _samples([TASKS[0], row], every=False)
    for sample, habits in zip(
        _samples(TASKS[3:6], every=False), ([CLARITY, TASKS[3]["habit"]], ["finding_humor"]), strict=True
    ):
        assert sample.metadata
        assert sorted(sample.metadata["habits"]) == sorted(habits)
        assert sample.metadata["kind"] == ("thinking" if CLARITY in habits else "scenario")
    assert [sample.id for sample in _samples(TASKS, every=True)][:2] == ["task-001", "task-002"]
