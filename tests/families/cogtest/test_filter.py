"""Each rule of filter rejects what breaks it, for its reason, and nothing else."""

from typing import Any

import pytest

from builders.families.cogtest import filter as module
from builders.families.cogtest import judge
from builders.records import Record, Rejection
from builders.teachers.api import NoReplyError, Reply
from tests.families.cogtest.rows import FILTER, JUDGE, REASONING, found, task, trace


def rejected(record: Record) -> Rejection | None:
    """Return the first rejection."""
    return next((rejection for rule in module.rules(FILTER) if (rejection := rule(record))), None)


def test_good_rows_are_kept() -> None:
    assert rejected(task()) is None
    assert rejected(trace().having(habits=[found()])) is None


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("You run a bakery, and the oven has failed an hour before noon. How do you stay calm?", "names_habit"),
        ("You run a bakery, and the oven has failed before noon today. Reflect on it. What now?", "asks_for_reflection"),
        ("The oven has failed.", "lacks_part"),
        ("You run a bakery, and the oven has failed an hour before noon. The couple waits.", "lacks_part"),
    ],
)
def test_tasks_that_break_a_rule_are_rejected_unless_they_were_published(instruction: str, reason: str) -> None:
    for construction in ("written", "constructed"):
        rejection = rejected(task(instruction=instruction, construction=construction))
        assert rejection
        assert rejection.reason == reason
    assert rejected(task(instruction=instruction, construction="published")) is None


def test_the_words_of_one_habit_are_no_cue_for_another() -> None:
    text = "You run a bakery, and the oven has failed an hour before noon. What risk do you take?"
    assert rejected(task(instruction=text)) is None
    rejection = rejected(task(instruction=text, habit="taking_responsible_risks"))
    assert rejection == Rejection("names_habit", {"words": ["risk"]})


def test_maths_tasks_need_no_role() -> None:
    assert rejected(task(instruction="What is 2 + 2, exactly?", habit="persisting", construction="drawn")) is None
    assert rejected(task(instruction="What is 2 + 2?", habit="persisting")) is None


def test_a_habit_gets_as_many_tasks_as_are_wanted_and_no_more() -> None:
    rules = module.rules(FILTER.model_copy(update={"tasks_per_habit": 2}))
    fates = [next((found for rule in rules if (found := rule(row))), None) for row in [task()] * 3 + [task(habit="persisting")]]
    assert fates == [None, None, Rejection("surplus", {"habit": "managing_impulsivity", "kept": 2}), None]


def test_a_task_that_breaks_another_rule_takes_no_room() -> None:
    rules = module.rules(FILTER.model_copy(update={"tasks_per_habit": 1}))
    bad = task(instruction="The oven has failed.")
    assert [next((f for rule in rules if (f := rule(row))), None) is None for row in (bad, task())] == [False, True]


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        ("", "stop", "empty_reply"),
        (f"<think>{REASONING}", "length", "reply_truncated"),
        (REASONING, "stop", "think_tags"),
        (f"<think>{REASONING}</think>", "stop", "empty_answer"),
        ("<think></think>I call.", "stop", "empty_thinking"),
    ],
)
def test_traces_without_whole_reasoning_are_rejected_and_judged_by_nobody(text: str, finish_reason: str, reason: str) -> None:
    row = trace(text, finish_reason)
    if reason not in ("empty_answer", "reply_truncated"):
        assert judge.looked_for(row, JUDGE) == ()
    rejection = rejected(row.having(habits=[]))
    assert rejection
    assert rejection.reason == reason


def test_a_trace_about_which_the_judge_said_nothing_is_rejected() -> None:
    silent = [found(reflected=None, mismatch="no_verdict")] * 2
    assert rejected(trace().having(habits=silent)) == Rejection("no_verdict", {"habits": 2})
    assert rejected(trace().having(habits=[*silent, found()])) is None


