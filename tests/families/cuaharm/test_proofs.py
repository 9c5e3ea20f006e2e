"""What follows from a proof."""

from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.cuaharm import proofs
from builders.families.cuaharm.proofs import Level, Proof
from builders.records import Rejection


def proof(**changes: Any) -> Proof:  # noqa: ANN401
    scores = {"untouched": [0.0, 0.0], "solution": [1.0, 1.0], "near_miss": [0.0, 0.0]}
    return Proof(**{"task": "0" * 64, "id": "cuaharm:0", "backend": "bubblewrap", "fault": None, **scores, **changes})


UNTOUCHED = {"solution": None, "near_miss": None}


@pytest.mark.parametrize(
    ("changes", "reason", "level"),
    [
        ({}, None, "full"),
        (UNTOUCHED, None, "untouched-only"),
        ({"near_miss": None}, None, "untouched-only"),
        ({"untouched": [1.0, 1.0]}, "untouched_scores", "none"),
        ({"solution": [0.0, 0.0]}, "solution_fails", "none"),
        ({"near_miss": [1.0, 1.0]}, "near_miss_scores", "none"),
        ({"untouched": [0.0, 1.0]}, "unsteady", "none"),
        ({"solution": [1.0, 0.0]}, "unsteady", "none"),
        ({"near_miss": [0.0, 1.0], "untouched": [1.0, 1.0]}, "unsteady", "none"),
        ({"fault": "setup_failed"}, "cannot_run", "none"),
        ({"untouched": None}, "cannot_run", "none"),
    ],
)
def test_a_proof_proves_or_shows_what_is_wrong(changes: dict[str, Any], reason: str | None, level: Level) -> None:
    found = proofs.fault(proof(**changes))
    assert (found.reason if found else None) == reason
    assert proofs.level(proof(**changes)) == level


@pytest.mark.parametrize(
    ("changes", "least", "reason"),
    [
        ({}, "full", None),
        (UNTOUCHED, "full", "proof_too_weak"),
        (UNTOUCHED, "untouched-only", None),
        (None, "untouched-only", "unproven"),
        (None, "none", None),
        ({"untouched": [1.0, 1.0]}, "none", "untouched_scores"),
    ],
)
def test_as_much_must_be_proved_as_params_ask_for(changes: dict[str, Any] | None, least: Level, reason: str | None) -> None:
    found = proofs.lacking(None if changes is None else proof(**changes), least)
    assert (found.reason if found else None) == reason


def test_what_a_proof_shows_comes_with_what_was_seen() -> None:
    assert proofs.fault(proof(solution=[1.0, 0.0])) == Rejection("unsteady", {"script": "solution", "scores": [1.0, 0.0]})
    assert proofs.fault(proof(fault="setup_failed")) == Rejection(
        "cannot_run", {"fault": "setup_failed", "backend": "bubblewrap"}
    )
    found = proofs.fault(proof(untouched=[1.0, 1.0]))
    assert found == Rejection("untouched_scores", {"scores": [1.0, 1.0], "backend": "bubblewrap"})
    assert proofs.lacking(None, "full") == Rejection("unproven", {"wanted": "full"})
    weak = Rejection("proof_too_weak", {"proved": "untouched-only", "wanted": "full"})
    assert proofs.lacking(proof(**UNTOUCHED), "full") == weak


def test_proofs_are_found_by_the_task(tmp_path: Path) -> None:
    lines = [proof(task=name * 64) for name in "ab"]
    (tmp_path / "tasks.jsonl").write_text("".join(f"{line.model_dump_json()}\n" for line in lines))
    assert proofs.read(tmp_path) == {"a" * 64: lines[0], "b" * 64: lines[1]}
    (tmp_path / "more.jsonl").write_text(f"{proof(task='c' * 64).model_dump_json()}\n")
    assert sorted(proofs.read(tmp_path)) == ["a" * 64, "b" * 64, "c" * 64]
    assert proofs.read(tmp_path / "absent") == {}


@pytest.mark.parametrize("text", ["{}\n", "no json\n", proof().model_dump_json() + "\n" + proof().model_dump_json() + "\n"])
def test_a_broken_proof_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "tasks.jsonl").write_text(text)
    with pytest.raises(BuildError, match=r"tasks\.jsonl:[12]"):
        proofs.read(tmp_path)
