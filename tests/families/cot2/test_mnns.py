"""mnns: the paper's numbers, and everything that is computed at once against brute force, sequence by sequence."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from builders.families.cot2 import mnns, vocabulary
from builders.families.cot2.mnns import FIRST, SECOND, Setting, Strategy
from tests.families.cot2 import brute

LABELS = {
    FIRST: "0:1569 1:2444 2:1324 3:664 4:320 5:152 6:64 7:20 8:4",
    SECOND: "0:10490 1:17665 2:12090 3:8095 4:4980 5:2731 6:1451 7:806 8:426 9:201 10:81 11:26 12:6 13:1",
}
BUDGETS = (1, 4, 8, 16, None)
digits = some.lists(some.integers(0, 15), min_size=2, max_size=6)


def whole(setting: Setting) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    return mnns.partial_sums(mnns.sequences(setting, 0, setting.rows))


@pytest.mark.parametrize(
    ("setting", "rows", "groups", "majority", "tokens"), [(FIRST, 6561, 495, 37.25, 89), (SECOND, 59049, 1287, 29.9, 151)]
)
def test_the_papers_settings_have_the_papers_numbers(
    setting: Setting, rows: int, groups: int, majority: float, tokens: int
) -> None:
    found = Counter(mnns.answers(whole(setting)).tolist())
    assert (setting.rows, len(mnns.groups(setting))) == (rows, groups)
    assert " ".join(f"{label}:{found[label]}" for label in sorted(found)) == LABELS[setting]
    assert round(100 * max(found.values()) / rows, 2) == pytest.approx(majority, abs=0.05)
    assert len(vocabulary.named(setting.vocabulary)) == len(set(vocabulary.named(setting.vocabulary))) == tokens


@pytest.mark.parametrize(("setting", "apart"), [(FIRST, 3809), (SECOND, 33159)])
def test_the_two_discrete_traces_differ_in_so_many_items(setting: Setting, apart: int) -> None:
    sums = whole(setting)
    product, ordered = (
        np.take_along_axis(sums, place[:, None, None], axis=1)
        for place in (mnns.first_in_product_order(sums), mnns.ranked(sums)[:, 0])
    )
    assert int((product != ordered).any(axis=(1, 2)).sum()) == apart


def test_the_papers_split_holds_out_so_many_groups_and_rows_and_no_permutation_of_a_trained_one() -> None:
    held_out = mnns.held_out_groups(FIRST, 0.2, 42)
    rows = [tuple(sorted(row)) for row in mnns.sequences(FIRST, 0, FIRST.rows).tolist()]
    assert (len(held_out), sum(row in held_out for row in rows)) == (99, 1308)
    assert held_out <= set(mnns.groups(FIRST))
    assert held_out != mnns.held_out_groups(FIRST, 0.2, 43)


def test_the_other_splits_hold_out_as_many_sequences_and_let_permutations_leak() -> None:
    for rule in ("random", "sequential"):
        held_out = mnns.held_out_rows(FIRST, rule, 0.2, 42)
        assert len(held_out) == 6561 - int(0.8 * 6561)
    assert min(mnns.held_out_rows(FIRST, "sequential", 0.2, 42)) == int(0.8 * 6561)


def test_every_sequence_of_a_setting_is_there_once_in_product_order_whatever_the_blocks() -> None:
    setting = Setting(2, 5, 4)
    parts = [block.tolist() for block in mnns.blocks(setting, setting.rows, size=7)]
    rows = [row for part in parts for row in part]
    assert rows == sorted(rows)
    assert len({tuple(row) for row in rows}) == setting.rows == 256
    assert rows[:10] == [row for block in mnns.blocks(setting, 10, size=4) for row in block.tolist()]


@given(digits)
@settings(max_examples=60, deadline=None)
def test_answers_and_traces_are_those_of_brute_force(row: list[int]) -> None:
    sums = mnns.partial_sums(np.array([row]))
    order = mnns.ranked(sums)
    assert [tuple(trace) for trace in sums[0].tolist()] == [trace for _, trace in brute.traces(row)]
    assert mnns.signs(len(row)).tolist() == [list(signs) for signs, _ in brute.traces(row)]
    assert mnns.answers(sums).tolist() == [brute.answer(row)]
    assert tuple(sums[0, mnns.first_in_product_order(sums)[0]].tolist()) == brute.first(row)
    assert [tuple(sums[0, place].tolist()) for place in order[0]] == brute.ranked(row)


@pytest.mark.parametrize("strategy", ["min_abs", "non_negative"])
@pytest.mark.parametrize("budget", BUDGETS)
@given(some.lists(digits.filter(lambda row: len(row) == 4), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None)
def test_targets_are_those_of_brute_force(budget: int | None, strategy: Strategy, rows: list[list[int]]) -> None:
    sums = mnns.partial_sums(np.array(rows))
    found = mnns.targets(sums, mnns.selection(sums, mnns.ranked(sums), budget, strategy))
    for number, row in enumerate(rows):
        wanted = brute.target(row, budget, strategy)
        for step, distribution in enumerate(wanted):
            values, probabilities = found.cell(number * len(wanted) + step)
            assert values == sorted(distribution)
            assert probabilities == pytest.approx([float(distribution[value]) for value in values], abs=1e-15)
            assert sum(probabilities) == pytest.approx(1, abs=1e-12)


def test_a_budget_of_one_is_one_token_at_each_step_and_its_trace_is_the_sorted_one() -> None:
    sums = whole(FIRST)
    order = mnns.ranked(sums)
    for strategy in ("min_abs", "non_negative"):
        found = mnns.targets(sums, mnns.selection(sums, order, 1, strategy))
        assert found.probabilities.tolist() == [1.0] * (6561 * 3)
        best = np.take_along_axis(sums, order[:, :1, None], axis=1)[:, 0, :-1]
        assert found.values.reshape(-1, 3).tolist() == best.tolist()


def test_all_traces_give_each_path_equal_mass_duplicates_accumulating() -> None:
    sums = mnns.partial_sums(np.array([[1, 2, 4, 8], [3, 3, 3, 3]]))
    found = mnns.targets(sums, mnns.selection(sums, mnns.ranked(sums), None, "min_abs"))
    for step in range(3):
        assert found.cell(step)[1] == [2.0 ** -(step + 1)] * 2 ** (step + 1)
    assert found.cell(5) == ([-9, -3, 3, 9], [0.125, 0.375, 0.375, 0.125])


def test_a_target_averages_no_more_traces_than_are_eligible() -> None:
    sums = mnns.partial_sums(np.array([[9, 9, 9, 9]]))
    for budget, strategy, traces in ((16, "non_negative", 11), (4, "non_negative", 4), (99, "min_abs", 16)):
        mask = mnns.selection(sums, mnns.ranked(sums), budget, strategy)  # type: ignore[arg-type]
        assert int(mask.sum()) == mnns.targets(sums, mask).traces[0] == traces


def test_more_digits_than_anybody_wants_every_trace_of_are_refused() -> None:
    with pytest.raises(ValueError, match="17 digits"):
        mnns.signs(17)
    assert mnns.signs(16).shape == (65536, 16)


def test_as_many_traces_as_there_are_is_all_of_them_and_a_sum_of_nothing_is_not_negative() -> None:
    sums = mnns.partial_sums(np.array([[2, 2]]))
    order = mnns.ranked(sums)
    assert sums[0].tolist() == [[2, 4], [2, 0], [-2, 0], [-2, -4]]
    assert order.tolist() == [[2, 1, 0, 3]]
    assert mnns.answers(sums).tolist() == [0]
    assert mnns.selection(sums, order, 4, "min_abs").tolist() == [[True] * 4]
    assert mnns.selection(sums, order, 3, "min_abs").tolist() == [[True, True, True, False]]
    assert mnns.selection(sums, order, None, "non_negative").tolist() == [[True, True, True, False]]
    assert mnns.selection(sums, order, 1, "non_negative").tolist() == [[False, False, True, False]]


def test_a_vocabulary_of_sums_has_ten_digits_at_least_and_every_sum() -> None:
    marks = ("<PAD>", "<BOS>", "<EOS>", "->", "+", "-")
    digits = tuple(f"D{digit}" for digit in range(10))
    assert vocabulary.named("mnns_1_2") == (*marks, *digits, "S-2", "S-1", "S0", "S1", "S2")
    assert vocabulary.named("mnns_10_1")[14:19] == ("D8", "D9", "D10", "S-10", "S-9")
    assert vocabulary.named("graphs")[4:13] == ("in", "not", "or", ".", "?", "True", "False", "A", "B")
    assert vocabulary.named("graphs")[-2:] == ("AY", "AZ")
