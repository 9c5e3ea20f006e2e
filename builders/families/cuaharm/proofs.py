"""What `validate-tasks` found out about a task, in `raw/cuaharm/proofs/*.jsonl`, and what follows for its row.

A line is about a task's content, not its row: `task`, the hash of what it asks for, starts from and is scored by; the row's
`id`, for the reader; the `backend`; `fault`, why it could not be run, or null; and the scores of `untouched`, `solution` and
`near_miss`, twice each, the last two null where no scripts are known. Reasons, in order:

    unproven           no proof of a task of this content
    cannot_run         the task cannot be set up or scored, or its box ended
    unsteady           a second run of the same script scored otherwise
    untouched_scores   a sandbox that nobody touched scores
    solution_fails     the right script does not score
    near_miss_scores   a script that is almost right scores
    proof_too_weak     less is proved than params ask for
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from builders.errors import BuildError
from builders.params import loading
from builders.records import Rejection
from builders.sources.section import Section
from builders.texts import files

Level = Literal["full", "untouched-only", "none"]
LEVELS: tuple[Level, ...] = ("none", "untouched-only", "full")
_RUNS = (("untouched", 0.0, "untouched_scores"), ("solution", 1.0, "solution_fails"), ("near_miss", 0.0, "near_miss_scores"))


class Proof(Section):
    """One line of a proofs file."""

    task: str
    id: str
    backend: str
    fault: str | None
    untouched: list[float] | None
    solution: list[float] | None
    near_miss: list[float] | None


def read(folder: Path) -> dict[str, Proof]:
    """Return the proofs in a folder by the hash of the task.

    Raises:
        BuildError: a line is broken, or two are about one task.
    """
    paths = sorted(folder.absolute().glob("*.jsonl"))
    return _read(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=4)
def _read(versions: tuple[tuple[Path, int, int], ...]) -> dict[str, Proof]:
    """Read the files, once for all rows that ask."""
    found: dict[str, Proof] = {}
    for path, _, _ in versions:
        for number, value in files.json_lines(path):
            proof = loading.line(Proof, value, f"{path}:{number}")
            if proof.task in found:
                raise BuildError("a second proof of this task", where=f"{path}:{number}", fix="remove one of the two lines")
            found[proof.task] = proof
    return found


def level(proof: Proof | None) -> Level:
    """Return how much a proof proves; nothing where it fails."""
    if proof is None or fault(proof) is not None:
        return "none"
    return "full" if proof.solution and proof.near_miss else "untouched-only"


def fault(proof: Proof) -> Rejection | None:
    """Return what a proof shows to be wrong with its task."""
    if proof.fault is not None or proof.untouched is None:
        return Rejection("cannot_run", {"fault": proof.fault, "backend": proof.backend})
    runs = [(name, getattr(proof, name), wanted, reason) for name, wanted, reason in _RUNS]
    for name, scores, _, _ in runs:
        if scores and len(set(scores)) > 1:
            return Rejection("unsteady", {"script": name, "scores": scores})
    for _, scores, wanted, reason in runs:
        if scores and scores[0] != wanted:
            return Rejection(reason, {"scores": scores, "backend": proof.backend})
    return None


def lacking(proof: Proof | None, least: Level) -> Rejection | None:
    """Return why a task may not be released, given how much has to be proved of it."""
    if proof is None:
        return None if least == "none" else Rejection("unproven", {"wanted": least})
    if found := fault(proof):
        return found
    proved = level(proof)
    enough = LEVELS.index(proved) >= LEVELS.index(least)
    return None if enough else Rejection("proof_too_weak", {"proved": proved, "wanted": least})
