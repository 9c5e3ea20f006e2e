"""What rounds come to in figures: shares with their intervals, agreement, and what a policy misses."""

from typing import Any

import pytest

from benchmarks import label_truth
from builders.errors import BuildError
from builders.params.reviewing import Policy
from builders.params.sections import Review
from builders.reviewing import gate, outcome
from builders.reviewing.agreement import Agreement, agreement
from builders.reviewing.estimates import estimate


def test_a_share_without_overlap_is_weighted_by_stratum_with_wilsons_interval() -> None:
    one = {"kept, a": [[True]] + [[False]] * 9, "kept, b": [[False]] * 10}
    found = estimate(one, {"kept, a": 100, "kept, b": 300})
    assert found
    assert (found.share, found.accuracy, found.rows) == (0.025, None, 20)
    assert 0 <= found.low < 0.025 < found.high < 0.25


def test_one_stratum_taken_at_its_word_has_wilsons_interval_itself() -> None:
    """Ten of a hundred: Wilson's interval is 5.52 % to 17.44 %."""
    found = estimate({"kept": [[True]] * 10 + [[False]] * 90}, {"kept": 5000})
    assert found
    assert (found.share, found.accuracy, found.rows) == (0.1, None, 100)
    assert found.low == pytest.approx(0.0552, abs=5e-4)
    assert found.high == pytest.approx(0.1744, abs=1.5e-3)


def test_disagreement_corrects_a_share() -> None:
    """Reviewers who are right with 0.9 differ with 0.18; of rows that are all good they call 0.1 wrong."""
    rows = [[True, False]] * 9 + [[False, True]] * 9 + [[True, True]] * 1 + [[False, False]] * 81
    found = estimate({"kept": rows}, {"kept": 5000})
    assert found
    assert found.share == pytest.approx(0.0, abs=1e-6)
    assert found.accuracy == 0.9


def test_nothing_reviewed_is_nothing_known() -> None:
    assert estimate({}, {"kept": 9}) is None
    assert estimate({"kept": []}, {"kept": 9}) is None


@pytest.mark.parametrize(("overlap", "accuracy"), [(1, 1.0), (2, 0.9)])
def test_the_interval_holds_the_truth(overlap: int, accuracy: float) -> None:
    """Thirty of the 500 repetitions of the benchmark."""
    found = [label_truth.repetition(turn, overlap, accuracy) for turn in range(30)]
    assert sum(one.low <= truth <= one.high for one, truth in found) >= 28


def test_alpha_is_krippendorffs() -> None:
    """By his formula for two values: four disagreements in 20 rows, 14 of 40 answers rejecting."""
    rows = [{"a": "accept", "b": "accept"}] * 11 + [{"a": "reject", "b": "reject"}] * 5 + [{"a": "accept", "b": "reject"}] * 4
    found = agreement([*rows, {"a": "accept"}])
    assert found.rows == 20
    assert found.alpha == pytest.approx(1 - 39 * 4 / (26 * 14), abs=1e-4)
    assert found.alpha is not None
    assert found.low is not None
    assert found.high is not None
    assert -1 < found.low < found.alpha < found.high < 1
    assert found == (0.5714, 0.1423, 0.896, 20), "the draws are the same ones on every machine"
    three = [{"a": "x", "b": "y", "c": "z"}, {"a": "y", "b": "y"}, {"a": "x", "b": "x"}]
    assert agreement(three) == (0.4, -0.3333, 1.0, 3)


def test_where_all_answers_are_the_same_there_is_no_alpha() -> None:
    assert agreement([{"a": "accept", "b": "accept"}] * 3) == Agreement(None, None, None, 3)
    assert agreement([]) == Agreement(None, None, None, 0)


def row(identity: str, *words: str, kept: bool = True, edited: bool = False) -> dict[str, Any]:
    votes = [
        {"reviewer": f"r{place}", "round": 1, "decision": word, "edited": edited, "answers": {"step": word}}
        for place, word in enumerate(words)
    ]
    decision = words[0] if len(set(words)) == 1 else "undecided"
    stratum = "kept" if kept else "rejected"
    return {
        "id": identity,
        "stratum": stratum,
        "kept": kept,
        "decision": decision,
        "edited": edited,
        "votes": votes,
        "stale": [],
    }


