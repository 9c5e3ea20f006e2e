"""Reviewers' decisions: how they are read, and what they make of a row."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from builders.errors import BuildError
from builders.params.sections import Review
from builders.provenance import Provenance, Reviewed
from builders.records import Record
from builders.stages.review import Decision, content, decisions, merged
from tests.harness import OWN, jsonl

COLUMNS = {"instruction": "How do I bake bread?", "image_url": None, "output": "In an oven.", "kind": "distill"}
ROW = Record("mmathcot:0123456789abcdef", "default", None, OWN, COLUMNS)
CONTENT = content(ROW)
OLD = content(ROW.having(output="In a pan."))
Word = Literal["accept", "reject"]


def said(decision: Word, reviewer: str = "ada", sha256: str | None = CONTENT, note: str | None = None) -> Decision:
    return Decision(id=ROW.id, decision=decision, reviewer=reviewer, sha256=sha256, note=note)


def line(reviewer: str = "ada", identity: str = ROW.id, decision: str = "accept") -> dict[str, str | None]:
    return {"id": identity, "decision": decision, "reviewer": reviewer, "sha256": CONTENT, "note": None}


def kept(decided: list[Decision], conflicts: Word = "reject") -> object:
    """Return what the kept row says about its review, having checked that nothing else of it changed."""
    record, rejection = merged(ROW, decided, Review(conflicts=conflicts))
    assert rejection is None
    review, traced = record.provenance.review, replace(record.provenance, review=None)
    assert (record.id, record.subset, record.parent, traced, record.data) == (
        ROW.id,
        ROW.subset,
        ROW.parent,
        ROW.provenance,
        ROW.data,
    )
    return review


def rejected(decided: list[Decision], conflicts: Word = "reject") -> list[tuple[str, bool]]:
    """Return who is named in the row's rejection, and whether their decision was stale."""
    record, rejection = merged(ROW, decided, Review(conflicts=conflicts))
    assert record == ROW
    assert rejection is not None
    assert rejection.reason == "review_rejected"
    return [(fact["reviewer"], fact["stale"]) for fact in rejection.evidence["decisions"]]


# What becomes of a row.


def test_a_row_that_nobody_reviewed_stays_as_it_is() -> None:
    assert merged(ROW, [], Review(conflicts="reject")) == (ROW, None)


def test_an_accepted_row_is_kept_and_says_so() -> None:
    assert kept([said("accept")]) == Reviewed("accept", 1)


def test_a_rejected_row_is_rejected_with_the_decision_as_evidence() -> None:
    _, rejection = merged(ROW, [said("reject", note="names a person")], Review(conflicts="reject"))
    assert rejection is not None
    assert rejection.reason == "review_rejected"
    assert rejection.evidence == {
        "decisions": [
            {
                "id": ROW.id,
                "decision": "reject",
                "reviewer": "ada",
                "sha256": CONTENT,
                "note": "names a person",
                "stale": False,
            }
        ]
    }


@pytest.mark.parametrize("order", [("accept", "reject"), ("reject", "accept")])
def test_a_conflict_becomes_what_params_say(order: tuple[Word, Word]) -> None:
    decided = [said(order[0], "ada"), said(order[1], "bob")]
    assert rejected(decided, "reject") == [("ada", False), ("bob", False)]
    assert kept(decided, "accept") == Reviewed("accept", 2)


@pytest.mark.parametrize("conflicts", ["accept", "reject"])
def test_reviewers_who_agree_are_no_conflict(conflicts: Word) -> None:
    assert kept([said("accept", "ada"), said("accept", "bob")], conflicts) == Reviewed("accept", 2)
    assert rejected([said("reject", "ada"), said("reject", "bob")], conflicts) == [("ada", False), ("bob", False)]


@pytest.mark.parametrize("word", ["accept", "reject"])
def test_a_decision_about_other_content_changes_nothing_but_is_noted(word: Word) -> None:
    assert kept([said(word, sha256=OLD)]) == Reviewed("stale", 0)


