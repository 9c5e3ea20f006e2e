"""Reviewers' decisions: how they are read, and what they make of a row."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from builders.errors import BuildError
from builders.params.sections import Filter, Review
from builders.provenance import Provenance, Reviewed
from builders.records import Record, Rejection
from builders.reviewing.decisions import Decision, Withheld, by_row, read, write
from builders.reviewing.layout import Reviewing, content
from builders.reviewing.merging import Merge
from tests.harness import OWN, jsonl

COLUMNS = {"instruction": "How do I bake bread?", "image_url": None, "output": "In an oven.", "kind": "distill"}
ROW = Record("mmathcot:0123456789abcdef", "default", None, OWN, COLUMNS)
CONTENT = content(ROW)
OLD = content(ROW.having(output="In a pan."))
Word = Literal["accept", "reject"]


def decision_of(decision: Word, reviewer: str = "ada", sha256: str | None = CONTENT, note: str | None = None) -> Decision:
    return Decision(id=ROW.id, decision=decision, reviewer=reviewer, sha256=sha256, note=note)


def line(reviewer: str = "ada", identity: str = ROW.id, decision: str = "accept") -> dict[str, str | None]:
    return {"id": identity, "decision": decision, "reviewer": reviewer, "sha256": CONTENT, "note": None}


def merged(row: Record, decided: list[Decision], rules: Review) -> tuple[Record, Rejection | None]:
    return Merge(Reviewing(guidelines="", panes=()), rules, Filter(), {row.id: decided}, None)(row)


def kept(decided: list[Decision], conflicts: Word = "reject") -> object:
    """Return what the kept row says about its review, having checked that nothing else of it changed."""
    record, rejection = merged(ROW, decided, Review(conflicts=conflicts))
    assert rejection is None
    review, traced = record.provenance.review, record.provenance._replace(review=None)
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
    assert kept([decision_of("accept")]) == Reviewed("accept", 1)


def test_a_rejected_row_is_rejected_with_the_decision_as_evidence() -> None:
    _, rejection = merged(ROW, [decision_of("reject", note="names a person")], Review(conflicts="reject"))
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
    decided = [decision_of(order[0], "ada"), decision_of(order[1], "bob")]
    assert rejected(decided, "reject") == [("ada", False), ("bob", False)]
    assert kept(decided, "accept") == Reviewed("accept", 2)


@pytest.mark.parametrize("conflicts", ["accept", "reject"])
def test_reviewers_who_agree_are_no_conflict(conflicts: Word) -> None:
    assert kept([decision_of("accept", "ada"), decision_of("accept", "bob")], conflicts) == Reviewed("accept", 2)
    assert rejected([decision_of("reject", "ada"), decision_of("reject", "bob")], conflicts) == [("ada", False), ("bob", False)]


@pytest.mark.parametrize("word", ["accept", "reject"])
def test_a_decision_about_other_content_changes_nothing_but_is_noted(word: Word) -> None:
    assert kept([decision_of(word, sha256=OLD)]) == Reviewed("stale", 0)


def test_a_stale_rejection_does_not_outvote_a_current_acceptance() -> None:
    assert kept([decision_of("reject", "ada", OLD), decision_of("accept", "bob")]) == Reviewed("accept", 1)


def test_a_stale_acceptance_makes_no_conflict_and_is_marked_in_the_evidence() -> None:
    assert rejected([decision_of("accept", "ada", OLD), decision_of("reject", "bob")], "accept") == [
        ("ada", True),
        ("bob", False),
    ]


@pytest.mark.parametrize("conflicts", ["accept", "reject"])
def test_a_decision_without_a_hash_holds_for_any_content(conflicts: Word) -> None:
    assert kept([decision_of("accept", sha256=None)], conflicts) == Reviewed("accept", 1)
    assert rejected([decision_of("reject", sha256=None)], conflicts) == [("ada", False)]


@pytest.mark.parametrize("column", ["instruction", "image_url", "output"])
def test_a_changed_column_that_reviewers_see_makes_a_decision_stale(column: str) -> None:
    assert merged(ROW.having(**{column: "changed"}), [decision_of("reject")], Review(conflicts="reject"))[1] is None


def test_a_changed_column_that_reviewers_do_not_see_leaves_a_decision_current() -> None:
    changed = replace(ROW.having(kind="rewrite"), provenance=Provenance("renamed", "MIT", None))
    assert merged(changed, [decision_of("reject")], Review(conflicts="reject"))[1] is not None


# What decides where reviewers differ.

A, B, C = decision_of("accept", "ada"), decision_of("reject", "bob"), decision_of("accept", "cyd")


def decided(made: list[Decision], rules: Review) -> str | None:
    """Return what the row says, or why it is rejected."""
    record, rejection = merged(ROW, made, rules)
    if rejection:
        return rejection.reason
    return record.provenance.review.decision if record.provenance.review else None


@pytest.mark.parametrize(
    ("rules", "made", "expected"),
    [
        (Review(conflicts="majority"), [A, B, C], "accept"),
        (Review(conflicts="majority"), [A, B], "undecided"),
        (Review(conflicts="majority"), [B, decision_of("reject", "dan"), A], "review_rejected"),
        (Review(conflicts="unanimous"), [A, B, C], "undecided"),
        (Review(conflicts="unanimous"), [A, C], "accept"),
        (Review(conflicts="senior", seniors=["bob"]), [A, B, C], "review_rejected"),
        (Review(conflicts="senior", seniors=["ada"]), [A, B], "accept"),
        (Review(conflicts="senior", seniors=["eve"]), [A, B], "undecided"),
        (Review(conflicts="senior", seniors=["ada", "bob"]), [A, B], "undecided"),
        (Review(conflicts="majority", undecided="reject"), [A, B], "review_undecided"),
    ],
)
def test_the_rule_decides(rules: Review, made: list[Decision], expected: str) -> None:
    assert decided(made, rules) == expected


def test_a_row_that_was_put_aside_is_not_decided_about() -> None:
    aside = A.model_copy(update={"decision": "discard"})
    assert decided([aside], Review(conflicts="majority")) is None
    assert decided([aside, B], Review(conflicts="majority")) == "review_rejected"


# Better texts.


def better(text: str, reviewer: str = "ada") -> Decision:
    return decision_of("accept", reviewer).model_copy(update={"edits": {"output": text}})


def test_a_better_text_takes_the_place_of_the_old_one() -> None:
    record, rejection = merged(ROW, [better("In a hot oven."), C], Review(conflicts="majority"))
    assert rejection is None
    assert record.data["output"] == "In a hot oven."
    assert record.provenance.review == Reviewed("edited", 2)


def test_two_better_texts_leave_a_row_undecided_unless_more_want_one() -> None:
    one, other = better("In a hot oven."), better("In a stone oven.", "bob")
    assert decided([one, other], Review(conflicts="majority")) == "undecided"
    record, _ = merged(ROW, [one, other, better("In a hot oven.", "cyd")], Review(conflicts="majority"))
    assert record.data["output"] == "In a hot oven."
    record, _ = merged(ROW, [other, one, better("In a hot oven.", "cyd")], Review(conflicts="majority"))
    assert record.data["output"] == "In a hot oven."
    record, _ = merged(ROW, [one, other], Review(conflicts="senior", seniors=["bob"]))
    assert record.data["output"] == "In a stone oven."


@pytest.mark.parametrize("conflicts", ["unanimous", "accept", "reject", "senior"])
def test_more_who_want_a_better_text_count_only_where_the_majority_decides(
    conflicts: Literal["unanimous", "accept", "reject", "senior"],
) -> None:
    proposed = [better("In a hot oven."), better("In a hot oven.", "cyd"), better("In a stone oven.", "bob")]
    assert decided(proposed, Review(conflicts=conflicts)) == "undecided"
    assert decided(proposed[:2], Review(conflicts=conflicts)) == "edited"


def test_a_better_text_that_filter_would_reject_rejects_the_row() -> None:
    def revised(*_: object) -> Rejection:
        return Rejection("reply_too_short", {"words": 1})

    what = Reviewing(guidelines="", panes=(), revised=revised)
    _, rejection = Merge(what, Review(conflicts="majority"), Filter(), {ROW.id: [better("Oven.")]}, None)(ROW)
    assert rejection == Rejection("edit_rejected", {"reason": "reply_too_short", "words": 1})


def test_a_better_text_that_the_ledger_lacks_rejects_the_row() -> None:
    hidden = decision_of("accept").model_copy(update={"edits": {"output": Withheld(sha256="0" * 64, length=9)}})
    _, rejection = merged(ROW, [hidden], Review(conflicts="majority"))
    assert rejection == Rejection("edit_missing", {"output": {"sha256": "0" * 64, "length": 9}})
    mixed = hidden.model_copy(update={"edits": {**hidden.edits, "instruction": "How do I bake?"}})
    record, rejection = merged(ROW, [mixed], Review(conflicts="majority"))
    assert (record, rejection) == (ROW, Rejection("edit_missing", {"output": {"sha256": "0" * 64, "length": 9}}))


# How decisions are read.


def test_without_a_folder_nobody_decided(tmp_path: Path) -> None:
    assert by_row(tmp_path / "reviews") == {}


def test_decisions_of_all_files_are_gathered_by_row(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(jsonl(line("bob"), line("bob", "mmathcot:other")))
    (tmp_path / "a.jsonl").write_text(jsonl(line("ada")))
    (tmp_path / "README.md").write_text("no decision\n")
    found = by_row(tmp_path)
    assert {row: [decision.reviewer for decision in made] for row, made in found.items()} == {
        ROW.id: ["ada", "bob"],
        "mmathcot:other": ["bob"],
    }
    assert found[ROW.id][0] == decision_of("accept")


def test_line_ends_of_windows_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(line("ada"), line("bob")).replace("\n", "\r\n").encode())
    assert [decision.reviewer for decision in by_row(tmp_path)[ROW.id]] == ["ada", "bob"]


@pytest.mark.parametrize("second", ["accept", "reject"])
def test_one_reviewer_deciding_twice_is_refused(tmp_path: Path, second: str) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl(line("ada"), line("bob")))
    (tmp_path / "b.jsonl").write_text(jsonl(line("bob", "mmathcot:other"), line("ada", decision=second)))
    with pytest.raises(BuildError) as caught:
        by_row(tmp_path)
    assert str(caught.value) == f"{tmp_path}/b.jsonl:2: ada decided twice about {ROW.id}; remove one of the two lines"


@pytest.mark.parametrize(
    ("numbers", "held"),
    [((1, 2), 2), ((2, 1), 2), ((None, 1), 1), ((1, None), 1), ((3, 1, 2), 3), ((None, 0), None), ((0, None), 0)],
)
def test_of_decisions_in_several_rounds_the_last_rounds_holds(
    tmp_path: Path, numbers: tuple[int | None, ...], held: int | None
) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl(*({**line(), "round": number} for number in numbers)))
    assert [decision.round for decision in by_row(tmp_path)[ROW.id]] == [held]


def test_one_reviewer_deciding_twice_in_one_round_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl({**line(), "round": 4}, {**line(), "round": 4}))
    with pytest.raises(BuildError, match=f"a.jsonl:2: ada decided twice about {ROW.id}"):
        by_row(tmp_path)


def test_decisions_are_written_by_row_and_reviewer_and_read_in_that_order(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == []
    made = [A.model_copy(update={"id": row, "reviewer": who}) for row, who in (("b", "ada"), ("a", "cyd"), ("a", "bob"))]
    write(tmp_path / "round-1.jsonl", made)
    assert [(one.id, one.reviewer) for one in read(tmp_path / "round-1.jsonl")] == [("a", "bob"), ("a", "cyd"), ("b", "ada")]


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
        by_row(tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/a.jsonl:2: {what}")
    assert text.endswith("; fix that line")
    assert len(text.splitlines()) == 1


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(line()).encode() + b'{"id": "\xff"}\n')
    with pytest.raises(BuildError) as caught:
        by_row(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/a.jsonl:2: ")
