"""What an expression is worth: one operation a node, exact while it is rational, else in floating point.

No computer algebra: nothing is expanded, factored or simplified. Variables stand for fixed irrational numbers, and two
expressions that agree to ten digits at three such points are the same: among polynomials and roots a chance agreement would
be a wonder. Exact numbers stop growing at `MOST_BITS`, factorials and binomials are bounded, and a float that overflows is an
error, so the time is linear in the length of the text whatever it says: 9^9^9^9 has no value.
"""

import cmath
import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from builders.answers.expressions import Node, UnreadableError

MOST_BITS = 4096
LARGEST_FACTORIAL = 170
LARGEST_BINOMIAL = 1000
POINTS = 3
ABSOLUTE = "|"
"""Stands among the variables: the points are positive, since roots want that, and there |x| is x."""
_CLOSE = 1e-10
_TINY = 1e-13
Value = Fraction | complex

_CONSTANTS: dict[str, complex] = {"pi": cmath.pi, "e": cmath.e, "i": 1j, "inf": cmath.inf}
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "cot": lambda x: 1 / cmath.tan(x),
    "sec": lambda x: 1 / cmath.cos(x),
    "csc": lambda x: 1 / cmath.sin(x),
    "arcsin": cmath.asin,
    "arccos": cmath.acos,
    "arctan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "ln": cmath.log,
    "log": cmath.log10,
    "exp": cmath.exp,
    "abs": abs,
}


def variables(node: Node) -> frozenset[str]:
    """Return the names of an expression's variables, with `ABSOLUTE` if there is an absolute value of one."""
    if node.operation == "variable":
        return frozenset((node.name,))
    names = frozenset[str]().union(*(variables(operand) for operand in node.operands))
    return names | {ABSOLUTE} if names and node.name == "abs" else names


def values(node: Node) -> tuple[Value, ...]:
    """Return an expression's value, or its values at the fixed points; raises UnreadableError where one is not finite."""
    names = variables(node)
    points = ({name: _point(name, number) for name in names} for number in range(POINTS if names else 1))
    try:
        return tuple(_value(node, point) for point in points)
    except (ArithmeticError, ValueError) as error:
        raise UnreadableError(node.operation) from error


def same(first: Value, second: Value) -> bool:
    """Return whether two values are equal: rational ones exactly, others to ten digits."""
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first == second
    try:
        nought = _TINY if first == 0 or second == 0 else 0.0  # what should cancel leaves a rest
        return cmath.isclose(complex(first), complex(second), rel_tol=_CLOSE, abs_tol=nought)
    except OverflowError:
        return False


def _point(name: str, number: int) -> complex:
    seed = sum((place + 1) * ord(letter) for place, letter in enumerate(name))
    return complex(0.5 + math.modf(seed * 0.6180339887498949 + number * 0.4142135623730951)[0])


def _value(node: Node, at: Mapping[str, complex]) -> Value:
    if node.operation == "number":
        return node.number
    if node.operation == "variable":
        return at[node.name]
    if node.operation == "constant":
        return _CONSTANTS[node.name]
    operands = [_value(operand, at) for operand in node.operands]
    if node.operation == "function":
        return _function(node.name, operands)
    return _OPERATIONS[node.operation](operands)


def _sum(operands: list[Value]) -> Value:
    total: Value = Fraction(0)
    for operand in operands:
        total = total + operand
    return total


def _product(operands: list[Value]) -> Value:
    total = operands[0]  # a float from the start, if it is one: an exact 1 times infinity would not be infinite
    for operand in operands[1:]:
        total = total * operand
    return total


def _power(operands: list[Value]) -> Value:
    base, exponent = operands
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent.numerator) <= MOST_BITS:
            return Fraction(base**exponent.numerator)
    return complex(base) ** complex(exponent)


def _root(operands: list[Value]) -> Value:
    radicand, degree = operands
    if not isinstance(degree, Fraction) or degree.denominator != 1 or degree <= 0:
        raise UnreadableError("root")
    if isinstance(radicand, Fraction) and degree == 2 and radicand >= 0:  # noqa: PLR2004
        roots = math.isqrt(radicand.numerator), math.isqrt(radicand.denominator)
        if roots[0] ** 2 == radicand.numerator and roots[1] ** 2 == radicand.denominator:
            return Fraction(*roots)
    number = complex(radicand)
    if number.imag == 0 and number.real < 0 and degree.numerator % 2:
        return complex(-((-number.real) ** (1 / degree.numerator)))
    return number ** (1 / degree.numerator)


def _function(name: str, operands: list[Value]) -> Value:
    if name == "log" and len(operands) > 1:
        return complex(cmath.log(complex(operands[0])) / cmath.log(complex(operands[1])))
    if name == "abs" and isinstance(operands[0], Fraction):
        return abs(operands[0])
    return complex(_FUNCTIONS[name](complex(operands[0])))


def _factorial(operands: list[Value]) -> Value:
    return Fraction(math.factorial(_natural(operands[0], LARGEST_FACTORIAL)))


def _binomial(operands: list[Value]) -> Value:
    first, second = (_natural(operand, LARGEST_BINOMIAL) for operand in operands)
    return Fraction(math.comb(first, second))


def _natural(number: Value, largest: int) -> int:
    if not isinstance(number, Fraction) or number.denominator != 1 or not 0 <= number <= largest:
        raise UnreadableError("natural number")
    return number.numerator


_OPERATIONS: dict[str, Callable[[list[Value]], Value]] = {
    "sum": _sum,
    "product": _product,
    "negative": lambda operands: -operands[0],
    "inverse": lambda operands: 1 / operands[0],
    "frac": lambda operands: operands[0] / operands[1],
    "power": _power,
    "root": _root,
    "factorial": _factorial,
    "binom": _binomial,
}
