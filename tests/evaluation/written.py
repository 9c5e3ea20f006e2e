"""Replies that are no plain answer, and what docs/evaluate.md says becomes of them, task by task."""

import re
from typing import NamedTuple

from tests.doubles.teacher import Answer
from tests.evaluation.running import calling
from tests.harness import PROJECT

UNREADABLE = " ".join(["mumble"] * 20)
SPANISH = "Podrías plantar una hilera de judías y regarlas por la tarde, antes de que anochezca en zanzibar."
PLANTED = {
    "refused": Answer("<think>\nIs it zanzibar?\n</think>\n\nI'm sorry, but I can't help with that."),
    "blank": Answer("<think>\nIs it zanzibar?\n</think>\n\n"),
    "truncated": Answer("<think>\nIs it zanzibar?\n</think>\n\nIt begins with zanzi", finish_reason="length"),
    "filtered": Answer("<think>\nIs it zanzibar?\n</think>\n\nIt begins with zanzi", finish_reason="content_filter"),
    "tool_call": calling(),
    "other_language": Answer(f"<think>\nIs it zanzibar?\n</think>\n\n{SPANISH}"),
    "unreadable": Answer(f"<think>\nIs it zanzibar?\n</think>\n\nOf zanzibar {UNREADABLE}"),
}
"""Case → the reply; the last one is such that no rule finds an answer in it, and no judge that is planted a verdict."""
_HEAD = "| task | refused |"
_CELL = re.compile(r"(\*\*)?`(\w+)`(?:\*\*)?")


class Outcome(NamedTuple):
    """What becomes of a reply.

    Args:
        word: its outcome; empty where it cannot happen.
        scored: whether the task's rate counts it.
    """

    word: str
    scored: bool


def page() -> dict[str, dict[str, Outcome]]:
    """Return task → case → what the page says."""
    table = (PROJECT / "docs" / "evaluate.md").read_text().partition(_HEAD)[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]
    return {row[0].replace("`", ""): dict(zip(PLANTED, map(_outcome, row[1:]), strict=True)) for row in rows}


def _outcome(cell: str) -> Outcome:
    found = _CELL.fullmatch(cell)
    return Outcome(found[2], scored=bool(found[1])) if found else Outcome("", scored=False)
