"""publish: a review policy that is not met holds a release back, from params to the Hub."""

import json

from tests.harness import FAMILY, card, jsonl
from tests.publishing.conftest import SAMPLE, Checkout, git

DEMANDS = {"reviewed_share": 0.5, "alpha": None, "error_rate": None, "gate": "publish"}


def demanding(checkout: Checkout, **changes: object) -> None:
    """Have the family's policy demand something, of rows that nobody has reviewed by the sample, and merge and release anew."""
    (checkout.root / f"raw/{FAMILY}/reviews/sample.jsonl").unlink(missing_ok=True)
    with checkout.workspace.params() as params:
        params["sample"]["review"]["policy"] = {**DEMANDS, **changes}
    checkout.workspace.quick("review", "validate")
    checkout.release()


def test_a_release_that_nobody_reviewed_is_built_says_so_and_is_not_published(checkout: Checkout) -> None:
    demanding(checkout)
    text = card(checkout.root / f"processed/{FAMILY}/release")
    assert "**The review policy is not met:** reviewed_share: 0.5 is wanted, 0 is known" in text
    refused = checkout.refused()
    assert f"{FAMILY} review.policy: the review policy is not met: reviewed_share: 0.5 is wanted, 0 is known" in refused
    assert f"python -m builders review-push {FAMILY}" in refused
    assert checkout.hub.repositories == {}
    assert "the review policy is not met" in checkout.refused("--dry-run")


def test_decisions_about_enough_rows_let_it_go(checkout: Checkout) -> None:
    rows = [row["id"] for row in checkout.workspace.rows("filter")]
    lines = [{"id": row, "decision": "accept", "reviewer": "ada", "sha256": None, "note": None} for row in rows]
    folder = checkout.root / f"raw/{FAMILY}/reviews"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.jsonl").write_text(jsonl(*lines[: len(lines) // 2 - 1]))
    demanding(checkout)
    assert "reviewed_share: 0.5 is wanted" in checkout.refused()
    (folder / "own.jsonl").write_text(jsonl(*lines))
    demanding(checkout)
    assert f"/{SAMPLE}, read back and compared" in checkout.published()
    manifest = json.loads(checkout.head["manifest.json"])
    assert manifest["review"]["missing"] == []


def test_a_policy_that_the_release_was_not_built_under_is_noticed(checkout: Checkout) -> None:
    """A policy that is written after the build has not been looked at."""
    with checkout.workspace.params() as params:
        params["sample"]["review"]["policy"] = DEMANDS
    git(checkout.root, "commit", "--quiet", "--all", "--message", "A policy")
    assert "dvc repro" in checkout.refused()
