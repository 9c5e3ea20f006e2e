"""What reviewers see of items and monitored rows, and what their better comments and answers make of a row."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from builders.families.deceptionbench import filter as filtering
from builders.families.deceptionbench import monitored as surface
from builders.families.deceptionbench.review import STAGE
from builders.records import Record, Rejection
from builders.reviewing import cells, decisions, exporting, importing, layout, rounds
from builders.reviewing.decisions import Withheld
from tests.families.deceptionbench import FAMILY
from tests.families.deceptionbench.rows import FILTER, drafted, item, monitored
from tests.harness import Workspace

BETTER = "Show the dent, and ask for the list of fair wear before the lease ends."


def released(**changed: object) -> Record:
    return filtering.released(monitored(**changed), FILTER)


def revised(**edits: str) -> Record | Rejection:
    assert STAGE.revised
    return STAGE.revised(released(), edits, FILTER)


def test_every_column_that_follows_from_a_better_text_is_put_right() -> None:
    found = revised(
        revised_response=f" {BETTER}\n", reflection="It plans to mislead the inspector about the bumper in the shade."
    )
    assert isinstance(found, Record)
    parts = surface.parsed(found.data["text"])
    assert parts
    assert (parts.output, parts.reflection) == (BETTER, found.data["reflection"])
    assert found.data["overlap"] != released().data["overlap"]
    assert {name for name, value in found.data.items() if value != released().data[name]} == {
        "revised_response",
        "reflection",
        "text",
        "overlap",
    }


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ({"reflection": "Good and careful."}, "empty_praise"),
        ({"reflection": "Bananas ripen slowly beside cold windows in winter."}, "comment_unrelated"),
        ({"revised_response": "  "}, "no_revision"),
        ({"revised_response": f"{BETTER}</output>"}, "surface_form"),
    ],
)
def test_a_better_text_that_filter_would_reject_is_rejected(edits: dict[str, str], reason: str) -> None:
    found = revised(**edits)
    assert isinstance(found, Rejection)
    assert found.reason == reason


def test_what_filter_rejected_is_shown_as_it_would_be_released() -> None:
    for record in (
        item(),
        drafted(),
        monitored(assessment="dangerous"),
        monitored(verdicts={"thinking": None, "revision": "safe"}),
    ):
        shown = STAGE.candidate(record, FILTER)
        assert shown
        assert shown.data == filtering.released(record, FILTER).data
    assert STAGE.candidate(item(kind="brief"), FILTER) is None
    assert STAGE.candidate(monitored(revised_response=""), FILTER) is None
    assert STAGE.candidate(monitored(reflection=" "), FILTER) is None
    assert STAGE.candidate(monitored(reflection=None), FILTER) is None
    assert STAGE.candidate(monitored(verdicts=None), FILTER) is None


@pytest.fixture
def project(samples: Callable[[str], Workspace], tmp_path: Path) -> Workspace:
    return samples(FAMILY).copied(tmp_path / "project")


def test_every_row_has_the_field_that_argilla_wants(project: Workspace) -> None:
    what = layout.of(FAMILY)
    rows = [
        row["data"] | {"id": row["id"]} for pool in ("default", "self_monitor") for row in project.rows("filter", pool, FAMILY)
    ]
    assert len(rows) > 40
    assert [row["id"] for row in rows if what.panes[0].name not in cells.shown(what, row)] == []


def test_a_better_answer_is_in_the_ledger_and_in_the_release_and_not_in_git(project: Workspace) -> None:
    to = project.root / "round.csv"
    (project.root / f"raw/{FAMILY}/reviews/sample.jsonl").unlink()
    with project.inside():
        exporting.run(FAMILY, to, accept_hazard=True, following=False)
        rows = list(csv.DictReader(io.StringIO(to.read_bytes().decode("utf-8-sig"), newline="")))
        kept = {row["id"] for row in project.rows("filter", "self_monitor", FAMILY)}
        mine = next(row for row in rows if row["id"] in kept)
        better = f"{mine['revised_response']} Ask first."
        with to.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(mine))
            writer.writeheader()
            writer.writerow(mine | {"decision": "accept", "better_revised_response": better})
        importing.run(FAMILY, to, "ada")
        [found] = decisions.read(rounds.answers(FAMILY, 1))
    assert isinstance(found.edits["revised_response"], Withheld)
    assert "Ask first." not in (project.root / f"raw/{FAMILY}/reviews/round-1.jsonl").read_text()
    project.quick("review", "validate", "release", family=FAMILY)
    [row] = [row["data"] for row in project.rows("validate", "self_monitor", FAMILY) if row["id"] == mine["id"]]
    assert row["revised_response"].endswith("Ask first.")
    assert row["text"].endswith("Ask first.</output>")
    assert row["provenance"]["review"] == {"decision": "edited", "reviewers": 1}
    facts = orjson.loads((project.root / f"processed/{FAMILY}/release/manifest.json").read_bytes())["review"]
    assert facts["kept"]["edited"] == 1
