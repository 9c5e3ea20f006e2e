"""The vote, best-of-N and pass@k, against numbers worked out by hand."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.evaluation import choosing


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        (["3", "4", "4.0"], 1),
        (["3", "4"], 0),
        ([None, "4", None], 1),
        ([None, None], None),
        ([], None),
        (["1/2", "7", "0.5", "7", "7"], 1),
    ],
)
def test_the_vote_counts_equivalent_answers_as_one_and_of_equals_takes_the_first(
    answers: list[str | None], place: int | None
) -> None:
    assert choosing.voted(answers) == place


def test_a_vote_among_options_counts_letter_and_value_as_one() -> None:
    assert choosing.voted(["A", "4 m", "B"], ("3 m", "4 m")) == 1


@pytest.mark.parametrize(
    ("replies", "by_min", "by_mean"),
    [
        ([[1.0, 0.0], [0.4, 0.4]], 1, 0),
        ([[0.9], [0.9]], 0, 0),
        ([None, [0.0]], 1, 1),
        ([[], None], 0, 0),
        ([], None, None),
    ],
)
def test_the_best_reply_is_that_whose_steps_score_highest(
    replies: list[list[float] | None], by_min: int | None, by_mean: int | None
) -> None:
    assert choosing.best(replies, "min") == by_min
    assert choosing.best(replies, "mean") == by_mean


def test_powers_of_two_and_all_of_them_are_reported() -> None:
    assert choosing.sizes(0) == [0]
    assert choosing.sizes(1) == [1]
    assert choosing.sizes(8) == [1, 2, 4, 8]
    assert choosing.sizes(6) == [1, 2, 4, 6]


def test_pass_at_k_by_hand() -> None:
    """1 of 4 right: pass@2 = 1 - C(3,2)/C(4,2) = 1/2; 2 of 4: 1 - 1/6 = 5/6; their mean is 2/3."""
    verdicts = [[True, False, False, False], [True, True, False, False]]
    assert choosing.pass_at_k(verdicts, 1).value == pytest.approx(3 / 8)
    found = choosing.pass_at_k(verdicts, 2)
    assert found.value == pytest.approx(2 / 3)
    assert found.low <= found.value <= found.high
    assert choosing.pass_at_k([[True, None], [False, False]], 2).prompts == 1
    with pytest.raises(BuildError, match="none of 1 prompts has 3 verdicts"):
        choosing.pass_at_k([[True, False]], 3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(1, 6))
def test_pass_at_k_is_the_share_of_draws_with_a_right_one(samples: list[bool], k: int) -> None:
    if k <= len(samples):
        draws = list(combinations(samples, k))
        assert choosing.pass_at_k([samples], k).value == pytest.approx(sum(map(any, draws)) / len(draws))
