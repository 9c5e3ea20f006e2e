"""Runs side by side: models x measures with intervals, the papers' numbers, and paired differences where items are the same.

A measure of a group, such as `category:words/misaligned`, is shown where all measures are asked for. What judges are worth
stands below the table: whether one is of the model's own family, and how far it agrees with people, where a log that measured
it on their labels is among those compared.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from builders.evaluation import paired, rules_measured, runs
from builders.evaluation.paired import Difference
from builders.evaluation.published import Published
from builders.evaluation.runs import Measure, Run

AGREEMENT = ("agrees_on_fail", "agrees_on_pass")


class Line(NamedTuple):
    """A measure of a task, by run.

    Args:
        task: its name.
        measure: `<scorer>/<measure>`.
        cells: the label of a run → its number; runs without it are left out.
    """

    task: str
    measure: str
    cells: dict[str, Measure]


class PairedDifference(NamedTuple):
    """By how much a run exceeds another in a measure."""

    task: str
    measure: str
    first: str
    second: str
    difference: Difference


class Comparison(NamedTuple):
    """All of it.

    Args:
        labels: of the runs, in order.
        lines: measures, in the order of tasks.
        differences: of every two runs of a task that have items in common.
        published: the papers' numbers of what is measured.
        notes: what is to be known of judges.
    """

    labels: tuple[str, ...]
    lines: tuple[Line, ...]
    differences: tuple[PairedDifference, ...]
    published: tuple[Published, ...]
    notes: tuple[str, ...]


def compared(runs: Sequence[Run], numbers: Sequence[Published], *, every: bool = False) -> Comparison:
    """Return the comparison of runs; of two of one task, model and settings the last in order counts.

    Args:
        runs: those that are compared.
        numbers: the papers' numbers.
        every: whether measures of groups are shown, too.
    """
    latest = list({(run.task, run.label): run for run in runs}.values())
    lines = tuple(_lines(latest, every=every))
    measured = {(line.task, line.measure) for line in lines}
    labels = tuple(dict.fromkeys(run.label for run in latest if any(run.label in line.cells for line in lines)))
    published = tuple(number for number in numbers if (number.task, number.measure) in measured)
    return Comparison(labels, lines, tuple(_differences(latest, lines)), published, tuple(_notes(latest)))


def _lines(runs: Sequence[Run], *, every: bool) -> Iterator[Line]:
    names = dict.fromkeys((run.task, name) for run in runs for name in run.measures)
    for task, name in names:
        if every or _of_all(name):
            of = [run for run in runs if run.task == task and name in run.measures]
            yield Line(task, name, {run.label: run.measures[name] for run in of})


def _of_all(name: str) -> bool:
    """Tell whether a measure is of all items: none of a group, but dev and test are no groups."""
    return ":" not in name


def _differences(logs: Sequence[Run], lines: Sequence[Line]) -> Iterator[PairedDifference]:
    shown = {(line.task, line.measure) for line in lines}
    for first, second in combinations(logs, 2):
        if first.task != second.task:
            continue
        for name in first.rules.keys() & second.rules.keys():
            if (first.task, name) in shown and first.rules[name] == second.rules[name] and _of_all(name):
                found = paired.difference(runs.items(first, name), runs.items(second, name), first.rules[name])
                if found is not None:
                    yield PairedDifference(first.task, name, first.label, second.label, found)


def _notes(runs: Sequence[Run]) -> Iterator[str]:
    measured = [run for run in runs if run.labelled]
    for run in runs:
        if not run.labelled:
            yield from _of_judges(run, measured)
            yield from _of_rules(run, measured)


def _of_judges(run: Run, measured: Sequence[Run]) -> Iterator[str]:
    for role, judge in run.judges.items():
        kin = "; it is of the model's own family" if run.akin else ""
        known = [text for other in measured if judge in other.judges.values() for text in _agreements(other)]
        yield f"{run.task}, {run.label}: {role} {judge}{kin}; {_worth(known)}"


def _of_rules(run: Run, measured: Sequence[Run]) -> Iterator[str]:
    for scorer, rule in run.deciders.items():
        name = f"{scorer}({rule})"
        known = [*_rule_agreement(name), *_on_labels(name, measured)]
        yield f"{run.task}, {run.label}: {scorer} by {rule}, which asks nobody; {_worth(known)}"


def _worth(agreements: Sequence[str]) -> str:
    return "; ".join(agreements) if agreements else "not measured on people's labels here"


def _rule_agreement(scorer: str) -> Iterator[str]:
    """Yield how far a rule of ours agrees with people, on data that it was not fitted on, as words."""
    for one in rules_measured.rules():
        if one.scorer == scorer:
            sides = {"fail": one.fails, "pass": one.passes}
            shares = [
                f"agrees with people on what they {side}: "
                + cell(Measure(share.value or 0.0, share.low, share.high, share.trials))
                for side, share in sides.items()
            ]
            yield f"{', '.join(shares)} ({one.data})"


def _on_labels(scorer: str, measured: Sequence[Run]) -> Iterator[str]:
    """Yield the same of logs that measured it, but for labels that it was fitted on."""
    for run in measured:
        agreements = [text for text in _agreements(run) if text.startswith(f"{scorer} ")]
        if agreements and rules_measured.fitted_on(scorer, run.labels):
            yield f"it was fitted on {run.labels}, whose log says nothing of it"
        else:
            yield from agreements


def _agreements(run: Run) -> Iterator[str]:
    """Yield how far a judge agrees with people on test, as words."""
    for name, found in run.measures.items():
        scorer, _, measure = name.partition("/")
        if measure in {f"test/{what}" for what in AGREEMENT}:
            what = measure.removeprefix("test/").replace("_", " ").replace("agrees on", "agrees with people on what they")
            yield f"{scorer} {what}: {cell(found)}"


def cell(measure: Measure) -> str:
    """Return a number as a cell has it: value, interval and denominator."""
    value = f"{measure.value:.3f}" if abs(measure.value) <= 1 else f"{measure.value:.1f}"
    ends = f" ({measure.low:.3f}-{measure.high:.3f})" if measure.low is not None and measure.high is not None else ""
    return f"{value}{ends}" + (f" n {measure.of}" if measure.of is not None else "")
