"""Best-of-N against the vote, and ProcessBench, under Inspect, worked out by hand."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders.errors import BuildError
from tests.doubles.teacher import Answer, Received
from tests.evaluation import planted, running
from tests.evaluation.planted import Planted
from tests.harness import jsonl


def solved(first: str, second: str, answer: int) -> str:
    return f"Step 1: {first}.\nStep 2: {second}.\n†Answer: {answer}"


DRAWN = {
    "sum": [solved("good", "bad", 5), solved("fair", "fair", 7), solved("good", "bad", 5), "no idea at all " * 9],
    "product": [solved("bad", "bad", 1), solved("bad", "bad", 12), solved("fair", "fair", 12), "†Answer: 12"],
}
"""Of `sum` the second alone is right, of `product` all but the first."""


def labels(asked: str) -> str:
    """Call bad steps wrong; the fair ones of a solution of `sum` are right, those of `product` half right."""
    lines = [line for line in asked.splitlines() if line.startswith("Step ")]
    halves = "product" in asked
    tags = ["neg" if "bad" in line or (halves and line.startswith("Step 2") and "fair" in line) else "pos" for line in lines]
    return "\n".join(f"{line} <{tag}>" for line, tag in zip(lines, tags, strict=True))


@pytest.mark.parametrize("kind", planted.KINDS)
def test_each_way_to_choose_by_hand(kind: str, tmp_path: Path) -> None:
    """`sum`: 1 of 4 right, the vote takes 5, labels take the second. `product`: 3 of 4, the vote takes 12.

    By min all labels of `product` are 0, so the first is taken, which is wrong; by mean the third, which is right.
    """
    from builders.families.dualmath.evaluate import dualmath_best_of_n

    (tmp_path / "in.jsonl").write_text(jsonl({"id": "1", "question": "What is the sum?", "answer": "7"}))
    (tmp_path / "out.jsonl").write_text(jsonl({"id": "1", "question": "What is the product?", "answer": "12"}))
    drawn = Counter[str]()

    def target(asked: str) -> str:
        name = "sum" if "sum" in asked else "product"
        drawn[name] += 1
        return DRAWN[name][drawn[name] - 1]

    arguments = {"problems": str(tmp_path / "in.jsonl"), "elsewhere": str(tmp_path / "out.jsonl"), "n": 4}
    scripts = {"target": target, "process": labels}
    with planted.ledger(tmp_path):
        found = planted.numbers(planted.run(dualmath_best_of_n, kind, scripts, arguments, tmp_path, max_connections=1))
    wanted = {
        "single_at_4": (1 / 4 + 3 / 4) / 2,
        "vote_at_4": 1 / 2,
        "best_min_at_4": 1 / 2,
        "best_mean_at_4": 1.0,
        "any_at_4": 1.0,
        "vote_at_1": 0.0,
        "any_at_1": 0.0,
        "distribution:in/vote_at_4": 0.0,
        "distribution:in/best_min_at_4": 1.0,
        "distribution:out/vote_at_4": 1.0,
        "distribution:out/best_min_at_4": 0.0,
        "distribution:out/best_mean_at_4": 1.0,
        "replies_without_labels": 2,
        "replies_no_final": 1,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


def likely(request: Received) -> Answer:
    """Label both steps right, the second of the second solution with a probability of a half."""
    if request.body["model"] == running.MODEL:
        return Answer(solved("first", "way", 5) if request.attempt == 1 else solved("other", "way", 7))
    tokens = [("Step 1: so <", 0.0), ("pos", 0.0), (">\nStep 2: so <", 0.0)]
    tokens += [("pos", math.log(0.5) if "first" in request.text else 0.0), (">", 0.0)]
    content: list[dict[str, Any]] = [
        {"token": token, "logprob": value, "bytes": None, "top_logprobs": []} for token, value in tokens
    ]
    message = {"role": "assistant", "content": "".join(token for token, _ in tokens)}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": {"content": content, "refusal": None}}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    about = {"id": "1", "object": "chat.completion", "created": 0, "model": "process"}
    return Answer(raw=orjson.dumps({**about, "choices": [choice], "usage": usage}))


def test_a_log_that_is_scored_anew_asks_the_labeller_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first solution is wrong and has a step of a half, the second is right and sure: labels take it, here as there."""
    from inspect_ai import score

    from builders.families.dualmath.evaluate import best_of_n, dualmath_best_of_n

    problems = running.lines(tmp_path / "in.jsonl", {"id": "1", "question": "What is the sum?", "answer": "7"})
    with running.endpoint(tmp_path, likely) as at:
        roles = {"process": at.model("process")}
        arguments = {"problems": problems, "n": 2}
        [log] = at.run(dualmath_best_of_n, task_args=arguments, model_roles=roles, max_connections=1)
        first = running.measured(log)["chosen"]
        assert len(at.asked("process")) == 2
        assert all(asked.body["logprobs"] is True and asked.body["max_tokens"] == 4096 for asked in at.asked("process"))
        monkeypatch.setenv("LOCAL_BASE_URL", at.server.url)
        monkeypatch.setenv("LOCAL_API_KEY", "none")
        with running.quiet():
            again = score(log, best_of_n(), action="overwrite", display="none")
        assert len(at.server.asked) == 2 + 2
    assert (first["best_min_at_2"], first["best_mean_at_2"], first["single_at_2"]) == (1.0, 1.0, 0.5)
    assert running.measured(again)["chosen"] == first


