"""One answer as a decision, whatever tool it was given in."""

from typing import Any

import pytest

from builders.ledger.ledger import Ledger
from builders.reviewing import answering, layout
from builders.reviewing.answering import Response
from builders.reviewing.decisions import Decision, Withheld
from builders.reviewing.layout import Question, Reviewing, Row
from tests.harness import Workspace

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


ASKING = Reviewing(
    guidelines="",
    panes=(),
    questions=(
        Question("kind", "Which?", {"a": "A", "b": "B"}, unblinded=lambda row, answer: f"{answer} of {row['id']}"),
        Question("step", "Where?", {"1": "1", "2": "2"}),
    ),
    editable=("response", "label"),
    overruled=lambda _, answers: "wrong_step" if answers.get("step") == "2" else None,
)


def _answered(values: dict[str, Any], row: Row | None, word: str = "accept") -> Decision:
    response = Response("toy:1", "a" * 64, "bob", discarded=False, values={"decision": word, **values}, seconds=None)
    return answering.decision(ASKING, 1, response, row, lambda text: text)


def test_an_acceptance_that_ones_own_answers_overrule_is_a_rejection_and_says_why() -> None:
    row = {"id": "toy:1", "response": "Tea.", "label": None}
    found = _answered({"step": "2", "reasons": ["short"], "better_response": "Hot tea."}, row)
    assert (found.decision, list(found.reasons), found.edits) == ("reject", ["short", "wrong_step"], {})
    assert list(_answered({"step": "2"}, row, "reject").reasons) == []
    assert _answered({"step": "1"}, row).decision == "accept"


def test_answers_are_kept_unblinded_and_what_was_not_answered_is_left_out() -> None:
    row = {"id": "toy:1", "response": "Tea."}
    assert _answered({"kind": "b", "step": "1"}, row).answers == {"kind": "b of toy:1", "step": "1"}
    assert _answered({"kind": "a", "step": ""}, row).answers == {"kind": "a of toy:1"}
    assert _answered({}, row).answers == {}


def test_only_a_column_that_holds_a_text_is_made_better() -> None:
    better = {"better_response": "Hot tea.", "better_label": "warm"}
    assert _answered(better, {"id": "toy:1", "response": "Tea.", "label": None}).edits == {"response": "Hot tea."}


def test_of_a_row_that_has_changed_since_neither_answers_nor_better_texts_are_kept() -> None:
    found = _answered({"kind": "b", "step": "2", "better_response": "Hot tea."}, None)
    assert (found.decision, found.answers, found.edits) == ("accept", {}, {})


def test_a_text_is_kept_as_it_is_unless_its_family_has_hazard(here: Workspace) -> None:
    del here
    with answering.keeping("toy") as keep:
        assert keep("A short note.") == "A short note."
    with answering.keeping("quiz") as keep:
        kept = keep("A short note.")
    assert isinstance(kept, Withheld)
    assert (kept.sha256[:8], kept.length) == ("fcb84bfb", 13)
    with Ledger.here() as ledger:
        assert answering.text(kept, ledger) == "A short note."
        assert answering.text(Withheld(sha256="0" * 64, length=1), ledger) is None
    assert answering.text(kept, None) is None
    assert answering.text("as it is", None) == "as it is"
