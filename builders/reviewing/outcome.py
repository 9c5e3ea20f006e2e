"""What all rounds come to: for the manifest, the card, and `dvc metrics`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from builders import family as families
from builders.params.sections import Review
from builders.reviewing import gate, merging
from builders.reviewing.agreement import agreement
from builders.reviewing.estimates import Estimate, estimate

DECISION = "decision"
Row = Mapping[str, Any]


def facts(family: str, rules: Review) -> dict[str, Any] | None:
    """Return what reviewers decided, how far they agree, what that says about all rows, and whether the policy is met.

    Args:
        family: its name.
        rules: its section review.

    Returns:
        None where nobody reviewed anything and nothing demands it.
    """
    sizes, rows = Counter[str](), list[dict[str, Any]]()
    found = list(merging.tallies(family, families.pools(family)))
    if not found:
        return None
    for tally in found:
        sizes.update(tally["strata"])
        rows += tally["rows"]
    counts = counted(rows, sizes, rules)
    missing = gate.shortfalls(rules.policy, counts) if rules.policy else []
    demands = rules.policy.model_dump() if rules.policy else None
    return {**counts, "policy": demands, "missing": [{**one._asdict(), "line": str(one)} for one in missing]}


def counted(rows: Iterable[Row], sizes: Mapping[str, int], rules: Review) -> dict[str, Any]:
    """Return the figures, given the reviewed rows and how many rows each stratum has."""
    rows = list(rows)
    kept, rejected = [row for row in rows if row["kept"]], [row for row in rows if not row["kept"]]
    wrong = _estimated(kept, sizes, _is_wrong, kept=True)
    dropped = _estimated(rejected, sizes, lambda vote: vote["decision"] == "accept", kept=False)
    return {
        "rule": {"conflicts": rules.conflicts, "seniors": list(rules.seniors), "undecided": rules.undecided},
        "reviewers": dict(sorted(Counter(vote["reviewer"] for row in rows for vote in row["votes"]).items())),
        "kept": _fates(kept, sum(count for name, count in sizes.items() if name.startswith("kept"))),
        "rejected": _fates(rejected, sum(count for name, count in sizes.items() if name.startswith("rejected"))),
        "stale": {"decisions": sum(len(row["stale"]) for row in rows), "rows": [row["id"] for row in rows if row["stale"]]},
        "agreement": {name: agreement(table)._asdict() for name, table in _tables(rows).items()},
        "error_rate": wrong._asdict() if wrong else None,
        "false_drop_rate": dropped._asdict() if dropped else None,
        "judge": _judge(wrong, dropped, sizes),
    }


def _is_wrong(vote: Mapping[str, Any]) -> bool:
    """Tell whether a vote says that the row, as it was built, should not be released."""
    return bool(vote["decision"] == "reject" or vote["edited"])


def _drawn(row: Row) -> list[Mapping[str, Any]]:
    """Return the votes about a row that a round drew: rows that somebody picked by hand say nothing about the others."""
    return [vote for vote in row["votes"] if vote["round"] is not None]


def _fates(rows: list[Row], total: int) -> dict[str, int]:
    fates = Counter(row[DECISION] for row in rows)
    settled = fates["accept"] + fates["reject"]
    edited = sum(row["edited"] for row in rows)
    return {
        "rows": total,
        "reviewed": settled,
        **{word: fates[word] for word in ("accept", "reject", "undecided")},
        "edited": edited,
    }


def _estimated(
    rows: list[Row], sizes: Mapping[str, int], says: Callable[[Mapping[str, Any]], bool], *, kept: bool
) -> Estimate | None:
    votes: dict[str, list[list[bool]]] = defaultdict(list)
    for row in rows:
        if drawn := _drawn(row):
            votes[row["stratum"]].append([says(vote) for vote in drawn])
    own = {name: count for name, count in sizes.items() if name.startswith("kept") == kept}
    return estimate(votes, own)


def _tables(rows: list[Row]) -> dict[str, list[dict[str, str]]]:
    """Return for each question what each reviewer answered about each row."""
    tables: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        asked: dict[str, dict[str, str]] = defaultdict(dict)
        for vote in _drawn(row):
            for question, answer in {DECISION: vote["decision"], **vote["answers"]}.items():
                asked[question][vote["reviewer"]] = answer if isinstance(answer, str) else repr(answer)
        for question, answers in asked.items():
            tables[question].append(answers)
    return dict(tables)


def _judge(wrong: Estimate | None, dropped: Estimate | None, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return how well what the pipeline keeps agrees with people: precision and recall of keeping, weighted by stratum."""
    precision = None if wrong is None else [round(1 - value, 5) for value in (wrong.share, wrong.high, wrong.low)]
    recall = None
    if wrong and dropped:
        kept = sum(count for name, count in sizes.items() if name.startswith("kept"))
        others = sum(sizes.values()) - kept
        pairs = zip((wrong.share, wrong.high, wrong.low), (dropped.share, dropped.high, dropped.low), strict=True)
        recall = [_recall(kept * (1 - error), others * lost) for error, lost in pairs]
    return {"precision": _named(precision), "recall": _named(recall)}


def _recall(good_kept: float, good_dropped: float) -> float:
    return round(good_kept / (good_kept + good_dropped), 5) if good_kept + good_dropped else 0.0


def _named(values: list[float] | None) -> dict[str, float] | None:
    return dict(zip(("share", "low", "high"), values, strict=True)) if values else None


def lines(facts: Mapping[str, Any] | None) -> dict[str, dict[str, int | float]]:
    """Return the figures that `dvc metrics` shows, by file and name."""
    if facts is None:
        return {}
    figures: dict[str, dict[str, int | float]] = {}
    for place in ("kept", "rejected"):
        figures[f"review/{place}"] = {
            name: facts[place][name] for name in ("rows", "reviewed", "accept", "reject", "undecided", "edited")
        }
    for name in ("error_rate", "false_drop_rate"):
        if facts[name]:
            figures[f"review/{name}"] = {key: facts[name][key] for key in ("share", "low", "high")}
    for name, one in facts["judge"].items():
        if one:
            figures[f"review/judge_{name}"] = one
    for question, one in facts["agreement"].items():
        if one["alpha"] is not None:
            figures[f"review/alpha_{question}"] = {"share": one["alpha"], "low": one["low"], "high": one["high"]}
    return figures
