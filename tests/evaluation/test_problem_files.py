"""Problems of files as sets of problems have them."""

import base64
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.evaluation import problem_files, released
from builders.evaluation.problem_files import Problem
from tests.harness import jsonl

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"question": "3 + 4?", "answer": "7"}, Problem("1", "3 + 4?", (), "7", ())),
        ({"question": "3 + 4?", "answer": 7, "id": "a"}, Problem("a", "3 + 4?", (), "7", ())),
        ({"question": "Sold?", "answer": "He sold 24.\n48 + 24 = 72\n#### 72"}, Problem("1", "Sold?", (), "72", ())),
        ({"problem": "3 + 4?", "solution": r"It is $\boxed{7}$."}, Problem("1", "3 + 4?", (), "7", ())),
        ({"Body": "Ann has 3.", "Question": "How many?", "Answer": 3.0}, Problem("1", "Ann has 3. How many?", (), "3.0", ())),
        ({"question": "Even?", "options": ["A)3", "B)4"], "correct": "B"}, Problem("1", "Even?", ("3", "4"), "B", ())),
        ({"question": "Even?", "choices": ["3", "4"], "answer": 1}, Problem("1", "Even?", ("3", "4"), "B", ())),
        ({"question": "3 + 4?", "answer": "7", "image": {"bytes": DOT, "path": None}}, Problem("1", "3 + 4?", (), "7", (DOT,))),
        ({"question": "3 + 4?", "answer": "7", "image": "dot.png"}, Problem("1", "3 + 4?", (), "7", (DOT,))),
        ({"question": "3 + 4?", "answer": "7", "image": [DOT, DOT]}, Problem("1", "3 + 4?", (), "7", (DOT, DOT))),
        ({"question": "3 + 4?", "answer": "7", "image": ""}, Problem("1", "3 + 4?", (), "7", ())),
        ({"question": "3 + 4?", "answer": "7", "image_path": "dot.png"}, Problem("1", "3 + 4?", (), "7", (DOT,))),
        ({"question": "3 + 4?", "answer": "7" * 60}, Problem("1", "3 + 4?", (), "7" * 60, ())),
        ({"question": "3 + 4?", "answer": 7, "id": 12}, Problem("12", "3 + 4?", (), "7", ())),
        ({"question": "Even?", "choices": ["3", "4"], "answer": 0}, Problem("1", "Even?", ("3", "4"), "A", ())),
        ({"question": "3 + 4?", "answer": "7" * 61}, "no_answer"),
        ({"question": "3 + 4?", "output": "7"}, "no_answer"),
        ({"question": "Even?", "choices": ["3", "4"], "answer": True}, "no_answer"),
        ({"question": "3 + 4?", "answer": ["7"]}, "no_answer"),
        ({"question": "3 + 4?", "answer": {"value": 7}}, "no_answer"),
        ({"question": ["3 + 4?"], "answer": "7"}, "no_question"),
        ({"question": True, "answer": "7"}, "no_question"),
        ({"answer": "7"}, "no_question"),
        ({"question": "", "answer": "7"}, "no_question"),
        ({"question": "3 + 4?", "answer": ""}, "no_answer"),
        ({"question": "3 + 4?", "solution": "It is\nseven, I think, or thereabouts."}, "no_answer"),
        ({"question": "Which one? Choices: (A) 3 (B)", "answer": "B"}, "unread_choices"),
        ({"question": "3 + 4?", "answer": "7", "image": "gone.png"}, "no_picture"),
    ],
)
def test_a_row_is_a_problem_or_says_why_not(row: dict[str, Any], problem: Problem | str, tmp_path: Path) -> None:
    (tmp_path / "dot.png").write_bytes(DOT)
    assert problem_files.problem(row, "1", tmp_path) == problem


def test_a_file_is_read_by_its_ending_and_lines_of_json_under_any(tmp_path: Path) -> None:
    rows = [{"question": "3 + 4?", "answer": "7"}, {"question": "", "answer": "1"}]
    for name in ("a.jsonl", "a.json"):
        (tmp_path / name).write_text(jsonl(*rows))
        assert problem_files.read(tmp_path / name) == ([Problem("1", "3 + 4?", (), "7", ())], {"no_question": 1})
    (tmp_path / "a.csv").write_text("question,answer\n3 + 4?,7\n")
    assert len(problem_files.read(tmp_path / "a.csv").problems) == 1


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.jsonl", '{"question": "", "answer": "1"}\n', "no problem in it: no_question 1"),
        ("a.jsonl", "", "no problem in it: it is empty"),
        ("a.txt.gz", "x", "no format that is known by its ending"),
        ("a.xml", "x", "no format that is known by its ending"),
        ("gone.jsonl", None, "no such file"),
        ("a.jsonl", "{\n", "broken JSON"),
    ],
)
def test_what_cannot_be_read_is_one_line(name: str, text: str | None, what: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BuildError, match=what):
        problem_files.read(tmp_path / name)


def test_without_a_release_the_line_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(jsonl({"a": 1}))
    assert released.rows(str(tmp_path / "rows.jsonl"), "cot2", "mnns") == [{"a": 1}]
    with pytest.raises(BuildError, match="dvc repro release@cot2"):
        released.rows("", "cot2", "no_such_config")
