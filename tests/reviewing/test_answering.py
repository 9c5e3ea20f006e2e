"""One answer as a decision, whatever tool it was given in."""

from typing import Any

import pytest

from builders.reviewing import answering, layout
from builders.reviewing.answering import Response
from builders.reviewing.decisions import Decision

SHOWN = {"id": "safechain:1", "instruction": "How long does honey keep?", "response": "For years,\nif it is dry."}


def _decided(values: dict[str, Any], *, discarded: bool = False) -> Decision:
    response = Response("safechain:1", "a" * 64, "ada", discarded, values, 4.5)
    return answering.decision(layout.of("safechain"), 3, response, SHOWN, lambda text: text)


@pytest.mark.parametrize(
    ("better", "kept"),
    [
        (None, {}),
        ("", {}),
        (" \r\n ", {}),
        ("For years,\nif it is dry.", {}),
        (" For years,\r\nif it is dry.\n", {}),
        ("For years,\r\nin the dark.\r\n", {"response": "For years,\nin the dark."}),
    ],
)
def test_a_better_text_is_one_that_differs_by_more_than_its_ends(better: str | None, kept: dict[str, str]) -> None:
    found = _decided({"decision": "accept", "better_response": better})
    assert (found.decision, found.edits) == ("accept", kept)


def test_a_row_that_is_rejected_is_not_made_better() -> None:
    found = _decided({"decision": "reject", "reasons": ["useless"], "better_response": "For years."})
    assert (found.decision, list(found.reasons), found.edits) == ("reject", ["useless"], {})


@pytest.mark.parametrize(
    ("word", "kept"), [("accept", "accept"), ("reject", "reject"), (None, "discard"), ("maybe", "discard")]
)
def test_a_row_without_a_decision_is_one_put_aside(word: str | None, kept: str) -> None:
    found = _decided({"decision": word})
    assert (found.decision, found.reviewer, found.round, found.seconds, found.note) == (kept, "ada", 3, 4.5, None)


def test_a_row_put_aside_stays_so_whatever_else_was_answered() -> None:
    found = _decided({"decision": "accept", "note": "  Too long. "}, discarded=True)
    assert (found.decision, found.note) == ("discard", "Too long.")
