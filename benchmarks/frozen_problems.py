"""Write the engine's problems that dualmath's sample takes, each with its facts and its program of steps.

    python -m benchmarks.frozen_problems raw/dualmath/sources/engine_problems.jsonl [--rows 300] [--seed 0]

Free-form, all quantities rational; at least half of them have five steps or more. A row is a function of seed and number.
"""

import argparse
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import orjson

from builders.families.mmathcot.problems import engine, kinds
from builders.families.mmathcot.problems.problem import Problem, data

LONG = 5
_LONG_SHARE = 0.7


def rows(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield so many problems, no two with the same question and facts."""
    seen: set[bytes] = set()
    number = 0
    while len(seen) < count:
        chance = Random(f"frozen {seed} {number}")  # noqa: S311  (chance, not secrets)
        number += 1
        found = _drawn(chance)
        if not is_rational(found):
            continue
        made = row(found, f"engine-{seed}-{number - 1}")
        content = orjson.dumps([made["question"], made["program"]["facts"]])
        if content not in seen:
            seen.add(content)
            yield made


def is_rational(problem: Problem) -> bool:
    """Tell whether all of a problem's quantities are rational."""
    values = [*(given.value for given in problem.givens), *(step.value for step in problem.steps)]
    return all(isinstance(value, Fraction) for value in values)


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows(arguments.rows, arguments.seed)))
    return 0


def _drawn(chance: Random) -> Problem:
    is_long = chance.random() < _LONG_SHARE
    depths = {
        kind: [depth for depth in known.depths if depth > 1 and (depth >= LONG) == is_long]
        for kind, known in kinds.KINDS.items()
    }
    kind = chance.choice([kind for kind, found in depths.items() if found])
    return engine.problem(kind, chance.choice(depths[kind]), chance.randrange(2**31), "free")


def row(problem: Problem, key: str) -> dict[str, Any]:
    """Return a problem as a source of dualmath has it."""
    made = data(problem)
    program = {name: made[name] for name in ("kind", "facts", "told", "givens", "steps")} | {"style": problem.style}
    return {"key": key, "question": problem.question, "answer": problem.answer, "kind": problem.kind, "program": program}


if __name__ == "__main__":
    sys.exit(main())
