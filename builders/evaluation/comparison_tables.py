"""A comparison as tables for a terminal, as Markdown and CSV, and as plots."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from builders.evaluation.comparing import Comparison, Line, cell
from builders.evaluation.paired import Difference
from builders.evaluation.runs import Measure

_FACTS = ("task", "measure", "model", "value", "low", "high", "n", "excluded", "source")
Rows = Sequence[tuple[str, ...]]


def tables(comparison: Comparison) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Yield title, heads and rows of each table: measures, differences, and what the papers print."""
    yield "Measures", ("task", "measure", *comparison.labels), [_row(line, comparison.labels) for line in comparison.lines]
    if comparison.differences:
        rows = [
            (one.task, one.measure, one.first, one.second, _signed(one.difference), str(one.difference.of))
            for one in comparison.differences
        ]
        yield "Differences, item by item", ("task", "measure", "first", "second", "first minus second", "questions"), rows
    if comparison.published:
        printed = [
            (one.task, one.measure, one.model, f"{one.value:.3f}", one.setting, one.source) for one in comparison.published
        ]
        yield "Published", ("task", "measure", "model", "value", "setting", "source"), printed


def rich(title: str, heads: Sequence[str], rows: Rows) -> Table:
    """Return a table for a terminal."""
    shown = Table(*heads, title=title, title_justify="left")
    for row in rows:
        shown.add_row(*row)
    return shown


def markdown(comparison: Comparison) -> str:
    """Return all tables, and the notes, as Markdown."""
    parts = []
    for title, heads, rows in tables(comparison):
        head = [f"## {title}", "", _cells(heads), _cells("---" for _ in heads)]
        parts.append("\n".join([*head, *map(_cells, rows)]))
    if comparison.notes:
        parts.append("\n".join(["## Judges", "", *(f"- {note}" for note in comparison.notes)]))
    return "\n\n".join(parts) + "\n"


def comma_separated(comparison: Comparison) -> str:
    """Return every number with what stands beside it, one a line; the papers' have a source."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_FACTS)
    for line in comparison.lines:
        for label, one in line.cells.items():
            excluded = " ".join(f"{why}={count}" for why, count in one.excluded.items())
            out.writerow([line.task, line.measure, label, one.value, one.low, one.high, one.of, excluded, ""])
    for number in comparison.published:
        out.writerow([number.task, number.measure, f"{number.model}, {number.setting}", number.value, *[""] * 4, number.source])
    return text.getvalue()


def plot(comparison: Comparison, folder: Path) -> list[Path]:
    """Write a plot of each measure with an interval, models beside each other, published values behind them.

    Returns:
        the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for line in comparison.lines:
        shown = [(label, one) for label, one in line.cells.items() if one.low is not None and one.high is not None]
        if shown:
            file = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', f'{line.task}-{line.measure}')}.png"
            _figure(f"{line.task}: {line.measure}", shown, _printed(comparison, line)).savefig(file, dpi=120)
            files.append(file)
    return files


def _printed(comparison: Comparison, line: Line) -> list[tuple[str, float]]:
    """Return the published values of a line's measure, with whose each is."""
    return [
        (f"{number.model}, {number.setting} (published)", number.value)
        for number in comparison.published
        if (number.task, number.measure) == (line.task, line.measure)
    ]


def _figure(title: str, shown: Sequence[tuple[str, Measure]], printed: Sequence[tuple[str, float]]) -> Any:  # noqa: ANN401
    """Return a plot: a run a line with its interval, and published values below them."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (a second that only plots need)

    figure = Figure(figsize=(7, 0.8 + 0.3 * (len(shown) + len(printed))), layout="constrained")
    axes = figure.subplots()
    for place, (_, one) in enumerate(shown):
        below, above = one.value - (one.low or 0.0), (one.high or 0.0) - one.value
        axes.errorbar(one.value, place, xerr=[[max(0.0, below)], [max(0.0, above)]], fmt="o", color="tab:blue", capsize=3)
    for place, (_, value) in enumerate(printed, len(shown)):
        axes.plot(value, place, "x", color="tab:grey")
    axes.set_yticks(range(len(shown) + len(printed)), [label for label, _ in (*shown, *printed)])
    axes.set_xlim(0, 1)
    axes.invert_yaxis()
    axes.set_title(title, loc="left")
    return figure


def _row(line: Line, labels: Sequence[str]) -> tuple[str, ...]:
    return (line.task, line.measure, *(cell(line.cells[label]) if label in line.cells else "" for label in labels))


def _signed(one: Difference) -> str:
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