def test_a_released_trace_names_its_own_model_only() -> None:
    row = module.released(trace().having(habits=[found()]), FILTER)
    assert row.data["model"] == "model of policy_second"
    assert list(row.provenance.answerers) == ["policy_second"]
    assert row.data["reasoning"] == REASONING
    assert row.data["answer"] == "I call the baker."


def test_unique_is_told_by_the_source_or_by_the_habit() -> None:
    def unique(**data: Any) -> bool:  # noqa: ANN401
        return bool(module.released(task(**data), FILTER).data["unique"])

    assert unique()
    assert not unique(habit="thinking_flexibly")
    assert unique(habit="thinking_flexibly", unique=True)
    assert not unique(unique=False)


def test_the_judge_is_asked_about_own_habits_or_all_and_its_evidence_is_checked(here: object) -> None:
    del here
    assert len(judge.openings(trace(), JUDGE)) == 16
    own = JUDGE.model_copy(update={"habits": "own"})
    [request] = judge.openings(trace(), own)
    assert "Managing impulsivity" in str(request.body)
    assert request.body["frequency_penalty"] == 1.0
    assert list(request.schema["properties"]) == ["evidence", "is_reflected"]  # type: ignore[index]
    assert judge.openings(task(), own) == []
    quoted = Reply("", "stop", "1" * 64, {"evidence": "I will not call them yet.", "is_reflected": True})
    [row] = judge.annotated(trace(), [quoted], own).data["habits"]
    assert (row["reflected"], row["mismatch"], row["evidence"]) == (True, None, "I will not call them yet.")
    made_up = quoted._replace(value={"evidence": "I should wait.", "is_reflected": True})
    [row] = judge.annotated(trace(), [made_up], own).data["habits"]
    assert (row["reflected"], row["mismatch"], row["said"]) == (None, "not_found", True)
    [row] = judge.annotated(trace(), [NoReplyError({"error": "gone", "keys": ["2" * 64]})], own).data["habits"]
    assert (row["reflected"], row["mismatch"], row["request"]) == (None, "no_verdict", "2" * 64)


def test_a_judge_of_no_penalty_is_sent_none_and_its_verdicts_are_counted(here: object) -> None:
    del here
    [request] = judge.openings(trace(), JUDGE.model_copy(update={"habits": "own", "frequency_penalty": 0.0}))
    assert "frequency_penalty" not in request.body
    own = JUDGE.model_copy(update={"habits": "own"})
    lost = judge.annotated(trace(), [NoReplyError({"error": "gone"})], own)
    assert lost.data["habits"][0]["request"] is None
    silent = judge.annotated(trace(), [Reply("", "stop", "1", {"evidence": " ", "is_reflected": False})], own)
    [row] = silent.data["habits"]
    assert (row["evidence"], row["said"], row["reflected"], row["request"]) == (None, False, False, "1")
    rows = [trace().having(habits=[found(reflected=value)]) for value in (True, False, None)]
    said = [list(judge.verdicts(row)) for row in (*rows, task())]
    assert said == [[("persisting", "reflected")], [("persisting", "not reflected")], [("persisting", None)], []]
    assert judge.annotated(task(), [], own) == task()


def test_a_task_says_what_it_is_and_one_that_nobody_says_how_it_was_made_was_written() -> None:
    made = {"habit": "managing_impulsivity", "kind": "scenario", "unique": True, "source": "own", "construction": "written"}
    assert module.released(task(), FILTER).data == {**made, "instruction": task().data["instruction"]}
    for unsaid in (None, ""):
        row = task(construction=unsaid, instruction="The oven has failed.")
        assert module.released(row, FILTER).data["construction"] == "written"
        assert rejected(row) == Rejection("lacks_part", {"missing": ["role", "context", "instruction"]})
    released = module.released(trace().having(habits=[found()], habit=None), FILTER).data
    assert (released["task_kind"], len(released["task_habits"])) == ("thinking", 5)
