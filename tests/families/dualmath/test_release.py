"""Derived configs and the audit of a few rows, worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from builders.families.dualmath import exchanging, release

PARAMS = release.Params.model_construct(labels="first_error", truncated=False)


def bel(name: str, first: int, **changed: Any) -> dict[str, Any]:  # noqa: ANN401  (any column)
    """Return a released row of three steps; its label is sure to 0.9."""
    steps = [
        {"number": number, "text": f"s{number}", "label": "wrong" if 0 < first <= number else "right", "probability": share}
        for number, share in enumerate((0.9 if first == n else 0.05 for n in (1, 2, 3)), 1)
    ]
    row = {
        "id": name,
        "image_url": None,
        "question": "How long?",
        "shown": [],
        "options": [],
        "answer": "4",
        "given": "5",
        "right": first == 0,
        "first_error": first,
        "kept": True,
        "checked": "rollouts",
        "steps": steps,
        "rollouts": 10,
        "generated_words": 100,
        "pass_rate": {"right": 2, "samples": 4},
        "truth": {"first_error": first, "error": "slip"},
        "source": "own",
        "licence": "MIT",
        "prompt_family": "f",
        "provenance": {"parent": name},
        "canary": "c",
    }
    return {**row, **changed}


def mie(name: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401  (any column)
    """Return a row with an error in its second of four steps, of which the third does not depend on it."""
    roles = ("right", "introduces", "independent", "inherits")
    steps = [
        {"number": number, "text": f"w{number}", "role": role, "label": "right" if number < 2 else "wrong"}
        for number, role in enumerate(roles, 1)
    ]
    error = {"category": "reasoning", "kind": "slip"}
    row = {**bel(name, 2, right=False, checked="program"), "steps": steps, "original": ["r1", "r2"], "error": error}
    return {**row, "provenance": {"parent": "p"}, **changed}


def derived(config: str, *rows: dict[str, Any], labels: str = "first_error", truncated: bool = False) -> list[dict[str, Any]]:
    def pool(subset: str) -> Iterator[dict[str, Any]]:
        return (row for row in rows if ("original" in row) == (subset == "mie"))

    params = PARAMS.model_copy(update={"labels": labels, "truncated": truncated})
    return list(release.derived(config, pool, params))


def audited(*rows: dict[str, Any]) -> dict[str, Any]:
    return release.audit(lambda subset: [row for row in rows if ("original" in row) == (subset == "mie")], PARAMS)


@pytest.mark.parametrize(
    ("labels", "truncated", "wanted"),
    [
        ("first_error", False, [True, False, False, False]),
        ("own", False, [True, False, True, False]),
        ("own", True, [True, False]),
        ("first_error", True, [True, False]),
    ],
)
def test_steps_are_labelled_by_the_first_error_or_each_for_itself(labels: str, truncated: bool, wanted: list[bool]) -> None:  # noqa: FBT001
    wrong, right = derived("stepwise", mie("m"), labels=labels, truncated=truncated)
    assert (wrong["labels"], wrong["completions"]) == (wanted, ["w1", "w2", "w3", "w4"][: len(wanted)])
    assert (right["labels"], right["completions"], right["parent"]) == ([True, True], ["r1", "r2"], "m")
    assert derived("fover", mie("m"), labels=labels, truncated=truncated)[0]["error_labels"] == wanted


def test_the_right_solution_comes_once_for_each_problem_and_only_where_a_program_made_it() -> None:
    rows = [mie("a"), mie("b"), mie("c", provenance={"parent": "q"}), mie("d", checked="rules", provenance={"parent": "r"})]
    found = derived("processbench", *rows)
    assert [row["parent"] for row in found if row["label"] == -1] == ["a", "c"]
    assert [row["parent"] for row in found if row["label"] == 1] == ["a", "b", "c", "d"]
    assert [row["final_answer_correct"] for row in found if row["label"] == -1] == [True, True]
    assert [row["final_answer_correct"] for row in found if row["label"] == 1] == [False] * 4
    assert len({row["id"] for row in found}) == 6


def test_what_nothing_checked_is_published_alone() -> None:
    outcome, doubted = bel("o", 0, kept=False, checked="outcome"), bel("d", 1, kept=False)
    assert [row["parent"] for row in derived("published", outcome, doubted, bel("w", 2))] == ["o", "w"]
    assert [row["parent"] for row in derived("stepwise", outcome, doubted, bel("w", 2))] == ["w"]
    assert [min(row) for row in derived("all", outcome)] == ["answer"]
    assert derived("all", outcome, mie("m")) == [{name: value for name, value in outcome.items() if name != "canary"}]


def test_a_published_row_has_a_tag_behind_each_step() -> None:
    row = bel("w", 2, shown=["AB = 3", "BC = 4"], options=["4", "5"])
    [found] = derived("published", row)
    question = "Question: How long?\nThe figure shows: AB = 3; BC = 4.\nA. 4\nB. 5\n"
    assert found["instruction"].endswith(f"{question}Step 1: s1\nStep 2: s2\nStep 3: s3\n†Answer: 5")
    assert found["output"] == "Step 1: s1 <pos>\nStep 2: s2 <neg>\nStep 3: s3 <neg>\n†Answer: 5"
    assert exchanging.problem({**row, "image_url": "x.png"}) == "How long?\nA. 4\nB. 5"
    assert (found["source"], found["license"], found["checked"], found["prompt_family"]) == ("own", "MIT", "rollouts", "f")


@pytest.mark.parametrize(
    ("answerers", "wanted"),
    [({}, "unknown"), ({"teacher": {"model": "t"}}, "t"), ({"policy": {"model": "p"}, "teacher": {"model": "t"}}, "p")],
)
def test_a_generator_is_who_wrote_the_solution(answerers: dict[str, Any], wanted: str) -> None:
    [found] = derived("processbench", bel("w", 2, provenance={"parent": "p", **answerers}))
    assert (found["generator"], found["label"], found["steps"]) == (wanted, 1, ["s1", "s2", "s3"])


def test_soft_labels_fall_with_the_posterior() -> None:
    [found] = derived("soft", bel("w", 2))
    assert found["labels"] == [0.95, 0.05, 0.0]
    assert derived("soft", bel("w", 2), truncated=True)[0]["labels"] == [0.95, 0.05]
    unsure = [{**step, "probability": None} for step in bel("w", 2)["steps"]]
    assert derived("soft", bel("w", 2, steps=unsure))[0]["labels"] == [1.0, 0.0, 0.0]
    assert [row["labels"] for row in derived("soft", mie("m"))] == [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0]]


def test_balanced_rows_are_cut_after_a_step() -> None:
    found = derived("fover_balanced", bel("a", 3), bel("b", 1))
    wrong, right = ({(row["parent"], *row["error_labels"]) for row in part} for part in (found[:2], found[2:]))
    assert (wrong, right) == ({("a", None, None, False), ("b", False)}, {("a", True), ("a", None, True)})
    assert all(len(row["solution_steps"]) == len(row["error_labels"]) for row in found)
    assert len({row["id"] for row in found}) == 4
    assert derived("fover_balanced", bel("b", 1)) == derived("fover_balanced", mie("m", checked="outcome")) == []
    assert [row["error_labels"] for row in derived("fover_balanced", bel("a", 2))] == [[None, False], [True]]


def test_the_audit_by_hand() -> None:
    """Two of three wrong solutions are kept; the first's label is right, the second's is not."""
    rows = [
        bel("a", 2),
        bel("b", 3, truth={"first_error": 1, "error": "leap"}, pass_rate={"right": 4, "samples": 4}, rollouts=20),
        bel("c", 1, kept=False, truth=None, rollouts=30, generated_words=400),
        bel("d", 0, checked="outcome", kept=False, truth={"first_error": 2, "error": "slip"}),
        bel("e", 0, checked="outcome", kept=False),
    ]
    found = audited(*rows, mie("m"), mie("n", provenance={"parent": "q"}))
    assert (found["labelled"], found["kept"], found["wrong"], found["wrong_kept"], found["known"]) == (5, 2, 3, 2, 2)
    assert found["checked"] == {"outcome": 2, "rollouts": 3}
    assert (found["rollouts_per_label"], found["words_per_label"], found["rollouts_per_kept"]) == (20.0, 200.0, 30.0)
    assert (found["right_labels"], found["right_kept"]) == (0.5, 0.5)
    assert found["calibration"] == [{"from": 0.9, "rows": 2, "said": 0.9, "measured": 0.5}]
    assert found["by_error"] == [
        {"name": "leap", "rows": 1, "kept": 1.0, "right_kept": 0.0},
        {"name": "slip", "rows": 1, "kept": 1.0, "right_kept": 1.0},
    ]
    assert [(cut["name"], cut["rows"], cut["kept"], cut["right_kept"]) for cut in found["by_pass_rate"]] == [
        ("3", 2, 0.5, 1.0),
        ("5", 1, 1.0, 0.0),
    ]
    assert found["hidden_errors"] == {"rows": 2, "with_error": 1}
    kinds = [{"category": "reasoning", "kind": "slip", "rows": 2}]
    assert found["inserted"] == {"rows": 2, "problems": 2, "checked": {"program": 2}, "kinds": kinds, "independent": 0.5}
    assert found["warnings"] == ["0.50 of the wrong solutions in fifth 3 of the pass rate are kept, less than 0.7"]
    shown = {"wrong_kept": 2, "rollouts_per_label": 20.0, "words_per_label": 200.0, "right_labels": 0.5, "right_kept": 0.5}
    assert release.summarised(found) == {"labels": shown}


def test_an_audit_of_nothing_has_no_figures() -> None:
    found = audited()
    nothing = ("rollouts_per_label", "words_per_label", "rollouts_per_kept", "right_labels", "right_kept")
    assert {name: found[name] for name in nothing} == dict.fromkeys(nothing)
    assert (found["inserted"]["independent"], found["warnings"]) == (None, [])
    assert release.summarised(found) == {"labels": {"wrong_kept": 0}}


@pytest.mark.parametrize(("kept", "of", "warned"), [(1, 3, True), (1, 2, False), (2, 3, False)])
def test_slips_of_which_fewer_than_half_are_kept_are_warned_of(kept: int, of: int, warned: bool) -> None:  # noqa: FBT001
    found = audited(*(bel(str(number), 2, kept=number < kept) for number in range(of)))["warnings"]
    text = "0.33 of the solutions whose first error is a slip are kept, less than 0.5"
    assert [one for one in found if "slip" in one] == ([text] if warned else [])


@pytest.mark.parametrize(("kept", "warned"), [(6, True), (7, False)])
def test_fifths_of_which_too_few_are_kept_are_warned_of_together(kept: int, warned: bool) -> None:  # noqa: FBT001
    rows = [
        bel(f"{right} {number}", 2, kept=number < kept, pass_rate={"right": right, "samples": 10})
        for right in (1, 9)
        for number in range(10)
    ]
    text = "0.60, 0.60 of the wrong solutions in fifth 1, 5 of the pass rate are kept, less than 0.7"
    assert audited(*rows)["warnings"] == ([text] if warned else [])
