"""What a model's inserted error must be: one good solution, and for each rule one that breaks it alone."""

import pytest

from builders.families.dualmath import postchecks
from builders.families.dualmath.postchecks import Altered

GOOD = Altered(
    question="A shelf holds 4 boxes. Each box holds 6 cups, and 3 cups are cracked. How many whole cups are there?",
    answer="21",
    options=(),
    right=("There are 4 × 6 = 24 cups.", "Of these 3 are cracked.", "So 24 - 3 = 21 cups are whole."),
    steps=("There are 4 × 8 = 32 cups.", "Of these 3 are cracked.", "So 32 - 3 = 29 cups are whole."),
    given="29",
    was="6",
    becomes="8",
)
BROKEN = {
    "unknown_value": GOOD._replace(was="7"),
    "not_a_fact": GOOD._replace(was="24", becomes="32"),
    "value_unchanged": GOOD._replace(becomes="6 cups"),
    "no_alteration": GOOD._replace(becomes="9"),
    "text_before_changed": GOOD._replace(
        was="3",
        becomes="5",
        given="19",
        steps=("In all there are 4 × 6 = 24 cups.", "Of these 5 are cracked.", "So 24 - 5 = 19."),
    ),
    "answer_unchanged": GOOD._replace(given="21.0", steps=(*GOOD.steps[:2], "So there are 21 cups.")),
    "answer_not_reached": GOOD._replace(given="30"),
    "second_error": GOOD._replace(given="28", steps=(*GOOD.steps[:2], "So 32 - 3 = 28 cups are whole.")),
    "gives_away": GOOD._replace(steps=(GOOD.steps[0] + " This was misread.", *GOOD.steps[1:])),
    "empty_step": GOOD._replace(steps=(*GOOD.steps[:2], " ", "So 32 - 3 = 29 cups are whole.")),
}


def test_a_good_one_passes() -> None:
    assert postchecks.fault(GOOD) is None
    assert postchecks.entered(GOOD) == 1
    assert postchecks.roles(GOOD, 1) == ["introduces", "independent", "inherits"]
    assert postchecks.seen(GOOD) == "text"


def test_every_rule_has_a_solution_that_breaks_it() -> None:
    assert set(BROKEN) == set(postchecks.CHECKS)


@pytest.mark.parametrize("reason", sorted(BROKEN))
def test_each_rule_speaks_against_what_breaks_it(reason: str) -> None:
    found = postchecks.fault(BROKEN[reason])
    assert found
    assert found[0] == reason


@pytest.mark.parametrize("reason", sorted(BROKEN))
def test_no_other_rule_would_have_found_it(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule the solution passes, or another reason stands for a different fault of the same row."""
    monkeypatch.delitem(postchecks.CHECKS, reason)
    found = postchecks.fault(BROKEN[reason])
    assert found is None or found[0] != reason


def test_the_place_is_where_the_value_enters_whatever_the_model_says() -> None:
    later = GOOD._replace(
        was="3", becomes="5", given="19", steps=(GOOD.right[0], "Of these 5 are cracked.", "So 24 - 5 = 19 cups are whole.")
    )
    assert postchecks.fault(later) is None
    assert postchecks.entered(later) == 2
    assert postchecks.roles(later, 2) == ["right", "introduces", "inherits"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("So 7 / 3 = 2.33 litres.", False),
        ("So 7 / 3 = 2.5 litres.", True),
        ("We pay $12.50 × 3 = $37.50.", False),
        ("Then 1,200 + 300 = 1,500.", False),
        ("Then (2 + 3) × 4 = 24.", True),
        ("Then x + 3 = 9, so x = 6.", False),
        ("That is 50% of 80 = 40.", False),
    ],
)
def test_calculations_are_checked_as_they_are_written(text: str, wrong: bool) -> None:  # noqa: FBT001
    found = postchecks.fault(GOOD._replace(steps=(*GOOD.steps, text), given=text.rstrip(".").split()[-1].strip("$")))
    assert (found is not None and found[0] == "second_error") is wrong


def test_a_right_solution_without_marks_of_steps_is_its_lines() -> None:
    text = "There are 4*6=<<4*6=24>>24 cups.\n\nSo 24-3=<<24-3=21>>21.\n#### 21"
    assert postchecks.stepped(text) == ["There are 4*6=24 cups.", "So 24-3=21."]