ROWS = [
    row("a", "accept", "accept"),
    row("b", "reject", "reject"),
    row("c", "accept", "reject"),
    row("d", "accept", "accept", edited=True),
    row("e", "accept", "accept", kept=False),
    row("f", "reject", "reject", kept=False),
]
SIZES = {"kept": 8, "rejected": 4}
RULES = Review(conflicts="majority")


def test_rows_are_counted_by_what_became_of_them() -> None:
    counts = outcome.counted(ROWS, SIZES, RULES)
    assert counts["kept"] == {"rows": 8, "reviewed": 3, "accept": 2, "reject": 1, "undecided": 1, "edited": 1}
    assert counts["rejected"] == {"rows": 4, "reviewed": 2, "accept": 1, "reject": 1, "undecided": 0, "edited": 0}
    assert counts["reviewers"] == {"r0": 6, "r1": 6}
    assert set(counts["agreement"]) == {"decision", "step"}
    assert counts["judge"]["precision"]["share"] == pytest.approx(1 - counts["error_rate"]["share"])
    good, lost = 8 * counts["judge"]["precision"]["share"], 4 * counts["false_drop_rate"]["share"]
    assert counts["judge"]["recall"]["share"] == pytest.approx(good / (good + lost), abs=1e-4)


def test_a_decision_outside_of_rounds_counts_but_says_nothing_about_other_rows() -> None:
    picked = row("a", "reject")
    picked["votes"][0]["round"] = None
    counts = outcome.counted([picked], SIZES, RULES)
    assert counts["kept"]["reject"] == 1
    assert counts["error_rate"] is None
    assert counts["agreement"] == {}


def test_an_edited_row_was_wrong_as_it_was_built() -> None:
    plain = outcome.counted([row("a", "accept"), row("b", "accept")], SIZES, RULES)
    edited = outcome.counted([row("a", "accept"), row("b", "accept", edited=True)], SIZES, RULES)
    assert plain["error_rate"]["share"] == 0
    assert edited["error_rate"]["share"] == 0.5


def test_a_row_that_filter_rejected_and_people_accept_was_dropped_wrongly() -> None:
    rows = [row(name, word, kept=False) for name, word in (("a", "accept"), ("b", "accept"), ("c", "accept"), ("d", "reject"))]
    counts = outcome.counted([*rows, row("e", "accept"), row("f", "reject")], SIZES, RULES)
    assert (counts["false_drop_rate"]["share"], counts["error_rate"]["share"]) == (0.75, 0.5)
    assert counts["judge"]["precision"]["share"] == 0.5
    assert counts["judge"]["recall"]["share"] == pytest.approx(8 * 0.5 / (8 * 0.5 + 4 * 0.75), abs=1e-5)
    assert counts["judge"]["recall"]["low"] < counts["judge"]["recall"]["share"] < counts["judge"]["recall"]["high"]
    assert outcome.counted(rows, SIZES, RULES)["judge"] == {"precision": None, "recall": None}


POLICY = Policy(reviewed_share=0.5, alpha=0.9, error_rate=0.05, gate="publish")


def test_a_policy_names_what_is_missing_by_how_much_and_what_would_settle_it() -> None:
    counts = outcome.counted(ROWS, SIZES, RULES)
    missing = {one.demand: one for one in gate.shortfalls(POLICY, counts)}
    assert set(missing) == {"reviewed_share", "alpha", "error_rate"}
    assert missing["reviewed_share"].short == pytest.approx(0.125)
    assert missing["reviewed_share"].settled_by == "a round that settles 1 more kept rows"
    assert missing["error_rate"].settled_by.startswith("no round, unless it finds fewer wrong rows")


