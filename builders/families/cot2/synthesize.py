"""Answers, traces, lines of tokens and targets: computed, nobody is asked."""

from random import Random
from typing import Any, Literal

from pydantic import Field

from builders import records
from builders.contracts import Synthesizing
from builders.families.cot2 import targets, vocabulary
from builders.families.cot2.collect import question
from builders.families.cot2.questions import Question
from builders.families.cot2.targets import TargetKinds
from builders.params import sections
from builders.records import Outcome, Record
from builders.teachers.api import Request
from builders.work import Ask, Work


class Params(sections.Asking):
    """Parameters of the stage.

    Args:
        budgets: of `mnns`, over how many traces a target is the average; null for all.
        strategies: which traces are preferred: `min_abs` takes the smallest |sum|, `non_negative` no negative sum.
        reaches: of the graphs, which readings of "reachable within t steps" become targets.
    """

    budgets: list[int | None] = Field(min_length=1)
    strategies: list[Literal["min_abs", "non_negative"]] = Field(min_length=1)
    reaches: list[Literal["frontier", "within", "walks"]]


def work(params: Params, _: object) -> Work:
    """Return the work about each row."""
    wanted = TargetKinds(params.budgets, params.strategies, params.reaches)

    async def computed(record: Record, _: list[Request], __: Ask) -> list[Outcome]:
        return [(record.having(**columns(record, wanted)), None)]

    return computed


def columns(record: Record, wanted: TargetKinds) -> dict[str, Any]:
    """Return the columns that follow from a row."""
    data = record.data
    if record.subset == "mnns":
        return targets.of_digits(data["digits"], data["most"], wanted)
    found = question(record.subset, data)
    assert isinstance(found, Question)  # noqa: S101  (collect has checked it)
    group = records.digest([found.facts, found.root, sorted({found.target, found.other or found.target})])
    split = data.get("split") or records.split(group)
    graph = {"idx_to_symbol": list(found.names), "root": found.root, "target": found.target}
    edges = data["edges"] if record.subset == "prosqa" else [list(edge) for edge in found.edges]
    negations = [[start, end] for start, end, holds in found.facts if not holds]
    own = {"group": group, "split": split, "edges": edges, "negations": negations}
    return {**graph, **own, **targets.of_question(found, symbols(record.id, found.names), wanted)}


def symbols(row: str, names: tuple[str, ...]) -> list[str]:
    """Return the letters of a graph's nodes: its names, where they are letters, else some drawn by the row's id."""
    if set(names) <= set(vocabulary.symbols(vocabulary.SYMBOLS)):
        return list(names)
    found = list(vocabulary.symbols(max(len(names), vocabulary.LETTERS)))
    Random(row).shuffle(found)  # noqa: S311  (chance, not secrets)
    return found[: len(names)]


STAGE = Synthesizing(params=Params, roles=(), work=work)
