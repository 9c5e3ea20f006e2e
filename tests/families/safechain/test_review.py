"""What reviewers see of a row, the reply that a rejected row is shown with, and which better replies are taken."""

from typing import Any

import pytest

from builders.families.safechain import filter as filtering
from builders.families.safechain import review
from builders.params.sections import Bounds
from builders.records import Record, Rejection
from tests.harness import OWN

PARAMS = filtering.Params.model_construct(
    reply_words=Bounds(min=4, max=7), opening_think_tag="omit", empty_reasoning="keep", quota=None
)


def reply(index: int, verdict: str | None = "safe", text: str | None = None, finish_reason: str = "stop") -> dict[str, Any]:
    own = f"A thought {index}.\n</think>\n\nAn answer {index}."
    return {"index": index, "text": own if text is None else text, "finish_reason": finish_reason, "verdict": verdict}


def row(*replies: dict[str, Any]) -> Record:
    data = {"instruction": "How?", "label": "vanilla_benign", "replies": list(replies), "pair": {"kind": "full_over_cut"}}
    return Record("safechain:0123456789abcdef", "default", None, OWN, data)


@pytest.mark.parametrize(
    ("reasoning", "shown"), [("So.", "*Thinking*\n\nSo.\n\n---\n\nBoil water."), ("", "Boil water."), (None, "Boil water.")]
)
def test_request_and_reply_are_a_dialogue_with_the_thinking_where_there_is_some(reasoning: str | None, shown: str) -> None:
    [pane] = review.STAGE.panes
    turns = pane.value({"instruction": "How?", "reasoning": reasoning, "answer": "Boil water."})
    assert turns == [{"role": "user", "content": "How?"}, {"role": "assistant", "content": shown}]


@pytest.mark.parametrize(
    ("replies", "index"),
    [
        ([reply(3), reply(1, "unsafe"), reply(2, "unsafe")], 3),
        ([reply(3, "unsafe"), reply(1, "unsafe")], 3),
        ([reply(3), reply(4, None), reply(1, None)], 4),
        ([reply(3), reply(5, text="A thought", finish_reason="length")], 5),
        ([reply(3), reply(1)], 3),
    ],
)
def test_a_rejected_row_is_shown_with_the_reply_that_it_was_rejected_for(replies: list[dict[str, Any]], index: int) -> None:
    found = review.candidate(row(*replies), PARAMS)
    assert found
    assert found.data["chosen_index"] == index
    assert (found.data["instruction"], found.data["label"]) == ("How?", "vanilla_benign")


def test_a_row_without_replies_has_none_to_show() -> None:
    assert review.candidate(row(), PARAMS) is None
    assert review.candidate(row().having(replies=None), PARAMS) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("So.\n</think>\n\nBoil.", Rejection("reply_too_short", {"words": 4})),
        ("So it is.\n</think>\n\nBoil the tea water.", Rejection("reply_too_long", {"words": 9})),
    ],
)
def test_a_better_reply_keeps_the_bounds_of_length(text: str, found: Rejection) -> None:
    short = filtering.Params.model_construct(**{**dict(PARAMS), "reply_words": Bounds(min=5, max=8)})
    assert review.revised(row(), {"response": text}, short) == found


@pytest.mark.parametrize("text", ["So.\n</think>\n\nBoil", "So it is.\n</think>\n\nBoil the"])
def test_a_better_reply_of_the_least_or_the_greatest_length_is_taken_and_its_pair_goes(text: str) -> None:
    words = len(f"<think>\n{text}".split())
    bounds = filtering.Params.model_construct(**{**dict(PARAMS), "reply_words": Bounds(min=words, max=words)})
    found = review.revised(row(), {"response": text}, bounds)
    assert isinstance(found, Record)
    assert found.data["pair"] is None
    assert (found.data["reasoning"], found.data["response"]) == (text.partition("\n")[0], text)


@pytest.mark.parametrize(
    ("text", "reason"), [("", "think_tags"), ("So it is.", "think_tags"), ("So it is.\n</think>\n\n", "empty_answer")]
)
def test_a_better_reply_is_well_formed(text: str, reason: str) -> None:
    found = review.revised(row(), {"response": text}, PARAMS)
    assert isinstance(found, Rejection)
    assert found.reason == reason
