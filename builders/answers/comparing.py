"""Do two answers say the same? One rule for each pair of kinds; the route names the rule that decided.

Decided here, once for all:

* A bare list has no order (unless options are given, one of which may be another order); brackets and their kinds count.
* 2:3 = 4:6 = 2/3, as a proportion, and 6:16 = 12:32; but 3:30 and 1:10 are times.
* `x = 5` is 5, but not `y = 5`. Equations and inequalities may be rearranged and multiplied through.
"""

from collections.abc import Sequence
from fractions import Fraction

from builders.answers import quantities
from builders.answers.forms import Choice, Clock, Finding, Form, Quantity, Ratio, Relation, Series, Words
from builders.answers.values import Value, same

_FLIPPED = {"<": ">", "\\le": "\\ge", ">": "<", "\\ge": "\\le"}
_HALF_DAY = 12
_MARK = 5
_INFINITE = {
    sign: Quantity((complex(float(f"{sign}inf")),), frozenset(), None, None, rf"{sign}\inf".lstrip("+")) for sign in "+-"
}


def compared(answer: Form, reference: Form) -> Finding:  # noqa: C901, PLR0911 - one case for each pair of kinds
    """Compare a given answer with the reference."""
    if isinstance(answer, Relation) != isinstance(reference, Relation):
        return _with_relation(answer, reference)
    match answer, reference:
        case Quantity(), Quantity():
            return quantities.compared(answer, reference)
        case Choice(), _:
            return _choice(answer, reference)
        case _, Choice():
            return _choice(reference, answer)
        case Series(), Series():
            return _series(answer, reference)
        case Clock(), Clock():
            return Finding(_clocks(answer, reference), "clock")
        case ((Ratio() | Clock()), _):
            return _ratios(answer, reference)
        case _, (Ratio() | Clock()):
            return _ratios(reference, answer)
        case Relation(), Relation():
            return _relations(answer, reference)
        case Words(), Words():
            return Finding(bool(answer.words) and answer.words == reference.words, "words")
    return Finding(equivalent=False, route="different_kinds")


def _choice(choice: Choice, other: Form) -> Finding:
    if isinstance(other, Choice):
        agree = choice.letter == other.letter
        if agree and choice.content and other.content:
            agree = compared(choice.content, other.content).equivalent
        return Finding(agree, "option")
    if choice.content is None:
        return Finding(equivalent=False, route="option_against_value")
    return Finding(compared(choice.content, other).equivalent, "option_value")


def _clocks(first: Clock, second: Clock) -> bool:
    if first.half is None and second.half is None:
        return first == second or (not (_on_a_dial(first) and _on_a_dial(second)) and _ratios(first, second).equivalent)
    if first.minute != second.minute:
        return False
    if first.half and second.half:
        return first.half == second.half and first.hour % _HALF_DAY == second.hour % _HALF_DAY
    with_half, without = (first, second) if first.half else (second, first)
    hour = with_half.hour % _HALF_DAY + (_HALF_DAY if with_half.half == "pm" else 0)
    return without.hour in (hour, with_half.hour)


def _on_a_dial(clock: Clock) -> bool:
    """Return whether a clock shows this time at one of its marks, so that it is hardly a ratio."""
    return clock.hour <= _HALF_DAY and clock.minute % _MARK == 0


def _ratios(one: Form, other: Form) -> Finding:
    first, second = _proportion(one), _proportion(other)
    if first is None or second is None or len(first) != len(second):
        return Finding(equivalent=False, route="different_kinds")
    crossed = ((a * second[0], b * first[0]) for a, b in zip(first, second, strict=True))
    return Finding(all(same(a, b) for a, b in crossed), "ratio")


def _proportion(form: Form) -> list[Value] | None:
    match form:
        case Ratio():
            parts = [item.values[0] for item in form.items if not item.variables]
            return parts if len(parts) == len(form.items) and all(parts) else None
        case Clock(half=None) if form.hour and form.minute:
            return [Fraction(form.hour), Fraction(form.minute)]
        case Quantity(unit=None, values=(value,)):
            return [value, Fraction(1)]
    return None


def _series(answer: Series, reference: Series) -> Finding:
    if len(answer.items) != len(reference.items):
        return Finding(equivalent=False, route="length_differs")
    kinds = {answer.kind, reference.kind}
    brackets = (answer.opening, answer.closing) == (reference.opening, reference.closing)
    if kinds == {"bracketed"}:
        return Finding(brackets and _in_order(answer, reference), "ordered")
    if kinds == {"list", "bracketed"}:
        return Finding(_in_order(answer, reference), "ordered")
    if kinds == {"matrix"}:
        return Finding(_in_order(answer, reference), "matrix")
    if kinds <= {"list", "set"} or kinds == {"union"}:
        return Finding(_in_any_order(answer, reference), "unordered")
    return Finding(equivalent=False, route="different_kinds")


