"""Filter: each planted fault is rejected for its reason, in the sample build and one by one; what is kept has its columns."""

from typing import Any

import pytest

from builders.families.mmathcot import filter, judge  # noqa: A004
from builders.families.mmathcot.filter import Params
from builders.params import loading
from builders.records import Record
from tests.harness import OWN, Workspace

POOLS = ("distill", "rewrite", "unify", "made")
BODY = "Step 1: One long and one short side are 9 m + 4 m = 13 m.\nStep 2: Twice that is 26 m, the whole way round."
GOOD = f"{BODY}\n†Answer: 26 m"
YES = {
    "by": "judge",
    "fidelity": "yes",
    "fidelity_reason": "a",
    "consistency": "yes",
    "consistency_reason": "b",
    "request": "k",
}
ANALYSIS = "A rectangle has two long and two short sides, so add 9 m and 4 m and take the sum twice: 26 m of fence are needed."


@pytest.fixture
def params(here: Workspace) -> Params:
    del here
    loaded = loading.load("mmathcot").filter
    assert isinstance(loaded, Params)
    return loaded


def record(text: str = GOOD, subset: str = "distill", finish_reason: str = "stop", **data: Any) -> Record:  # noqa: ANN401
    columns = {
        "question": "How long is the fence around the garden?",
        "options": [],
        "answer": "26 m",
        "solution": ANALYSIS,
        "picture": None,
        "image": None,
        "verdict": {**YES, "error": None},
        "replies": [{"index": 0, "text": text, "finish_reason": finish_reason, "key": "k"}],
        **data,
    }
    return Record("mmathcot:00000000000000aa", subset, None, OWN, columns)


def reason(row: Record, params: Params) -> str | None:
    found = (rule(row) for rule in filter.rules(params))
    return next((rejection.reason for rejection in found if rejection), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, None),
        (GOOD.replace("26 m\n", "26 m.\n").replace("†Answer: 26 m", "†Answer: 2600 cm"), None),
        (GOOD.replace("†Answer: 26 m", "†Answer: 26"), None),
        (f"{BODY}\n†Answer: 27 m", "answer_changed"),
        (f"{BODY}\n†Answer: 26 cm", "answer_changed"),
        (BODY, "no_answer_line"),
        (f"{BODY}\nAnswer: 26 m", "no_answer_line"),
        (f"{BODY}\n†Answer:", "empty_answer"),
        (f"{GOOD}\n†Answer: 26 m", "many_answer_lines"),
        (f"{GOOD}\nThat is all.", "text_after_answer"),
        (f"Well.\n{GOOD}", "text_before_steps"),
        ("The fence is 26 m long.\n†Answer: 26 m", "no_steps"),
        ("", "no_steps"),
        (GOOD.replace("Step 2", "Step 3"), "step_numbering"),
        (f"{BODY}\nStep 3:\n†Answer: 26 m", "empty_step"),
        (f"{BODY} The given answer may be wrong.\n†Answer: 26 m", "doubt"),
        (f"{BODY} We must trust the given answer.\n†Answer: 26 m", "forced_answer"),
        (f"{BODY} The provided solution does so, too.\n†Answer: 26 m", "provided_answer"),
        (
            "\n".join(f"Step {n}: Walk around the garden along the fence." for n in range(1, 5)) + "\n†Answer: 26 m",
            "reasoning_loop",
        ),
        ("Step 1: 26 m.\n†Answer: 26 m", "solution_too_short"),
    ],
)
def test_a_fault_of_the_text_is_its_reason(text: str, expected: str | None, params: Params) -> None:
    assert reason(record(text), params) == expected


@pytest.mark.parametrize(
    ("finish_reason", "fault"),
    [("length", "reply_truncated"), ("content_filter", "reply_filtered"), ("tool_calls", "reply_unfinished")],
)
def test_a_reply_that_was_cut_off_is_rejected_whatever_it_says(finish_reason: str, fault: str, params: Params) -> None:
    assert reason(record(finish_reason=finish_reason), params) == fault


def test_the_reasoning_of_a_model_that_thinks_first_is_not_part_of_its_solution(params: Params) -> None:
    """Nor is the judge shown it."""
    row = record(f"<think>\nThe given answer may be wrong. †Answer: 3\n</think>\n\n{GOOD}")
    assert reason(row, params) is None
    assert "wrong" not in filter.released(row, params).data["output"]
    [asked] = judge.requests(row, loading.load("mmathcot").judge)  # type: ignore[arg-type]
    assert "may be wrong" not in str(asked.body["messages"])


