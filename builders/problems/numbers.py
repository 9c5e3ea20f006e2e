"""Exact numbers as problems use them: fractions where they suffice, sympy for surds and multiples of π."""

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    import sympy

Number: TypeAlias = "Fraction | sympy.Expr"
"""What a step's value is; never a float."""

_EXACT = re.compile(r"-?(?:\d|sqrt\(|pi)(?:\d|\.\d|sqrt|pi|[ */+()-])*")

_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

MAX_DECIMALS = 3
"""A fraction with at most so many decimals is written as a decimal, any other as a fraction."""


@lru_cache(maxsize=1 << 14, typed=True)
def shown(value: Number) -> str:
    """Write a number as a textbook does: `12.5`, `7/3`, `3√2`, `9π/4`, `16π + 24`."""
    if isinstance(value, Fraction):
        return _fraction(value)
    terms = sorted(value.as_ordered_terms(), key=_order)
    if terms[0].could_extract_minus_sign():
        terms.sort(key=lambda term: bool(term.could_extract_minus_sign()))
    written = [_term(term) for term in terms]
    return "".join(
        text if place == 0 else f" − {text[1:]}" if text.startswith("−") else f" + {text}" for place, text in enumerate(written)
    )


def latex(value: Number) -> str:
    """Write a number in LaTeX."""
    text = re.sub(r"√(\d+)", r"\\sqrt{\1}", shown(value).replace("−", "-").replace("π", r"\pi"))
    return re.sub(r"([^\s/-]+)/(\d+)", r"\\frac{\1}{\2}", text)


def exact(value: Number) -> str:
    """Write a number so that sympy reads the same number back: `25/2`, `3*sqrt(2)`, `9*pi/4`."""
    return str(value)


def is_exact(text: str) -> bool:
    """Tell whether a text is an exact number as `exact` writes it."""
    return _EXACT.fullmatch(text) is not None


@lru_cache(maxsize=1 << 14)
def read(text: str) -> Number:
    """Read what `exact` wrote."""
    if text.isdigit():
        return Fraction(text)
    return settled(by_sympy(text, rational=True))


def by_sympy(text: str, *, rational: bool = False) -> "sympy.Expr":
    """Return what sympy makes of a text.

    Integers, `pi`, `sqrt` and arithmetic are taken apart by Python's parser and computed by sympy: its own parser leads to the
    same, and takes eight times as long. Whatever else there is, it reads.

    Args:
        text: the expression.
        rational: whether decimals are fractions.
    """
    import sympy  # noqa: PLC0415

    try:
        return _computed(ast.parse(text, mode="eval").body)
    except (SyntaxError, LookupError):
        return cast("sympy.Expr", sympy.sympify(text, rational=rational))


def _computed(node: ast.expr) -> "sympy.Expr":
    """Compute an expression.

    Raises:
        LookupError: there is something else in it.
    """
    import sympy  # noqa: PLC0415

    match node:
        case ast.Constant(value=value) if type(value) is int:
            return sympy.Integer(value)
        case ast.Name(id="pi"):
            return cast("sympy.Expr", sympy.pi)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_computed(operand)
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument], keywords=[]):
            return cast("sympy.Expr", sympy.sqrt(_computed(argument)))
        case ast.BinOp(left=left, op=operation, right=right):
            return cast("sympy.Expr", _OPERATIONS[type(operation)](_computed(left), _computed(right)))
    raise LookupError(ast.unparse(node))


def settled(value: Number) -> Number:
    """Return a fraction if the number is one."""
    found = _rational(value)
    return found if isinstance(found, Fraction) else found.expand()


def _rational(value: Number) -> Number:
    """Return a number as a fraction if it is written as one."""
    if isinstance(value, Fraction) or not value.is_Rational:
        return value
    return Fraction(int(value.p), int(value.q))


def whole(value: int) -> Fraction:
    """Return a whole number as an exact one."""
    return Fraction(value)


def same(one: Number, other: Number) -> bool:
    """Tell whether two exact numbers are equal."""
    one, other = _rational(one), _rational(other)
    if one == other or (isinstance(one, Fraction) and isinstance(other, Fraction)):
        return bool(one == other)
    import sympy  # noqa: PLC0415

    difference = sympy.expand(sympy.sympify(one) - sympy.sympify(other))
    return bool(difference == 0 or (abs(float(difference)) < 1e-9 and sympy.simplify(difference) == 0))


def close(value: Number, number: "float | Number") -> bool:
    """Tell whether a number found by another route agrees: exactly if that is exact, else to nine digits."""
    if isinstance(number, Fraction | int) and isinstance(value, Fraction):
        return value == number
    return math.isclose(float(value), float(number), rel_tol=1e-9, abs_tol=1e-9)


def square_root(value: Number) -> Number:
    """Return the root as a fraction if it is one, else as a surd."""
    if isinstance(value, Fraction) and value >= 0:
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    import sympy  # noqa: PLC0415

    return settled(sympy.sqrt(sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value))


def _fraction(value: Fraction) -> str:
    sign, top, bottom = "−" if value < 0 else "", abs(value.numerator), value.denominator
    for decimals in range(MAX_DECIMALS + 1):
        scaled, left = divmod(top * 10**decimals, bottom)
        if not left:
            whole, rest = divmod(scaled, 10**decimals)
            return f"{sign}{whole}" + (f".{rest:0{decimals}d}" if decimals else "")
    return f"{sign}{top}/{bottom}"


def _order(term: "sympy.Expr") -> tuple[int, str]:
    """Sort the terms of a sum: multiples of π, then rational ones, then surds."""
    text = str(term)
    return (0 if "pi" in text else 1 if term.is_Rational else 2), text


def _term(term: "sympy.Expr") -> str:
    """Write `q·√n·π`: the rational factor around the others."""
    coefficient, rest = term.as_coeff_Mul()
    if rest == 1:
        return _fraction(Fraction(int(coefficient.p), int(coefficient.q)))
    symbols = str(rest).replace("sqrt(", "√").replace(")", "").replace("*", "").replace("pi", "π")
    symbols = symbols[1:] + "π" if symbols.startswith("π√") else symbols
    sign = "−" if coefficient < 0 else ""
    top, bottom = abs(int(coefficient.p)), int(coefficient.q)
    return f"{sign}{'' if top == 1 else top}{symbols}" + (f"/{bottom}" if bottom > 1 else "")
