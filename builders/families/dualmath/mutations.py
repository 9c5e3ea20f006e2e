"""Wrong calculations: what a formula becomes by a typical error of reasoning. Each result is a formula in the same language."""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from builders.problems import steps

_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_OTHER = {180: 360, 360: 180, 90: 180, 2: 3, 4: 2, 3: 2, 100: 10, 60: 100}
Rewriting = Callable[[ast.expr], Iterator[ast.expr]]
"""What a part of a formula may become."""


def _operation(node: ast.expr) -> Iterator[ast.expr]:
    """Add for subtract, multiply for divide, and the reverse."""
    if isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        yield ast.BinOp(node.left, _SWAPPED[type(node.op)](), node.right)


def _constant(node: ast.expr) -> Iterator[ast.expr]:
    """Take another constant, such as 360 in the place of 180."""
    if isinstance(node, ast.Constant) and node.value in _OTHER:
        yield ast.Constant(_OTHER[int(str(node.value))])


def _reversed(node: ast.expr) -> Iterator[ast.expr]:
    """Subtract or divide the wrong way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div):
        yield ast.BinOp(node.right, node.op, node.left)


def _omitted(node: ast.expr) -> Iterator[ast.expr]:
    """Leave a term or factor out."""
    if isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        yield node.left
        if not isinstance(node.op, ast.Sub | ast.Div):
            yield node.right


def _grouping(node: ast.expr) -> Iterator[ast.expr]:
    """Multiply or divide one term of a sum alone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        left, right = node.left, node.right
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
            yield ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
        if isinstance(node.op, ast.Mult) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Add | ast.Sub):
            yield ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)


REWRITINGS: Mapping[str, Rewriting] = {
    "operation": _operation,
    "constant": _constant,
    "reversed": _reversed,
    "omitted": _omitted,
    "grouping": _grouping,
}


@lru_cache(maxsize=1 << 14)
def mutants(formula: str, kind: str) -> tuple[str, ...]:
    """Return what a formula becomes by one error of a kind, each once."""
    tree = steps.tree(formula)
    found = (ast.unparse(made) for made in _everywhere(tree, REWRITINGS[kind]))
    return tuple(dict.fromkeys(other for other in found if other != formula))


@lru_cache(maxsize=1 << 14)
def renamed(formula: str, name: str, other: str) -> str | None:
    """Return a formula with another quantity in the place of one, where that comes first; None if it is but an exponent."""
    found = next(_everywhere(steps.tree(formula), lambda node: _put(node, name, other)), None)
    return None if found is None else ast.unparse(found)


def _put(node: ast.expr, name: str, other: str) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and node.id == name:
        yield ast.Name(other)


def _everywhere(node: ast.expr, rewriting: Rewriting) -> Iterator[ast.expr]:
    """Yield a formula with one of its parts rewritten, for each part and each way."""
    yield from rewriting(node)
    match node:
        case ast.BinOp(left=left, op=operation, right=right):
            yield from (ast.BinOp(other, operation, right) for other in _everywhere(left, rewriting))
            if not isinstance(operation, ast.Pow):
                yield from (ast.BinOp(left, operation, other) for other in _everywhere(right, rewriting))
        case ast.UnaryOp(op=sign, operand=operand):
            yield from (ast.UnaryOp(sign, other) for other in _everywhere(operand, rewriting))
        case ast.Call(func=function, args=[argument]):
            yield from (ast.Call(function, [other], []) for other in _everywhere(argument, rewriting))