def test_the_suggested_round_would_settle_the_error_rate() -> None:
    rows = [row(f"{number}", "accept") for number in range(40)]
    counts = outcome.counted(rows, {"kept": 5000}, RULES)
    [missing] = gate.shortfalls(Policy(reviewed_share=None, alpha=None, error_rate=0.05, gate="publish"), counts)
    more = int(missing.settled_by.removeprefix("a round of about ").split()[0])
    rows += [row(f"more {number}", "accept") for number in range(more)]
    again = outcome.counted(rows, {"kept": 5000}, RULES)
    assert gate.shortfalls(Policy(reviewed_share=None, alpha=None, error_rate=0.05, gate="publish"), again) == []


def test_a_policy_that_is_met_misses_nothing() -> None:
    easy = Policy(reviewed_share=0.3, alpha=-1, error_rate=1, gate="release")
    assert gate.shortfalls(easy, outcome.counted(ROWS, SIZES, RULES)) == []


@pytest.mark.parametrize(
    ("named", "verb", "refused"),
    [
        ("publish", "publish", True),
        ("publish", "release", False),
        ("release", "release", True),
        ("release", "publish", True),
    ],
)
def test_the_gate_is_where_the_policy_puts_it(named: str, verb: str, refused: bool) -> None:  # noqa: FBT001
    facts = {"missing": [{"line": "alpha: 0.9 is wanted, 0.2 is known; a round"}], "policy": {"gate": named}}
    if not refused:
        gate.check("toy", facts, verb)
        return
    with pytest.raises(BuildError, match=r"the review policy is not met: alpha: 0\.9 is wanted, 0\.2 is known"):
        gate.check("toy", facts, verb)


def facts(reviewed: int = 4, alpha: float | None = 0.5, high: float | None = 0.1, share: float = 0.02) -> dict[str, Any]:
    return {
        "kept": {"reviewed": reviewed, "rows": 10},
        "agreement": {"decision": {"alpha": alpha}},
        "error_rate": None if high is None else {"share": share, "high": high, "rows": 50},
    }


@pytest.mark.parametrize(
    ("demand", "shown", "line"),
    [
        ({"reviewed_share": 0.4}, facts(), None),
        ({"reviewed_share": 0.41}, facts(), "0.41 is wanted, 0.4 is known; a round that settles 1 more kept rows"),
        ({"reviewed_share": 0.9}, facts(), "0.9 is wanted, 0.4 is known; a round that settles 5 more kept rows"),
        ({"reviewed_share": 0.1}, {"kept": {"reviewed": 0, "rows": 0}}, "0.1 is wanted, 0 is known; a round that settles 0"),
        ({"alpha": 0.5}, facts(), None),
        ({"alpha": 0.6}, facts(), "0.6 is wanted, 0.5 is known; clearer guidelines, and a round under them"),
        ({"alpha": 0.6}, facts(alpha=None), "nothing is known yet; a round in which reviewers may differ"),
        ({"alpha": 0.6}, {**facts(), "agreement": {}}, "nothing is known yet; a round in which reviewers may differ"),
        ({"error_rate": 0.1}, facts(), None),
        ({"error_rate": 0.09}, facts(), "0.09 is wanted, 0.1 is known; a round of about 11 more kept rows"),
        ({"error_rate": 0.05}, facts(high=None), "nothing is known yet; a round of about 75 more kept rows"),
        (
            {"error_rate": 0.02},
            facts(),
            "0.1 is known; no round, unless it finds fewer wrong rows: the estimate itself is above",
        ),
        ({"error_rate": 0.020001}, facts(), "no round of a million rows: the estimate is too near the bound"),
    ],
)
def test_a_bound_that_is_just_met_is_met(demand: dict[str, float], shown: dict[str, Any], line: str | None) -> None:
    policy = Policy.model_validate({**dict.fromkeys(("reviewed_share", "alpha", "error_rate")), "gate": "publish", **demand})
    found = [str(one) for one in gate.shortfalls(policy, shown)]
    assert len(found) == (line is not None)
    assert all(one.startswith(f"{next(iter(demand))}: ") and (line or "") in one for one in found), found


