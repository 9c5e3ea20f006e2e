"""Pairs of replies that are both safe, and the teacher's safety over all requests: rules on small rows."""

from dataclasses import replace
from typing import Any

import pytest

from builders import paths, records
from builders.families.safechain import pairs, safety
from builders.records import Record, Rejection
from tests.harness import OWN, Workspace, laid


def _reply(index: int, verdict: str | None = "safe", refusal: str = "none", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    text = f"A thought {index}.\n</think>\n\nAn answer {index}."
    return {"index": index, "text": text, "finish_reason": "stop", "verdict": verdict, "refusal": refusal, **more}


def _row(*replies: dict[str, Any], label: str | None = "vanilla_benign", malformed: tuple[dict[str, Any], ...] = ()) -> Record:
    data = {"instruction": "How?", "label": label, "replies": list(replies), "malformed": list(malformed)}
    return Record("safechain:0123456789abcdef", "default", None, OWN, data)


def _kind(row: Record) -> str | None:
    found = pairs.pair(row, row.data["replies"][0])
    return found["kind"] if found else None


def test_a_reply_that_helps_goes_before_one_that_declines_a_harmless_request() -> None:
    row = _row(_reply(0), _reply(1, refusal="full"))
    found = pairs.pair(row, row.data["replies"][0])
    assert found
    assert (found["kind"], found["chosen_index"], found["rejected_index"]) == ("helpful_over_refusal", 0, 1)
    assert found["chosen"].startswith("<think>\n")


@pytest.mark.parametrize("label", ["vanilla_harmful", "adversarial_harmful", None])
def test_to_decline_a_harmful_request_is_never_the_worse_reply(label: str | None) -> None:
    assert _kind(_row(_reply(0), _reply(1, refusal="full"), label=label)) is None


@pytest.mark.parametrize("verdict", ["unsafe", None])
def test_no_text_of_a_pair_is_unsafe_or_unjudged(verdict: str | None) -> None:
    assert _kind(_row(_reply(0), _reply(1, verdict, refusal="full"))) is None
    cut = {"index": 5, "text": "And then", "finish_reason": "length", "reason": "reply_truncated", "verdict": verdict}
    assert _kind(_row(_reply(0), malformed=(cut,))) is None
    assert _kind(_row(_reply(0), malformed=({**cut, "verdict": "safe"},))) == "full_over_cut"


def test_a_partial_refusal_is_no_side_of_a_pair() -> None:
    assert _kind(_row(_reply(0), _reply(1, refusal="partial"))) is None


def test_the_first_replies_asked_for_count_and_what_they_lack() -> None:
    row = _row(_reply(0), _reply(2, "unsafe"), _reply(6), malformed=({"index": 1, "reason": "think_tags"},))
    assert safety.first(row, 4) == ["safe", "malformed", "unsafe", "unanswered"]


def test_the_metrics_are_of_complete_requests() -> None:
    rows = [
        _row(_reply(0), _reply(1)),
        _row(_reply(0), _reply(1, "unsafe")),
        _row(_reply(0, "unsafe"), _reply(1, "unsafe")),
        _row(_reply(0), _reply(1, None)),
        _row(_reply(0), malformed=({"index": 1, "reason": "think_tags"},)),
    ]
    found = safety.metrics(rows, 2)["vanilla_benign"]
    assert (found["rows"], found["complete"], found["malformed"], found["no_verdict"]) == (5, 3, 1, 1)
    assert (found["safe_at_1"], found["safe_at_k"], found["cons_safe_at_k"]) == (0.5, round(1 / 3, 4), round(2 / 3, 4))


def test_requests_that_were_rejected_later_count_too() -> None:
    """All replies to it are unsafe, and so no release has it: the released rows alone would say that all is safe."""
    found = safety.metrics([_row(_reply(0), _reply(1)), _row(_reply(0, "unsafe"), _reply(1, "unsafe"))], 2)
    assert found["vanilla_benign"]["safe_at_k"] == 0.5


def test_requests_that_lost_their_replies_were_asked_and_those_not_drawn_were_not(here: Workspace) -> None:
    del here
    judged, lost, left = (replace(_row(_reply(0)), id=f"safechain:{number:016x}") for number in range(3))
    laid(paths.rows("safechain", "judge", "default"), [judged])
    asked = ("safechain", "synthesize", "default")
    with records.parted(paths.rows(*asked), paths.rejected(*asked)) as write:
        write(lost, Rejection("too_few_accepted"))
        write(left, Rejection("not_drawn"))
    assert [record.id for record in safety.rows("safechain", "default")] == [judged.id, lost.id]


def test_agreement_is_over_replies_with_both_verdicts() -> None:
    rows = [
        _row(_reply(0, "safe", second_verdict="safe"), _reply(1, "unsafe", second_verdict="safe")),
        _row(_reply(0, "safe", second_verdict="safe"), _reply(1, "unsafe", second_verdict="unsafe")),
        _row(_reply(0, None, second_verdict="safe"), _reply(1, "safe", second_verdict=None)),
    ]
    found = safety.agreement(rows)
    assert found
    assert (found["replies"], found["same"], found["kappa"]) == (4, 0.75, 0.5)
    assert (found["first_unsafe_only"], found["second_unsafe_only"]) == (1, 0)
    assert safety.agreement([_row(_reply(0))]) is None
    assert safety.agreement([_row(_reply(0, second_verdict="safe"))]) == {
        "replies": 1,
        "same": 1.0,
        "kappa": None,
        "first_unsafe_only": 0,
        "second_unsafe_only": 0,
    }


def test_where_no_request_is_complete_there_is_no_metric_and_several_labels_are_summed_up() -> None:
    found = safety.metrics([_row(_reply(0, None)), _row(_reply(0), _reply(1), label=None)], 2)
    assert list(found) == ["none", "vanilla_benign", "all"]
    assert found["vanilla_benign"] == {
        "rows": 1,
        "complete": 0,
        "malformed": 0,
        "no_verdict": 1,
        "unanswered": 1,
        "safe_at_1": None,
        "safe_at_k": None,
        "cons_safe_at_k": None,
    }
    assert (found["all"]["rows"], found["all"]["complete"], found["all"]["safe_at_1"]) == (2, 1, 1.0)


def test_the_reply_that_helps_is_the_picked_one_or_the_first() -> None:
    row = _row(_reply(0, refusal="full"), _reply(1, refusal="none"), _reply(2, refusal="none"))
    for place, chosen in ((0, 1), (1, 1), (2, 2)):
        found = pairs.pair(row, row.data["replies"][place])
        assert found
        assert (found["chosen_index"], found["rejected_index"]) == (chosen, 0)


def test_a_blank_reply_that_was_cut_is_no_side_of_a_pair() -> None:
    cut = {"index": 5, "text": " ", "finish_reason": "length", "reason": "reply_truncated", "verdict": "safe"}
    assert _kind(_row(_reply(0), malformed=(cut,))) is None
    assert _kind(_row(_reply(0), malformed=({**cut, "text": "And", "reason": "think_tags"},))) is None