def test_only_a_rewriting_must_be_another_text_than_its_source(params: Params) -> None:
    copy = f"Step 1: {ANALYSIS}\n†Answer: 26 m"
    assert {subset: reason(record(copy, subset), params) for subset in POOLS[:3]} == {
        "distill": None,
        "rewrite": "not_rewritten",
        "unify": None,
    }
    assert reason(record(subset="rewrite"), params) is None


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ({**YES, "error": {"error": "malformed: json"}}, "no_verdict"),
        (None, "no_verdict"),
        ({**YES, "error": None, "fidelity": "no"}, "not_faithful"),
        ({**YES, "error": None, "consistency": "no"}, "not_consistent"),
        (judge.CONSTRUCTION, None),
    ],
)
def test_the_double_check_decides(verdict: dict[str, Any] | None, expected: str | None, params: Params) -> None:
    assert reason(record(verdict=verdict), params) == expected


def test_bounds_of_steps_and_words_hold(params: Params) -> None:
    tight = params.model_copy(update={"steps": params.steps.model_copy(update={"min": 3})})
    assert reason(record(), tight) == "too_few_steps"
    tight = params.model_copy(update={"steps": params.steps.model_copy(update={"max": 1})})
    assert reason(record(), tight) == "too_many_steps"
    tight = params.model_copy(update={"solution_words": params.solution_words.model_copy(update={"max": 9})})
    assert reason(record(), tight) == "solution_too_long"
    exact = params.model_copy(update={"steps": params.steps.model_copy(update={"min": 2, "max": 2})})
    assert reason(record(), exact) is None
    [found] = (found for rule in filter.rules(tight) if (found := rule(record())))
    count = found.evidence["count"]
    assert found.evidence == {"count": count, "min": params.solution_words.min, "max": 9}
    for bounds, expected in (
        ({"min": count, "max": count}, None),
        ({"min": count + 1, "max": count + 1}, "solution_too_short"),
        ({"min": count - 1, "max": count - 1}, "solution_too_long"),
    ):
        changed = params.model_copy(update={"solution_words": params.solution_words.model_copy(update=bounds)})
        assert reason(record(), changed) == expected


@pytest.mark.parametrize(
    ("image", "url"), [("a.png", "a.png"), (["a.png", "b.png"], "a.png"), ("", None), ([""], None), (None, None)]
)
def test_the_first_image_that_a_row_names_is_its_url(image: object, url: str | None, params: Params) -> None:
    assert filter.released(record(image=image), params).data["image_url"] == url


@pytest.mark.parametrize(
    ("answer", "expected"), [("B", None), ("(B)", None), ("22", None), ("A", "answer_changed"), ("21", "answer_changed")]
)
def test_a_choice_is_given_by_letter_or_value(answer: str, expected: str | None, params: Params) -> None:
    row = record(f"{BODY}\n†Answer: {answer}", options=["21", "22"], answer="B")
    assert reason(row, params) == expected


def test_the_sample_rejects_a_row_for_each_reason(sample: Workspace) -> None:
    reasons = {
        line["row"]["provenance"]["source_key"]: line["rejection"]["reason"]
        for pool in POOLS
        for line in sample.rejected("filter", pool, "mmathcot")
        if not line["row"]["provenance"]["source"].startswith("made_")
    }
    assert reasons == {
        "stairs-doubt": "doubt",
        "garden-forced": "forced_answer",
        "tiles-no-line": "no_answer_line",
        "coins-empty-answer": "empty_answer",
        "dots-after": "text_after_answer",
        "scale-two-lines": "many_answer_lines",
        "stairs-no-verdict": "no_verdict",
        "garden-unfaithful": "not_faithful",
        "coins-inconsistent": "not_consistent",
        "copied": "not_rewritten",
        "speaks-of-it": "provided_answer",
        "other-answer": "answer_changed",
        "numbered-wrong": "step_numbering",
        "in-circles": "reasoning_loop",
        "prose-only": "no_steps",
        "preface": "text_before_steps",
        "step-without-words": "empty_step",
        "cut-off": "reply_truncated",
        "too-brief": "solution_too_short",
    }


def test_problems_of_the_engine_are_kept_but_for_rewritings_too_close_to_their_source(sample: Workspace) -> None:
    made = [row for pool in POOLS for row in sample.rows("collect", pool, "mmathcot") if row["data"].get("made")]
    lost = [
        line["rejection"]["reason"]
        for pool in POOLS
        for line in sample.rejected("filter", pool, "mmathcot")
        if line["row"]["provenance"]["source"].startswith("made_")
    ]
    assert len(made) >= 60
    assert set(lost) <= {"not_rewritten"}
    assert len(lost) <= len(made) // 20


def test_a_step_of_the_engine_carries_what_was_computed_in_it(sample: Workspace) -> None:
    for pool in POOLS:
        for row in sample.rows("filter", pool, "mmathcot"):
            steps, depth = row["data"]["steps"], row["data"]["depth"]
            assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
            values = [step["value"] for step in steps if step["value"] is not None]
            if depth is None:
                assert values == []
            elif row["data"]["module"] != "rewrite":
                assert len(values) == depth
            else:
                assert steps[-1]["value"] is not None