SOLUTIONS: list[dict[str, Any]] = [
    {"id": "e1", "problem": "First?", "steps": ["a", "b"], "label": 0},
    {"id": "e2", "problem": "Second?", "steps": ["a", "b"], "label": 1},
    {"id": "e3", "problem": "Third?", "steps": ["a", "b"], "label": 1},
    {"id": "e4", "problem": "Fourth?", "steps": ["a", "b"], "label": 1},
    {"id": "c1", "problem": "Fifth?", "steps": ["a", "b"], "label": -1},
    {"id": "c2", "problem": "Sixth?", "steps": ["a", "b"], "label": -1},
]
CRITIC = {
    "First?": Planted("<think>b is odd</think>a is wrong: \\boxed{0}"),
    "Second?": Planted("\\boxed{1}"),
    "Third?": Planted("\\boxed{7}"),
    "Fourth?": Planted("It is", "length"),
    "Fifth?": Planted("All hold.\n\\boxed{-1}"),
    "Sixth?": Planted("\\boxed{0}"),
}


@pytest.mark.parametrize("kind", planted.KINDS)
def test_processbench_by_hand(kind: str, tmp_path: Path) -> None:
    """2 of 4 errors found, 1 of 2 right ones left alone: F1 is 1/2."""
    from builders.families.dualmath.evaluate import dualmath_processbench

    (tmp_path / "rows.jsonl").write_text(jsonl(*SOLUTIONS))

    def target(asked: str) -> Planted:
        return next(reply for name, reply in CRITIC.items() if name in asked)

    arguments = {"rows": str(tmp_path / "rows.jsonl")}
    log = planted.run(dualmath_processbench, kind, {"target": target}, arguments, tmp_path)
    found = planted.numbers(log)
    wanted = {
        "f1": 0.5,
        "f1_asked": 6,
        "f1_excluded_no_such_step": 1,
        "f1_excluded_truncated": 1,
        "error_accuracy": 0.5,
        "error_accuracy_n": 4,
        "correct_accuracy": 0.5,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize(
    "row",
    [{"problem": 7}, {"problem": None}, {"steps": "a"}, {"label": None}, {"label": "first"}, {"label": ""}, {"label": "1.0"}],
    ids=["number", "none", "text", "unlabelled", "word", "empty", "decimal"],
)
def test_a_row_without_problem_steps_and_label_is_one_line(row: dict[str, Any]) -> None:
    from builders.families.dualmath.evaluate import _solution

    with pytest.raises(BuildError, match="no problem, steps and label") as caught:
        _solution({**SOLUTIONS[0], **row}, 3)
    assert "row 3" in str(caught.value)
    sample = _solution({**SOLUTIONS[0], "label": "-1", "id": None}, 3)
    assert (sample.id, sample.target, sample.metadata) == ("3", "-1", {"steps": 2, "label": -1})
    assert _solution(SOLUTIONS[1], 3).id == "e2"
