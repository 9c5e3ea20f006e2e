"""Rounds as tables, on the built samples: out, filled in, and in again; and what each family shows."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.reviewing import decisions, exporting, importing, layout, rounds
from tests.harness import Workspace, jsonl

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
        ("round.jsonl", "[" * 3000, "broken JSON"),
    ],
)
def test_a_table_that_is_none_is_one_line(here: Workspace, name: str, content: str, what: str) -> None:
    file = here.root / name
    file.write_text(content)
    with pytest.raises(BuildError, match=what):
        list(importing._lines(file))  # noqa: SLF001


def test_a_cell_may_be_long(here: Workspace) -> None:
    file = here.root / "round.csv"
    file.write_text(f"id,note\nx,{'y' * 200_000}\n")
    assert [line["note"] for _, line in importing._lines(file)] == ["y" * 200_000]  # noqa: SLF001


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
