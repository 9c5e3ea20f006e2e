"""Images of a point under reflections, rotations and shifts."""

from collections.abc import Callable
from fractions import Fraction

from builders.families.mmathcot.problems import coordinates
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, text

ORDER = ("first", "second", "third")
MOVES: tuple[dict[str, str], ...] = (
    {
        "kind": "x-axis",
        "x": "1 * x",
        "y": "- y",
        "words": "reflected in the x-axis",
        "reason": "A reflection in the x-axis keeps x and changes the sign of y.",
    },
    {
        "kind": "y-axis",
        "x": "- x",
        "y": "1 * y",
        "words": "reflected in the y-axis",
        "reason": "A reflection in the y-axis changes the sign of x and keeps y.",
    },
    {
        "kind": "turn",
        "x": "- y",
        "y": "1 * x",
        "words": "rotated by 90° counter-clockwise about the origin",
        "reason": "A quarter turn counter-clockwise takes (x, y) to (−y, x).",
    },
    {
        "kind": "back",
        "x": "1 * y",
        "y": "- x",
        "words": "rotated by 90° clockwise about the origin",
        "reason": "A quarter turn clockwise takes (x, y) to (y, −x).",
    },
    {
        "kind": "diagonal",
        "x": "1 * y",
        "y": "1 * x",
        "words": "reflected in the line y = x",
        "reason": "A reflection in the line y = x swaps the coordinates.",
    },
)


def images(depth: int, lot: Lot) -> Draft:
    """A point is moved once to three times; the sum of its image's coordinates."""
    at = coordinates.point(lot)
    if 0 in at or abs(at[0]) == abs(at[1]):
        raise Unfit("the point lies on an axis or a diagonal")
    moves: list[Facts] = [_shift(lot) if lot.coin() else dict(lot.choice(MOVES)) for _ in range((depth - 1) // 2)]
    kinds = {move["kind"] for move in moves}
    if len(kinds) < len(moves) or {"turn", "back"} <= kinds:
        raise Unfit("the same move twice, or one that undoes another")
    lot.settle()  # before the look, after which another would be tried: few numbers come as far as that
    name = lot.look("PQRAB")
    facts: Facts = {"points": {name: list(at)}, "window": coordinates.window([at, (-3, -3), (3, 3)])}
    givens = [*coordinates.read(name, at)]
    for move in moves:
        if move["kind"] == "shift":
            givens.append(text("right", "the shift to the side", abs(move["by"][0])))
            givens.append(text("up", "the shift up or down", abs(move["by"][1])))
    rules = _rules(name, moves)
    return Draft(_texts(name, moves), facts, {"name": name, "moves": moves}, tuple(givens), rules, _slips(name, rules))


def _texts(name: str, moves: list[Facts]) -> tuple[str, ...]:
    words = ", then ".join(move["words"] for move in moves)
    return (
        f"Point {name} is {words}. What is the sum of the coordinates of the image?",
        f"Read the coordinates of {name}. The point is {words}. Add the x- and the y-coordinate of where it ends up.",
        f"Find x + y for the image (x, y) of the marked point {name}, which is {words}.",
    )


def _rules(name: str, moves: list[Facts]) -> tuple[Rule, ...]:
    x, y, rules = f"x{name.lower()}", f"y{name.lower()}", []
    for k, move in enumerate(moves):
        put = {"x": x, "y": y}
        after = f"after the {ORDER[k]} move" if len(moves) > 1 else "of the image"
        for axis in "xy":
            formula = " ".join(put.get(word, word) for word in move[axis].split())
            rules.append(Rule(f"{axis}{k}", f"the {axis}-coordinate {after}", formula, "", move["reason"]))
        x, y = f"x{k}", f"y{k}"
    return (*rules, Rule("sum", "the sum of the coordinates", f"{x} + {y}", "", "Add the coordinates of the image."))


def _slips(name: str, rules: tuple[Rule, ...]) -> tuple[Slip, ...]:
    low, x, y = name.lower(), rules[-3].name, rules[-2].name
    return (
        Slip("did not move the point", f"x{low} + y{low}"),
        Slip("lost a sign", f"{y} - {x}"),
        Slip("subtracted", f"{x} - {y}"),
        Slip("lost both signs", f"-{x} - {y}"),
        Slip("miscounted a square", "sum + 1"),
        Slip("miscounted two squares", "sum - 2"),
    )


def _shift(lot: Lot) -> Facts:
    right, up = lot.choice((-5, -4, -3, -2, 2, 3, 4, 5)), lot.choice((-4, -3, -2, 2, 3, 4))
    across = f"{abs(right)} units to the {'right' if right > 0 else 'left'}"
    along = f"{abs(up)} units {'up' if up > 0 else 'down'}"
    return {
        "kind": "shift",
        "x": f"x {'+' if right > 0 else '-'} right",
        "y": f"y {'+' if up > 0 else '-'} up",
        "by": [right, up],
        "words": f"shifted {across} and {along}",
        "reason": "A shift to the right or upwards adds to a coordinate, to the left or downwards it takes away.",
    }


def moved(facts: Facts, statement: Facts) -> Fraction:
    """Move the point as a complex number."""
    at = complex(*facts["points"][statement["name"]])
    maps: dict[str, Callable[[complex], complex]] = {
        "x-axis": lambda z: z.conjugate(),
        "y-axis": lambda z: -z.conjugate(),
        "turn": lambda z: z * 1j,
        "back": lambda z: z / 1j,
        "diagonal": lambda z: z.conjugate() * 1j,
    }
    for move in statement["moves"]:
        at = at + complex(*move["by"]) if move["kind"] == "shift" else maps[move["kind"]](at)
    return Fraction(round(at.real + at.imag))


KINDS = {"images": Kind(images, coordinates.draw, moved, (3, 5, 7), (440, 420))}
