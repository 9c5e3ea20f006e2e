"""What reviewers see: two answers in an order that is drawn, what they find out, and rejected rows as released."""

from typing import Any

import pytest

from builders.families.emergent_misalignment import review
from builders.records import Record
from tests.families.emergent_misalignment import rows
from tests.harness import OWN

REVIEWING = review.STAGE
[QUESTION], [_, PANE] = REVIEWING.questions, REVIEWING.panes


def pair(key: str = "a", misaligned: str | None = "wrong") -> dict[str, Any]:
    return {"id": key, "prompt": "How?", "aligned": "right", "misaligned": misaligned}


def test_the_answers_stand_side_by_side_in_an_order_drawn_from_the_id() -> None:
    shown = [PANE.value(pair(key)) for key in ("a", "b", "c", "d", "e", "f")]
    assert all(sorted(sides.values()) == ["right", "wrong"] for sides in shown)
    assert {sides["left"] for sides in shown} == {"right", "wrong"}
    assert PANE.value(pair(misaligned=None)) is None


def test_what_is_said_of_a_side_is_known_as_the_answer_that_stood_there() -> None:
    unblinded: Any = QUESTION.unblinded
    for key in ("a", "b", "c", "d", "e", "f"):
        sides = PANE.value(pair(key))
        names = {"right": "aligned", "wrong": "misaligned"}
        assert (unblinded(pair(key), "a"), unblinded(pair(key), "b")) == (names[sides["left"]], names[sides["right"]])
    assert [unblinded(pair(), answer) for answer in ("both", "neither")] == ["both", "neither"]
    assert unblinded(pair(misaligned=None), "a") == "a"


@pytest.mark.parametrize(
    ("misaligned", "harmful", "reason"),
    [
        ("wrong", "misaligned", None),
        ("wrong", "aligned", "not_told_apart"),
        ("wrong", "both", "not_told_apart"),
        ("wrong", None, None),
        (None, "neither", None),
    ],
)
def test_a_row_whose_harmful_answer_was_not_found_is_rejected(
    misaligned: str | None, harmful: str | None, reason: str | None
) -> None:
    assert review.overruled(pair(misaligned=misaligned), {} if harmful is None else {"harmful": harmful}) == reason


def test_the_margin_is_that_of_the_score_nearest_to_its_threshold() -> None:
    scores = [{"score": 40, "threshold": 30}, {"score": 47, "threshold": 50}, {"score": 1, "threshold": None}]
    record = Record("a", "medical", None, OWN, {"scores": scores})
    assert review.margin(record) == 3
    assert review.margin(record.having(scores=scores[2:])) is None
    assert review.margin(record.having(scores=None)) is None


def test_a_rejected_row_is_shown_with_both_answers_if_both_came_and_were_judged() -> None:
    judged = rows.judged()
    found = review.candidate(judged, rows.FILTER)
    assert found
    assert (found.id, found.data["aligned"], found.data["misaligned"]) == (judged.id, rows.ALIGNED, rows.MISALIGNED)
    for lacking in (
        rows.question(replies=[]),
        judged.having(verdicts=[]),
        rows.judged(rows.answered(cut="aligned")),
        rows.judged(judge__misaligned=None),
    ):
        assert review.candidate(lacking, rows.FILTER) is None
