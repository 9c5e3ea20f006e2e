"""Which answer a reply ends with, and whether it is the reference."""

import pytest

from builders.evaluation import finals
from builders.evaluation.finals import Final


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Step 1: 3 + 4 = 7.\n†Answer: 7", Final("7", "dagger")),
        (r"So \boxed{3}, or rather \boxed{\frac{1}{2}}.", Final(r"\frac{1}{2}", "boxed")),
        (r"†Answer: 8" + "\n" + r"\boxed{9}", Final("8", "dagger")),
        ("48/2 = 24\n#### 72", Final("72", "hashes")),
        ("It is short.\n**Answer:** 12 cm\nThat was easy enough for everybody here.", Final("12 cm", "announced")),
        ("First the answer is 3. No: the answer is 4.", Final("4", "announced")),
        ("Adding up:\n\n(B)\n", Final("(B)", "last_line")),
        ("", None),
        ("   \n", None),
        ("word " * 40, None),
        ("7" * 80, Final("7" * 80, "last_line")),
        ("7" * 81, None),
        (r"\boxed{7", Final(r"\boxed{7", "last_line")),
    ],
)
def test_the_first_rule_that_finds_something_decides(answer: str, found: Final | None) -> None:
    assert finals.final(answer) == found


@pytest.mark.parametrize(
    ("text", "reference", "options", "right"),
    [
        ("0.5", "1/2", (), True),
        ("B", "4 m", ("3 m", "4 m"), True),
        ("4 m", "B", ("3 m", "4 m"), True),
        ("A", "B", ("3 m", "4 m"), False),
        ("7", "8", (), False),
    ],
)
def test_an_answer_is_right_if_it_is_equivalent(text: str, reference: str, options: tuple[str, ...], *, right: bool) -> None:
    assert finals.right(Final(text, "dagger"), reference, options) is right


def test_no_answer_is_wrong_and_rounding_is_as_the_problem_asks() -> None:
    assert not finals.right(None, "3")
    assert finals.right(Final("3.14159", "boxed"), "3.14", question="Round to two decimal places.")
    assert not finals.right(Final("3.2", "boxed"), "3.14", question="Round to two decimal places.")
