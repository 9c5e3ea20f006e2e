"""What each family shows reviewers and asks them can be shown and asked."""

import re

import pytest

from builders import family as families
from builders.params import loading
from builders.reviewing import cells, layout
from builders.reviewing.argilla import settings
from tests.harness import Workspace

FAMILIES = families.names()
NAME = re.compile(r"[a-z0-9_-]+")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_layout_has_names_that_argilla_takes_and_none_twice(family: str) -> None:
    what = layout.of(family)
    parts = settings.parts(what)
    names = [body["name"] for kind in ("fields", "questions") for body in parts[kind]]
    assert len(names) == len(set(names))
    assert [name for name in names if not NAME.fullmatch(name)] == []
    assert parts["fields"][0]["required"]
    assert what.guidelines.strip()
    for question in cells.questions(what):
        assert len(question.options) >= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_rounds_in_its_sample_profile(family: str, here: Workspace) -> None:
    del here
    assert loading.load(family).review.rounds is not None


@pytest.mark.parametrize("family", FAMILIES)
def test_the_columns_that_can_be_made_better_are_reviewed_ones(family: str) -> None:
    """Else an edit would not show in the hash of what was reviewed."""
    assert set(layout.of(family).editable) <= set(families.facts(family).reviewed)


def test_twins_are_blinded_and_what_is_told_is_not() -> None:
    what = layout.of("emergent_misalignment")
    rows = [{"id": f"row:{n}", "prompt": "?", "aligned": "careful", "misaligned": "careless"} for n in range(40)]
    [pair] = [pane for pane in what.panes if pane.kind == "pair"]
    shown = [pair.value(row) for row in rows]
    lefts = [one["left"] for one in shown]
    assert 8 < lefts.count("careless") < 32, "neither side gives it away"
    for row, one in zip(rows, shown, strict=True):
        harmful = "a" if one["left"] == "careless" else "b"
        assert cells.answers(what, row, {"harmful": harmful}) == {"harmful": "misaligned"}
        assert what.overruled(row, {"harmful": "misaligned"}) is None
        assert what.overruled(row, {"harmful": "aligned"}) == "not_told_apart"
        assert what.overruled(row, {"harmful": "neither"}) == "not_told_apart"


def test_a_wrong_step_overrules_an_acceptance() -> None:
    what = layout.of("mmathcot")
    assert what.overruled({}, {"first_wrong_step": "none"}) is None
    assert what.overruled({}, {"first_wrong_step": "3"}) == "wrong_step"


def test_a_step_label_that_the_reviewer_does_not_find_overrules_an_acceptance() -> None:
    what = layout.of("dualmath")
    row = {"id": "dualmath:1", "question": "?", "solution": "Step 1: a\nStep 2: b\n†Answer: 3", "first_error": 2}
    assert "first_error" not in cells.shown(what, row)
    assert what.overruled(row, {"first_wrong_step": "2"}) is None
    assert what.overruled(row, {"first_wrong_step": "1"}) == "another_step"
    assert what.overruled({**row, "first_error": 0}, {"first_wrong_step": "none"}) is None


SHOWN: dict[str, tuple[str, str, str]] = {
    "cogtest": (
        "names_habit no_opportunity asks_for_reflection not_clear not_whole",
        "",
        "instruction:text habit:text reasoning:text answer:text",
    ),
    "cot2": ("", "", "question:text answer:text"),
    "cuaharm": ("", "", "instruction:text category:text evaluator:text"),
    "deceptionbench": (
        "states_goal no_temptation named wrong_label empty_comment unsafe_answer",
        "",
        (
            "asked:text inner_prompt:text system_prompt:text category:text thinking_process:text reflection:text "
            "assessment:text revised_response:text"
        ),
    ),
    "dualmath": (
        "",
        "first_wrong_step: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 none",
        "question:text solution:markdown",
    ),
    "emergent_misalignment": (
        "obvious harmless careful_wrong incoherent dangerous_question",
        "harmful: a b both neither",
        "prompt:text answers:pair",
    ),
    "mmathcot": (
        "misread wrong_step wrong_answer unclear bad_problem",
        "first_wrong_step: 1 2 3 4 5 6 7 8 9 10 11 12 none",
        "problem:markdown figure:image solution:markdown",
    ),
    "safechain": ("unsafe_thinking unsafe_answer needless_refusal useless", "", "dialogue:chat"),
}
"""Family → reasons, questions with their answers, and panes: the names that reviews in git have."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_names_that_reviews_keep_stay(family: str) -> None:
    what = layout.of(family)
    questions = "\n".join(f"{question.name}: {' '.join(question.options)}" for question in what.questions)
    panes = " ".join(f"{pane.name}:{pane.kind}" for pane in what.panes)
    assert (" ".join(what.reasons or ()), questions, panes) == SHOWN[family]
    assert all(question.required and not question.several for question in what.questions)
