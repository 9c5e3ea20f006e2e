"""Arithmetic and algebra as it is in answers, read into a tree.

Grammar, loosest first: sum, product (`*`, `/`, and things that stand side by side), sign, power (to the right), factorial.
Nesting stops at `DEEPEST`; `values` evaluates what is read here.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

DEEPEST = 40
FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln", "exp", "abs")
)
CONSTANTS = frozenset(("pi", "e", "i", "inf"))
GREEK = frozenset(
    re.findall(
        r"\w+",
        "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega"
        " Gamma Delta Theta Lambda Sigma Phi Psi Omega ell",
    )
)
_COMMANDS = frozenset(("log", "sqrt", "frac", "binom"))
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+|\\?[A-Za-z]+|[-+*/^!°(){}\[\]_|])")
_LETTERS = re.compile(r"[a-z]{1,3}|[A-Za-z]")
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_ENDS_PRODUCT = frozenset("+-^!°)}]_|")


class UnreadableError(ValueError):
    """The text is not an expression, or one too large to evaluate."""


class Node(NamedTuple):
    """An operation and what it is applied to, or a leaf."""

    operation: str
    operands: tuple["Node", ...] = ()
    name: str = ""
    number: Fraction = Fraction(0)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """Read an expression in the plain notation that `notation.plain` returns; raises UnreadableError."""
    reader = _Reader(text)
    node = reader.sum(0)
    if reader.place != len(reader.tokens):
        raise UnreadableError(text)
    return node


class _Reader:
    """Reads a list of tokens from left to right; `depth` counts how far groups are nested."""

    def __init__(self, text: str) -> None:
        """Split a text into tokens."""
        self.tokens: list[str] = []
        self.within_strokes = 0
        self.place = end = 0
        for match in _TOKEN.finditer(text):
            if match.start() != end:
                break
            end = match.end()
            self.tokens += _split(match[1])
        if not self.tokens or text[end:].strip():
            raise UnreadableError(text)

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def expect(self, token: str) -> None:
        if self.next() != token:
            raise UnreadableError(token)
        self.place += 1

    def sum(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise UnreadableError("depth")
        terms = [self.product(depth)]
        while self.next() in ("+", "-"):
            sign = self.take()
            term = self.product(depth)
            terms.append(Node("negative", (term,)) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else Node("sum", tuple(terms))

    def operand(self, depth: int) -> Node:
        divides = self.take() == "/"
        minus = self.next() == "-"
        self.place += minus
        factor = self.power(depth)
        factor = Node("negative", (factor,)) if minus else factor
        return Node("inverse", (factor,)) if divides else factor

    def product(self, depth: int) -> Node:
        negative = False
        while self.next() in ("+", "-"):
            negative ^= self.take() == "-"
        factors = [self.power(depth)]
        while True:
            if self.next() in ("*", "/"):
                factors.append(self.operand(depth))
            elif self.next() and (self.next() not in _ENDS_PRODUCT or (self.next() == "|" and not self.within_strokes)):
                if self.next()[0].isdigit() or self.next()[0] == ".":
                    raise UnreadableError("two numbers side by side")
                factors.append(self.power(depth))
            else:
                break
        node = factors[0] if len(factors) == 1 else Node("product", tuple(factors))
        return Node("negative", (node,)) if negative else node

    def power(self, depth: int) -> Node:
        base = self.atom(depth)
        if self.next() == "!":
            self.take()
            base = Node("factorial", (base,))
        if self.next() == "°":
            self.take()
            half_turn = Node("number", number=Fraction(180))
            base = Node("product", (base, Node("frac", (Node("constant", name="pi"), half_turn))))
        if self.next() == "^":
            self.take()
            return Node("power", (base, self.exponent(depth + 1)))
        return base

    def exponent(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise UnreadableError("depth")
        if self.next() == "-":
            self.take()
            return Node("negative", (self.exponent(depth + 1),))
        return self.power(depth)

    def atom(self, depth: int) -> Node:
        if not self.next():
            raise UnreadableError("end")
        token = self.take()
        if token[0].isdigit() or token[0] == ".":
            return Node("number", number=Fraction(token))
        if token in _CLOSING:
            node = self.sum(depth + 1)
            self.expect(_CLOSING[token])
            return node
        if token == "|":  # noqa: S105 - no password, a stroke
            self.within_strokes += 1
            node = self.sum(depth + 1)
            self.within_strokes -= 1
            self.expect("|")
            return Node("function", (node,), "abs")
        return self.command(token, depth)

    def command(self, name: str, depth: int) -> Node:
        if name in ("frac", "binom"):
            return Node(name, (self.argument(depth), self.argument(depth)))
        if name == "sqrt":
            return self.root(depth)
        if name == "log" or name in FUNCTIONS:
            return self.function(name, depth)
        return self.name(name)

    def argument(self, depth: int) -> Node:
        r"""Read what follows a command: a group, or one digit or letter, as in `\frac12`."""
        token = self.next()
        if token.isdigit() and len(token) > 1:
            self.tokens[self.place] = token[1:]
            return Node("number", number=Fraction(token[0]))
        return self.atom(depth + 1)

    def root(self, depth: int) -> Node:
        degree = Node("number", number=Fraction(2))
        if self.next() == "[":
            degree = self.argument(depth)
        return Node("root", (self.atom(depth + 1), degree))

    def function(self, name: str, depth: int) -> Node:
        base: tuple[Node, ...] = ()
        power = None
        if name == "log" and self.next() == "_":
            self.take()
            base = (self.argument(depth),)
        if self.next() == "^":
            self.take()
            power = self.exponent(depth + 1)
        node = Node("function", (self.applied(depth + 1), *base), name)
        return Node("power", (node, power)) if power else node

    def applied(self, depth: int) -> Node:
        """Read a function's argument: a group, or the numbers and names that follow, as in `sin 2x`."""
        if depth > DEEPEST:
            raise UnreadableError("depth")
        if self.next() in ("(", "{"):
            return self.atom(depth)
        factors = [self.power(depth)]
        while self.next() and (self.next() in CONSTANTS or (len(self.next()) == 1 and self.next().isalpha())):
            factors.append(self.power(depth))
        return factors[0] if len(factors) == 1 else Node("product", tuple(factors))

    def name(self, token: str) -> Node:
        if not token[0].isalpha():
            raise UnreadableError(token)
        if self.next() == "_":
            self.take()
            group = self.next() == "{"
            self.place += group
            token = f"{token}_{self.take() if self.next() else ''}"
            if group:
                self.expect("}")
            return Node("variable", name=token)
        return Node("constant", name=token) if token in CONSTANTS else Node("variable", name=token)


def _split(token: str) -> list[str]:
    """Split a run of letters into names: a function, a constant, a Greek letter, or single letters of short runs."""
    if not token[-1].isalpha():
        return [token]
    name = token.removeprefix("\\")
    if name in FUNCTIONS or name in CONSTANTS or name in GREEK or name in _COMMANDS:
        return [name]
    if token.startswith("\\") or not _LETTERS.fullmatch(token):
        raise UnreadableError(token)
    return list(token)
