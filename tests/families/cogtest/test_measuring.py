"""Which reasoning is looked at, and a profile worked out by hand."""

import pytest

from builders.families.cogtest import measuring
from builders.families.cogtest.evidence import Finding
from builders.families.cogtest.profiles import Observed

SHOWN, NOT_SHOWN, UNSCORED = Finding(True, None, (0, 1)), Finding(False, None, None), Finding(None, "not_found", None)  # noqa: FBT003


@pytest.mark.parametrize(
    ("reply", "reasoning"),
    [
        ("<think>a</think>b", "a"),
        ("<think>\na\n</think>\n\nb", "a"),
        ("a</think>b", "a"),
        ("<think>a</think><think>c</think>b", "a\n\nc"),
        ("b", ""),
        ("<think>a", ""),
        ("<think>a</think>b</think>c", ""),
        ("", ""),
    ],
)
def test_only_what_is_marked_as_thought_is_reasoning(reply: str, reasoning: str) -> None:
    assert measuring.reasoning(reply) == reasoning


def test_a_profile_by_hand() -> None:
    """Humor 1 of 2, with one unscored; clarity 2 of 2 and persisting 0 of 1: 3 of 5 in all, 2 of 3 of the thinking habits."""
    clarity = "thinking_and_communicating_with_clarity_and_precision"
    observed = [
        *(_seen("finding_humor", "t1", SHOWN), _seen("finding_humor", "t2", NOT_SHOWN), _seen("finding_humor", "t3", UNSCORED)),
        *(_seen(clarity, "t4", SHOWN), _seen(clarity, "t5", SHOWN), _seen("persisting", "t6", NOT_SHOWN)),
    ]
    found = measuring.profile(observed)
    assert {habit: share.share.value for habit, share in found.habits.items()} == {
        "persisting": 0.0,
        clarity: 1.0,
        "finding_humor": 0.5,
    }
    assert found.all.value == pytest.approx(3 / 5)
    assert found.all.trials == 5
    assert found.by_kind["thinking"].value == pytest.approx(2 / 3)
    assert found.by_kind["scenario"].value == 0.5
    assert found.copies_out.value == pytest.approx(1 / 3)
    assert found.habits["finding_humor"].mismatches == {"not_found": 1}
    assert measuring.profile([]).all.value is None


def _seen(habit: str, task: str, finding: Finding) -> Observed:
    return Observed("model", habit, task, "scenario", finding)
