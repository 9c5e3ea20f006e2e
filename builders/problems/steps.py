"""A solution as a program: given quantities, and steps that compute further ones from them.

A step's formula names quantities (`180 - A - B`); its expression has their values put in (`180 - 47 - 68`). The value is
computed from the formula in exact fractions, and checked by having sympy evaluate the expression, which is what a reader
sees. Formulas are written in a small language: integers, names, `pi`, `+ - * / **`, parentheses, `sqrt(…)`.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from builders.problems import numbers, spelling
from builders.problems.numbers import Number

if TYPE_CHECKING:
    import sympy


class Given(NamedTuple):
    """A quantity that need not be computed.

    Args:
        name: what formulas call it, an identifier.
        label: what a reader calls it, such as `∠A` or `the price of tea`.
        value: exact.
        unit: `°`, `cm`, `cm²`, … or empty.
        seen: where it stands: it is read from the figure, told by the text, or known to every pupil.
    """

    name: str
    label: str
    value: Number
    unit: str
    seen: Literal["figure", "text"]


class Rule(NamedTuple):
    """A step as a kind of problem states it.

    Args:
        name: what later formulas call the result.
        label: what a reader calls it.
        formula: how it is computed from givens and earlier results.
        unit: the result's.
        reason: a sentence: the theorem or observation that the step rests on.
    """

    name: str
    label: str
    formula: str
    unit: str
    reason: str


class Step(NamedTuple):
    """A rule applied: with `expression`, the formula with values put in, and `value`, what it comes to."""

    name: str
    label: str
    formula: str
    unit: str
    reason: str
    expression: str
    value: Number


def figure(name: str, label: str, value: "int | Number", unit: str = "") -> Given:
    """Return a quantity that is read from the figure."""
    return Given(name, label, Fraction(value) if isinstance(value, int) else value, unit, "figure")


def text(name: str, label: str, value: "int | Number", unit: str = "") -> Given:
    """Return a quantity that the text tells."""
    return Given(name, label, Fraction(value) if isinstance(value, int) else value, unit, "text")


def run(givens: Iterable[Given], rules: Iterable[Rule]) -> tuple[Step, ...]:
    """Apply the rules in order."""
    values = {given.name: given.value for given in givens}
    steps = []
    for rule in rules:
        if rule.name in values:
            message = f"{rule.name} is computed twice"
            raise ValueError(message)
        values[rule.name] = evaluate(rule.formula, values)
        steps.append(Step(*rule, expression=expression(rule.formula, values), value=values[rule.name]))
    return tuple(steps)


def faults(givens: Iterable[Given], steps: Iterable[Step]) -> list[str]:
    """Say which steps do not follow: the formula, or what sympy makes of the expression, has another value."""
    values = {given.name: given.value for given in givens}
    found = []
    for step in steps:
        if expression(step.formula, values) != step.expression:
            found.append(f"{step.name}: the expression is not the formula with its values")
        elif not numbers.same(by_sympy(step.expression), step.value):
            found.append(f"{step.name}: {step.expression} is not {step.value}")
        values[step.name] = step.value
    return found


@lru_cache(maxsize=4096)
def uses(formula: str) -> tuple[str, ...]:
    """Return the quantities that a formula names, in order, each once."""
    found = {node.id for node in ast.walk(tree(formula)) if isinstance(node, ast.Name)} - {"sqrt", "pi"}
    return tuple(sorted(found, key=lambda name: (formula.index(name), name)))


def evaluate(formula: str, values: Mapping[str, Number]) -> Number:
    """Compute a formula: in fractions as far as they go."""
    return numbers.settled(_computed(tree(formula), values))


def expression(formula: str, values: Mapping[str, Number]) -> str:
    """Put values into a formula, each in parentheses unless it is a natural number."""
    return spelling.machine(tree(formula), values)


@lru_cache(maxsize=1 << 16)
def by_sympy(text: str) -> "sympy.Expr":
    """Evaluate an expression of numbers with sympy alone."""
    return numbers.by_sympy(text)


@lru_cache(maxsize=4096)
def tree(formula: str) -> ast.expr:
    """Parse a formula, once."""
    return ast.parse(formula, mode="eval").body


def _computed(node: ast.expr, values: Mapping[str, Number]) -> Number:
    match node:
        case ast.Constant(value=int() as value):
            return Fraction(value)
        case ast.Name(id="pi"):
            import sympy  # noqa: PLC0415

            return cast("sympy.Expr", sympy.pi)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_computed(operand, values)
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
            return numbers.square_root(_computed(argument, values))
        case ast.BinOp(left=left, op=operation, right=right):
            return _applied(operation, _computed(left, values), _computed(right, values))
    raise ValueError(ast.unparse(node))


def _applied(operation: ast.operator, left: Number, right: Number) -> Number:
    match operation:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow() if isinstance(right, Fraction) and right.denominator == 1:
            return left**right.numerator
    raise ValueError(operation)


def folded(solution: Sequence[Step], place: int) -> tuple[Rule, ...]:
    """Return the rules with one step put into those that use it; its reason goes before theirs."""
    inner = solution[place]
    rules = []
    for step in (*solution[:place], *solution[place + 1 :]):
        rule = Rule(step.name, step.label, step.formula, step.unit, step.reason)
        if inner.name in uses(step.formula):
            formula = ast.unparse(_Put(inner.name, tree(inner.formula)).visit(ast.parse(step.formula, mode="eval")))
            rule = rule._replace(formula=formula, reason=f"{inner.reason} {step.reason}")
        rules.append(rule)
    return tuple(rules)


class _Put(ast.NodeTransformer):
    """Puts a formula in the place of a name."""

    def __init__(self, name: str, formula: ast.expr) -> None:
        self._name, self._formula = name, formula

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._formula if node.id == self._name else node
