"""What a release of this family has beyond its rows: splits, the vocabularies, and figures about questions and shortcuts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

from builders import records
from builders.contracts import Releasing, Row, Rows, Splitting
from builders.families.cot2 import graphs, vocabulary
from builders.families.cot2.graphs import Graph
from builders.params.sections import Release

_SUBSETS = ("mnns", "prontoqa", "prosqa")


def group(row: Row) -> str:
    """Return what a row must not share with one of another split: its digits in any order, or its graph and question."""
    return str(row["group"] if "group" in row else row["id"])


def split(row: Row) -> str:
    """Return the split of a row, which it names; the vocabularies are in the first."""
    return str(row.get("split") or next(iter(records.SPLITS)))


def derived(_: str, rows: Rows, __: Release) -> Iterator[Row]:
    """Yield the tokens of every vocabulary that a row of the release names."""
    names = {row["vocabulary"]: None for subset in _SUBSETS for row in rows(subset)}
    for name in names:
        for number, token in enumerate(vocabulary.named(name)):
            identity = records.row_id("cot2", "vocabulary", f"{name} {number}")
            yield {"id": identity, "vocabulary": name, "token_id": number, "token": token}


def audit(rows: Rows, _: Release) -> dict[str, Any]:
    """Return how many rows and groups each split has, how often each sum is the answer, and what the graphs are like."""
    splits = {subset: _splits(rows, subset) for subset in _SUBSETS}
    answers = Counter(row["answer"] for row in rows("mnns"))
    apart = sum(row["trace_product"] != row["trace_sorted"] for row in rows("mnns"))
    return {
        "splits": {subset: found for subset, found in splits.items() if found},
        "answers": {str(answer): answers[answer] for answer in sorted(answers)},
        "majority": round(100 * max(answers.values()) / answers.total(), 2) if answers else None,
        "traces_apart": apart,
        "graphs": [*_graphs(rows, "prontoqa"), *_graphs(rows, "prosqa")],
    }


def _splits(rows: Rows, subset: str) -> dict[str, dict[str, int]]:
    counts, groups = Counter[str](), defaultdict[str, set[str]](set)
    for row in rows(subset):
        counts[row["split"]] += 1
        groups[row["split"]].add(row["group"])
    return {name: {"rows": counts[name], "groups": len(groups[name])} for name in records.SPLITS if counts[name]}


def _graphs(rows: Rows, subset: str) -> Iterator[dict[str, Any]]:
    """Yield, source by source, how large the graphs are and how often a rule without reasoning finds the target."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(subset):
        found[row["provenance"]["source"]].append({**row, "targets": None, "lines": None})
    for source, own in found.items():
        shares = graphs.shortcuts(map(_graph, own))
        yield {
            "subset": subset,
            "source": source,
            "rows": len(own),
            "nodes": round(fmean(len(row["idx_to_symbol"]) for row in own), 2),
            "edges": round(fmean(len(row["edges"]) for row in own), 2),
            "steps": round(fmean(len(row.get("steps") or row["path"]) for row in own), 2),
            "shortcuts": {rule: round(100 * share, 1) for rule, share in shares.items()},
        }


def _graph(row: Row) -> Graph:
    edges = tuple((start, end) for start, end in row["edges"])
    return Graph(len(row["idx_to_symbol"]), edges, row["root"], row["target"], row.get("neg_target"))


def summarised(audit: dict[str, Any]) -> Mapping[str, Mapping[str, int | float]]:
    """Return the shortcuts of each source's graphs, for `dvc metrics`."""
    return {f"shortcuts/{entry['source']}": entry["shortcuts"] for entry in audit["graphs"] if entry["shortcuts"]}


STAGE = Releasing(
    params=Release,
    derived=derived,
    audit=audit,
    summarised=summarised,
    splitting=Splitting(group=group, split=split),
)
