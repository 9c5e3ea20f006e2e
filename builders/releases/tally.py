"""What is counted in the Parquet files of a release: tokens of its texts, and rows by label, domain, source and kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from builders import family as families
from builders.releases.tokens import Tokenizer

SOURCE = "provenance.source"
MOST_VALUES = 40
"""Values of a column that are counted one by one; the others together."""
OTHERS = "(others)"
NULL = "(null)"
_BATCH = 1000
_DERIVED_TEXTS = (
    *("prompt", "instruction", "question", "response", "output", "completion", "completions"),
    *("chosen", "rejected"),
)
"""Further columns with texts, of derived configs, which have columns of their own."""
_OTHERWISE = ("messages", "problem", "steps", "solution_steps")
"""Columns with the texts of a derived config that has none of the others."""
_ROLE = "role"
"""What a message has beside its text."""


class Tally(NamedTuple):
    """What was counted, config by config.

    Args:
        tokenizer: what counted tokens; see `Tokenizer.facts`.
        texts: the columns whose tokens were counted.
        tokens: how many they have.
        values: column → value → rows.
    """

    tokenizer: dict[str, str]
    texts: dict[str, list[str]]
    tokens: dict[str, int]
    values: dict[str, dict[str, dict[str, int]]]

    def facts(self) -> dict[str, Any]:
        """Return the tally as JSON."""
        return self._asdict()


def counted(family: str, folder: Path, configs: Sequence[str], tokenizer: Tokenizer) -> Tally:
    """Count a release.

    Args:
        family: its name.
        folder: the release, its Parquet files included.
        configs: those that have rows.
        tokenizer: what counts tokens.
    """
    tally = Tally(tokenizer.facts, {}, {}, {})
    for config in configs:
        shards = sorted((folder / config).glob("*.parquet"))
        kind = pq.read_schema(shards[0])
        texts = _texts(family, config, kind)
        columns = _counted(family, kind)
        tokens, values = 0, {column: Counter[str]() for column in columns}
        for batch in _batches(shards, [*texts, *columns]):
            tokens += tokenizer.count([text for column in texts for text in leaves(batch.column(column))])
            for column in columns:
                values[column].update(map(_word, _column(batch, column).to_pylist()))
        tally.texts[config], tally.tokens[config] = texts, tokens
        tally.values[config] = {column: _most(counter) for column, counter in values.items() if counter}
    return tally


def leaves(array: pa.Array | pa.ChunkedArray) -> Iterator[str]:
    """Yield the texts in a column, those inside of lists and structs included."""
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    for chunk in chunks:
        if pa.types.is_struct(chunk.type):
            for field, part in zip(chunk.type, chunk.flatten(), strict=True):
                if field.name != _ROLE:
                    yield from leaves(part)
        elif pa.types.is_list(chunk.type) or pa.types.is_large_list(chunk.type):
            yield from leaves(chunk.flatten())
        elif pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type):
            yield from (text for text in chunk.to_pylist() if text is not None)


def _texts(family: str, config: str, kind: pa.Schema) -> list[str]:
    wanted = {*families.facts(family).texts, *(_DERIVED_TEXTS if config not in families.subsets(family) else ())}
    found = [column for column in kind.names if column in wanted]
    return found or [column for column in kind.names if column in _OTHERWISE and config not in families.subsets(family)]


def _counted(family: str, kind: pa.Schema) -> list[str]:
    own = [column for column in families.facts(family).counted if column in kind.names]
    return [*own, *([SOURCE] if "provenance" in kind.names else [])]


def _batches(shards: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for shard in shards:
        with pq.ParquetFile(shard) as file:
            yield from file.iter_batches(_BATCH, columns=list(columns))


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    outer, _, inner = name.partition(".")
    return batch.column(outer).field(inner) if inner else batch.column(outer)


def _word(value: object) -> str:
    return NULL if value is None else str(value)


def _most(counter: Counter[str]) -> dict[str, int]:
    """Return the most frequent values with their counts, the others under one name."""
    order = sorted(counter, key=lambda value: (-counter[value], value))
    found = {value: counter[value] for value in order[:MOST_VALUES]}
    left = sum(counter[value] for value in order[MOST_VALUES:])
    return {**found, **({OTHERS: left} if left else {})}


def over(values: Mapping[str, Mapping[str, Mapping[str, int]]], configs: Sequence[str]) -> dict[str, Counter[str]]:
    """Return the counts of several configs together: column → value → rows."""
    found: dict[str, Counter[str]] = {}
    for config in configs:
        for column, counts in values.get(config, {}).items():
            found.setdefault(column, Counter()).update(counts)
    return found
