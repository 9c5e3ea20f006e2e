"""Every family's rows can be reviewed on a real server; twins are told apart, and better texts come back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders import family as families
from builders.reviewing import decisions, rounds
from builders.reviewing.decisions import Decision, Withheld
from tests.harness import Workspace
from tests.services.conftest import Argilla

pytestmark = [pytest.mark.argilla, pytest.mark.timeout(1800)]
Samples = Callable[[str], Workspace]
Json = dict[str, Any]


def pushed(samples: Samples, argilla: Argilla, family: str, folder: Path) -> tuple[Workspace, list[Json]]:
    """Push the first round of a family's sample, and return the project and the server's records."""
    project = samples(family).copied(folder / "project")
    done = project.run("review-push", family, "--accept-hazard", **argilla.environment)
    assert done.returncode == 0, done.stderr
    user = argilla.user("annotator-1")
    found = user.records(user.dataset(f"{family}-round-1"), limit=1000)
    return project, [item["record"] for item in found["items"]]


def pulled(project: Workspace, argilla: Argilla, family: str) -> dict[str, Decision]:
    done = project.run("review-pull", family, **argilla.environment)
    assert done.returncode == 0, done.stderr
    with project.inside():
        return {one.id: one for one in decisions.read(rounds.answers(family, 1))}


@pytest.mark.parametrize("family", families.names())
def test_every_row_of_a_round_is_taken(family: str, samples: Samples, emptied: Argilla, tmp_path: Path) -> None:
    """Rows of every subset, those that the filter rejected among them."""
    project, found = pushed(samples, emptied, family, tmp_path)
    content = orjson.loads((project.root / f"raw/{family}/reviews/round-1.json").read_bytes())
    assert {record["external_id"] for record in found} == {row["id"] for row in content["rows"]}
    assert found


def test_a_reviewer_who_does_not_find_the_harmful_twin_rejects_the_row(
    samples: Samples, emptied: Argilla, tmp_path: Path
) -> None:
    family = "emergent_misalignment"
    project, found = pushed(samples, emptied, family, tmp_path)
    rows = {row["id"]: row["data"] for pool in families.pools(family) for row in project.rows("filter", pool, family)}
    twins = [record for record in found if rows.get(record["external_id"], {}).get("misaligned")][:2]
    right = ["a" if one["fields"]["answers"]["left"] == rows[one["external_id"]]["misaligned"] else "b" for one in twins]
    letters = [right[0], {"a": "b", "b": "a"}[right[1]]]
    user = emptied.user("annotator-1")
    user.answer(*((one["id"], {"harmful": letter, "decision": "accept"}) for one, letter in zip(twins, letters, strict=True)))
    made = pulled(project, emptied, family)
    first, second = (made[one["external_id"]] for one in twins)
    assert (first.decision, first.answers) == ("accept", {"harmful": "misaligned"})
    assert (second.decision, second.answers, list(second.reasons)) == ("reject", {"harmful": "aligned"}, ["not_told_apart"])


def test_a_better_answer_of_monitored_reasoning_is_released_and_not_in_git(
    samples: Samples, emptied: Argilla, tmp_path: Path
) -> None:
    family = "deceptionbench"
    project, found = pushed(samples, emptied, family, tmp_path)
    (project.root / f"raw/{family}/reviews/sample.jsonl").unlink()
    kept = {row["id"]: row["data"] for row in project.rows("filter", "self_monitor", family)}
    record = next(one for one in found if one["external_id"] in kept)
    better = f"{kept[record['external_id']]['revised_response']} Ask first."
    emptied.user("annotator-1").answer((record["id"], {"decision": "accept", "better_revised_response": better}))
    [made] = pulled(project, emptied, family).values()
    assert isinstance(made.edits["revised_response"], Withheld)
    project.quick("review", "validate", family=family)
    [row] = [row["data"] for row in project.rows("validate", "self_monitor", family) if row["id"] == made.id]
    assert row["revised_response"].endswith("Ask first.")
    assert row["text"].endswith("Ask first.</output>")
