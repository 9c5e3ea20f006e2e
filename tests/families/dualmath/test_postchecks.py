"""What a model's inserted error must be: one good solution, and for each rule one that breaks it alone."""

from fractions import Fraction
from typing import Any

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
    monkeypatch.setattr(postchecks, "CHECKS", {name: check for name, check in postchecks.CHECKS.items() if name != reason})
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
        ("So 1 / 4 = 0.24 litres.", False),
        ("So 1 / 4 = 0.23 litres.", True),
        ("So 6 / 2 = 3.1 litres.", True),
        ("So 6 / 0 = 6 litres.", False),
        ("So (2 + 3 = 5 litres.", False),
        ("So 1.5.2 + 1 = 3 litres.", False),
        ("So 12 ÷ 4 − 1 = 3 litres.", True),
        ("So −4 + 6 = 3 litres.", True),
        (f"So {'1 + ' * 3000}1 = 3 litres.", False),
    ],
)
def test_calculations_are_checked_as_they_are_written(text: str, wrong: bool) -> None:  # noqa: FBT001
    found = postchecks.fault(
        GOOD._replace(steps=(*GOOD.steps, text), given=text.removesuffix(" litres.").rstrip(".").split()[-1].strip("$"))
    )
    assert (found is not None and found[0] == "second_error") is wrong


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It is $1,200.50 or −3/4 of x2 and 5th.", ["2401/2", "-3/4", "5"]),
        ("3.14 and 2/0 and 7,", ["157/50", "7"]),
        ("−4 + -5 of 3/4/5 or 1/2x", ["-4", "-5", "3", "4/5", "1", "2"]),
        ("a1 v1.2 .5 6.7.8", ["67/10"]),
        ("9" * 5000, []),
    ],
    ids=["money", "fractions", "signs", "names", "endless"],
)
def test_the_numbers_of_a_text(text: str, wanted: list[str]) -> None:
    assert [str(number) for number in postchecks.numbers(text)] == wanted
    assert postchecks.value(text) == (Fraction(wanted[0]) if wanted else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("So 2 × 3 + 1 = 7 m.", [("2*3+1=7", 7)]),
        ("Then −4 + 6 = 2 and 3 ÷ 4 = 0.75.", [("-4+6=2", 2), ("3/4=0.75", Fraction(3, 4))]),
        ("9 = 3 * 3 = 9", [("3*3=9", 9)]),
        ("20% * $50 = 1,000", [("20*50=1000", 1000)]),
        ("1 + 1 = 2x", []),
        (f"1 + 1 = {'9' * 5000}", []),
    ],
    ids=["chain", "two", "between", "signs", "unknown", "endless"],
)
def test_the_calculations_of_a_text(text: str, wanted: list[tuple[str, Fraction]]) -> None:
    assert postchecks.equations(text) == wanted


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("unknown_value", {"was": "7"}),
        ("not_a_fact", {"step": 1, "was": "24"}),
        ("value_unchanged", {"was": "6", "becomes": "6 cups"}),
        ("no_alteration", {"becomes": "9"}),
        ("text_before_changed", {"steps": [1]}),
        ("answer_unchanged", {"given": "21.0"}),
        ("answer_not_reached", {"given": "30", "last": "So 32 - 3 = 29 cups are whole."}),
        ("second_error", {"step": 3, "calculation": "32-3=28"}),
        ("gives_away", {"words": ["misread"]}),
        ("empty_step", {"steps": [3]}),
    ],
)
def test_each_rule_says_what_it_found(reason: str, wanted: dict[str, Any]) -> None:
    assert postchecks.fault(BROKEN[reason]) == (reason, wanted)


def test_evidence_is_cut() -> None:
    long = "7 " + "cups " * 40
    assert postchecks.CHECKS["unknown_value"](GOOD._replace(was=long)) == {"was": long[:80]}
    assert postchecks.CHECKS["not_a_fact"](GOOD._replace(was="24" + long[1:])) == {"step": 1, "was": ("24" + long[1:])[:80]}
    assert postchecks.CHECKS["no_alteration"](GOOD._replace(becomes=long)) == {"becomes": long[:80]}
    same = GOOD._replace(was="6" + long[1:], becomes="6" + long[1:])
    cut = "6" + long[1:80]
    assert postchecks.CHECKS["value_unchanged"](same) == {"was": cut, "becomes": cut}
    unreached = GOOD._replace(given="30" + long[1:], steps=(*GOOD.steps[:2], "x" * 30 + "y" * 80))
    assert postchecks.CHECKS["answer_not_reached"](unreached) == {"given": "30" + long[1:79], "last": "y" * 80}
    dear = "So " + "1 + " * 60 + "1 = 7."
    assert postchecks.CHECKS["second_error"](GOOD._replace(steps=(dear,))) == {"step": 1, "calculation": "1+" * 40}


def test_a_value_that_is_read_or_first_only_stated_is_a_fact() -> None:
    check = postchecks.CHECKS["not_a_fact"]
    assert check(GOOD._replace(question="How many?", right=("We see 24 cups.", "So 4 × 6 = 24."), was="24")) is None
    assert check(GOOD._replace(was="77")) is None


@pytest.mark.parametrize(
    ("right", "steps", "was", "becomes", "wanted"),
    [
        (("6 and 6",), ("6 and 8",), "6", "8", 1),
        (("6 cups",), ("6 cups, or 8",), "6", "8", 0),
        (("6 of 8",), ("8 of them",), "6", "8", 0),
        (("x", "6 cups"), ("x", "8 cups", "9"), "6 cups", "8 cups", 2),
        (("x", "6 cups"), ("8 cups",), "6", "8", 0),
        (("6 cups",), ("some cups",), "6", "some", 0),
        (("some cups",), ("8 cups",), "some", "8", 0),
    ],
    ids=["once-less", "not-less", "not-more", "later", "elsewhere", "no-new", "no-old"],
)
def test_where_one_value_takes_the_other_s_place(
    right: tuple[str, ...], steps: tuple[str, ...], was: str, becomes: str, wanted: int
) -> None:
    assert postchecks.entered(GOOD._replace(right=right, steps=steps, was=was, becomes=becomes)) == wanted


def test_steps_past_the_right_ones_inherit_and_unread_facts_are_seen_in_the_figure() -> None:
    assert postchecks.roles(GOOD._replace(steps=(*GOOD.steps, GOOD.right[0])), 1)[3:] == ["inherits"]
    assert postchecks.seen(GOOD._replace(was="5")) == "figure"


@pytest.mark.parametrize(
    "word", ["Misreading", "misinterprets", "mistaken", "mistakenly", "wrong", "wrongly", "incorrect", "incorrectly"]
)
def test_words_that_give_it_away(word: str) -> None:
    told = GOOD._replace(steps=(f"So {word}.", "This is an error, an Error.", "The original value."))
    wanted = {"words": sorted([word.lower(), "error", "original value"])}
    assert postchecks.CHECKS["gives_away"](told) == wanted
    known = told._replace(question="Is it an error?", right=(f"It is {word}.", "The original value."))
    assert postchecks.CHECKS["gives_away"](known) is None


def test_a_right_solution_without_marks_of_steps_is_its_lines() -> None:
    text = "There are 4*6=<<4*6=24>>24 cups.\n\nSo 24-3=<<24-3=21>>21.\n#### 21"
    assert postchecks.stepped(text) == ["There are 4*6=24 cups.", "So 24-3=21."]
