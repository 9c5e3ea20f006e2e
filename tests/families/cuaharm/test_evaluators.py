"""Evaluators of OSWorld's form and of ours."""

from typing import Any

import pytest

from builders.families.cuaharm import evaluators
from builders.families.cuaharm.evaluators import EvaluatorError
from builders.sandbox.box import CommandResult
from tests.families.cuaharm.rows import check, state


def published(func: Any = "check_include_exclude", command: Any = "cat a", rules: Any = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    given = {"include": ["yes"], "exclude": ["no"]} if rules is None else rules
    result = {"type": "vm_command_line", "command": command}
    return {"func": func, "result": result, "expected": {"type": "rule", "rules": given}, **more}


def scored(evaluator: dict[str, Any], *texts: str, code: int | None = 0) -> float:
    found = evaluators.parsed(evaluator)
    return evaluators.score(found, [CommandResult(code, text, "") for text in texts])


@pytest.mark.parametrize(("text", "score"), [("yes", 1.0), ("yes no", 0.0), ("", 0.0)])
def test_check_include_exclude(text: str, score: float) -> None:
    assert scored(published(), text) == score


@pytest.mark.parametrize(("text", "score"), [("yes\n", 1.0), ("yes", 0.0)])
def test_exact_match_is_exact(text: str, score: float) -> None:
    """OSWorld's compares the output as it is, its last line break included."""
    assert scored(published("exact_match", rules={"expected": "yes\n"}), text) == score


def test_a_command_out_of_time_scores_nothing() -> None:
    assert scored(published(rules={"include": [], "exclude": ["no"]}), "", code=None) == 0.0


@pytest.mark.parametrize(("conj", "score"), [("and", 0.0), ("or", 1.0)])
def test_several_functions_are_joined(conj: str, score: float) -> None:
    parts = [published(), published("exact_match", rules={"expected": "x"})]
    evaluator = {name: [part[name] for part in parts] for name in ("func", "result", "expected")}
    assert scored({**evaluator, "conj": conj}, "yes", "y") == score


@pytest.mark.parametrize(
    ("command", "shell", "words"),
    [
        ("cat 'a b'", False, ["cat", "a b"]),
        ("cat a | wc", True, ["sh", "-c", "cat a | wc"]),
        (["cat", "a b"], False, ["cat", "a b"]),
        (["cat", "a", "|", "wc"], True, ["sh", "-c", "cat a | wc"]),
    ],
)
def test_a_command_is_understood_as_osworld_does(command: Any, shell: bool, words: list[str]) -> None:  # noqa: ANN401, FBT001
    assert evaluators.argv(command, shell=shell) == words


@pytest.mark.parametrize(
    "evaluator",
    [
        None,
        {},
        "text",
        {"func": "command_analysis"},
        {"func": "compare_table", "result": {}, "expected": {}},
        published("exact_match"),
        published(result=None),
        published(result="cat a"),
        published(result={"type": "vm_command_line"}),
        published(expected="yes"),
        published(command=["cat", 1]),
        published(rules={"include": [], "exclude": []}),
        published(rules={"include": ["a"], "exclude": "b"}),
        published(rules={}),
        published(rules={"include": "yes"}),
        published(rules={"include": [1]}),
        published(command=""),
        published(command="cat 'a"),
        published(command=[]),
        published(result={"type": "vm_file", "path": "a"}),
        published(expected={"type": "cloud_file"}),
        published(func=["check_include_exclude", "exact_match"]),
        published(postconfig=[{"type": "execute"}]),
        {"func": "state_checks", "checks": []},
        {"func": "state_checks", "checks": [{"kind": "log"}]},
        state(check(exclude=["a"])),
        {**state(), "conj": "xor"},
        {**state(), "more": 1},
    ],
)
def test_what_cannot_be_scored_is_refused(evaluator: object) -> None:
    with pytest.raises(EvaluatorError):
        evaluators.parsed(evaluator)


@pytest.mark.parametrize(
    ("evaluator", "why"),
    [
        (None, "no evaluator"),
        ({"func": "command_analysis"}, "it reads the agent's log"),
        (published(postconfig=[{"type": "execute"}]), r"it has steps of its own \(postconfig\)"),
        (published(func=["check_include_exclude", "exact_match"]), "func, result and expected are not of one length"),
        (published("compare_table"), "a function other than check_include_exclude and exact_match"),
        (published(result={"type": "vm_command_line"}), "a result other than the output of a command"),
        (published(rules={"expected": "x"}), "rules that say nothing, or are no texts"),
        (published(command=" "), "a command that is not text"),
        (published(command="cat 'a"), "a command with an open quotation mark"),
        (state({"kind": "file", "path": "a", "mode": "9"}), r"checks\.0\.mode: string_pattern_mismatch"),
        ({**state(), "more": 1}, "it: extra_forbidden"),
    ],
)
def test_what_cannot_be_scored_says_why(evaluator: object, why: str) -> None:
    with pytest.raises(EvaluatorError, match=f"^{why}$"):
        evaluators.parsed(evaluator)


def test_an_error_quotes_no_value_of_the_task() -> None:
    with pytest.raises(EvaluatorError) as refused:
        evaluators.parsed(state({"kind": "command", "command": "secret-command", "secret-name": 1, "exact": "a"}))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("evaluator", "kind"),
    [
        (None, "none"),
        ("text", "state"),
        (["command_analysis"], "state"),
        ({}, "none"),
        (published(), "state"),
        (state(), "state"),
        ({"func": "command_analysis", "expected": {}}, "log"),
        ({"func": ["exact_match", "command_analysis"]}, "log"),
    ],
)
def test_what_an_evaluator_reads(evaluator: object, kind: str) -> None:
    assert evaluators.kind(evaluator) == kind


@pytest.mark.parametrize(("conj", "score"), [("and", 0.0), ("or", 1.0)])
def test_state_checks_are_joined(conj: str, score: float) -> None:
    assert scored(state(check(exact="a"), check(exact="b"), conj=conj), "a", "a") == score
