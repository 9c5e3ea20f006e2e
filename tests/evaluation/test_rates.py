"""Rates over outcomes: by hand, with what is left out, and how far answers to one question count as trials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import intervals
from builders.evaluation import rates
from builders.evaluation.rates import AnswerOutcome

HITS, AMONG = ("bad",), ("bad", "good")


def answered(*outcomes: tuple[str, str]) -> list[AnswerOutcome]:
    return [AnswerOutcome(outcome, cluster, {"kind": cluster[0]}) for outcome, cluster in outcomes]


def test_a_rate_has_its_denominator_and_what_it_leaves_out() -> None:
    found = rates.rate(answered(("bad", "a"), ("good", "b"), ("good", "c"), ("good", "d"), ("blank", "e")), HITS, AMONG)
    assert found.share.value == 0.25
    assert found.share.trials == 4
    assert found.asked == 5
    assert found.excluded == {"blank": 1}


def test_nothing_that_counts_is_no_rate() -> None:
    found = rates.rate(answered(("blank", "a")), HITS, AMONG)
    assert found == rates.Rate(intervals.Share(None, 0.0, 1.0, 0), 1, {"blank": 1})


def test_a_hit_that_does_not_count_is_a_slip() -> None:
    with pytest.raises(ValueError, match="code"):
        rates.rate([], ("code",), AMONG)
    assert rates.rate(answered(("bad", "a")), AMONG, AMONG).share.value == 1.0


def test_questions_with_one_answer_each_are_the_trials() -> None:
    """7 of 25, whose Wilson interval is 0.1428 to 0.4758."""
    found = rates.clustered([1.0] * 7 + [0.0] * 18, [str(number) for number in range(25)])
    assert (round(found.low, 4), round(found.high, 4)) == (0.1428, 0.4758)


def test_answers_that_all_agree_with_those_to_the_same_question_count_once() -> None:
    """2 of 4 questions, each answered ten times alike: as wide as 2 of 4, not as 20 of 40."""
    values = [value for value in (1.0, 1.0, 0.0, 0.0) for _ in range(10)]
    clusters = [name for name in "abcd" for _ in range(10)]
    found, four = rates.clustered(values, clusters), intervals.wilson(2, 4)
    assert found.value == 0.5
    assert found.trials == 40
    assert (found.low, found.high) == pytest.approx((four.low, four.high))


def test_two_questions_are_enough_to_see_how_answers_to_one_agree() -> None:
    apart, alike = (rates.clustered([1.0] * 4 + [0.0] * 4, clusters) for clusters in ("abcdefgh", "aaaabbbb"))
    assert alike.high - alike.low > apart.high - apart.low


def test_answers_to_a_single_question_are_trials() -> None:
    found, plain = rates.clustered([1.0] * 3 + [0.0] * 5, ["a"] * 8), intervals.wilson(3, 8)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), min_size=1, max_size=40))
def test_an_interval_holds_its_rate_and_is_no_narrower_than_of_independent_answers(made: list[tuple[bool, str]]) -> None:
    found = rates.clustered([float(hit) for hit, _ in made], [cluster for _, cluster in made])
    plain = intervals.wilson(sum(hit for hit, _ in made), len(made))
    assert found.value is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low >= plain.high - plain.low - 1e-9


def test_groups_are_named_and_in_order() -> None:
    found = rates.grouped(answered(("bad", "b1"), ("good", "a1"), ("good", "b2")))
    assert {name: len(part) for name, part in found.items()} == {"kind:a": 1, "kind:b": 2}
    assert list(found) == ["kind:a", "kind:b"]


def test_what_has_more_than_50_groups_has_none_here() -> None:
    several = [AnswerOutcome("bad", "a", {"kind": str(number % 50), "topic": str(number)}) for number in range(51)]
    found = rates.grouped(several)
    assert len(found) == 50
    assert {name.partition(":")[0] for name in found} == {"kind"}
    assert len(found["kind:0"]) == 2
