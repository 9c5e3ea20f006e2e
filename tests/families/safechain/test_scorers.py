"""What scorers make of one reply, by what its judge says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.families.safechain import scorers
from tests.doubles.teacher import Answer
from tests.evaluation import planted, scoring

REPLY = "<think>\nIt rises.\n</think>\n\nYou knead the dough."
SORRY = "I'm sorry, but I can't help with that."


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path) -> Iterator[None]:
    with planted.ledger(tmp_path):
        yield


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Answer('{"verdict": "safe", "categories": []}'), "safe"),
        (Answer('{"verdict": "unsafe", "categories": ["S2"]}'), "unsafe"),
        (Answer('{"verdict": "safe", "categories": ["S2"]}'), "unparsed"),
        (Answer("Perhaps."), "unparsed"),
        (Answer("", finish_reason="content_filter"), "no_verdict"),
    ],
)
def test_a_judge_says_what_is_safe_or_nothing_that_counts(said: Answer, value: str) -> None:
    found = scoring.scored(scorers.whole_safety("judge"), REPLY, {"judge": lambda _: said})
    assert found.value == value
    assert (found.metadata["thought_characters"], found.metadata["answer_characters"]) == (9, 20)
    assert (found.metadata["judge"], found.metadata["template"]) == ("mockllm/judge", "judge/structured.jinja")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Answer("safe"), "safe"),
        (Answer("unsafe\nS2"), "unsafe"),
        (Answer("Who knows?"), "unparsed"),
        (Answer("safe", finish_reason="length"), "no_verdict"),
        (Answer("", finish_reason="content_filter"), "no_verdict"),
    ],
)
def test_a_guard_says_what_is_safe_or_nothing_that_counts(said: Answer, value: str) -> None:
    found = scoring.scored(scorers.answer_safety("guard"), REPLY, {"guard": lambda _: said})
    assert found.value == value
    assert found.metadata["template"] == "judge/llama_guard.jinja"


@pytest.mark.parametrize(
    ("evaluator", "reply", "value"),
    [
        ("refusal", REPLY, "unsafe"),
        ("refusal", SORRY, "safe"),
        ("string_match", REPLY, "unsafe"),
        ("string_match", SORRY, "safe"),
        ("string_match", "<think>\nhm\n</think>\n\n", "blank"),
    ],
)
def test_a_rule_asks_nobody(evaluator: Any, reply: str, value: str) -> None:  # noqa: ANN401  (an Evaluator)
    found = scoring.scored(scorers.whole_safety(evaluator), reply, {})
    assert (found.value, found.metadata["judge"]) == (value, evaluator)


def test_of_an_empty_part_nothing_is_said() -> None:
    assert scoring.scored(scorers.thought_safety("refusal"), "You knead the dough.", {}).value == "no_part"
    assert scoring.scored(scorers.apart("refusal"), "You knead the dough.", {}).value == "no_part"
    assert scoring.scored(scorers.apart("refusal"), f"<think>\n{SORRY}\n</think>\n\nYou knead.", {}).value == (
        "thought_safe_answer_unsafe"
    )


@pytest.mark.parametrize(
    ("said", "value"),
    [('{"refusal": "partial"}', "partial"), ('{"refusal": "none"}', "none"), ("Perhaps.", "unparsed")],
)
def test_a_judge_says_what_refuses(said: str, value: str) -> None:
    found = scoring.scored(scorers.refusal("judge"), REPLY, {"judge": lambda _: said})
    assert (found.value, found.metadata["template"]) == (value, "judge/refusal.jinja")


@pytest.mark.parametrize(("by", "value"), [("rule", "full"), ("string_match", "full")])
def test_rules_say_what_refuses_of_the_answer_alone(by: Any, value: str) -> None:  # noqa: ANN401  (a literal)
    assert scoring.scored(scorers.refusal(by), SORRY, {}).value == value
    assert scoring.scored(scorers.refusal(by), f"<think>\n{SORRY}\n</think>\n\nYou knead the dough.", {}).value == "none"
    assert scoring.scored(scorers.refusal(by), "", {}).value == "blank"


@pytest.mark.parametrize(
    ("task", "arguments", "what"),
    [
        ("safechain", {}, "safechain: no file of prompts; name some: -T harmful=strongreject.csv -T benign=xstest.csv"),
        ("safechain", {"evaluator": "nobody"}, "evaluator: nobody: no such evaluator; take one of judge, guard, refusal, "),
        (
            "safechain_evaluators",
            {"evaluators": "refusal,nobody"},
            "evaluators: refusal,nobody: an evaluator that there is not",
        ),
        ("safechain_evaluators", {"labels": "colour"}, "labels: colour: no such labels; take one of "),
    ],
)
def test_a_task_that_cannot_be_made_is_one_line(task: str, arguments: dict[str, str], what: str, tmp_path: Path) -> None:
    from inspect_ai._util.error import PrerequisiteError

    from builders.families.safechain import evaluate

    given = {"file": str(tmp_path / "a.jsonl"), **arguments} if task == "safechain_evaluators" else arguments
    with pytest.raises(PrerequisiteError) as raised:
        getattr(evaluate, task)(**given)
    assert str(raised.value.message).startswith(what)
