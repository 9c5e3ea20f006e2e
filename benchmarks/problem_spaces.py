"""Count the distinct problems of each kind and depth, and write what the engine has to know of them.

    python -m benchmarks.problem_spaces [--kinds NAME …] [--check]

A small space is gone through: each number that makes a problem which can be drawn, and which is no copy of an earlier one,
is listed. Of a large one a sample says how many of its numbers make problems; that no two of these are alike follows from
how they are made, and is tried on the sample. Writes `spaces.json`; `--check` compares instead and exits with 1 if it differs.
"""

import argparse
import json
import math
import sys
from random import Random

from builders.families.mmathcot.problems import engine, likeness, spaces
from builders.families.mmathcot.problems.drawing import Drawing
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.lots import Lot
from builders.problems.quantities import Unfit

SAMPLE = 6000
DRAWN = 700
"""The size up to which each problem of a space is drawn, too: nearly all problems that hold can be."""
CROWDED = frozenset({"topped_cylinder"})
"""Kinds with little room for labels, whose problems are all drawn."""
_LOOKS = 10
_MARGIN = 20
"""How many problems are expected among the numbers that one has for itself."""


def main() -> int:
    """Go through the spaces and write or compare the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    found = {}
    for kind in arguments.kinds or KINDS:
        for depth in KINDS[kind].depths:
            name = f"{kind} {depth}"
            found[name] = counted(kind, depth)
            print(f"{name:<26}{found[name]['distinct']:>24}", flush=True)
        if not arguments.check:
            _write(found)
    if arguments.check:
        known = json.loads(spaces.FILE.read_bytes())
        differing = [name for name in found if known.get(name) != found[name]]
        print("\n".join(f"differs: {name}" for name in differing) or "as in the file")
        return bool(differing)
    return 0


def _write(fresh: dict[str, dict[str, int | str]]) -> None:
    known = json.loads(spaces.FILE.read_bytes()) if spaces.FILE.exists() else {}
    names = [f"{kind} {depth}" for kind in KINDS for depth in KINDS[kind].depths]
    both = known | fresh
    spaces.FILE.write_text(json.dumps({name: both[name] for name in names if name in both}, indent=1) + "\n")


def counted(kind: str, depth: int) -> dict[str, int | str]:
    """Return what the file holds of a kind and a depth."""
    size = spaces.measured(KINDS[kind], depth)
    if size <= spaces.SMALL:
        numbers = list(_listed(kind, depth, size))
        return {"size": size, "distinct": len(numbers), "owned": 1, "listed": spaces.packed(numbers, size)}
    chance = Random("sample")  # noqa: S311  (chance, not secrets)
    numbers = sorted({chance.randrange(size) for _ in range(SAMPLE)})
    cores = [core for number in numbers if (core := drafted(kind, depth, number))]
    if len(set(cores)) < len(cores):
        message = f"{kind} {depth}: two numbers make one problem"
        raise ValueError(message)
    distinct = size * len(cores) // len(numbers)
    return {"size": size, "distinct": distinct, "owned": math.ceil(_MARGIN * len(numbers) / len(cores)), "listed": ""}


def drafted(kind: str, depth: int, number: int) -> str:
    """Return the core of the problem that a number makes; empty if it makes none."""
    for look in range(4):
        lot = Lot(number, Random(look))  # noqa: S311
        try:
            draft = KINDS[kind].make(depth, lot)
            lot.settle()
        except Unfit:
            if not lot.looked:
                return ""
            continue
        return likeness.core(kind, draft)
    return ""


def _listed(kind: str, depth: int, size: int) -> "list[int]":
    seen, numbers = set(), []
    for number in range(size):
        core = drafted(kind, depth, number)
        if core and core not in seen and _holds(kind, depth, number, drawn=size <= DRAWN or kind in CROWDED):
            seen.add(core)
            numbers.append(number)
    return numbers


def _holds(kind: str, depth: int, number: int, *, drawn: bool) -> bool:
    """Return whether a number makes a problem that holds, and if it is to be drawn, that can be."""
    shown = engine.drawing if drawn else lambda _: Drawing(0, 0, "sans", (), (), ())
    return engine.attempted((kind, depth), number, 0, _LOOKS, shown) is not None


if __name__ == "__main__":
    sys.exit(main())
