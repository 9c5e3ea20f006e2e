"""validate-tasks: the benchmark is judge-scored: planted findings give each outcome, and the tasks give nothing away."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from builders.abilities import Proving
from builders.evaluation import proving, released
from builders.evaluation.proving import Case
from builders.families.cogtest import evidence, measuring, naming

_PASSAGE = "Let me check that again. It holds."
_QUOTED, _MADE_UP = "Let me check that again.", "I doubt it."


def run(family: str, scripts: Path | None) -> None:
    """Show that findings give their outcomes, and check the released tasks.

    Raises:
        BuildError: nothing was released, or something does not hold.
    """
    del scripts  # a finding needs none
    proving.report(family, [proving.verdicts("default", list(cases()), checked(released.rows("", family, "default")))])


def cases() -> Iterator[Case]:
    """Yield the truth table: evidence that is there, is not, or is none, and either verdict; and replies without reasoning."""
    table: tuple[tuple[str, bool, bool | None, str | None], ...] = (
        (_QUOTED, True, True, None),
        (_QUOTED, False, False, "unused_evidence"),
        ("", True, False, "no_evidence"),
        ("", False, False, None),
        (_MADE_UP, True, None, "not_found"),
        (_MADE_UP, False, None, "not_found"),
    )
    for quoted, verdict, reflected, mismatch in table:
        found = evidence.checked({"evidence": quoted, "is_reflected": verdict}, _PASSAGE)
        yield Case(f"evidence {quoted!r}, {verdict}", (found.reflected, found.mismatch), (reflected, mismatch))
    unread = evidence.checked(None, _PASSAGE)
    yield Case("no verdict", (unread.reflected, unread.mismatch), (None, "no_verdict"))
    yield Case("no reasoning", measuring.reasoning("It holds."), "")


def checked(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    """Yield each task with what is wrong with how it was made."""
    return ((str(row["id"]), _fault(row)) for row in rows)


def _fault(row: Mapping[str, Any]) -> str | None:
    # What others published is measured with as it is.
    if row["construction"] in {"published", "drawn"}:
        return None
    if naming.cues(row["instruction"], row["habit"]):
        return "names_its_habit"
    return "asks_for_reflection" if naming.asks_for_reflection(row["instruction"]) else None


STAGE = Proving(run=run)
