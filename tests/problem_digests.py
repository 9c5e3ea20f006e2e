"""What the problem engine makes of each kind and depth, as digests: a number's problem stays the same for good.

python -m tests.problem_digests      # where the problems were meant to change
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress

from builders.families.mmathcot.problems import engine, kinds, spaces
from builders.families.mmathcot.problems.drawing import Drawing
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Problem, data
from builders.problems.quantities import Unfit
from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "problem_digests.json"
EVERY = [(kind, depth) for kind, known in kinds.KINDS.items() for depth in known.depths]
_NUMBERS = 240
_SOLVED = 16


def made(kind: str, depth: int, seed: int) -> Problem:
    """Return a problem, in the two forms by turns."""
    return engine.problem(kind, depth, seed, "choice" if seed % 2 else "free")


def drafts(kind: str, depth: int) -> str:
    """Return the digest of what numbers spread over a space draft, and of what the second route finds for the first of them."""
    known, found = kinds.KINDS[kind], dict(_drafted(kind, depth))
    solved = [f"{float(known.solve(draft.facts, dict(draft.statement))):.9g}" for draft in list(found.values())[:_SOLVED]]
    return _digest([found, solved])


def problem(one: Problem) -> str:
    """Return the digest of a problem."""
    return _digest([data(one), one.phrasing, one.style])


def figure(drawing: Drawing) -> str:
    """Return the digest of a figure, in pixels and hundredths."""
    return _digest(_rounded(drawing))


def known() -> dict[str, list[str]]:
    """Return the digests that were kept: kind and depth → drafts, problem, figure."""
    found: dict[str, list[str]] = json.loads(FILE.read_text())
    return found


def _drafted(kind: str, depth: int) -> Iterator[tuple[int, Draft]]:
    size = spaces.space(kind, depth).size
    for place in range(min(size, _NUMBERS)):
        number = spaces.permuted(place, size, "digests")
        with suppress(Unfit):
            lot = Lot(number, str(number))
            draft = kinds.KINDS[kind].make(depth, lot)
            lot.settle()
            yield number, draft


def _rounded(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 2) + 0.0 if isinstance(value, float) else value


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _all() -> Iterator[tuple[str, list[str]]]:
    for seed, (kind, depth) in enumerate(EVERY):
        one = made(kind, depth, seed)
        yield f"{kind} {depth}", [drafts(kind, depth), problem(one), figure(engine.drawing(one))]


if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in _all()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
