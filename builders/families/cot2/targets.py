"""The columns that follow from a row by definition: lines of tokens, and what every step of a continuous thought should be.

A target has for each step a sparse distribution over the vocabulary: token ids, ascending, and their probabilities. The last
step is the answer with probability 1. Of `mnns` the steps are t = 1 … m; of the graphs t = 0, the root, … to the answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builders.families.cot2 import graphs, mnns, statements, vocabulary
from builders.families.cot2.graphs import Reach
from builders.families.cot2.mnns import Setting, Strategy
from builders.families.cot2.questions import Question
from builders.families.cot2.statements import Statement

Columns = dict[str, Any]
GRAPHS = "graphs"
STEPS = "steps"
"""The target of one trace: the published steps."""


class Step(NamedTuple):
    """A sparse distribution."""

    tokens: list[int]
    probabilities: list[float]


class TargetKinds(NamedTuple):
    """Which targets a build makes.

    Args:
        budgets: how many traces; None for all.
        strategies: which traces are preferred.
        reaches: readings of what is reached.
    """

    budgets: Sequence[int | None]
    strategies: Sequence[Strategy]
    reaches: Sequence[Reach]


def of_digits(digits: Sequence[int], most: int, wanted: TargetKinds) -> Columns:
    """Return the answer, traces, lines and targets of one sequence.

    Args:
        digits: the sequence.
        most: the largest digit of its setting.
        wanted: which targets.
    """
    sums = mnns.partial_sums(np.array([digits], dtype=np.int16))
    order = mnns.ranked(sums)
    answer = int(mnns.answers(sums)[0])
    setting = Setting(0, most, len(digits))
    signs = mnns.signs(len(digits))
    traces = {"product": int(mnns.first_in_product_order(sums)[0]), "sorted": int(order[0, 0])}
    listed = {name: {"signs": signs[place].tolist(), "sums": sums[0, place].tolist()} for name, place in traces.items()}
    zero = vocabulary.ids(vocabulary.named(setting.vocabulary), ["S0"])[0]
    return {
        "answer": answer,
        **{f"trace_{name}": trace for name, trace in listed.items()},
        "vocabulary": setting.vocabulary,
        "lines": _lines_of_digits(setting, digits, listed, answer),
        "targets": [
            _target(
                f"{strategy}_{'all' if budget is None else budget}",
                [*_budgeted(sums, order, budget, strategy, zero), one_hot(zero + answer)],
                strategy=strategy,
                budget=budget,
                traces=int(mnns.selection(sums, order, budget, strategy).sum()),
            )
            for strategy in wanted.strategies
            for budget in wanted.budgets
        ],
    }


def _budgeted(
    sums: NDArray[np.int16], order: NDArray[np.int64], budget: int | None, strategy: Strategy, zero: int
) -> Iterator[Step]:
    found = mnns.targets(sums, mnns.selection(sums, order, budget, strategy))
    for place in range(len(found.starts) - 1):
        values, probabilities = found.cell(place)
        yield Step([zero + value for value in values], probabilities)


def _lines_of_digits(setting: Setting, digits: Sequence[int], traces: Mapping[str, Any], answer: int) -> Columns:
    tokens = vocabulary.named(setting.vocabulary)
    prompt = [vocabulary.BOS, *(f"D{digit}" for digit in digits)]
    arrows = [vocabulary.ARROW] * setting.length
    lines = {
        "continuous": prompt,
        "no_cot": [*prompt, *arrows, f"S{answer}", vocabulary.EOS],
        **{
            f"discrete_{name}": [*prompt, vocabulary.ARROW, *(f"S{value}" for value in trace["sums"]), vocabulary.EOS]
            for name, trace in traces.items()
        },
    }
    return {name: vocabulary.ids(tokens, line) for name, line in lines.items()}


def of_question(question: Question, symbols: Sequence[str], wanted: TargetKinds) -> Columns:
    """Return the lines and targets of a graph.

    Args:
        question: the graph.
        symbols: the letters of its nodes.
        wanted: which targets; a reading in which some step would reach no node is left out.
    """
    tokens = vocabulary.of_graphs()
    node = [vocabulary.ids(tokens, [symbol])[0] for symbol in symbols]
    path = question.path if question.answer else question.path[:-1]
    answer = question.answer or symbols[question.target]
    last = one_hot(vocabulary.ids(tokens, [answer])[0])
    targets = [_target(STEPS, [*(one_hot(node[place]) for place in path), last], strategy=STEPS, budget=1, traces=1)]
    for reach in wanted.reaches:
        levels = graphs.reached(question.edges, question.root, len(path), reach)
        if all(levels):
            spread = [_even(sorted(node[place] for place in level)) for level in levels]
            targets.append(_target(reach, [*spread, last], strategy=reach, budget=None, traces=None))
    prompt = [vocabulary.BOS, *statements.tokens(_facts(question, symbols), _query(question, symbols))]
    thought = [*(symbols[place] for place in path), answer, vocabulary.EOS]
    arrows = [vocabulary.ARROW] * (len(path) + 1)
    lines = {
        "continuous": prompt,
        "no_cot": [*prompt, *arrows, *thought[-2:]],
        "discrete": [*prompt, vocabulary.ARROW, *thought],
    }
    return {
        "path": list(question.path),
        "symbols": list(symbols),
        "letters": letters(question, symbols),
        "vocabulary": GRAPHS,
        "lines": {name: vocabulary.ids(tokens, line) for name, line in lines.items()},
        "targets": targets,
    }


def letters(question: Question, symbols: Sequence[str]) -> str:
    """Return the question in the wording of letters."""
    query = " ".join(_query(question, symbols)[:-1])
    return " ".join([*map(statements.sentence, _facts(question, symbols)), f"{query}?"])


def _facts(question: Question, symbols: Sequence[str]) -> list[Statement]:
    return [Statement(symbols[start], symbols[end], holds) for start, end, holds in question.facts]


def _query(question: Question, symbols: Sequence[str]) -> list[str]:
    if question.options:
        first, second = (symbols[place] for place in question.options)
        return [symbols[question.root], "in", first, "or", second, "?"]
    relation = ["in"] if question.asked_to_hold else ["not", "in"]
    return [symbols[question.root], *relation, symbols[question.target], "?"]


def one_hot(token: int) -> Step:
    """Return the step that is one token."""
    return Step([token], [1.0])


def _even(tokens: list[int]) -> Step:
    return Step(tokens, [1 / len(tokens)] * len(tokens))


def _target(name: str, steps: list[Step], *, strategy: str, budget: int | None, traces: int | None) -> Columns:
    return {
        "name": name,
        "strategy": strategy,
        "budget": budget,
        "n_traces": traces,
        "token_ids": [step.tokens for step in steps],
        "probabilities": [step.probabilities for step in steps],
    }
