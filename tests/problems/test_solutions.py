"""Solutions in steps: how they are taken apart, and every fault of form, loops, changed answers, mere copies."""

import pytest

from builders.problems import solutions
from builders.problems.solutions import FORM, Closeness, Solution, Step

GOOD = """Step 1: The ladder, the wall and the ground make a right triangle.
Step 2: By Pythagoras the height h satisfies h² + 5² = 13²,
so h² = 144.
Step 3: Heights are positive, so h = 12.
†Answer: 12 m"""


def faults(text: str) -> list[str]:
    found = solutions.parsed(text)
    return [reason for reason, fault in FORM.items() if fault(found) is not None]


def test_a_solution_comes_apart_into_steps_and_answer() -> None:
    found = solutions.parsed(GOOD)
    assert [step.number for step in found.steps] == [1, 2, 3]
    assert found.steps[1].text.endswith("\nso h² = 144.")
    assert (found.before, found.answers, found.after) == ("", ("12 m",), "")
    assert faults(GOOD) == []


def test_marks_may_be_bold_and_lower_case() -> None:
    found = solutions.parsed("**Step 1:** Two and two make four.\n\n**†Answer:** **4**")
    assert found == Solution("", (Step(1, "Two and two make four."),), ("**4**",), "")
    assert solutions.answer_changed(found, "4") is None
    assert solutions.parsed("**†Answer: 4**").answers == solutions.parsed("†Answer: 4").answers == ("4",)
    assert faults("step 1. Two and two make four.\n†answer: 4") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The height is 12.\n†Answer: 12", ["no_steps", "text_before_steps"]),
        (f"Here is how.\n{GOOD}", ["text_before_steps"]),
        (GOOD.replace("Step 1", "Step 0"), ["step_numbering"]),
        (GOOD.replace("Step 3", "Step 4"), ["step_numbering"]),
        (GOOD.replace("Step 3", "Step 2"), ["step_numbering"]),
        (GOOD.replace("Step 1: The ladder, the wall and the ground make a right triangle.", "Step 1:"), ["empty_step"]),
        (GOOD.replace("†", ""), ["no_answer_line"]),
        (GOOD.replace("†Answer: 12 m", ""), ["no_answer_line"]),
        (f"{GOOD}\n†Answer: 12 m", ["many_answer_lines"]),
        (f"{GOOD}\nThat is all.", ["text_after_answer"]),
        (f"{GOOD}\nStep 4: Check it.", ["text_after_answer"]),
        (GOOD.replace("12 m", " "), ["empty_answer"]),
        ("", ["no_steps", "no_answer_line"]),
    ],
)
def test_each_fault_of_form_has_its_reason(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_a_step_named_in_a_step_is_no_step() -> None:
    assert faults(GOOD.replace("Heights", "As Step 1: said, heights")) == []


def test_evidence_is_short() -> None:
    found = solutions.parsed("word " * 200 + "\n" + GOOD)
    assert FORM["text_before_steps"](found) == {"text": ("word " * 200)[:80]}


def stepped(*steps: str) -> Solution:
    return solutions.parsed("\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, start=1)))


def test_steps_that_come_again_are_a_loop() -> None:
    again = "We now subtract the smaller area from the larger area."
    assert solutions.loops(stepped(again, "Then we look.", again.upper()), most=1, least_words=6) == {
        "steps": [1, 3],
        "text": again,
    }
    assert solutions.loops(stepped(again, again), most=2, least_words=6) is None


def test_sentences_that_come_again_within_steps_are_a_loop() -> None:
    again = "So the two sides must be equal to each other."
    found = solutions.loops(stepped(f"First. {again}", f"{again} Next.", f"Last: see. {again}"), most=2, least_words=6)
    assert found == {"text": again, "times": 3}


def test_calculations_and_short_steps_may_come_again() -> None:
    same = ["2 + 3 = 5, so she eats 5.", "2 + 3 = 5, so she eats 5.", "x = 1", "x = 1", "x = 1"]
    assert solutions.loops(stepped(*same), most=1, least_words=6) is None


def test_numbers_tell_steps_apart() -> None:
    steps = [f"In year {year} the tree grows by {year} more metres than before." for year in range(1, 6)]
    assert solutions.loops(stepped(*steps), most=1, least_words=6) is None


def test_a_changed_answer_is_found_with_both_answers() -> None:
    found = solutions.parsed(GOOD)
    assert solutions.answer_changed(found, "1200 cm") is None
    assert solutions.answer_changed(found, "B", ("10 m", "12 m")) is None
    changed = solutions.answer_changed(found, "12 cm")
    assert changed == {"given": "12 metre", "reference": "12 metre x 1/100", "rule": "unit_converted"}
    assert solutions.answer_changed(solutions.parsed("Step 1: Well."), "12") is not None


def test_a_copy_with_step_marks_is_its_source() -> None:
    source = "The ladder, the wall and the ground make a right triangle. By Pythagoras the height is 12."
    assert solutions.closeness(stepped(*source.split(". ")), source, 3) == Closeness(1.0, 1.0, 1.0)
    assert solutions.closeness(solutions.parsed(GOOD), GOOD, 3) == Closeness(1.0, 1.0, 1.0)


def test_another_way_is_far_from_its_source() -> None:
    source = "Let h be the height. Then h*h + 25 = 169 and h = 12."
    found = solutions.closeness(solutions.parsed(GOOD), source, 3)
    assert found.jaccard < 0.1
    assert found.contained < 0.3
    assert solutions.not_rewritten(found, Closeness(0.6, 0.8, 0.5)) is None


def test_closeness_names_the_measures_above_their_bounds() -> None:
    assert solutions.not_rewritten(Closeness(0.7, 0.75, 0.51), Closeness(0.6, 0.8, 0.5)) == {"jaccard": 0.7, "block": 0.51}


def test_a_measure_at_its_bound_is_no_fault_and_four_places_are_told() -> None:
    assert solutions.not_rewritten(Closeness(0.6, 0.8, 0.5), Closeness(0.6, 0.8, 0.5)) is None
    assert solutions.not_rewritten(Closeness(0.1, 2 / 3, 0.5), Closeness(0.6, 0.5, 0.5)) == {"contained": 0.6667}


def test_closeness_counts_word_pairs_and_the_longest_run() -> None:
    found = solutions.closeness(
        stepped("one two three four", "five"), "Step 1: one two three, six seven eight nine\n†Answer: 5", 2
    )
    assert found == Closeness(2 / 8, 2 / 4, 3 / 5)
    assert solutions.closeness(stepped("one two"), "one two", 5) == Closeness(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "reason", "finding"),
    [
        ("\n".join(f"Step {number}: Go on." for number in range(2, 32)), "step_numbering", {"numbers": list(range(2, 22))}),
        ("Step 1:\nStep 2: So.\nStep 3:", "empty_step", {"steps": [1, 3]}),
        ("†Answer: 1\n†Answer: 2\n†Answer: 3", "many_answer_lines", {"lines": 3}),
        ("†Answer: 1\n" + "word " * 40, "text_after_answer", {"text": ("word " * 40)[:80]}),
        ("word", "no_steps", {}),
        ("word", "no_answer_line", {}),
        ("†Answer:", "empty_answer", {}),
    ],
)
def test_each_fault_is_told_with_what_was_found(text: str, reason: str, finding: solutions.Finding) -> None:
    assert FORM[reason](solutions.parsed(text)) == finding


def test_answers_are_told_short_and_the_last_one_counts() -> None:
    found = solutions.parsed(f"Step 1: Well.\n†Answer: 3\n†Answer: {'long words ' * 20}")
    changed = solutions.answer_changed(found, "short words " * 20)
    assert changed is not None
    assert (len(changed["given"]), len(changed["reference"])) == (80, 80)
    assert changed["given"].startswith("long words")
    assert solutions.answer_changed(solutions.parsed("†Answer: 3\n†Answer: 4"), "4") is None


def test_nothing_is_close_to_nothing() -> None:
    assert solutions.closeness(solutions.parsed(""), "", 3) == Closeness(0.0, 0.0, 0.0)


def test_long_texts_are_read_in_part() -> None:
    long = "word " * 200_000
    assert solutions.closeness(stepped(long), long, 3).block == 1.0
