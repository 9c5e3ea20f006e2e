"""A whole round against a real server: two hundred rows of two families, two reviewers, every figure computed by hand."""

import re
from collections.abc import Sequence
from fractions import Fraction
from statistics import fmean
from typing import Any

import orjson
import pytest

from builders.reviewing import decisions, rounds
from builders.reviewing.argilla.pull import pseudonym
from builders.reviewing.decisions import Withheld
from tests.harness import Workspace, card, one_line
from tests.services.conftest import Argilla

pytestmark = [pytest.mark.argilla, pytest.mark.timeout(1800)]

FAMILIES = ("mmathcot", "safechain")
OLD, NEW = "Shall I draft the request for you?", "Shall I draft it for you?"
CHANGED = "safechain:939e82db5c715e4e"
EDITED = "safechain:1ad2302f05aa853d"
Words = tuple[str | None, str | None]
"""What the two reviewers say: accept, reject, or None to discard."""


def test_a_round_of_two_families_comes_back_as_it_was_answered(project: Workspace, emptied: Argilla) -> None:
    _larger(project)
    pushed = [_pushed(project, emptied, family) for family in FAMILIES]
    assert sum(pushed) >= 200
    plans = {family: _answered(emptied, family) for family in FAMILIES}
    for family in FAMILIES:
        done = project.run("review-pull", family, **emptied.environment)
        assert done.returncode == 0, done.stderr
    first = _lines(project)
    assert project.run("review-pull", "mmathcot", **emptied.environment).returncode == 0
    assert _lines(project) == first, "a second pull changes nothing"
    _make_stale(project)
    for family in FAMILIES:
        project.quick("review", "validate", "release", family=family)
        _check(project, family, plans[family])
    _check_edit_and_stale(project, emptied)
    _check_gate(project)


def _larger(project: Workspace) -> None:
    """Have enough rows for a round of two hundred, no hand-written decisions, and the majority decide."""
    path = project.root / "builders/families/mmathcot/params.yaml"
    path.write_text(path.read_text().replace("rows: 72 ", "rows: 180 ").replace("rows: 72,", "rows: 180,"))
    (project.root / "raw/safechain/reviews/sample.jsonl").unlink()
    for family in FAMILIES:
        with project.params(family) as params:
            params["sample"]["review"]["conflicts"] = "majority"
            params["sample"]["review"]["rounds"]["size"] = 400
            params["sample"]["review"]["rounds"]["rejected_share"] = 0.5
    project.quick("collect", "synthesize", "judge", "filter", family="mmathcot")


def _pushed(project: Workspace, argilla: Argilla, family: str) -> int:
    if family == "safechain":
        refused = one_line(project.run("review-push", family, **argilla.environment))
        assert "add --accept-hazard" in refused
    done = project.run("review-push", family, "--accept-hazard", **argilla.environment)
    assert done.returncode == 0, done.stderr
    found = re.search(r"round 1 of \w+: (\d+) rows, 2 answers each", done.stdout)
    assert found
    return int(found[1])


def _answered(argilla: Argilla, family: str) -> dict[str, Words]:
    """Answer a round as two reviewers, some of it planted, and return what they said, by row."""
    users = [argilla.user("annotator-1"), argilla.user("annotator-2")]
    dataset = users[0].dataset(f"{family}-round-1")
    found = [users[0].records(dataset, limit=1000), users[1].records(dataset, limit=1000)]
    assert [one["total"] for one in found] == [len(one["items"]) for one in found]
    by_row = [{item["record"]["external_id"]: item["record"] for item in one["items"]} for one in found]
    plan = {row: _planned(place) for place, row in enumerate(sorted(by_row[0]))}
    if family == "safechain":
        plan |= {CHANGED: ("reject", "reject"), EDITED: ("accept", "accept")}
    for place, user in enumerate(users):
        mine = {row: by_row[place][row] for row in plan}
        user.answer(*((mine[row]["id"], _answers(mine[row], words[place], family)) for row, words in plan.items()))
    assert [user.records(dataset)["total"] for user in users] == [0, 0]
    return plan


def _planned(place: int) -> Words:
    """Plant rejected rows, disagreement, and a row that one puts aside."""
    if place == 3:
        return "accept", None
    if place % 10 == 0:
        return "reject", "reject"
    return "accept", "reject" if place % 7 == 0 else "accept"


def _answers(record: dict[str, Any], word: str | None, family: str) -> dict[str, str] | None:
    if word is None:
        return None
    own = {"first_wrong_step": "none"} if family == "mmathcot" else {}
    edit: dict[str, str] = {}
    if record["external_id"] == EDITED:
        text = max((one["value"] for one in record["suggestions"]), key=len)
        edit = {"better_response": f"{text} Save your work first where you can."}
    return {**own, "decision": word, **edit}


def _lines(project: Workspace) -> bytes:
    return (project.root / "raw/mmathcot/reviews/round-1.jsonl").read_bytes()


def _make_stale(project: Workspace) -> None:
    """Change a reply after it was reviewed."""
    for file in (project.root / "raw/safechain/replies").rglob("*.jsonl"):
        file.write_text(file.read_text().replace(OLD, NEW))
    project.quick("collect", "synthesize", "judge", "filter", family="safechain")


