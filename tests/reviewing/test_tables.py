"""Rounds as tables, on the built samples: out, filled in, and in again; and what each family shows."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.records import Record
from builders.reviewing import decisions, exporting, importing, layout, rounds
from builders.reviewing.answering import Response
from builders.reviewing.layout import Pane, Question, Reviewing
from builders.reviewing.strata import Reviewable
from tests.harness import OWN, Workspace, jsonl

FAMILY = "safechain"


@pytest.fixture
def project(samples: Callable[[str], Workspace], tmp_path: Path) -> Workspace:
    return samples(FAMILY).copied(tmp_path / "project")


def lines(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def written(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_a_table_that_was_filled_in_decides_about_rows(project: Workspace) -> None:
    to = project.root / "round.csv"
    with project.inside():
        exporting.run(FAMILY, to, accept_hazard=True, following=False)
        rows = lines(to)
        better = f"{rows[2]['better_response'] or 'Plain words.'}"
        assert {row["decision"] for row in rows} == {""}
        rows[0] |= {"decision": "Reject", "reasons": "useless; unsafe_answer", "note": "Misses the point."}
        rows[1] |= {"decision": "accept"}
        rows[2] |= {"decision": "accept", "better_response": f"They ask in good faith.\n</think>\n\n{better}"}
        importing.run(FAMILY, written(to, rows), "ada")
        importing.run(FAMILY, to, "ada")
        found = decisions.read(rounds.answers(FAMILY, 1))
    by_row = {one.id: one for one in found}
    assert len(found) == 3
    first = by_row[rows[0]["id"]]
    assert (first.decision, list(first.reasons), first.reviewer, first.round) == (
        "reject",
        ["useless", "unsafe_answer"],
        "ada",
        1,
    )
    assert isinstance(first.note, decisions.Withheld), "a family with hazard keeps no text in git"
    assert isinstance(by_row[rows[2]["id"]].edits["response"], decisions.Withheld)


def test_a_round_goes_on_until_every_row_is_decided_about(project: Workspace) -> None:
    with project.inside():
        first = rounds.opened(FAMILY, following=False)
        again = rounds.opened(FAMILY, following=False)
        assert again.round == first.round
        one, other = first.rows[0].record.id, first.rows[1].record.id
        fill(first, {one: ("accept", "reject"), other: ("accept", "accept")})
        second = rounds.opened(FAMILY, following=True)
    ids = [row.id for row in second.round.rows]
    assert second.round.round == 2
    assert ids[0] == one, "what they disagree about comes first"
    assert other not in ids, "what is settled does not come again"


def fill(opened: rounds.OpenRound, words: dict[str, tuple[str, str]]) -> None:
    hashes = {row.id: row.sha256 for row in opened.round.rows}
    made = [
        decisions.Decision.model_validate(
            {"id": row, "decision": word, "reviewer": who, "sha256": hashes[row], "note": None, "round": opened.round.round}
        )
        for row, words in words.items()
        for who, word in zip(("ada", "bob"), words, strict=True)
    ]
    path = Path("builders/families/safechain/params.yaml")
    path.write_text(path.read_text().replace("conflicts: reject", "conflicts: majority"))
    decisions.write(rounds.answers(FAMILY, opened.round.round), made)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"decision": "maybe"}, "the decision is none of accept, reject, discard"),
        ({"decision": "accept", "id": ""}, "no id"),
        ({"decision": "accept", "id": "safechain:0000000000000000"}, "no round has the row safechain:0000000000000000"),
        ({"decision": "reject", "reasons": "ugly"}, "an answer to reasons that was not offered"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_one_line(project: Workspace, change: dict[str, str], what: str) -> None:
    to = project.root / "round.jsonl"
    with project.inside():
        exporting.run(FAMILY, to, accept_hazard=True, following=False)
        first = json.loads(to.read_text().splitlines()[0])
        to.write_text(jsonl({**first, **change}))
        with pytest.raises(BuildError, match=what):
            importing.run(FAMILY, to, "ada")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("round.csv", 'id,decision\n"x', "broken CSV: unexpected end of data"),
        ("round.json", "7", "not an object"),
        ("round.csv", b"id,note\nx,\xff\n", "not UTF-8"),
        ("round.csv", None, "no such file"),
        ("round.jsonl", "[" * 3000, "broken JSON"),
    ],
)
def test_a_table_that_is_none_is_one_line(here: Workspace, name: str, content: str | bytes | None, what: str) -> None:
    file = here.root / name
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BuildError, match=what):
        list(importing._lines(file))  # noqa: SLF001


def test_a_cell_may_be_long(here: Workspace) -> None:
    file = here.root / "round.csv"
    file.write_text(f"id,note\nx,{'y' * 200_000}\n")
    assert [line["note"] for _, line in importing._lines(file)] == ["y" * 200_000]  # noqa: SLF001


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.csv", "\ufeffid,note\r\nx,'=1\r\ny,it's\r\n", [(2, {"id": "x", "note": "=1"}), (3, {"id": "y", "note": "it's"})]),
        ("a.json", '{"id": "x"}', [(1, {"id": "x"})]),
        ("a.json", '[{"id": "x"}, {"id": 7, "data": {"id": "y"}}]', [(1, {"id": "x"}), (2, {"id": "y", "data": {"id": "y"}})]),
        ("a.jsonl", '{"id": "x"}\n{"data": [1]}\n', [(1, {"id": "x"}), (2, {"data": [1]})]),
    ],
)
def test_a_line_of_a_table_has_its_number_and_its_columns(
    here: Workspace, name: str, content: str, found: list[tuple[int, object]]
) -> None:
    (here.root / name).write_text(content)
    assert list(importing._lines(here.root / name)) == found  # noqa: SLF001


def test_a_line_of_csv_with_too_few_or_too_many_cells_has_the_columns_that_are_named(here: Workspace) -> None:
    (here.root / "a.csv").write_text("id,,note\nx,1\ny,1,n,2\n")
    assert [line for _, line in importing._lines(here.root / "a.csv")] == [  # noqa: SLF001
        {"id": "x", "note": None},
        {"id": "y", "note": "n"},
    ]


ASKING = Reviewing(
    guidelines="",
    panes=(
        Pane("prompt", "P", "text", lambda row: row["prompt"]),
        Pane("twins", "T", "pair", lambda row: row.get("twins")),
        Pane("talk", "C", "chat", lambda row: row.get("talk")),
        Pane("figure", "F", "image", lambda row: row.get("figure")),
    ),
    questions=(Question("step", "Where?", {"1": "1", "2": "2"}),),
    reasons={"short": "Too short", "vague": "Too vague"},
    editable=("response",),
)
PLAIN = {"id": "toy:1", "sha256": "a" * 64, "decision": "accept"}


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ({}, {"decision": "accept", "note": ""}),
        ({"decision": " Discard "}, {"decision": "discard", "note": ""}),
        ({"step": " 2 ", "note": "n"}, {"decision": "accept", "note": "n", "step": "2"}),
        ({"step": "2;1"}, {"decision": "accept", "note": "", "step": "2"}),
        ({"step": ";", "reasons": [" ", ""]}, {"decision": "accept", "note": ""}),
        ({"reasons": "vague;; short"}, {"decision": "accept", "note": "", "reasons": ["vague", "short"]}),
        ({"reasons": ["short", "vague "]}, {"decision": "accept", "note": "", "reasons": ["short", "vague"]}),
        ({"better_response": "B", "better_other": "C"}, {"decision": "accept", "note": "", "better_response": "B"}),
        ({"better_response": ""}, {"decision": "accept", "note": ""}),
    ],
)
def test_the_answers_of_a_line_are_taken_as_they_were_offered(cells: dict[str, Any], values: dict[str, Any]) -> None:
    found = importing.response(ASKING, {**PLAIN, **cells}, "f:2", "ada")
    assert found == Response("toy:1", "a" * 64, "ada", values["decision"] == "discard", values, None)


@pytest.mark.parametrize(
    ("cells", "who", "seconds"),
    [
        ({}, "ada", None),
        ({"reviewer": "bob", "annotator": "cyd", "seconds": "3", "lead_time": 9}, "bob", 3.0),
        ({"reviewer": "", "annotator": " cyd ", "seconds": "", "lead_time": 9}, "cyd", 9.0),
        ({"seconds": 0}, "ada", None),
    ],
)
def test_a_line_says_who_answered_and_how_long_it_took(cells: dict[str, Any], who: str, seconds: float | None) -> None:
    found = importing.response(ASKING, {**PLAIN, **cells}, "f:2", "ada")
    assert found is not None
    assert (found.reviewer, found.seconds) == (who, seconds)


@pytest.mark.parametrize("word", [None, "", "  "])
def test_a_line_without_a_decision_is_left_out(word: str | None) -> None:
    assert importing.response(ASKING, {"decision": word, "step": "9"}, "f:2", None) is None


@pytest.mark.parametrize(
    ("cells", "reviewer", "what"),
    [
        ({"sha256": ""}, "ada", "no sha256"),
        ({"reviewer": " "}, None, "no reviewer"),
        ({"step": "3"}, "ada", r"an answer to step that was not offered \(1 characters\).*choose of 1, 2"),
        ({"reasons": ["short", "ugly"]}, "ada", r"an answer to reasons that was not offered \(4 characters\)"),
    ],
)
def test_what_a_line_lacks_or_invents_is_named_with_its_place(cells: dict[str, Any], reviewer: str | None, what: str) -> None:
    with pytest.raises(BuildError, match=rf"^f:2: {what}"):
        importing.response(ASKING, {**PLAIN, **cells}, "f:2", reviewer)


@pytest.mark.usefixtures("toys")
def test_a_line_of_a_round_shows_every_pane_and_leaves_the_answers_empty() -> None:
    talk = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    data = {"prompt": 7, "twins": {"left": "l", "right": "r"}, "talk": talk, "figure": b"png"}
    record = Record("toy:1", "default", None, OWN, data)
    found = exporting.line(ASKING, Reviewable(record, "kept", None))
    assert found == {
        "id": "toy:1",
        "sha256": layout.content(record),
        "prompt": "7",
        "twins_a": "l",
        "twins_b": "r",
        "talk": "user: Why?\n\nassistant: So.",
        "figure": "data:image/png;base64,cG5n",
        "step": "",
        "decision": "",
        "reasons": "",
        "better_response": "",
        "note": "",
    }
    bare = exporting.line(ASKING, Reviewable(Record("toy:1", "default", None, OWN, {"prompt": ""}), "kept", None))
    assert [bare[name] for name in ("prompt", "twins_a", "twins_b", "talk", "figure")] == [None] * 5


def test_a_table_for_spreadsheets_has_no_pictures_and_computes_nothing() -> None:
    lines = [{"id": "x", "figure": None, "note": "-1"}, {"id": "y", "figure": "data:image/png;base64,cG5n", "note": None}]
    assert exporting._csv(lines) == b"\xef\xbb\xbfid,note\r\nx,'-1\r\ny,\r\n"  # noqa: SLF001
    assert [exporting._safe(cell) for cell in ("+1", "@a", "\tx", "\rx", "a=1", 5)] == [  # noqa: SLF001
        *("'+1", "'@a", "'\tx", "'\rx", "a=1", 5)
    ]


def test_a_table_is_written_to_a_new_file_of_a_known_kind(tmp_path: Path) -> None:
    for name in ("round.csv", "round.jsonl"):
        exporting._check_new(tmp_path / name)  # noqa: SLF001
    (tmp_path / "round.csv").touch()
    with pytest.raises(BuildError, match="the file is there already"):
        exporting._check_new(tmp_path / "round.csv")  # noqa: SLF001
    with pytest.raises(BuildError, match=r"neither \.csv nor \.jsonl"):
        exporting._check_new(tmp_path / "round.xlsx")  # noqa: SLF001


def test_a_table_without_reviewers_needs_one(project: Workspace) -> None:
    to = project.root / "round.jsonl"
    with project.inside():
        exporting.run(FAMILY, to, accept_hazard=True, following=False)
        first = json.loads(to.read_text().splitlines()[0])
        to.write_text(jsonl({"data": {**first, "decision": "accept"}}))
        with pytest.raises(BuildError, match="no reviewer"):
            importing.run(FAMILY, to, None)
        to.write_text(jsonl({"data": {**first, "decision": "accept"}, "annotator": "bob", "lead_time": 12.5}))
        importing.run(FAMILY, to, None)
        [found] = decisions.read(rounds.answers(FAMILY, 1))
    assert (found.reviewer, found.seconds) == ("bob", 12.5)


def test_hazard_leaves_the_checkout_only_where_somebody_says_yes(project: Workspace) -> None:
    with project.inside(), pytest.raises(BuildError, match="--accept-hazard"):
        exporting.run(FAMILY, project.root / "round.csv", accept_hazard=False, following=False)


def test_a_cell_that_a_spreadsheet_would_compute_is_text(project: Workspace) -> None:
    del project
    what = layout.of(FAMILY)
    assert exporting._safe("=1+1") == "'=1+1"  # noqa: SLF001
    plain = importing._plain({"id": "a", "sha256": "b", "decision": "accept", "note": "'=1"})  # noqa: SLF001
    answer = importing.response(what, plain, "f:2", "ada")
    assert answer
    assert answer.values["note"] == "=1"