def test_a_stale_rejection_does_not_outvote_a_current_acceptance() -> None:
    assert kept([said("reject", "ada", OLD), said("accept", "bob")]) == Reviewed("accept", 1)


def test_a_stale_acceptance_makes_no_conflict_and_is_marked_in_the_evidence() -> None:
    assert rejected([said("accept", "ada", OLD), said("reject", "bob")], "accept") == [("ada", True), ("bob", False)]


@pytest.mark.parametrize("conflicts", ["accept", "reject"])
def test_a_decision_without_a_hash_holds_for_any_content(conflicts: Word) -> None:
    assert kept([said("accept", sha256=None)], conflicts) == Reviewed("accept", 1)
    assert rejected([said("reject", sha256=None)], conflicts) == [("ada", False)]


@pytest.mark.parametrize("column", ["instruction", "image_url", "output"])
def test_a_changed_column_that_reviewers_see_makes_a_decision_stale(column: str) -> None:
    assert merged(ROW.having(**{column: "changed"}), [said("reject")], Review(conflicts="reject"))[1] is None


def test_a_changed_column_that_reviewers_do_not_see_leaves_a_decision_current() -> None:
    changed = replace(ROW.having(kind="rewrite"), provenance=Provenance("renamed", "MIT", None))
    assert merged(changed, [said("reject")], Review(conflicts="reject"))[1] is not None


# How decisions are read.


def test_without_a_folder_nobody_decided(tmp_path: Path) -> None:
    assert decisions(tmp_path / "reviews") == {}


def test_decisions_of_all_files_are_gathered_by_row(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(jsonl(line("bob"), line("bob", "mmathcot:other")))
    (tmp_path / "a.jsonl").write_text(jsonl(line("ada")))
    (tmp_path / "README.md").write_text("no decision\n")
    found = decisions(tmp_path)
    assert {row: [decision.reviewer for decision in made] for row, made in found.items()} == {
        ROW.id: ["ada", "bob"],
        "mmathcot:other": ["bob"],
    }
    assert found[ROW.id][0] == said("accept")


def test_line_ends_of_windows_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(line("ada"), line("bob")).replace("\n", "\r\n").encode())
    assert [decision.reviewer for decision in decisions(tmp_path)[ROW.id]] == ["ada", "bob"]


@pytest.mark.parametrize("second", ["accept", "reject"])
def test_one_reviewer_deciding_twice_is_refused(tmp_path: Path, second: str) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl(line("ada"), line("bob")))
    (tmp_path / "b.jsonl").write_text(jsonl(line("bob", "mmathcot:other"), line("ada", decision=second)))
    with pytest.raises(BuildError) as caught:
        decisions(tmp_path)
    assert str(caught.value) == f"{tmp_path}/b.jsonl:2: ada decided twice about {ROW.id}; remove one of the two lines"


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ('{"id": "x"', "broken JSON: unexpected end of data in column "),
        ("accept", "broken JSON: unexpected character"),
        (jsonl({**line(), "decision": "maybe"}), "decision: "),
        (jsonl({**line(), "reviewer": None}), "reviewer: "),
        (jsonl({**line(), "reviewer": 7}), "reviewer: "),
        (jsonl({**line(), "mood": "good"}), "mood: "),
        (jsonl({name: value for name, value in line().items() if name != "sha256"}), "sha256: "),
        (jsonl([line()]), ""),
        ("null", ""),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, broken: str, what: str) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl(line()) + broken)
    with pytest.raises(BuildError) as caught:
        decisions(tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/a.jsonl:2: {what}")
    assert text.endswith("; mend that line")
    assert len(text.splitlines()) == 1


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(line()).encode() + b'{"id": "\xff"}\n')
    with pytest.raises(BuildError) as caught:
        decisions(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/a.jsonl:2: ")
