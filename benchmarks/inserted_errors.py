"""Pairs of a right solution and one with an inserted error, each proven, from problems of the engine with figures.

    python -m benchmarks.inserted_errors [--pairs 100000] [--problems 30000] [--processes 2] [--file FILE]

Goal: 100,000 distinct pairs (figure, question, place, error) of at least 30,000 problems in under an hour on two cores, no kind
of problem above 5 % of the pairs, no kind of error above 25 %. Every figure is drawn; a pair counts if `inserting.faults` finds
nothing. Last, whether words alone tell a misread step from the right one in the same place: the area under the ROC curve of a
classifier on words and numbers, on problem kinds that it was not trained on; .5 is chance. `--file` writes the pairs.
"""

import argparse
import contextlib
import itertools
import sys
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import orjson

from benchmarks import frozen_problems
from builders.families.dualmath import altering, inserting, programs
from builders.families.mmathcot.problems import engine, kinds
from builders.records import digest

HOUR = 3600
MOST_OF_A_PROBLEM_KIND, MOST_OF_AN_ERROR_KIND = 0.05, 0.25
CHUNK = 40
LEAST_STEPS = 2
TESTED = 5
"""Every so many problem kinds one is for the test of the classifier."""


class Chunk(NamedTuple):
    """Problems to make: of a kind, by number."""

    kind: str
    start: int
    most: int


class Made(NamedTuple):
    """A problem with its pairs: what figure and question are named by, faults found, and rows of pairs."""

    name: str
    faults: tuple[str, ...]
    pairs: tuple[dict[str, Any], ...]


@dataclass
class Totals:
    """What came so far."""

    problems: set[str] = field(default_factory=set)
    pairs: set[str] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    by_problem: Counter[str] = field(default_factory=Counter)
    by_error: Counter[str] = field(default_factory=Counter)
    by_category: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    steps: list[tuple[str, int, str]] = field(default_factory=list)


