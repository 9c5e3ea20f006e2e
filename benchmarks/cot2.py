"""How fast targets of `mnns` are computed beside plain Python, how a larger setting streams, and how the graphs look.

    python -m benchmarks.cot2 [--rows 2000] [--stream 10000000] [--graphs 10000] [--published FILE]

First the same rows of the paper's second setting with NumPy and in plain Python, every distribution compared. Then the first
`--stream` sequences of 1 to 10 with 7 digits, answers and one budget, with the memory that is taken at every tenth. Then graphs
of both variants of `prosqa`: sizes, steps, and how often a rule without reasoning finds the target, beside the published file
where it is named (`prosqa_valid.json` of Coconut).
"""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, product
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import orjson

from builders.families.cot2 import graphs, mnns, prosqa, questions
from builders.families.cot2.graphs import Graph
from builders.families.cot2.mnns import SECOND, Distributions, Setting
from builders.families.cot2.questions import Question

LARGER = Setting(1, 10, 7)
BUDGETS = (1, 4, 8, 16, None)
_BUDGET, _BLOCK = 8, 2048

Target = list[dict[int, float]]


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--stream", type=int, default=LARGER.rows)
    parser.add_argument("--graphs", type=int, default=10_000)
    parser.add_argument("--published", type=Path)
    arguments = parser.parse_args()
    compare(arguments.rows)
    stream(arguments.stream)
    if arguments.graphs:
        pictured(arguments.graphs, arguments.published)


def compare(rows: int) -> None:
    """Print rows a second of both ways to compute all budgets of one strategy, and compare what they return."""
    digits = mnns.sequences(SECOND, 0, rows)
    began = time.process_time()
    arrays = vectorised(digits)
    middle = time.process_time()
    wanted = [_plain_row(row) for row in digits.tolist()]
    seconds = {"NumPy": middle - began, "plain Python": time.process_time() - middle}
    for name, taken in seconds.items():
        print(f"{name:12} {rows / taken:10,.0f} rows/s of CPU, {len(BUDGETS)} budgets, {rows} rows of {SECOND}")
    steps = digits.shape[1] - 1
    for number, row in enumerate(wanted):
        for made, target in zip(arrays, row, strict=True):
            found = [dict(zip(*made.cell(number * steps + step), strict=True)) for step in range(steps)]
            assert _close(found, target), digits[number]  # noqa: S101
    print(f"NumPy is {seconds['plain Python'] / seconds['NumPy']:.0f} times as fast; all distributions agree")


def _close(one: Target, other: Target) -> bool:
    return all(
        left.keys() == right.keys() and all(abs(left[value] - right[value]) < 1e-12 for value in left)  # noqa: PLR2004
        for left, right in zip(one, other, strict=True)
    )


def vectorised(digits: Any) -> list[Distributions]:  # noqa: ANN401  (an array of any width)
    """Return the targets of all rows, budget by budget."""
    sums = mnns.partial_sums(digits)
    order = mnns.ranked(sums)
    return [mnns.targets(sums, mnns.selection(sums, order, budget, "min_abs")) for budget in BUDGETS]


def _plain_row(digits: list[int]) -> list[Target]:
    traces = []
    for signs in product((1, -1), repeat=len(digits)):
        sums = list(accumulate(sign * digit for sign, digit in zip(signs, digits, strict=True)))
        traces.append((abs(sums[-1]), sums[-1] < 0, signs, sums))
    traces.sort()
    found = []
    for budget in BUDGETS:
        taken = [sums for *_, sums in traces[:budget]]
        counts = (Counter(sums[step] for sums in taken) for step in range(len(digits) - 1))
        found.append([{value: count / len(taken) for value, count in counted.items()} for counted in counts])
    return found


def stream(rows: int) -> None:
    """Print rows a second and the memory taken while a larger setting goes by."""
    began, answers, entries, number = time.process_time(), Counter[int](), 0, 0
    printed = 0
    for block in mnns.blocks(LARGER, rows, _BLOCK):
        sums = mnns.partial_sums(block)
        made = mnns.targets(sums, mnns.selection(sums, mnns.ranked(sums), _BUDGET, "min_abs"))
        answers.update(mnns.answers(sums).tolist())
        entries, number = entries + len(made.values), number + len(block)
        if number * 10 // rows > printed:
            printed = number * 10 // rows
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{number:12,} rows, {number / (time.process_time() - began):9,.0f} a second of CPU, peak {peak:.0f} MiB",
                flush=True,
            )
    print(f"{LARGER}, B = {_BUDGET}: {entries:,} entries; most frequent answer {answers.most_common(1)[0]}")


def pictured(count: int, published: Path | None) -> None:
    """Print what graphs are like, ours and the published ones."""
    for name, balanced in (("published", False), ("balanced", True)):
        made = [prosqa.made(Random(f"prosqa 0-{number}"), balanced=balanced) for number in range(count)]  # noqa: S311
        _described(f"ours, {name}", made)
    if published:
        read = [questions.prosqa(row) for row in orjson.loads(published.read_bytes())]
        theirs = [question for question in read if isinstance(question, Question)]
        print(f"{published.name}: {len(theirs)} of {len(read)} rows are what they claim")
        _described("theirs", [Graph(len(one.names), one.edges, one.root, one.target, one.other) for one in theirs])


def _described(name: str, made: Iterable[Graph]) -> None:
    found = list(made)
    far = [graphs.distances(graph.edges, graph.root)[graph.target] for graph in found]
    steps = {count: f"{100 * times / len(far):.1f} %" for count, times in sorted(Counter(far).items())}
    rules = {rule: f"{100 * share:.1f} %" for rule, share in graphs.shortcuts(found).items()}
    nodes, edges = fmean(graph.nodes for graph in found), fmean(len(graph.edges) for graph in found)
    print(
        f"{name}: {len(found)} graphs, nodes {nodes:.2f}, edges {edges:.2f}, steps {fmean(far):.2f} {steps}, shortcuts {rules}"
    )


if __name__ == "__main__":
    main()