def test_what_falls_short_says_by_how_much() -> None:
    policy = Policy(reviewed_share=None, alpha=0.6, error_rate=0.02, gate="publish")
    assert [(one.demand, one.wanted, one.found, one.short) for one in gate.shortfalls(policy, facts())] == [
        ("alpha", 0.6, 0.5, 0.1),
        ("error_rate", 0.02, 0.1, 0.08),
    ]
    assert [one.short for one in gate.shortfalls(policy, facts(alpha=None, high=None))] == [None, None]


def test_figures_for_metrics_have_what_is_known_only() -> None:
    counts = outcome.counted(ROWS, SIZES, RULES)
    named = outcome.lines(counts)
    assert set(named) == {
        *("review/kept", "review/rejected", "review/error_rate", "review/false_drop_rate", "review/judge_precision"),
        *("review/judge_recall", "review/alpha_decision", "review/alpha_step"),
    }
    assert named["review/kept"] == {"rows": 8, "reviewed": 3, "accept": 2, "reject": 1, "undecided": 1, "edited": 1}
    alpha = counts["agreement"]["decision"]
    assert named["review/alpha_decision"] == {"share": alpha["alpha"], "low": alpha["low"], "high": alpha["high"]}
    assert set(outcome.lines(outcome.counted([row("a", "accept")], {"kept": 8}, RULES))) == {
        *("review/kept", "review/rejected", "review/error_rate", "review/judge_precision")
    }
    assert outcome.lines(None) == {}


def test_stale_decisions_are_counted_with_their_rows() -> None:
    stale = {**row("a", "accept"), "stale": [{"reviewer": "ada", "round": 1}, {"reviewer": "bob", "round": 1}]}
    assert outcome.counted([stale, row("b", "accept")], SIZES, RULES)["stale"] == {"decisions": 2, "rows": ["a"]}


def test_an_answer_that_is_no_text_agrees_with_its_like() -> None:
    rows = [row("a", "accept", "accept"), row("b", "accept", "accept")]
    for one, answers in zip(rows, ([3, 3], [4, 5]), strict=True):
        for vote, answer in zip(one["votes"], answers, strict=True):
            vote["answers"] = {"step": answer}
    assert outcome._tables([*rows])["step"] == [{"r0": "3", "r1": "3"}, {"r0": "4", "r1": "5"}]  # noqa: SLF001


def test_where_no_good_row_is_there_recall_is_nothing() -> None:
    rows = [row("a", "reject"), row("b", "reject", kept=False)]
    assert outcome.counted(rows, {"kept": 1, "rejected": 1}, RULES)["judge"]["recall"]["share"] == 0.0


def test_reviewers_who_differ_about_every_row_correct_nothing() -> None:
    found = estimate({"kept": [[True, False]] * 4}, {"kept": 9})
    assert found is not None
    assert (found.share, found.accuracy, found.rows) == (0.5, None, 4)


def test_a_stratum_without_rows_is_left_out_of_account() -> None:
    found = estimate({"kept, a": [[True]], "kept, b": [[False]], "kept, c": [[False]]}, {"kept, a": 3, "kept, b": 0})
    assert found is not None
    assert (found.share, found.rows) == (1.0, 1)


def test_a_row_with_one_reviewer_beside_rows_with_two_counts_too() -> None:
    found = estimate({"kept": [[True, True], [True, False], [False, False], [False, False], [False]]}, {"kept": 50})
    assert found == (0.21716, 0.02236, 0.77084, 0.8536, 5)


def test_without_reviews_or_shortfalls_the_gate_is_open() -> None:
    gate.check("toy", None, "publish")
    gate.check("toy", {"missing": [], "policy": None}, "publish")


def test_a_round_is_as_large_as_brings_the_upper_end_down_to_the_bound_itself() -> None:
    bound = gate._upper(0.0, 50)  # noqa: SLF001
    assert gate._error_round(bound, None) == "a round of about 51 more kept rows, if it finds wrong ones as often"  # noqa: SLF001
