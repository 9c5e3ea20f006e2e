"""Keep a row whose targets are what they should be. By construction every row is; this looks once more, at what is released.

trace_broken         signs, digits and partial sums of a trace do not agree, or its last sum is not the answer
not_a_distribution   the probabilities of a step are not positive, or do not sum to 1, or a token stands twice
not_the_answer       the last step is not the answer alone
"""

from dataclasses import replace
from itertools import accumulate
from math import fsum

from builders.contracts import Filtering
from builders.families.cot2 import vocabulary
from builders.params.sections import Filter
from builders.records import Record, Rejection, Rule

_CLOSE = 1e-9
_GRAPH = ("idx_to_symbol", "edges")
_LAST = ("group", "split", "vocabulary", "lines", "targets")
_DERIVED = ("symbols", "letters", "path", *_LAST)
COLUMNS = {
    "mnns": ("question", "answer", "digits", "trace_product", "trace_sorted", *_LAST),
    "prontoqa": ("question", "query", "chain_of_thought", "answer", *_GRAPH, "negations", "root", "target", *_DERIVED),
    "prosqa": ("question", "answer", "steps", *_GRAPH, "root", "target", "neg_target", *_DERIVED),
}
"""Subset → its released columns, those of the published files first and as they were there."""


def rules(_: Filter) -> list[Rule]:
    """Return the rules in order."""
    return [trace_broken, not_a_distribution, not_the_answer]


def trace_broken(record: Record) -> Rejection | None:
    """Reject a sequence with a trace that does not add up."""
    data = record.data
    for name in ("trace_product", "trace_sorted") if record.subset == "mnns" else ():
        signed = (sign * digit for sign, digit in zip(data[name]["signs"], data["digits"], strict=True))
        if list(accumulate(signed)) != data[name]["sums"] or data[name]["sums"][-1] != data["answer"]:
            return Rejection("trace_broken", {"trace": name})
    return None


def not_a_distribution(record: Record) -> Rejection | None:
    """Reject a row with a step that is not a distribution."""
    for target in record.data["targets"]:
        for place, step in enumerate(zip(target["token_ids"], target["probabilities"], strict=True)):
            if not _sound(*step):
                return Rejection("not_a_distribution", {"target": target["name"], "step": place})
    return None


def _sound(tokens: list[int], probabilities: list[float]) -> bool:
    once = len(tokens) == len(set(tokens)) == len(probabilities) > 0
    return once and min(probabilities) > 0 and abs(fsum(probabilities) - 1) < _CLOSE


def not_the_answer(record: Record) -> Rejection | None:
    """Reject a row with a target that does not end in the answer."""
    data = record.data
    tokens = vocabulary.named(data["vocabulary"])
    line = data["lines"]["no_cot"]
    for target in data["targets"]:
        if (target["token_ids"][-1], target["probabilities"][-1]) != ([line[-2]], [1.0]):
            return Rejection("not_the_answer", {"target": target["name"], "token": tokens[line[-2]]})
    return None


def released(record: Record, _: Filter) -> Record:
    """Return the row in its released columns."""
    return replace(record, data={name: record.data[name] for name in COLUMNS[record.subset]})


STAGE = Filtering(params=Filter, rules=rules, released=released)
