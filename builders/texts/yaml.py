"""Read YAML from outside: no more values come of a file than it spells, and a value that its tag does not fit is none.

A file may name a value (`&a`) and repeat it (`*a`), and the repetitions may hold repetitions: a file of 400 bytes can stand
for more values than there is memory for. What they stand for is counted before anything is made of it.
"""

import re
import sys
from collections.abc import Hashable
from typing import Any

import yaml

MOST_REPEATED = 10_000_000
"""Characters, and values, that aliases may stand for beyond what the file itself spells."""
MOST_DEEP = 64
"""Mappings and lists inside each other."""
_LONGEST_NUMBER = 1000
_RECURSION = 100_000
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class TooMuchError(ValueError):
    """Raised when a file stands for more than there is room for."""


class _Counted:
    """Mixed into a loader: it counts what a file stands for before it makes anything of it."""

    def get_single_node(self) -> yaml.Node | None:
        """Return what the file says, having counted what it stands for.

        Raises:
            TooMuchError: more than there is room for.
        """
        node: yaml.Node | None = super().get_single_node()  # type: ignore[misc]
        if node is not None:
            _check(node)
        return node


class Loader(_Counted, yaml.SafeLoader):
    """Makes what a file says; a value that its tag does not fit stops it."""


class Quick(_Counted, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """As the former in a fraction of the time, where the file is in order; its words for what is wrong are not the same.

    Only for what `is_flat`: it takes the stack of C for each level, and ends the process where that is used up.
    """


def is_flat(text: str) -> bool:
    """Tell whether no more than `MOST_DEEP` mappings and lists are inside each other, looking no deeper than that.

    Raises:
        yaml.YAMLError: the text is no YAML.
    """
    depth = 0
    for event in yaml.parse(text, Quick):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEEP:
            return False
    return True


class Forgiving(Loader):
    """Makes what a file says; a value that its tag does not fit, or that lies too deep, is None."""

    def get_single_node(self) -> yaml.Node | None:
        """Return what the file says, without what lies too deep."""
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(_RECURSION)  # of Python's own frames, which take no stack
        try:
            node = super().get_single_node()
        finally:
            sys.setrecursionlimit(before)
        if node is not None:
            _prune(node)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  (as it is there)
        """Return the value of a node."""
        if isinstance(node, yaml.ScalarNode) and node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
            return None
        try:
            return super().construct_object(node, deep=deep)
        except _MISFITS:
            return None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Return a mapping; a key that can be none is its text."""
        try:
            return super().construct_mapping(node, deep=deep)
        except yaml.constructor.ConstructorError:
            for key, _ in node.value:
                self.constructed_objects.pop(key, None)  # a list or a mapping, still empty
            pairs = [
                (self.construct_object(key, deep=True), self.construct_object(value, deep=deep)) for key, value in node.value
            ]
            return {key if isinstance(key, Hashable) else str(key): value for key, value in pairs}

    def construct_text(self, node: yaml.ScalarNode) -> str:
        r"""Return a text in which the halves of a character that JSON spells in two (`\ud83d\ude00`) are one."""
        text: str = self.construct_scalar(node)
        if not _HALVES.search(text):
            return text
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

    def construct_listed(self, node: yaml.Node) -> list[Any] | None:
        """Return what is tagged as pairs as the list that it is written as."""
        return self.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else None


Forgiving.add_constructor("tag:yaml.org,2002:str", Forgiving.construct_text)
for _tag in ("omap", "pairs"):
    Forgiving.add_constructor(f"tag:yaml.org,2002:{_tag}", Forgiving.construct_listed)
_MISFITS = (ValueError, TypeError, AttributeError, LookupError, OverflowError, yaml.constructor.ConstructorError)
_NUMBERS = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float")}


def _check(root: yaml.Node) -> None:
    """See that a document does not stand for far more than it spells, nor holds itself; without recursion."""
    sizes: dict[int, int] = {}
    spelt = 0
    waiting = [(root, False)]
    inside: set[int] = set()
    while waiting:
        node, done = waiting.pop()
        below = _below(node)
        if done:
            inside.discard(id(node))
            sizes[id(node)] = min(_own(node) + sum(sizes[id(one)] for one in below), 2 * MOST_REPEATED + spelt)
        elif id(node) in inside:
            raise TooMuchError("a value that holds itself")
        elif id(node) not in sizes:
            inside.add(id(node))
            spelt += _own(node)
            waiting += [(node, True), *((one, False) for one in below if id(one) not in sizes)]
    if sizes[id(root)] - spelt > MOST_REPEATED:
        raise TooMuchError("aliases that stand for too much")


def _prune(root: yaml.Node) -> None:
    """Take out what lies deeper than any row does."""
    waiting, seen = [(root, 0)], set[int]()
    while waiting:
        node, depth = waiting.pop()
        if depth >= MOST_DEEP:
            node.value = [] if not isinstance(node, yaml.ScalarNode) else node.value
        if id(node) not in seen:
            seen.add(id(node))
            waiting += [(one, depth + 1) for one in _below(node)]


def _below(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _own(node: yaml.Node) -> int:
    return 1 + (len(node.value) if isinstance(node, yaml.ScalarNode) else 0)
