"""Other sets' forms: what is written is read back as it was, what is read keeps all labels, and odd rows are named."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.families.dualmath import formats
from builders.families.dualmath.formats import Labelled

TEXTS = st.text(min_size=1, max_size=8)
ROWS = st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=6)
OPEN = st.lists(st.tuples(TEXTS, st.sampled_from([True, False, None])), min_size=1, max_size=6)


@given(TEXTS, ROWS)
def test_stepwise_goes_there_and_back(problem: str, steps: list[tuple[str, bool]]) -> None:
    row = {"prompt": problem, "completions": [text for text, _ in steps], "labels": [label for _, label in steps]}
    found = formats.from_stepwise(row)
    assert formats.to_stepwise(found) == row
    assert all(isinstance(label, bool) for label in formats.to_stepwise(found)["labels"])


@given(TEXTS, OPEN)
def test_fover_goes_there_and_back(problem: str, steps: list[tuple[str, bool | None]]) -> None:
    row = {"problem": problem, "solution_steps": [text for text, _ in steps], "error_labels": [label for _, label in steps]}
    assert formats.to_fover(formats.from_fover(row)) == row


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=6), st.integers(-1, 7), st.booleans())
def test_processbench_goes_there_and_back(problem: str, steps: list[str], label: int, right: bool) -> None:  # noqa: FBT001
    row = {"problem": problem, "steps": steps, "final_answer_correct": right, "label": label}
    found = formats.from_processbench(row)
    assert formats.to_processbench(found) == row
    assert ("names a step past the end" in found.oddities) == (label >= len(steps))


def test_a_step_without_label_is_never_made_one() -> None:
    """A trainer's boolean column turns -100 into true."""
    found = formats.from_stepwise({"prompt": "p", "completions": ["a", "b"], "labels": [-100, False]})
    assert found.labels == (None, False)
    with pytest.raises(ValueError, match="a step has no label"):
        formats.to_stepwise(found)
    assert formats.to_fover(found)["error_labels"] == [None, False]


def _prm800k(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"question": {"problem": "p"}, "label": {"steps": list(steps), "finish_reason": "solution", **more}}


def _rated(*ratings: int | None, picked: int | None = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    completions = [{"text": f"s{place}", "rating": rating, "flagged": False} for place, rating in enumerate(ratings)]
    return {"completions": completions, "human_completion": None, "chosen_completion": picked, **more}


def test_prm800k_follows_the_path_that_was_chosen() -> None:
    row = _prm800k(_rated(1, 0), _rated(-1, 0, picked=1), _rated(-1, picked=None), finish_reason="found_error")
    found = formats.labelled(row)
    assert found.steps == ("s0", "s1", "s0")
    assert found.labels == (True, True, False)
    assert found.first == 3
    assert found.oddities == ()


def test_prm800k_names_what_is_odd() -> None:
    human: dict[str, Any] = {"completions": [], "human_completion": {"text": "mine"}, "chosen_completion": None}
    found = formats.labelled(_prm800k(_rated(1), human, _rated(None), finish_reason="give_up"))
    assert found.labels == (True, True, None)
    assert found.first is None
    assert found.oddities == ("a step by the labeller", "finish_reason give_up")


def test_prmbench_keeps_every_step_that_is_called_wrong() -> None:
    row = {"question": "q", "original_process": ["a"], "modified_process": ["a", "b", "c"], "error_steps": [2, 3, 9]}
    found = formats.labelled(row)
    assert found.named == (2, 3, 9)
    assert found.labels == (True, False, False)
    assert found.first == 2
    assert found.oddities == ("names a step past the end",)


@pytest.mark.parametrize(
    ("named", "correctness", "first", "oddities"),
    [
        ("N/A", "correct", 0, ()),
        (2, "wrong", 2, ()),
        ("2", "wrong", 2, ()),
        ("N/A", "wrong", None, ("called wrong, no step named",)),
        (1, "correct", 1, ("called right, with a wrong step",)),
        (7, "wrong", 7, ("names a step past the end",)),
    ],
)
@pytest.mark.parametrize("steps", [["a", "b"], "['a', 'b']", "a\nb"])
def test_mr_gsm8k(named: object, correctness: str, first: int | None, oddities: tuple[str, ...], steps: object) -> None:
    row = {
        "question": "q",
        "model_output_steps": steps,
        "model_output_solution_correctness": correctness,
        "model_output_solution_first_error_step": named,
    }
    found = formats.labelled(row)
    assert (found.steps, found.first, found.oddities) == (("a", "b"), first, oddities)


def test_reasoneval_in_its_three_forms() -> None:
    steps = [["a"], ["b"], ["c"]]
    invalid = {
        "question": "q",
        "model_output_step_format": steps,
        "model_output_answer_correctness": "correct",
        "model_output_solution_correctness": "wrong",
        "model_output_solution_first_error_step": 2,
    }
    found = formats.labelled(invalid)
    assert (found.steps, found.labels) == (("a", "b", "c"), (True, False, None))
    assert found.oddities == ("a wrong step, a right answer",)
    assert formats.labelled({"question": "q", "model_output_step_format": steps, "rating": [1, 0, 1]}).first == 0
    altered = {"question": "q", "hypothesis_steps": ["a", "b", "c"], "tags": 1, "error_type": "random number"}
    assert formats.labelled(altered).first == 2
    assert formats.labelled({**altered, "tags": [0, 2], "error_type": "swap steps"}).first == 1
    swapped = formats.labelled({**altered, "error_type": "swap solutions"})
    assert (swapped.first, swapped.oddities) == (None, ("a solution of another problem",))


def test_bigbench_mistakes_with_a_right_answer_are_named() -> None:
    row = {"input": "q", "steps": ["a", "b"], "mistake_index": 1, "answer": "x", "target": "x "}
    assert formats.labelled(row).oddities == ("a wrong step, a right answer",)
    clean = formats.labelled({**row, "mistake_index": None, "answer": "y"})
    assert (clean.first, clean.oddities) == (0, ("no wrong step, a wrong answer",))


@pytest.mark.parametrize("row", [{"a": 1}, {"modified_process": 3, "error_steps": 1}])
def test_a_row_of_no_known_form_is_told(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no known form|not a row of prmbench"):
        formats.labelled(row)


def test_what_is_odd_stays_a_labelled_solution() -> None:
    found = formats.from_labels("p", ["a", " "], [True])
    assert isinstance(found, Labelled)
    assert found.oddities == ("an empty step", "not as many labels as steps")


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "form", "rows", "oddities"),
    [
        ("process/prmbench_prm800k_train_p1", "prmbench", 1203, {"names a step past the end": 15}),
        ("process/bigbench_mistake", "bigbench", 2186, {"a wrong step, a right answer": 214}),
    ],
)
def test_public_files_are_read_whole_and_their_odd_rows_named(
    folder: str, form: str, rows: int, oddities: dict[str, int], real_data: Path
) -> None:
    read = [
        orjson.loads(line) for file in sorted((real_data / folder).glob("*.jsonl")) for line in file.read_bytes().splitlines()
    ]
    found = [formats.labelled(row) for row in read]
    assert len(found) == rows
    assert {formats.form(row) for row in read} == {form}
    counts = Counter(oddity for one in found for oddity in one.oddities)
    assert {name: counts[name] for name in oddities} == oddities
