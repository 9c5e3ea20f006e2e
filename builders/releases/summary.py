"""What a release comes to in numbers, counted once: the funnel, how long its texts are, what judges said.

The figures draw it, the card's alt texts and tables say it, and `dvc metrics` has it in `processed/<family>/summary/`, a file
for each line of a table, since dvc prints a line for each file and a column for each name in any:

    funnel/<place>_<stage>            rows in, spawned, kept, rejected
    funnel/<place>_<stage>/<reason>   rows rejected for it
    release/<config>                  rows kept
    words/<column>/<subset>           words of its texts; those of somebody's own rows are <subset>_own
    scores/<score>/<outcome>          what judges said of rows by what became of them; for words, a file and a share each

A quantile is the least value that at least that share of all values does not exceed.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any, NamedTuple

import orjson

from builders import contracts, paths, records
from builders import family as families
from builders.texts.words import count

Tally = Mapping[str, Counter[Any]]
"""A group of rows → value → how often."""
Values = Mapping[str, int | float]

QUANTILES = {"p10": 10, "median": 50, "p90": 90}
"""Name → percentage."""

KEPT, REJECTED = "kept", "rejected"
OWN = "_own"
NONE = "none"
"""What is told where a judge gave no usable answer."""


class Summary(NamedTuple):
    """What a release comes to.

    Args:
        stages: the funnel, as `stats.json` has it.
        configs: config → rows.
        words: column with texts → subset → number of words → rows.
        scores: what is scored → what became of the row → number or word → how often.
    """

    stages: Sequence[Mapping[str, Any]]
    configs: Mapping[str, int]
    words: Mapping[str, Tally]
    scores: Mapping[str, Tally]


def words(family: str, rows: Callable[[str], Iterable[Mapping[str, Any]]], own: Collection[str] = ()) -> dict[str, Tally]:
    """Count the words of the released texts, those of somebody's own rows apart from all others.

    Args:
        family: its name.
        rows: returns the released rows of a subset.
        own: sources of somebody's own rows.
    """
    columns = families.facts(family).texts
    found: dict[str, dict[str, Counter[int]]] = {column: {} for column in columns}
    for subset in families.subsets(family):
        for row in rows(subset):
            for column in columns:
                if isinstance(text := row.get(column), str):
                    name = owned(subset, row["provenance"]["source"] in own)
                    found[column].setdefault(name, Counter())[count(text)] += 1
    return {column: tally for column, tally in found.items() if tally}


def owned(group: str, is_own: bool) -> str:  # noqa: FBT001  (a fact of a row)
    """Return what figures and metrics call a group of rows: somebody's own are never in one with others."""
    return f"{group}{OWN}" if is_own else group


def scores(family: str, own: Collection[str] = ()) -> dict[str, Tally]:
    """Count what judges said of every row they were asked about, by what became of it.

    A row was kept, or it was rejected by a later stage, or it is in another subset than its pool, whose name then stands;
    somebody's own rows, given by their sources, are counted apart.
    """
    verdicts = contracts.judging(family).verdicts
    found: dict[str, dict[str, Counter[Any]]] = {}
    for pool in families.pools(family):
        for record, outcome in _outcomes(family, pool):
            for what, value in verdicts(record):
                group = owned(outcome, record.provenance.source in own)
                found.setdefault(what, {}).setdefault(group, Counter())[NONE if value is None else value] += 1
    groups = (KEPT, *families.subsets(family), REJECTED)
    order = [owned(group, is_own) for is_own in (False, True) for group in groups]
    return {what: {outcome: tally[outcome] for outcome in order if outcome in tally} for what, tally in sorted(found.items())}


def _outcomes(family: str, pool: str) -> Iterator[tuple[records.Record, str]]:
    """Yield the judged rows of a pool, each with what became of it: no stage changes the order of rows."""
    released = records.kept(family, "validate", pool)
    following = next(released, None)
    for record in records.kept(family, "judge", pool):
        outcome = REJECTED
        if following is not None and following.id == record.id:
            outcome = KEPT if following.subset == pool else following.subset
            following = next(released, None)
        yield record, outcome


def quantiles(counter: Counter[Any]) -> Values:
    """Return the quantiles of counted numbers."""
    return {name: _quantile(counter, percentage) for name, percentage in QUANTILES.items()}


def _quantile(counter: Counter[Any], percentage: int) -> int | float:
    values: list[int | float] = sorted(counter)
    total = counter.total()
    reached = accumulate(counter[value] for value in values)
    return next(value for value, seen in zip(values, reached, strict=True) if 100 * seen >= percentage * total)


def shares(counter: Counter[Any]) -> Values:
    """Return which share of the counted words each is, the most frequent first."""
    total = counter.total()
    return {word: round(counter[word] / total, 4) for word in sorted(counter, key=lambda word: (-counter[word], word))}


def in_words(counter: Counter[Any]) -> bool:
    """Tell whether judges answered in words, not numbers."""
    return any(isinstance(value, str) for value in counter)


def pooled(tally: Tally) -> Counter[Any]:
    """Return the counts of all groups together."""
    return sum(tally.values(), Counter())


def lines(summary: Summary) -> dict[str, Values]:
    """Return the lines of the table that `dvc metrics` prints: path → name → number."""
    return dict(chain(_funnel(summary), _words(summary), _scores(summary)))


def _funnel(summary: Summary) -> Iterator[tuple[str, Values]]:
    for place, stage in enumerate(summary.stages, 1):
        name, rejected = f"funnel/{place}_{stage['stage']}", stage["rejected"]
        rows = {"in": stage["in"], "spawned": stage["spawned"], KEPT: sum(stage["out"].values())}
        yield name, {**rows, REJECTED: sum(rejected.values())}
        yield from ((f"{name}/{reason}", {REJECTED: count}) for reason, count in rejected.items())
    yield from ((f"release/{config}", {KEPT: count}) for config, count in summary.configs.items())


def _words(summary: Summary) -> Iterator[tuple[str, Values]]:
    for column, tally in summary.words.items():
        yield from ((f"words/{column}/{subset}", quantiles(counter)) for subset, counter in tally.items())


def _scores(summary: Summary) -> Iterator[tuple[str, Values]]:
    for what, tally in summary.scores.items():
        for outcome, counter in tally.items():
            path = f"scores/{what}/{outcome}"
            if in_words(counter):
                yield from ((f"{path}/{word}", {"share": share}) for word, share in shares(counter).items())
            else:
                yield path, quantiles(counter)


def write(family: str, lines: Mapping[str, Values]) -> None:
    """Write the lines, a file each, in the place of earlier ones."""
    folder = paths.summary(family)
    fresh = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, values in lines.items():
        path = fresh / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2) + b"\n")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