def main() -> int:
    """Print what was made; exit code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--problems", type=int, default=30_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--file", type=Path)
    arguments = parser.parse_args()
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(arguments.file.open("wb")) if arguments.file else None
        found = gathered(arguments.pairs, arguments.problems, arguments.processes, file)
    seconds = time.perf_counter() - start
    problem, most = found.by_problem.most_common(1)[0]
    error, errors = found.by_error.most_common(1)[0]
    count = len(found.pairs)
    print(
        f"{count} distinct pairs of {len(found.problems)} problems with figures, {len(found.by_problem)} kinds, {seconds:.0f} s"
    )
    print(f"not proven: {dict(found.faults) or 0}")
    print(f"largest kind of problem {problem} {most / count:.2%}, of error {error} {errors / count:.2%}")
    for kind in altering.KINDS:
        print(f"  {kind:18}{found.by_error[kind]:8}{found.by_error[kind] / count:8.2%}")
    print(f"categories {dict(found.by_category)}")
    later = found.roles["inherits"] + found.roles["independent"]
    print(f"steps {dict(found.roles)}; independent of the error {found.roles['independent'] / later:.1%} of later steps")
    print(f"words alone, misread against right step in the same place: AUC {word_accuracy(found.steps):.3f}")
    scaled = seconds * 100_000 / count
    print(f"100,000 pairs at this rate: {scaled:.0f} s")
    fair = most <= MOST_OF_A_PROBLEM_KIND * count and errors <= MOST_OF_AN_ERROR_KIND * count
    return 0 if fair and not found.faults and scaled < HOUR and count >= arguments.pairs else 1


def gathered(pairs: int, problems: int, processes: int, file: BinaryIO | None) -> Totals:
    """Make pairs until there are enough, each kind of problem in turn and none above its share."""
    found = Totals()
    most = -(-pairs // problems)
    chunks = (Chunk(kind, start, most) for start in itertools.count(0, CHUNK) for kind in kinds.KINDS)
    wanted = (chunk for chunk in chunks if found.by_problem[chunk.kind] < int(MOST_OF_A_PROBLEM_KIND * pairs))
    with ProcessPoolExecutor(processes) as pool:
        running: list[tuple[Chunk, Future[list[Made]]]] = []
        while len(found.pairs) < pairs or len(found.problems) < problems:
            while len(running) < 2 * processes:
                chunk = next(wanted)
                running.append((chunk, pool.submit(made, chunk)))
            first, future = running.pop(0)
            wait([future], return_when=FIRST_COMPLETED)
            for one in future.result():
                _take(found, first.kind, one, int(MOST_OF_A_PROBLEM_KIND * pairs), file)
        for _, future in running:
            future.cancel()
    return found


def _take(totals: Totals, kind: str, one: Made, most: int, file: BinaryIO | None) -> None:
    totals.faults.update(one.faults)
    if one.name in totals.problems:
        return
    for pair in one.pairs:
        name = digest([one.name, pair["place"], pair["error"]])
        if name in totals.pairs or totals.by_problem[kind] >= most:
            continue
        totals.problems.add(one.name)
        totals.pairs.add(name)
        totals.by_problem[kind] += 1
        totals.by_error[pair["kind"]] += 1
        totals.by_category[pair["category"]] += 1
        totals.roles.update(pair["roles"])
        if pair["category"] == "perception":
            totals.steps += [(pair["right"], 0, kind), (pair["wrong"][pair["place"]], 1, kind)]
        if file:
            file.write(orjson.dumps({"problem": one.name, "problem_kind": kind, **pair}) + b"\n")


def made(chunk: Chunk) -> list[Made]:
    """Make problems, their figures, and proven pairs of each."""
    depths = [depth for depth in kinds.KINDS[chunk.kind].depths if depth >= LEAST_STEPS]
    return [
        one
        for number in range(chunk.start, chunk.start + CHUNK)
        if (one := _made(chunk.kind, depths[number % len(depths)], number, chunk.most))
    ]


def _made(kind: str, depth: int, number: int, most: int) -> Made | None:
    drawn = engine.problem(kind, depth, number, "free")
    if not frozen_problems.is_rational(drawn):
        return None
    row = frozen_problems.row(drawn, f"{kind} {depth} {number}")
    problem = programs.read(row["program"], row["key"], row["question"], row["answer"])
    assert problem  # noqa: S101  (its quantities are rational)
    pairs = inserting.pairs(problem, most, Random(row["key"]))  # noqa: S311  (chance, not secrets)
    faults = tuple(fault for pair in pairs for fault in inserting.faults(problem, pair))
    figure = digest(engine.figure(drawn).hex())
    return Made(digest([figure, row["question"]]), faults, tuple(map(_row, pairs)))


def _row(pair: inserting.Pair) -> dict[str, Any]:
    error = pair.error
    return {
        "place": error.place,
        "error": error.name,
        "kind": error.kind,
        "category": error.category,
        "roles": pair.roles,
        "right": pair.right[error.place],
        "wrong": pair.wrong,
        "given": pair.given,
    }


def word_accuracy(steps: list[tuple[str, int, str]]) -> float:
    """Return how well words alone tell misread steps on problem kinds that were held out."""
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    held_out = set(sorted({kind for _, _, kind in steps})[::TESTED])
    words = r"\w+|[^\w\s]"
    texts = HashingVectorizer(ngram_range=(1, 2), token_pattern=words, n_features=2**16).transform(text for text, _, _ in steps)
    wrong = np.array([label for _, label, _ in steps])
    tested = np.array([kind in held_out for _, _, kind in steps])
    if tested.all() or not tested.any():
        return float("nan")
    model = LogisticRegression(max_iter=300).fit(texts[~tested], wrong[~tested])
    return float(roc_auc_score(wrong[tested], model.decision_function(texts[tested])))


if __name__ == "__main__":
    sys.exit(main())
