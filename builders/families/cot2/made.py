"""Rows of the generators, any number of them from a seed: row number n is the same row whatever the number of rows is.

    mnns       all sequences of digits of a setting in product order; `rows` takes the first so many
    prosqa     graphs like ProsQA's with a choice of two nodes
    prontoqa   ontologies like ProntoQA's with a statement that is true or false

The last two are worded in letters, with the columns of the published files, and go the way of these from here on.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from random import Random
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from builders.errors import BuildError
from builders.families.cot2 import graphs, mnns, prontoqa, prosqa, statements, vocabulary
from builders.families.cot2.mnns import Setting, SplitRule
from builders.families.cot2.statements import Statement
from builders.sources.entries import Generated
from builders.sources.section import Section

MOST_DIGITS = 10
"""Of a sequence: it has a trace for each way to set the signs."""

Row = dict[str, Any]


class Split(Section):
    """How sequences are held out for validation.

    Args:
        rule: `multiset` holds out all sequences of the same digits together, as the paper does; `random` and `sequential`
            let permutations of one sequence fall on both sides.
        share: how much is held out.
        seed: decides the shuffle.
    """

    rule: SplitRule
    share: float = Field(ge=0, lt=1)
    seed: int


class Sums(Section):
    """Settings of the generator `mnns`.

    Args:
        least: smallest digit.
        most: largest digit.
        length: how many digits a sequence has.
        split: how sequences are held out.
    """

    least: int = Field(ge=0)
    most: int = Field(le=99)
    length: int = Field(ge=2, le=MOST_DIGITS)
    split: Split

    @model_validator(mode="after")
    def _a_range(self) -> "Sums":
        if self.least > self.most:
            message = "least is larger than most"
            raise ValueError(message)
        return self


class Choices(Section):
    """Settings of the generator `prosqa`.

    Args:
        variant: `published` has the shortcuts of the published files, `balanced` has them right half of the time.
    """

    variant: Literal["published", "balanced"]


class Claims(Section):
    """Settings of the generator `prontoqa`.

    Args:
        hops: how many statements lead from the entity to the target; drawn evenly.
    """

    hops: list[int] = Field(min_length=1)

    @model_validator(mode="after")
    def _few(self) -> "Claims":
        if min(self.hops) < 1 or max(self.hops) > prontoqa.MOST_HOPS:
            message = f"hops from 1 to {prontoqa.MOST_HOPS}"
            raise ValueError(message)
        return self


def rows(file: Generated) -> Iterator[Row]:
    """Return the rows of a generated source, as a file would hold them.

    Raises:
        BuildError: there is no such generator, or its settings are not what they should be.
    """
    if file.generator not in _GENERATORS:
        what, fix = f"no generator {file.generator!r}", f"write one of {', '.join(_GENERATORS)}"
        raise BuildError(what, where="collect.sources", fix=fix)
    try:
        return _GENERATORS[file.generator](file)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        what = f"settings.{place}: {first['msg'].removeprefix('Value error, ')}"
        raise BuildError(what, where="collect.sources", fix="correct this key") from None


def _sums(file: Generated) -> Iterator[Row]:
    settings = Sums.model_validate(file.settings)
    setting = Setting(settings.least, settings.most, settings.length)
    together = settings.split.rule == "multiset"
    return _sequences(setting, file.rows, _held_out(setting, settings.split), sorted if together else list)


def _held_out(setting: Setting, split: Split) -> Callable[[int, tuple[int, ...]], bool]:
    if split.rule == "multiset":
        groups = mnns.held_out_groups(setting, split.share, split.seed)
        return lambda _, group: group in groups
    numbers = mnns.held_out_rows(setting, split.rule, split.share, split.seed)
    return lambda number, _: number in numbers


def _sequences(
    setting: Setting, count: int, held_out: Callable[[int, tuple[int, ...]], bool], grouped: Callable[[list[int]], list[int]]
) -> Iterator[Row]:
    """Yield sequences, each with its split and the group that the split goes by: its digits, in any order or in theirs."""
    number = 0
    for block in mnns.blocks(setting, count):
        for digits in block.tolist():
            group = tuple(grouped(digits))
            yield {
                "key": f"{setting.least}-{setting.most}x{setting.length}-{number}",
                "question": " ".join(f"D{digit}" for digit in digits),
                "digits": digits,
                "most": setting.most,
                "group": " ".join(map(str, group)),
                "split": mnns.VALIDATION if held_out(number, group) else mnns.TRAIN,
            }
            number += 1


def _choices(file: Generated) -> Iterator[Row]:
    balanced = Choices.model_validate(file.settings).variant == "balanced"
    return (_choice(f"{file.seed}-{number}", balanced=balanced) for number in range(file.rows))


def _choice(key: str, *, balanced: bool) -> Row:
    chance = Random(f"prosqa {key}")  # noqa: S311  (chance, not secrets)
    graph = prosqa.made(chance, balanced=balanced)
    names = _names(chance, graph.nodes)
    edges = list(graph.edges)
    chance.shuffle(edges)
    path = graphs.shortest_path(edges, graph.root, graph.target)
    options = [names[node] for node in (graph.target, graph.other) if node is not None]
    chance.shuffle(options)
    facts, steps = (
        [Statement(names[start], names[end], holds=True) for start, end in pairs] for pairs in (edges, pairwise(path))
    )
    question = f"{names[graph.root]} in {' or '.join(options)}?"
    return {
        "key": f"prosqa-{key}",
        "question": " ".join([*map(statements.sentence, facts), question]),
        "answer": statements.sentence(Statement(names[graph.root], names[graph.target], holds=True)),
        "steps": [statements.sentence(step) for step in steps],
        "idx_to_symbol": names,
        "edges": [list(edge) for edge in graph.edges],
        "root": graph.root,
        "target": graph.target,
        "neg_target": graph.other,
    }


def _claims(file: Generated) -> Iterator[Row]:
    hops = Claims.model_validate(file.settings).hops
    return (_claim(f"{file.seed}-{number}", hops) for number in range(file.rows))


def _claim(key: str, hops: list[int]) -> Row:
    chance = Random(f"prontoqa {key}")  # noqa: S311
    made = prontoqa.made(chance, chance.choice(hops))
    names = _names(chance, made.nodes)
    signed = [(pair, True) for pair in made.edges] + [(pair, False) for pair in made.negations]
    facts = [Statement(names[start], names[end], holds) for (start, end), holds in signed]
    chance.shuffle(facts)
    chain = [Statement(names[start], names[end], holds=True) for start, end in pairwise(made.chain)]
    last = Statement(names[made.chain[-1]], names[made.target], made.answer)
    return {
        "key": f"prontoqa-{key}",
        "question": " ".join(map(statements.sentence, facts)),
        "query": f"{names[made.chain[0]]} in {names[made.target]}?",
        "chain_of_thought": [statements.sentence(step) for step in [*chain, last]],
        "answer": str(made.answer),
    }


def _names(chance: Random, nodes: int) -> list[str]:
    """Draw the symbols of a graph's nodes: letters, and of two letters only where there are more nodes than letters."""
    names = list(vocabulary.symbols(max(nodes, vocabulary.LETTERS)))
    chance.shuffle(names)
    return names[:nodes]


_GENERATORS: Mapping[str, Callable[[Generated], Iterator[Row]]] = {"mnns": _sums, "prosqa": _choices, "prontoqa": _claims}
