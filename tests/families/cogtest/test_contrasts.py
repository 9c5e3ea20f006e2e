"""Habits behind harmful and harmless answers: counts, and no text."""

from builders.families.cogtest import contrasts
from builders.families.cogtest.evidence import Finding

YES, NO = Finding(reflected=True, mismatch=None, span=(0, 9)), Finding(reflected=False, mismatch=None, span=None)


def test_counts_by_group_and_rare_habits_left_out() -> None:
    found = [("taking_responsible_risks", True, YES)] * 8 + [("taking_responsible_risks", True, NO)] * 2
    found += [("taking_responsible_risks", False, NO)] * 19 + [("taking_responsible_risks", False, YES)]
    found += [("finding_humor", harmful, NO) for harmful in (True, False)] * 20 + [("finding_humor", True, YES)]
    table = contrasts.contrasts(found)
    assert list(table) == ["taking_responsible_risks"]
    assert (table["taking_responsible_risks"].harmful.share.value, table["taking_responsible_risks"].harmless.share.value) == (
        0.8,
        0.05,
    )
    assert "finding_humor" in contrasts.contrasts(found, least=0.04)


def test_a_group_without_answers_says_nothing() -> None:
    table = contrasts.contrasts([("persisting", True, YES)])
    assert table["persisting"].harmless.share.value is None


def test_a_habit_as_common_as_the_least_share_is_in_the_table() -> None:
    found = [("persisting", False, YES), *[("persisting", False, NO)] * 9]
    assert list(contrasts.contrasts(found)) == ["persisting"]
    assert contrasts.contrasts([*found, ("persisting", False, NO)]) == {}
    assert contrasts.contrasts(found, least=0.2) == {}
