"""Problems from a file: choices that cannot be read, and names of images that lead anywhere but to one among the sources."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.dualmath import collect, wording
from builders.provenance import Provenance
from builders.records import Record, Rejection
from tests.harness import Workspace, jsonl
from tests.test_image_files import written

FAMILY, POOL = "dualmath", "bel"
COLUMNS = {name: name for name in ("key", "question", "answer", "options", "image")}
ROW = {"question": "How many corners does the figure have?", "answer": "4", "options": None, "image": None}


def collected(workspace: Workspace, *rows: dict[str, Any]) -> dict[str, str]:
    """Collect rows; return the reason of each, by its key, or that it is kept."""
    listed = [{"key": str(number), **ROW, **row} for number, row in enumerate(rows)]
    workspace.source("own.jsonl", jsonl(*listed), FAMILY, subset=POOL, columns=COLUMNS)
    workspace.quick("collect", family=f"{FAMILY}/{POOL}")
    found = {row["provenance"]["source_key"]: "kept" for row in workspace.rows("collect", POOL, FAMILY)}
    rejected = workspace.rejected("collect", POOL, FAMILY)
    return found | {one["row"]["provenance"]["source_key"]: one["rejection"]["reason"] for one in rejected}


def test_a_letter_whose_choices_cannot_be_read_is_rejected(workspace: Workspace) -> None:
    found = collected(
        workspace,
        {"question": "How many corners has a square?", "answer": "B", "options": {"odd": [1, {}]}},
        {"question": "How many sides has a kite with two equal pairs?", "answer": "B"},
        {"question": "How many diagonals has a pentagon in all?", "answer": "B", "options": ["4", "5"]},
        {"question": "How many edges does a triangular prism have?", "answer": "D", "options": ["6", "9"]},
    )
    assert found == {"0": "unread_choices", "1": "unread_choices", "2": "kept", "3": "no_such_option"}


def test_an_image_is_one_among_the_sources_or_missing(workspace: Workspace) -> None:
    sources = workspace.root / "raw" / FAMILY / "sources"
    picture = written("PNG")
    for place in (workspace.root / "outside.png", sources / "inside.png"):
        place.write_bytes(picture)
    (sources / "link.png").symlink_to(workspace.root / "outside.png")
    outside = ["../../../outside.png", "link.png", "embedded/../../../../../outside.png", str(workspace.root / "outside.png")]
    odd = [*outside, "x" * 300 + ".png", "a\0b.png", "embedded/x", 7, {"a": 1}]
    numbered = [{"question": f"How many corners does figure {number} have?", "image": name} for number, name in enumerate(odd)]
    found = collected(workspace, *numbered, {"question": "How many corners does this one have?", "image": "inside.png"})
    assert found == {**{str(number): "image_missing" for number in range(len(odd))}, str(len(odd)): "kept"}


def test_an_image_of_ones_own_is_found(workspace: Workspace) -> None:
    (workspace.root / "raw" / FAMILY / "own" / "mine.png").write_bytes(written("PNG"))
    assert collected(workspace, {"image": "mine.png"}) == {"0": "kept"}


def test_an_image_that_is_gone_when_its_problem_is_asked_is_one_line(here: Workspace) -> None:
    del here
    with pytest.raises(BuildError, match="the image of a problem is not there any more"):
        wording.pictured({"image": "gone.png"}, "How many?")
    assert wording.pictured({"image": None}, "How many?") == ("How many?", ())


def completed(**data: Any) -> dict[str, Any]:  # noqa: ANN401  (any column)
    row = Record("dualmath:0", "bel", None, Provenance("own", "MIT", "1"), {"question": "How many edges?", **data})
    return collect.completed(row, None).data  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "answer", "options", "wanted"),
    [
        ("How many edges?", "B", ["6", "9"], ("9", [])),
        ("How many edges?", "(b)", ["6", "9"], ("(b)", [])),
        ("How many edges?", "(B).", ["6", "9"], ("9", [])),
        ("How many edges?", "C", ["6", "9"], ("", [])),
        ("How many edges?", "9", ["6", "9"], ("9", [])),
        ("Which of the following is it?", "A", ["6", "9"], ("6", ["6", "9"])),
        ("Is it shown below?", "A", ["6", "9"], ("6", ["6", "9"])),
        ("How many statements hold?", "A", ["6", "9"], ("6", ["6", "9"])),
        ("Where is the corner?", "B", ["A", "C"], ("C", ["A", "C"])),
        ("Where is the corner?", "A", ["A", "seven"], ("A", [])),
        ("How many edges?", "B", [], ("B", [])),
    ],
)
def test_choices_are_kept_where_the_question_needs_them(
    question: str, answer: str, options: list[str], wanted: tuple[str, list[str]]
) -> None:
    found = completed(question=question, answer=answer, options=options)
    assert (found["answer"], found["options"], found["was_choice"]) == (*wanted, bool(options))


@pytest.mark.parametrize(
    ("solution", "wanted"),
    [
        ("Step 1: So.\n†Answer: B", "Step 1: So.\n†Answer: 9"),
        ("Step 1: So.\n†Answer: A \n", "Step 1: So.\n†Answer: 6"),
        ("Step 1: So.\n†Answer: C", "Step 1: So.\n†Answer: C"),
        ("Step 1: So.\n†Answer: 9", "Step 1: So.\n†Answer: 9"),
        ("†Answer: B\nOr so.", "†Answer: B\nOr so."),
        (None, ""),
        (["x"], ""),
        (7, "7"),
    ],
)
def test_a_solution_ends_with_the_words_of_its_choice(solution: object, wanted: str) -> None:
    assert completed(answer="B", options=["6", "9"], solution=solution)["solution"] == wanted


PROGRAM = {"kind": "prism", "facts": {"a": 1}, "told": {}, "givens": [], "steps": []}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"facts": []}, False),
        ({"told": "none"}, False),
        ({"givens": 3}, False),
        ({"givens": [3]}, False),
        ({"steps": [{"name": "a", "value": "1/0"}]}, False),
        ({"steps": [{"name": "a", "value": []}]}, False),
        ({"steps": [{"name": "a", "value": "1"}]}, False),
        ({"steps": [{"name": "a", "label": "a", "formula": "(", "unit": "", "reason": "", "value": "1"}]}, False),
        ({"steps": [{"name": "a", "label": "a", "formula": "1", "unit": "", "reason": "", "value": "1"}]}, True),
        ({"steps": [{"name": "a", "label": "a", "formula": 3, "unit": "", "reason": "", "value": "1"}]}, False),
    ],
    ids=["whole", "facts", "told", "givens", "given", "zero", "value", "column", "syntax", "step", "formula"],
)
def test_what_has_not_the_form_of_a_program_is_left_out(change: dict[str, Any], kept: bool) -> None:  # noqa: FBT001
    program = {**PROGRAM, **change}
    assert completed(answer="9", program=program)["program"] == (program if kept else None)
    assert completed(answer="9", program="a text")["program"] is None


def test_what_a_problem_shares_with_others_is_named() -> None:
    assert completed(answer="9", prompt_family="0123456789abcdef")["prompt_family"] == "0123456789abcdef"
    ours = [
        completed(answer="9", **data)["prompt_family"] for data in ({}, {"question": " HOW many edges?"}, {"program": PROGRAM})
    ]
    assert ours[0] == ours[1] != ours[2]
    named = [completed(answer="9", prompt_family=name)["prompt_family"] for name in ("mine", "0123456789abcdefg", "yours")]
    assert len({*named, *ours}) == 5
    assert all(len(name) == 16 for name in named)


def test_rows_of_one_text_are_apart_by_figure_image_and_subset() -> None:
    def beside(subset: str = "bel", **data: Any) -> str:  # noqa: ANN401  (any column)
        return collect.beside(Record("dualmath:0", subset, None, Provenance("own", "MIT", "1"), data))

    assert (beside(), beside(image="x.png"), beside("mie", image="x.png")) == ("", "x.png", "mie x.png")
    assert (
        beside(program=PROGRAM) == beside(program={**PROGRAM, "kind": "cube"}) != beside(program={**PROGRAM, "told": {"a": 2}})
    )


@pytest.mark.parametrize(
    ("subset", "data", "reason"),
    [
        ("bel", {}, None),
        ("bel", {"answer": ""}, "no_answer"),
        ("bel", {"answer": "", "was_choice": True}, "no_such_option"),
        ("mie", {}, "no_solution"),
        ("mie", {"program": PROGRAM}, None),
        ("mie", {"solution": "Step 1: a\n†Answer: 9.0"}, None),
        ("mie", {"solution": "Step 1: a\n†Answer: 8"}, "wrong_solution"),
        ("mie", {"solution": "It is 9."}, None),
        ("bel", {"solution": "Step 1: a\n†Answer: 8"}, None),
    ],
)
def test_a_seed_has_an_answer_and_in_mie_a_right_solution(subset: str, data: dict[str, Any], reason: str | None) -> None:
    row = {"answer": "9", "was_choice": False, "image": None, "program": None, "solution": "", "options": [], **data}
    record = Record("dualmath:0", subset, None, Provenance("own", "MIT", "1"), row)
    found = next((one for rule in collect.rules(None) if (one := rule(record))), None)  # type: ignore[arg-type]
    assert (found.reason if found else None) == reason
    if reason == "wrong_solution":
        assert found == Rejection("wrong_solution", {"given": "8"})
