"""Prompts that are in evaluation sets: equal as a whole, or with enough words in a row in common.

Both texts are compared as lists of words, in lower case and without punctuation and diacritics (`words.simplified`). A
prompt with fewer words than an n-gram has is compared as a whole only: a paraphrase of it, or a copy embedded in other text,
goes unnoticed. Longer prompts that follow one pattern may share an n-gram without being copies. `benchmarks/decontamination.py`
measures both.

In memory is a 64-bit hash for each prompt and each n-gram of the sets, about 150 bytes each. Between 10^7 n-grams of prompts
and 10^6 of sets, the chance that any two different ones have one hash is less than 1 in a million.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import xxhash

from builders import atomic, contracts, paths, records
from builders.errors import BuildError
from builders.params.sections import Decontamination
from builders.records import Record, Rejection, Rule
from builders.sources import reading
from builders.sources.benchmarks import listing
from builders.sources.settling import settled
from builders.sources.tables import EvaluationSet
from builders.texts import words

REASON = "contaminated"
IMAGE = "image"
"""Kind of a hit by a figure instead of a text."""
EXACT = "exact"
WITHOUT = "without_prompt"
"""Rows of an evaluation set that nothing can be compared with."""
_KINDS = (EXACT, "ngram")


class Index(NamedTuple):
    """One evaluation set, ready to be searched.

    Args:
        name: the set's name.
        origin: what pins its content.
        prompts: how many prompts it has.
        without: how many rows have no prompt, and so nothing to compare with.
        whole: hash of a whole prompt → the first row that has it.
        ngrams: hash of an n-gram → the first row that has it.
    """

    name: str
    origin: dict[str, Any]
    prompts: int
    without: int
    whole: dict[int, str]
    ngrams: dict[int, str]

    def hit(self, whole: int, ngrams: Iterable[int]) -> tuple[str, str] | None:
        """Return kind and row of what a prompt, given by its hashes, has in common with the set."""
        if whole in self.whole:
            return EXACT, self.whole[whole]
        return next((("ngram", self.ngrams[ngram]) for ngram in ngrams if ngram in self.ngrams), None)


def tables(family: str, params: Decontamination) -> list[EvaluationSet]:
    """Return all evaluation sets of a family: those declared in its params, then those of the published list.

    Raises:
        BuildError: the list does not have one.
    """
    if unknown := [name for name in params.listed if name not in listing.names()]:
        fix = f"choose from {', '.join(listing.names())}"
        raise BuildError(f"{unknown[0]} is not in {listing.FILE.name}", where=paths.params(family), fix=fix)
    return [*params.sets, *map(listing.named, params.listed)]


def indexes(family: str, params: Decontamination) -> list[Index]:
    """Read the evaluation sets.

    Raises:
        BuildError: one cannot be read, or holds no prompt.
    """
    return [index(family, table, params.ngram_words) for table in tables(family, params)]


def rule(indexes: list[Index], prompt: str, size: int) -> Rule:
    """Return the check that rejects what an evaluation set holds.

    Args:
        indexes: the evaluation sets.
        prompt: the column with the prompt.
        size: words of an n-gram.
    """

    def contaminated(record: Record) -> Rejection | None:
        found = hashes(record.data[prompt], size)
        if found is None:
            return None
        hits = [(one.name, *hit) for one in indexes if (hit := one.hit(*found))]
        if not hits:
            return None
        entries = [dict(zip(("set", "kind", "row"), hit, strict=True)) for hit in hits]
        return Rejection(REASON, {**entries[0], **({"also": entries[1:]} if entries[1:] else {})})

    return contaminated


def report(indexes: list[Index], rejected: Path) -> dict[str, dict[str, Any]]:
    """Count what was rejected, by set and kind; a prompt that is in several sets counts for each of them.

    The kind `image`, which only a family's own rule finds, is counted where there is a hit.
    """
    hits = Counter[tuple[str, str]]()
    for _, rejection in records.read(rejected):
        if rejection and rejection.reason == REASON:
            hits.update((entry["set"], entry["kind"]) for entry in (rejection.evidence, *rejection.evidence.get("also", ())))
    return {
        one.name: {
            **one.origin,
            "prompts": one.prompts,
            **({WITHOUT: one.without} if one.without else {}),
            **{kind: hits[one.name, kind] for kind in _KINDS},
            **({IMAGE: hits[one.name, IMAGE]} if hits[one.name, IMAGE] else {}),
        }
        for one in indexes
    }


def remember(family: str, stage: str, pool: str, counts: dict[str, dict[str, Any]]) -> None:
    """Write what `report` counted beside the rows that a stage screened."""
    with atomic.whole(_file(family, stage, pool)) as file:
        file.write(orjson.dumps(counts, option=orjson.OPT_INDENT_2) + b"\n")


def counted(family: str, pools: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what was remembered, the hits of pools and stages summed.

    Raises:
        BuildError: collect has not finished for a pool.
    """
    total: dict[str, dict[str, Any]] = {}
    for pool in pools:
        file = _file(family, "collect", pool)
        if not file.is_file():
            fix = f"run python -m builders collect {family}, or dvc repro for everything"
            raise BuildError(f"collect has not counted what it rejected of {family}/{pool}", where=file, fix=fix)
    files = [_file(family, stage, pool) for stage in ("collect", "synthesize") for pool in pools]
    for file in files:
        if not file.is_file():
            continue  # nothing was spawned
        for name, counts in orjson.loads(file.read_bytes()).items():
            before = total.get(name, {})
            found = [kind for kind in (*_KINDS, IMAGE) if kind in before or kind in counts]
            total[name] = {**counts, **{kind: before.get(kind, 0) + counts.get(kind, 0) for kind in found}}
    return total


def _file(family: str, stage: str, pool: str) -> Path:
    return paths.processed(family) / stage / "decontamination" / f"{pool}.json"


def index(family: str, table: EvaluationSet, size: int) -> Index:
    """Read one set of prompts and return it ready to be searched.

    Raises:
        BuildError: it cannot be read, or holds no prompt.
    """
    made = Index(table.name, reading.origin(family, table), 0, 0, {}, {})
    count = without = 0
    for values, text in _prompts(family, table):
        if not isinstance(text, str) or (found := hashes(text, size)) is None:
            without += 1
            continue
        count += 1
        key = reading.value(table.columns["key"], values) if "key" in table.columns else None
        row = f"sha256 {records.text_digest(text)[:16]}" if key in {None, ""} else str(key)
        made.whole.setdefault(found[0], row)
        for ngram in found[1]:
            made.ngrams.setdefault(ngram, row)
    if not count:
        fix = "map the column that holds its prompts"
        raise BuildError(f"{table.label} holds no prompt", where=paths.params(family), fix=fix)
    return made._replace(prompts=count, without=without)


def _prompts(family: str, table: EvaluationSet) -> Iterator[tuple[dict[str, Any], object]]:
    for row in reading.rows(family, table, contracts.collecting(family).generated):
        yield row.values, settled(reading.value(table.columns["prompt"], row.values)).value


def hashes(text: str, size: int) -> tuple[int, list[int]] | None:
    """Return the hash of the whole text and those of its n-grams; None for a text without words."""
    found = words.simplified(text)
    if not found:
        return None
    ngrams = (" ".join(found[start : start + size]) for start in range(len(found) - size + 1))
    return xxhash.xxh3_64_intdigest(" ".join(found)), [xxhash.xxh3_64_intdigest(ngram) for ngram in ngrams]
