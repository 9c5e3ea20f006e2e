"""Which step is said to be the first wrong one, and whether that is sure enough: from counts and verdict, without a call.

No labelled solution is rejected: `kept` says which labels are sure enough, and the others stand beside them, since another
threshold may keep them. How a row was checked:

    rollouts    continuations, without a judge
    fused       continuations and a judge
    judge       a judge alone: of a right answer, continuations tell nothing about its steps
    outcome     its right answer alone; such a row is in `published`, as it is there, and in no other derived config
    program     the error was inserted by the problem's program, and proven
    rules       a model inserted it, and the rules of `postchecks` hold: a solution that breaks one is rejected for that reason
"""

from typing import Any

from builders.contracts import Filtering
from builders.errors import BuildError
from builders.families.dualmath import answering, inserted, locating, programs, solver, wording
from builders.families.dualmath.collect import INSERTED
from builders.families.dualmath.locating import POLICY, Locating, Location, Place, Tally
from builders.families.dualmath.synthesize import calibration, case, counted
from builders.params import sections
from builders.records import Record

_DIGITS = 6


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        locating: the rule by which counts become labels, as in synthesize.
    """

    locating: Locating


def released(record: Record, params: Params) -> Record:
    """Return the row in its released columns.

    Raises:
        BuildError: the counts were asked for by another calibration.
    """
    if record.subset == INSERTED:
        return Record(record.id, record.subset, record.parent, record.provenance, inserted.columns(record))
    data = record.data
    verdict = data["verdict"]["first_error"] if data["verdict"] else None
    known, sha256 = calibration()
    beliefs = known.of(record.provenance.source)
    if data["calibration_sha256"] != sha256:
        what = "the calibration has changed since synthesize ran"
        raise BuildError(
            what, where=wording.FAMILY, fix=f"run python -m builders synthesize {wording.FAMILY}, judge and filter"
        )
    counts = counted(data["counts"])
    found = locating.settled(case(record, verdict), counts, params.locating, beliefs)
    checked = _checked(data["right"], verdict)
    columns = {
        **wording.columns(record),
        "right": data["right"],
        "first_error": found.first,
        "kept": found.kept and checked != "outcome",
        "checked": checked,
        "guessable": bool(data["options"]),
        "steps": [_step(number, text, found, counts) for number, text in enumerate(data["steps"], 1)],
        "clean_probability": round(found.posterior[0], _DIGITS) if found.posterior else None,
        "counts": data["counts"],
        "rollouts": sum(tally.asked for tally in counts.values()),
        "generated_words": data["generated_words"],
        "pass_rate": data["pass_rate"],
        "way": params.locating.way,
        "calibration_sha256": sha256,
        "truth": _truth(record),
        "verdict": data["verdict"],
        "reply": data["reply"],
    }
    return Record(record.id, record.subset, record.parent, record.provenance, columns)


def _checked(right: bool, verdict: int | None) -> str:  # noqa: FBT001  (a fact of the row)
    if right:
        return "outcome" if verdict is None else "judge"
    return "rollouts" if verdict is None else "fused"


def _step(number: int, text: str, location: Location, counts: locating.Counts) -> dict[str, Any]:
    tally = counts.get(Place(POLICY, number), Tally(0, 0))
    return {
        "number": number,
        "text": text,
        "label": "wrong" if 0 < location.first <= number else "right",
        "right": tally.right,
        "asked": tally.asked,
        "probability": round(location.posterior[number], _DIGITS) if location.posterior else None,
    }


def _truth(record: Record) -> dict[str, Any] | None:
    """Return the first wrong step as the program has it, of a solution by the noisy solver; None of any other."""
    problem = answering.program(record) if record.provenance.answers == "symbolic" else None
    if problem is None:
        return None
    taken = programs.taken(problem, record.data["steps"])
    return {"first_error": programs.first_error(problem, taken), "error": solver.kind(problem, taken)}


STAGE = Filtering(params=Params, rules=lambda _: (inserted.unsound,), released=released)
