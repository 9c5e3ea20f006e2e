"""How a formula is written: for sympy, in a textbook, in words, in LaTeX; with values or with labels in the place of names."""

import ast
from collections.abc import Callable, Mapping
from typing import NamedTuple

from builders.problems import numbers
from builders.problems.numbers import Number

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOOSE, _TIGHT, _POWER, _ATOM = 1, 2, 3, 4


def machine(tree: ast.expr, values: Mapping[str, Number]) -> str:
    """Put values into a formula as sympy reads it, each in parentheses unless it is a natural number."""

    def leaf(name: str) -> tuple[str, int]:
        written = numbers.exact(values[name])
        return written, _ATOM if written.isdigit() else 0

    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
    return _written(tree, _Spelling(signs, "-", "pi", leaf, _called("sqrt"), lambda power: f"**{power}"), _LOOSE)


def typeset(tree: ast.expr, values: Mapping[str, Number]) -> str:
    """Put values into a formula and write it as a textbook does: `√(3² + 4²)`."""

    def leaf(name: str) -> tuple[str, int]:
        written = numbers.shown(values[name])
        return written, _tightness(written)

    return _written(tree, _textbook(leaf), _LOOSE)


def named(tree: ast.expr, labels: Mapping[str, str]) -> str:
    """Write a formula as a textbook does, with the labels of its quantities."""
    return _written(tree, _textbook(lambda name: (labels[name], _ATOM)), _LOOSE)


def spoken(tree: ast.expr, values: Mapping[str, Number]) -> str:
    """Put values into a formula and write it with words for the signs: `180 minus 47 minus 68`."""

    def leaf(name: str) -> tuple[str, int]:
        written = numbers.shown(values[name])
        return written, _tightness(written)

    signs = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divided by"}
    spelling = _Spelling(signs, "minus ", "π", leaf, _called("the square root of "), _power_in_words)
    return _written(tree, spelling, _LOOSE)


def latex(tree: ast.expr, values: Mapping[str, Number]) -> str:
    """Put values into a formula and write it in LaTeX."""

    def leaf(name: str) -> tuple[str, int]:
        return numbers.latex(values[name]), _tightness(numbers.shown(values[name]))

    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\times", ast.Div: r"\div"}
    root: Callable[[str], str] = lambda text: rf"\sqrt{{{text}}}"  # noqa: E731 — beside its kin in the next line
    return _written(tree, _Spelling(signs, "-", r"\pi", leaf, root, lambda power: f"^{{{power}}}"), _LOOSE)


class _Spelling(NamedTuple):
    """Signs, and what stands for a name, a root, a power; with a name comes how tightly it binds."""

    signs: Mapping[type[ast.operator], str]
    minus: str
    pi: str
    leaf: Callable[[str], tuple[str, int]]
    root: Callable[[str], str]
    power: Callable[[str], str]


def _textbook(leaf: Callable[[str], tuple[str, int]]) -> _Spelling:
    signs = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
    return _Spelling(signs, "−", "π", leaf, _called("√"), lambda power: power.translate(_SUPERSCRIPTS))


def _called(name: str) -> Callable[[str], str]:
    return lambda text: f"{name}({text})"


def _power_in_words(power: str) -> str:
    return {"2": " squared", "3": " cubed"}.get(power, f" to the power of {power}")


def _written(node: ast.expr, spelling: _Spelling, around: int) -> str:
    """Write a part of a formula, in parentheses if it binds less tightly than what stands around it."""
    text, tightness = _spelt(node, spelling)
    return text if tightness >= around else f"({text})"


def _spelt(node: ast.expr, spelling: _Spelling) -> tuple[str, int]:  # noqa: PLR0911 — a case for each kind of node
    match node:
        case ast.Constant(value=int() as value):
            return str(value), _ATOM
        case ast.Name(id="pi"):
            return spelling.pi, _ATOM
        case ast.Name(id=name):
            return spelling.leaf(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return spelling.minus + _written(operand, spelling, _TIGHT), 0
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
            return spelling.root(_written(argument, spelling, _LOOSE)), _ATOM
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _written(left, spelling, _ATOM) + spelling.power(_written(right, spelling, _ATOM)), _POWER
        case ast.BinOp(left=ast.Constant(value=int() as top), op=ast.Div(), right=ast.Constant(value=int() as bottom)):
            return f"{top}/{bottom}", _TIGHT
        case ast.BinOp(left=left, op=operation, right=right):
            return _joined(left, operation, right, spelling)
    raise ValueError(ast.unparse(node))


def _joined(left: ast.expr, operation: ast.operator, right: ast.expr, spelling: _Spelling) -> tuple[str, int]:
    own = _LOOSE if isinstance(operation, ast.Add | ast.Sub) else _TIGHT
    after = own + 1 if isinstance(operation, ast.Sub | ast.Div) else own
    sign = spelling.signs[type(operation)]
    return f"{_written(left, spelling, own)} {sign} {_written(right, spelling, after)}", own


def _tightness(text: str) -> int:
    """Tell how tightly a written number binds."""
    if " " in text or text.startswith("−"):
        return 0
    return _TIGHT if "/" in text or text.strip("0123456789.") not in {"", "π"} or (text != "π" and "π" in text) else _ATOM
