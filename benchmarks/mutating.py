"""Single small changes of a module that a test should notice.

Most operators are mutmut's; ours are those that it lacks and that found holes here: a value that is not returned, an exception
that is not caught, a condition turned round. Left out of its own are an argument or an assigned value that becomes None, since
nearly each of these ends in a crash that any test notices, and would flatter the tests.

Types, docstrings and imports stay as they are. A string of several words is prose: most of it is what a user reads.
"""

import ast
import difflib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import libcst as cst
from mutmut.mutation import mutators

Operator = Callable[[Any], Iterable[cst.CSTNode]]
_LEFT_OUT = {
    mutators.operator_arg_removal,
    mutators.operator_assignment,
    mutators.operator_augmented_assignment,
    mutators.operator_dict_arguments,
}
_PROSE = re.compile(r"[a-z,;:] [a-z{].*[a-z,;:] [a-z{]", re.DOTALL)
_FRUITLESS = 1000
"""Draws that brought nothing new, after which no more are made."""
_SKIPPED = (cst.Annotation, cst.Import, cst.ImportFrom, cst.Decorator, cst.TypeAlias)


class Mutant(NamedTuple):
    """A module with one change.

    Args:
        path: the module, from the root of the repository.
        line: where it changes.
        word: whether a string changes.
        before: the lines that change, without what surrounds them.
        after: what they become.
        code: the whole module as it becomes.
    """

    path: str
    line: int
    word: bool
    before: str
    after: str
    code: str


class _Site(NamedTuple):
    node: cst.CSTNode
    operator: Operator


def _returned(node: cst.Return) -> Iterator[cst.CSTNode]:
    if node.value is not None and not (isinstance(node.value, cst.Name) and node.value.value in {"None", "True", "False"}):
        yield node.with_changes(value=cst.Name("None"), whitespace_after_return=cst.SimpleWhitespace(" "))


def _caught(node: cst.ExceptHandler) -> Iterator[cst.CSTNode]:
    """Leave out each exception that is caught."""
    if isinstance(node.type, cst.Tuple):
        for left_out in node.type.elements:
            kept = [element for element in node.type.elements if element is not left_out]
            last = kept[-1].with_changes(comma=cst.Comma())
            yield node.with_changes(type=node.type.with_changes(elements=[*kept[:-1], last]))
    elif node.type is not None:
        nothing = cst.Tuple([], lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(type=nothing, whitespace_after_except=cst.SimpleWhitespace(" "))


def _turned(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    if not isinstance(node.test, cst.UnaryOperation):  # mutmut takes a `not` away
        test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


OPERATORS: Sequence[tuple[type | tuple[type, ...], Operator]] = (
    *((kind, operator) for kind, operator in mutators.mutation_operators if operator not in _LEFT_OUT),
    (cst.Return, _returned),
    (cst.ExceptHandler, _caught),
    ((cst.If, cst.While, cst.CompIf), _turned),
)


class _Places(cst.CSTVisitor):
    """Collects what can be changed, in the order of the text."""

    def __init__(self, *, prose: bool) -> None:
        super().__init__()
        self.sites: list[_Site] = []
        self._prose = prose

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _SKIPPED) or _is_bare_string(node) or _is_type(node) or (not self._prose and _is_prose(node)):
            return False
        fitting = [operator for kind, operator in OPERATORS if isinstance(node, kind)]
        self.sites.extend(_Site(node, operator) for operator in fitting if any(True for _ in operator(node)))
        return True


def _is_bare_string(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString))


def _is_type(node: cst.CSTNode) -> bool:
    named = node.value if isinstance(node, cst.Subscript) else node.func if isinstance(node, cst.Call) else None
    return isinstance(named, cst.Name) and named.value in {"Literal", "TypeVar", "NewType", "NamedTuple"}


def _is_prose(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleString) and bool(_PROSE.search(node.value)) and "r" not in node.prefix


def mutants(path: str, code: str, *, prose: bool = False) -> Iterator[Mutant]:
    """Give every mutant of a module."""
    module, places = _read(code, prose=prose)
    for site in places:
        for changed in site.operator(site.node):
            yield from _made(path, module, site, changed)


def drawn(root: Path, paths: Sequence[str], seed: int, *, prose: bool = False) -> Iterator[Mutant]:
    """Draw mutants until hardly a new one is left: a module by its lines, then one of its places, then a change there.

    The first of a longer draw are those of a shorter one with the same seed.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    texts = {path: (root / path).read_text(encoding="utf-8") for path in sorted(paths)}
    weights = [text.count("\n") for text in texts.values()]
    read: dict[str, tuple[cst.Module, list[_Site]]] = {}
    seen: set[tuple[str, str]] = set()
    fruitless = 0
    while fruitless < _FRUITLESS:
        fruitless += 1
        [path] = chance.choices(list(texts), weights)
        if path not in read:
            read[path] = _read(texts[path], prose=prose)
        module, places = read[path]
        if not places:
            continue
        site = chance.choice(places)
        changed = chance.choice(list(site.operator(site.node)))
        for mutant in _made(path, module, site, changed):
            if (path, mutant.code) not in seen:
                seen.add((path, mutant.code))
                fruitless = 0
                yield mutant


def _read(code: str, *, prose: bool) -> tuple[cst.Module, list[_Site]]:
    module = cst.parse_module(code)
    places = _Places(prose=prose)
    module.visit(places)
    return module, places.sites


def _made(path: str, module: cst.Module, site: _Site, changed: cst.CSTNode) -> Iterator[Mutant]:
    """Give the mutant, unless it is none: it does not compile, or says the same."""
    whole = module.deep_replace(site.node, changed)
    assert isinstance(whole, cst.Module)  # noqa: S101
    try:
        same = ast.dump(ast.parse(whole.code)) == ast.dump(ast.parse(module.code))
    except SyntaxError:
        return
    if not same:
        yield _described(path, module.code, whole.code, word=isinstance(site.node, cst.SimpleString))


def _described(path: str, before: str, after: str, *, word: bool) -> Mutant:
    old, new = before.splitlines(), after.splitlines()
    changes = [op for op in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if op[0] != "equal"]
    gone = [line.strip() for _, start, end, _, _ in changes for line in old[start:end]]
    come = [line.strip() for _, _, _, start, end in changes for line in new[start:end]]
    return Mutant(path, changes[0][1] + 1, word, " ".join(gone), " ".join(come), after)