def _in_order(answer: Series, reference: Series) -> bool:
    return all(compared(one, other).equivalent for one, other in zip(answer.items, reference.items, strict=True))


def _in_any_order(answer: Series, reference: Series) -> bool:
    left = list(reference.items)
    for item in answer.items:
        found = next((place for place, other in enumerate(left) if compared(item, other).equivalent), None)
        if found is None:
            return False
        left.pop(found)
    return True


def _with_relation(answer: Form, reference: Form) -> Finding:
    """Compare where one of the two is an equation or inequality: `x = 5` with 5, `x > 3` with an interval."""
    relation, other = (answer, reference) if isinstance(answer, Relation) else (reference, answer)
    assert isinstance(relation, Relation)  # noqa: S101
    value = relation.answer or _interval(relation)
    if value is None:
        return Finding(equivalent=False, route="different_kinds")
    return compared(value, other) if relation is answer else compared(other, value)


def _relations(answer: Relation, reference: Relation) -> Finding:
    if answer.name and answer.answer and reference.answer and answer.name.casefold() == reference.name.casefold():
        found = compared(answer.answer, reference.answer)
        if found.equivalent:
            return found
    first, second = _interval(answer), _interval(reference)
    if first and second:
        names = {side.text for side in (*answer.sides, *reference.sides) if isinstance(side, Quantity) and side.variables}
        return Finding(len(names) == 1 and compared(first, second).equivalent, "inequality")
    if len(answer.operators) == len(reference.operators) == 1:
        return Finding(_rearranged(answer, reference), "rearranged")
    return Finding(_chained(answer, reference), "chain")


def _chained(answer: Relation, reference: Relation) -> bool:
    for operators, sides in (
        (answer.operators, answer.sides),
        (tuple(_FLIPPED.get(operator, operator) for operator in reversed(answer.operators)), answer.sides[::-1]),
    ):
        if operators == reference.operators:
            return all(compared(one, other).equivalent for one, other in zip(sides, reference.sides, strict=True))
    return False


def _rearranged(answer: Relation, reference: Relation) -> bool:
    """Return whether the difference of the sides is the same at all points but for a factor, negative if the sign turned."""
    first, second = _difference(answer), _difference(reference)
    if not first or not second or len(first) != len(second) or len(first) == 1 or _variables(answer) != _variables(reference):
        return _chained(answer, reference)
    if not all(second) or not all(first):
        return False
    factors = [complex(one) / complex(other) for one, other in zip(first, second, strict=True)]
    if not all(same(factor, factors[0]) for factor in factors):
        return False
    [operator], [wanted] = answer.operators, reference.operators
    if operator in ("=", "\\ne"):
        return operator == wanted
    return wanted == (operator if factors[0].real > 0 else _FLIPPED.get(operator))


def _difference(relation: Relation) -> list[Value]:
    left, right = relation.sides
    if not isinstance(left, Quantity) or not isinstance(right, Quantity) or left.unit or right.unit:
        return []
    points = max(len(left.values), len(right.values))
    pairs = ((form.values * points)[:points] for form in (left, right))
    return [one - other for one, other in zip(*pairs, strict=True)]


def _variables(relation: Relation) -> set[str]:
    return {name for side in relation.sides if isinstance(side, Quantity) for name in side.variables}


def _interval(relation: Relation) -> Series | None:
    """Return the interval that an inequality for one variable describes."""
    operators, sides = relation.operators, relation.sides
    if operators == ("\\in",) and isinstance(relation.answer, Series):
        return relation.answer
    if operators[0] in (">", "\\ge"):
        operators, sides = tuple(_FLIPPED.get(operator, operator) for operator in reversed(operators)), sides[::-1]
    place = _variable(sides)
    if place is None or not set(operators) <= {"<", "\\le"}:
        return None
    low, high = (
        (sides[place - 1] if place else _INFINITE["-"]),
        (sides[place + 1] if place + 1 < len(sides) else _INFINITE["+"]),
    )
    opening = "[" if place and operators[place - 1] == "\\le" else "("
    closing = "]" if place + 1 < len(sides) and operators[place] == "\\le" else ")"
    return Series("bracketed", opening, closing, (low, high))


def _variable(sides: Sequence[Form]) -> int | None:
    """Return which side is the variable alone; None where none is, or what else stands there bounds no interval."""
    free = [isinstance(side, Quantity) and bool(side.variables) for side in sides]
    if free.count(True) != 1 or not all(isinstance(side, Quantity) for side in sides):
        return None
    place = free.index(True)
    alone = sides[place]
    if len(sides) > 3 or (len(sides) == 3 and place != 1) or not isinstance(alone, Quantity) or len(alone.text) > 1:  # noqa: PLR2004
        return None
    return place
