"""What rows of several files have to do with each other: the same as if they were in one."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from datatrove.pipeline.base import PipelineStep
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import pipeline, records, shards
from builders.families.mmathcot.collect import STAGE
from builders.params import loading
from builders.params.sections import Collect
from builders.pipeline import Check
from builders.provenance import Provenance
from builders.records import Record, Rejection
from builders.screening import among, near_duplicates, rules
from builders.tasks import Task
from tests.harness import PROJECT

Given = tuple[Record, Rejection | None]
_TEXTS = (
    "How many are left?",
    "how many  are left?",
    "How many apples are left in the basket of the old farmer today, do you think?",
)


@pytest.fixture(scope="module")
def params() -> Collect:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        return loading.load("mmathcot").collect


def _problem(identity: int, answer: str, text: str = _TEXTS[0], row: int = 0) -> Record:
    where = Provenance("own", "MIT", None, source_row=row)
    return Record(f"mmathcot:{identity:016x}", "distill", None, where, {"question": text, "options": [], "answer": answer})


def _odd(record: Record) -> Rejection | None:
    return Rejection("odd") if record.data["answer"] == "odd" else None


def _decided(folder: Path, given_rows: Sequence[Given], size: int, params: Collect) -> list[Given]:
    """Screen rows in files of so many, and return all of them in the order that `explain` would show them."""
    files = []
    for start in range(0, max(len(given_rows), 1), size):
        files.append(shards.file(folder / "given", start // size))
        with shards.writing(files[-1]) as append:
            for row in given_rows[start : start + size]:
                append(records.encode(*row))
    task = Task(folder / "task", "rows", len(given_rows))
    steps, behind = partial(_steps, task.folder), partial(_signed, task.folder, params)
    assert pipeline.mapped(task, files, steps, behind=behind) == len(given_rows)
    pipeline.placed(among.decided(task, len(files), STAGE, params), folder / "kept", folder / "rejected")
    return [*records.read(folder / "kept"), *records.read(folder / "rejected")]


def _steps(folder: Path, rank: int) -> list[PipelineStep]:
    keys = among.Keys(among.file(folder, rank), STAGE)
    return [keys.before, Check(_odd), keys.after, rules._Text("question", lambda _: True)]  # noqa: SLF001


def _signed(folder: Path, params: Collect, _: int) -> list[PipelineStep]:
    return [near_duplicates.signatures(folder, params.near_duplicates)]


def _reasons(found: list[Given]) -> dict[int, str]:
    return {int(record.id[-16:], 16): rejection.reason for record, rejection in found if rejection}


@pytest.mark.parametrize("size", [1, 2, 10])
def test_of_two_rows_of_one_prompt_with_answers_that_contradict_each_other_both_go(
    tmp_path: Path,
    params: Collect,
    size: int,
) -> None:
    rows: list[Given] = [
        (_problem(1, "1/2"), None),
        (_problem(2, "0.5"), None),
        (_problem(3, "3"), None),
        (_problem(4, "9", "Why?"), None),
    ]
    found = _decided(tmp_path, rows, size, params)
    assert _reasons(found) == {1: "conflicting_answers", 2: "exact_duplicate", 3: "conflicting_answers"}
    evidence = {int(record.id[-16:], 16): rejection.evidence for record, rejection in found if rejection}
    name = "mmathcot:" + "0" * 15
    assert evidence == {1: {"conflicts_with": f"{name}3"}, 2: {"duplicate_of": f"{name}1"}, 3: {"conflicts_with": f"{name}1"}}


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_second_row_of_an_id_is_rejected_for_that_whatever_else_is_wrong_with_it(
    tmp_path: Path,
    params: Collect,
    size: int,
) -> None:
    rows: list[Given] = [
        (_problem(1, "3", "Why?", row=7), None),
        (_problem(1, "odd", "How?"), None),
        (_problem(2, "odd", "Who?", row=9), None),
        (_problem(2, "4", "When?"), None),
        (_problem(3, "4", "Where?"), Rejection("bad_prompt")),
        (_problem(3, "4", "Where else?"), None),
    ]
    found = _decided(tmp_path, rows, size, params)
    rejected = [(int(row.id[-16:], 16), why.reason, why.evidence) for row, why in found if why]
    assert rejected == [
        (1, "duplicate_id", {"first_source_row": 7}),
        (2, "odd", {}),
        (2, "duplicate_id", {"first_source_row": 9}),
        (3, "bad_prompt", {}),
    ]


def test_near_duplicates_in_different_files_are_found(tmp_path: Path, params: Collect) -> None:
    text = "A farmer had a basket of apples and gave some to the neighbours, who ate them all. " * 3
    rows: list[Given] = [
        (_problem(1, "4", f"{text} How many are left in it?"), None),
        (_problem(2, "5", "Something else entirely."), None),
        (_problem(3, "4", f"{text} So how many are left in it?"), None),
    ]
    found = _decided(tmp_path, rows, 1, params)
    assert _reasons(found) == {3: "near_duplicate"}
    assert [why.evidence for _, why in found if why] == [
        {"duplicate_of": f"mmathcot:{'0' * 15}1", "jaccard": 0.8077}
    ]  # 21 of 26 shingles


_ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["1", "2", "1.0", "odd"]), st.sampled_from(_TEXTS), st.booleans()), max_size=14
)


@given(drawn=_ROWS, size=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_how_rows_are_divided_into_files_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    params: Collect,
    drawn: list[tuple[int, str, str, bool]],
    size: int,
) -> None:
    rows: list[Given] = [
        (_problem(identity, answer, text, row), Rejection("bad_prompt") if bad else None)
        for row, (identity, answer, text, bad) in enumerate(drawn)
    ]
    once, apart = (_decided(tmp_path_factory.mktemp("rows"), rows, per_file, params) for per_file in (100, size))
    assert once == apart
    assert len(once) == len(rows)


def test_only_what_occurs_twice_among_some_is_repeated() -> None:
    values = np.array([1, 2, 1, 3, 2, 2])
    for among_them, expected in (("111111", "111011"), ("110111", "010011"), ("100100", "000000"), ("000000", "000000")):
        found = among._repeated(values, np.array([mark == "1" for mark in among_them]))  # noqa: SLF001
        assert "".join("1" if one else "0" for one in found) == expected
