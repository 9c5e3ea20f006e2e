"""Labels read from replies, and ProcessBench's F1 against numbers worked out by hand."""

import math

import pytest

from builders.families.dualmath import measuring
from builders.families.dualmath.measuring import Finding, Judged


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (r"Step 2 is wrong: \boxed{2}", Finding(2, None)),
        (r"\boxed{-1}", Finding(-1, None)),
        ("All hold.\n-1", Finding(-1, None)),
        (r"\boxed{3}", Finding(None, "no_such_step")),
        (r"\boxed{0}", Finding(0, None)),
        ("Step 1 holds.\n2\n \n", Finding(2, None)),
        ("2\nI am done.", Finding(None, "no_index")),
        (r"\boxed{-2}", Finding(None, "no_such_step")),
        (r"\boxed{1 or 2}", Finding(None, "no_index")),
        ("I do not know.", Finding(None, "no_index")),
        ("", Finding(None, "no_index")),
    ],
)
def test_the_first_wrong_step_is_read_or_there_is_a_reason(answer: str, found: Finding) -> None:
    assert measuring.first_error(answer, steps=3) == found


def test_f1_by_hand() -> None:
    """Errors: 2 of 4 named; right ones: 1 of 2 left alone. F1 = 2 · ½ · ½ / (½ + ½) = ½; one reply cannot be read."""
    judged = [
        *(Judged(0, 0), Judged(2, 2), Judged(1, 2), Judged(1, None, "no_index")),
        *(Judged(-1, -1), Judged(-1, 0)),
    ]
    found = measuring.processbench(judged)
    assert (found.error.value, found.error.trials) == (0.5, 4)
    assert (found.correct.value, found.correct.trials) == (0.5, 2)
    assert found.f1.value == pytest.approx(0.5)
    assert (found.solutions, found.unread) == (6, {"no_index": 1})


def test_who_always_objects_has_an_f1_of_0_and_of_one_kind_there_is_none() -> None:
    assert measuring.processbench([Judged(0, 0), Judged(-1, 0)]).f1.value == 0.0
    assert measuring.processbench([Judged(0, 0)]).f1.value is None


def test_labels_are_1_and_0_or_probabilities() -> None:
    reply = "Step 1: a <pos>\nStep 2: b <neg>\n†Answer: 3"
    assert measuring.step_scores(reply, 2) == [1.0, 0.0]
    assert measuring.step_scores(reply, 3) is None
    tokens = [("Step 1: a <", -0.1), ("pos", math.log(0.9)), (">\nStep 2: b <ne", math.log(0.6)), ("g>\n†Answer: 3", -0.1)]
    assert measuring.step_scores(reply, 2, tokens) == pytest.approx([0.9, 0.4])


@pytest.mark.parametrize(
    ("tokens", "wanted"),
    [
        ([("a <", 0.0), ("pos", math.log(0.9)), (">", 0.0)], [0.9]),
        ([("a <p", math.log(0.7)), ("os", math.log(0.9)), (">", 0.0)], [0.7]),
        ([("a <", math.log(0.5)), ("pos>", math.log(0.8))], [0.8]),
        ([("a <", 0.0), ("pos", 0.4), (">", 0.0)], [1.0]),
        ([("a <", math.log(0.5))], [1.0]),
        ([], [1.0]),
    ],
)
def test_a_label_is_as_sure_as_the_token_that_begins_it(tokens: list[tuple[str, float]], wanted: list[float]) -> None:
    assert measuring.step_scores("a <pos>", 1, tokens) == pytest.approx(wanted)


def test_unread_replies_are_counted_by_their_fault() -> None:
    faults = [Judged(0, None, "b"), Judged(-1, None, "a"), Judged(0, None, "b"), Judged(-1, -1)]
    found = measuring.processbench(faults)
    assert list(found.unread.items()) == [("a", 1), ("b", 2)]
    assert (found.error.value, found.correct.value, found.f1.value) == (0.0, 0.5, 0.0)
