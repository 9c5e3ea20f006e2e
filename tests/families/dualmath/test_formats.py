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


def test_prm800k_names_completions_that_are_not_there_or_flagged() -> None:
    flagged = {**_rated(1), "completions": [{"text": "s0", "rating": 1, "flagged": True}]}
    plain = {"completions": None, "human_completion": "mine", "chosen_completion": None}
    found = formats.labelled(
        _prm800k(_rated(1, -1, picked=1), _rated(1, picked=1), flagged, plain, finish_reason="bad_problem")
    )
    assert (found.steps, found.labels, found.first) == (("s1", "s0", "mine"), (False, True, True), 1)
    assert found.oddities == (
        "a chosen completion that is not there",
        "a flagged step",
        "a step by the labeller",
        "finish_reason bad_problem",
    )


def test_prm800k_calls_a_step_right_that_is_rated_0() -> None:
    both = {**_rated(0, picked=0), "human_completion": {"text": "mine"}}
    found = formats.labelled(_prm800k(both, _rated(-1, picked=None), {"completions": [{"text": "s"}]}))
    assert (found.steps, found.labels, found.first) == (("s0", "s0", "s"), (True, False, None), 2)
    assert formats.labelled({"question": {"problem": "p"}, "label": {"steps": []}}).oddities == ("no steps",)


def test_prmbench_in_its_other_wordings() -> None:
    row = {"original_question": "o", "question": "q", "modified_question": "m", "modified_process": ["a"], "error_steps": []}
    found = formats.labelled({**row, "original_process": ["a"]})
    assert (found.problem, found.first, found.right) == ("m", 0, None)
    assert found.oddities == ("the altered solution is the original",)
    assert formats.labelled({**row, "modified_question": ""}).problem == "q"
    assert formats.labelled({**row, "modified_question": None, "question": None}).problem == "o"


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
        ("2.0", "wrong", 2, ()),
        ("2.5", "wrong", None, ("called wrong, no step named",)),
        (" 1 ", "wrong", 1, ()),
        ("-1", "wrong", -1, ("names a step before the first",)),
        (0, True, 0, ()),
        ("None", "True", 0, ()),
    ],
)
@pytest.mark.parametrize("steps", [["a", "b"], "['a', 'b']", "a\nb", " a\n \nb\n"])
def test_mr_gsm8k(named: object, correctness: object, first: int | None, oddities: tuple[str, ...], steps: object) -> None:
    row = {
        "question": "q",
        "model_output_steps": steps,
        "model_output_solution_correctness": correctness,
        "model_output_solution_first_error_step": named,
    }
    found = formats.labelled(row)
    assert (found.steps, found.first, found.oddities) == (("a", "b"), first, oddities)


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [("[a", ("[a",)), ("[a]\nb", ("[a]", "b")), ("[a]", ("[a]",)), ([1, "b"], ("1", "b")), ("[1, 'b']", ("1", "b"))],
)
def test_what_is_no_list_is_a_step_a_line(steps: object, wanted: tuple[str, ...]) -> None:
    row = {"question": "q", "model_output_steps": steps, "model_output_solution_correctness": "correct"}
    found = formats.labelled({**row, "model_output_solution_first_error_step": "N/A"})
    assert (found.steps, found.labels) == (wanted, (True,) * len(wanted))


@pytest.mark.parametrize(("said", "right"), [("correct", True), ("True", True), (True, True), ("wrong", False), (None, None)])
def test_reasoneval_says_whether_the_answer_is_right(said: object, right: bool | None) -> None:  # noqa: FBT001
    row: dict[str, Any] = {
        "question": "q",
        "model_output_step_format": ["a", ["b", 1]],
        "model_output_solution_correctness": "wrong",
    }
    row |= {"model_output_solution_first_error_step": 2, "model_output_answer_correctness": said}
    found = formats.labelled(row)
    assert (found.steps, found.labels, found.right) == (("a", "b"), (True, False), right)


def test_reasoneval_ratings_and_repeated_steps() -> None:
    rated = formats.labelled({"question": "q", "model_output_step_format": ["a", ["b"], "c"], "rating": [0, 1, -1]})
    assert (rated.steps, rated.labels, rated.first) == (("a", "b", "c"), (True, True, False), 3)
    again = {"question": "q", "hypothesis_steps": ["a", "b", "b"], "tags": [1], "error_type": "repeat step"}
    assert formats.labelled(again).first == 3
    assert formats.labelled({**again, "tags": "0", "error_type": None}).first == 1


@pytest.mark.parametrize(("name", "columns"), [(name, sorted(columns)) for name, columns, _ in formats.READING])
def test_a_form_is_told_by_its_columns_and_no_fewer(name: str, columns: list[str]) -> None:
    row = dict.fromkeys(columns, "")
    assert formats.form(row) == name
    assert formats.form({**row, "other": 1}) == name
    for column in columns:
        assert formats.form({key: value for key, value in row.items() if key != column}) is None


def test_what_is_not_known_is_written_in_no_form_that_wants_it() -> None:
    unknown = formats.from_first("p", ["a", "b"], None)
    assert (unknown.labels, unknown.named, unknown.oddities) == ((None, None), (), ())
    with pytest.raises(ValueError, match="the first wrong step is not known"):
        formats.to_processbench(unknown)
    known = formats.from_first("p", ["a", "b", "c"], 2, right=False)
    assert (known.labels, known.named, known.right) == ((True, False, None), (2,), False)
    wanted = {"problem": "p", "steps": ["a", "b", "c"], "final_answer_correct": False, "label": 1}
    assert formats.to_processbench(known) == wanted


def test_words_and_odd_labels_are_read() -> None:
    fover = {"problem": "p", "solution_steps": ["a", "b", "c", "d"], "error_labels": ["correct", "incorrect", None, True]}
    assert formats.labelled(fover).labels == (True, False, None, True)
    stepwise = {"prompt": "p", "completions": ["a", "b", "c", "d"], "labels": [1, 0, None, -100]}
    found = formats.labelled(stepwise)
    assert (found.labels, found.first, found.named) == ((True, False, None, None), 2, (2,))
    assert formats.from_labels("p", ["a"], [True], right=False).oddities == ("no wrong step, a wrong answer",)


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
    assert formats.labelled(row).first == 2
    assert formats.labelled({**row, "mistake_index": 0, "answer": " y"}).oddities == ()
    clean = formats.labelled({**row, "mistake_index": None, "answer": "y"})
    assert (clean.first, clean.oddities) == (0, ("no wrong step, a wrong answer",))


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"b": 1, "a": 1}, "no known form of labelled steps: it has the columns a, b"),
        ({"question": "q", "modified_process": 3, "error_steps": [1]}, r"not a row of prmbench: TypeError\("),
        ({"modified_process": [], "error_steps": []}, r"not a row of prmbench: KeyError\('original_question'\)"),
        ({"question": {"problem": "p"}, "label": {"steps": ["a"]}}, r"not a row of prm800k: AttributeError\("),
        ({"question": "q", "model_output_step_format": [[]], "rating": [1]}, r"not a row of reasoneval: IndexError\("),
    ],
    ids=["none", "type", "key", "attribute", "index"],
)
def test_a_row_of_no_known_form_is_told(row: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
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