def _check(project: Workspace, family: str, plan: dict[str, Words]) -> None:
    """Compare manifest and released rows with what follows from the plan."""
    facts = orjson.loads((project.root / "processed" / family / "release/manifest.json").read_bytes())["review"]
    content = orjson.loads((project.root / "raw" / family / "reviews/round-1.json").read_bytes())
    stratum = {row["id"]: row["stratum"] for row in content["rows"]}
    valid = {row: [word for word in words if word] for row, words in plan.items() if row != CHANGED}
    for place in ("kept", "rejected"):
        words = {row: words_of_row for row, words_of_row in valid.items() if stratum[row].startswith(place)}
        agreed = [set(words_of_row) for words_of_row in words.values()]
        assert facts[place]["accept"] == agreed.count({"accept"})
        assert facts[place]["reject"] == agreed.count({"reject"})
        assert facts[place]["undecided"] == agreed.count({"accept", "reject"})
    assert facts["kept"]["edited"] == (family == "safechain")
    assert facts["stale"]["rows"] == ([CHANGED] if family == "safechain" else [])
    assert facts["agreement"]["decision"]["alpha"] == pytest.approx(_alpha(list(valid.values())), abs=1e-4)
    wrong = {row: [word == "reject" or row == EDITED for word in words_of_row] for row, words_of_row in valid.items()}
    share, accuracy = _shares(wrong, stratum)
    assert facts["error_rate"]["accuracy"] == pytest.approx(accuracy, abs=1e-4)
    assert facts["error_rate"]["share"] == pytest.approx(share, abs=1e-5)
    assert facts["error_rate"]["low"] < share < facts["error_rate"]["high"]
    rejected = {row for row, words_of_row in valid.items() if set(words_of_row) == {"reject"}}
    released = {row["id"] for pool in _pools(family) for row in project.rows("validate", pool, family)}
    assert released.isdisjoint(rejected)
    assert {row for row in valid if row not in rejected and stratum[row].startswith("kept")} <= released


def _pools(family: str) -> tuple[str, ...]:
    return ("distill", "rewrite", "unify", "made") if family == "mmathcot" else ("default",)


def _alpha(votes: Sequence[list[str]]) -> float:
    """Return Krippendorff's alpha of two values by its formula: 1 - (n - 1) o / (a r)."""
    pairs = [words for words in votes if len(words) == 2]
    values = [word for words in pairs for word in words]
    differing = sum(len(set(words)) == 2 for words in pairs)
    accepted, rejected = values.count("accept"), values.count("reject")
    return float(1 - Fraction((len(values) - 1) * differing, accepted * rejected))


def _shares(wrong: dict[str, list[bool]], stratum: dict[str, str]) -> tuple[float, float]:
    """Return the corrected share of wrong rows among kept ones, and how often one reviewer is right.

    All rows were drawn, so a stratum weighs as much as it has rows; the stale one counts as unreviewed.
    """
    names = sorted({stratum[row] for row in stratum if stratum[row].startswith("kept")})
    sizes = {name: sum(of == name for of in stratum.values()) for name in names}
    inside = {name: [vote for row, vote in wrong.items() if stratum[row] == name] for name in names}
    total = sum(sizes.values())
    votes = sum(sizes[name] / total * fmean(fmean(vote) for vote in inside[name]) for name in names)
    differ = sum(sizes[name] / total * fmean(len(set(vote)) == 2 for vote in inside[name] if len(vote) == 2) for name in names)
    accuracy = (1 + (1 - 2 * differ) ** 0.5) / 2
    return (votes - (1 - accuracy)) / (2 * accuracy - 1), accuracy


def _check_edit_and_stale(project: Workspace, argilla: Argilla) -> None:
    """See that an edit of a family with hazard is released, is in the ledger, and is not in git."""
    file = project.root / "raw/safechain/reviews/round-1.jsonl"
    with project.inside():
        [mine] = [
            one
            for one in decisions.read(rounds.answers("safechain", 1))
            if one.id == EDITED and one.reviewer == pseudonym(str(argilla.user("annotator-1").sent("GET", "/me")["id"]))
        ]
    assert isinstance(mine.edits["response"], Withheld)
    assert "Save your work" not in file.read_text()
    [row] = [row for row in project.rows("validate") if row["id"] == EDITED]
    assert row["data"]["response"].endswith("Save your work first where you can.")
    assert row["data"]["answer"].endswith("Save your work first where you can.")
    assert row["data"]["provenance"]["review"] == {"decision": "edited", "reviewers": 2}
    [stale] = [row for row in project.rows("validate") if row["id"] == CHANGED]
    assert stale["data"]["provenance"]["review"] == {"decision": "stale", "reviewers": 0}


def _check_gate(project: Workspace) -> None:
    """See that a policy that is not met is written down, and with `gate: release` refuses the build."""
    with project.params("mmathcot") as params:
        demands = {"reviewed_share": 1.0, "alpha": 0.95, "error_rate": 0.01, "gate": "publish"}
        params["sample"]["review"]["policy"] = demands
    project.quick("review", "validate", "release", family="mmathcot")
    release = project.root / "processed/mmathcot/release"
    missing = orjson.loads((release / "manifest.json").read_bytes())["review"]["missing"]
    assert [one["demand"] for one in missing] == ["reviewed_share", "alpha", "error_rate"]
    assert "**The review policy is not met:** reviewed_share: 1 is wanted" in card(release)
    with project.params("mmathcot") as params:
        params["sample"]["review"]["policy"]["gate"] = "release"
    done = project.run("release", "mmathcot")
    assert "the review policy is not met: reviewed_share: 1 is wanted" in one_line(done)
