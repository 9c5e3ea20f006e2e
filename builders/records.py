"""Rows on their way through the stages: what they carry, how they are named, how they lie on disk."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import orjson

from builders import paths, shards
from builders.errors import BuildError
from builders.provenance import Answerer, Provenance, Reviewed

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Record:
    """One row between two stages.

    Args:
        id: `<family>:` and 16 hex digits, see `row_id`.
        subset: the config the row will be released in; a filter may change it.
        parent: id of the row this one was spawned from, None for a seed.
        provenance: where the row came from and who answered.
        data: the family's columns so far.
    """

    id: str
    subset: str
    parent: str | None
    provenance: Provenance
    data: dict[str, Any]

    def having(self, **columns: object) -> Self:
        """Return a copy whose data has these columns set."""
        return type(self)(self.id, self.subset, self.parent, self.provenance, {**self.data, **columns})

    def answered(self, **answerers: Answerer) -> Self:
        """Return a copy whose provenance says who answered in these roles."""
        return type(self)(self.id, self.subset, self.parent, self.provenance.answered(answerers), self.data)

    def reviewed(self, review: Reviewed) -> Self:
        """Return a copy whose provenance says what people decided."""
        return replace(self, provenance=self.provenance._replace(review=review))

    def facts(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "id": self.id,
            "subset": self.subset,
            "parent": self.parent,
            "provenance": self.provenance.facts(),
            "data": self.data,
        }


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row went no further.

    Args:
        reason: a short snake_case word that counts are kept by.
        evidence: what the rule saw: numbers, ids and hashes; never text of a reply.
    """

    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)


Outcome = tuple[Record, Rejection | None]
"""What has become of a row."""
Rule = Callable[[Record], Rejection | None]
"""Says why a row goes no further, or None."""


def row_id(family: str, source: str, key: str, parent_index: int | None = None) -> str:
    """Name a row by what it was made from, so that models, prompts, limits and order leave the name alone.

    Args:
        family: the family's name.
        source: the source's id in params.
        key: the source's own row key, or the normalised prompt where it has none.
        parent_index: which of its parent's children the row is; None for a seed.
    """
    return f"{family}:{digest([source, key, parent_index])[:16]}"


def normalised(text: str) -> str:
    """Fold case, white space and compatibility characters, so that two spellings of one prompt compare equal."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def canonical(value: object) -> bytes:
    """Return the one JSON spelling of a value: keys sorted, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: object) -> str:
    """Return the sha256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def text_digest(text: str) -> str:
    """Return the sha256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def bytes_digest(data: bytes) -> str:
    """Return the sha256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


SPLITS = {"train": 80, "validation": 10, "test": 10}
"""The Hub's splits in their order, and how many of a hundred groups each gets where a hash decides."""


_GROUP_DIGITS = 16


def split_group(sha256: str) -> str:
    """Return the name of the group of rows that belong in one split, by the hash of what they have in common."""
    return sha256[:_GROUP_DIGITS]


def split(group: str) -> str:
    """Return the split of a group of rows that belong together, by a hash of its name alone.

    So a group is in one split whichever config or family has rows of it.
    """
    place = seeded(sum(SPLITS.values()), "split", group)
    for name, share in SPLITS.items():
        if place < share:
            return name
        place -= share
    raise AssertionError(place)


def seeded(upper: int, *parts: object) -> int:
    """Draw an integer in [0, upper) that depends on nothing but `parts`."""
    return int(digest(list(parts)), 16) % upper


def plain(value: object) -> object:
    """Return the value if it can be written as JSON, else its text: dates, bytes, and integers of more than 64 bits."""
    try:
        orjson.dumps(value)
    except TypeError:
        return str(value).encode(errors="backslashreplace").decode()
    return value


def is_plain(value: object) -> bool:
    """Tell whether a value is the same when it was written as JSON and read."""
    try:
        return bool(orjson.loads(orjson.dumps(value)) == value)
    except (TypeError, orjson.JSONDecodeError):
        return False


def encode(record: Record, rejection: Rejection | None = None) -> bytes:
    """Return a row as one line of JSON; a rejected one with its reason and evidence."""
    row = record.facts()
    return orjson.dumps(row if rejection is None else {"rejection": rejection, "row": row}) + b"\n"


def decode(line: bytes) -> tuple[Record, Rejection | None]:
    """Read back what `encode` wrote."""
    value = orjson.loads(line)
    if "rejection" in value:
        return _record(value["row"]), Rejection(**value["rejection"])
    return _record(value), None


def _record(facts: dict[str, Any]) -> Record:
    facts["provenance"] = Provenance.read(facts["provenance"])
    return Record(**facts)


def read(place: Path) -> Iterator[tuple[Record, Rejection | None]]:
    """Yield the rows of a pool in order, each with its rejection if it has one.

    Raises:
        BuildError: a line is not a row.
    """
    for file in shards.files(place):
        yield from of(file)


def of(path: Path) -> Iterator[tuple[Record, Rejection | None]]:
    """Yield the rows of one file of a pool (`builders.shards`).

    Raises:
        BuildError: a line is not a row.
    """
    return _each(path, decode)


def subsets(place: Path) -> Iterator[str]:
    """Yield the subset of each row of a pool of kept rows, of which nothing else is read.

    Raises:
        BuildError: a line is not a row.
    """
    for file in shards.files(place):
        yield from _each(file, lambda line: orjson.loads(line)["subset"])


def data(place: Path, subset: str) -> Iterator[dict[str, Any]]:
    """Yield the columns of each row of a subset in a pool of kept rows, of which nothing else is read.

    Raises:
        BuildError: a line is not a row.
    """
    for file in shards.files(place):
        yield from (columns for own, columns in _each(file, _columns) if own == subset)


def _columns(line: bytes) -> tuple[str, dict[str, Any]]:
    facts = orjson.loads(line)
    return facts["subset"], facts["data"]


def reasons(place: Path) -> Iterator[str]:
    """Yield why each row of a pool of rejected rows went no further, of which nothing else is read.

    Raises:
        BuildError: a line is not a row.
    """
    for file in shards.files(place):
        yield from _each(file, lambda line: orjson.loads(line)["rejection"]["reason"])


def _each(path: Path, read: Callable[[bytes], Value]) -> Iterator[Value]:
    for number, line in enumerate(shards.of(path), 1):
        try:
            value = read(line)
        except (orjson.JSONDecodeError, TypeError, KeyError):
            fix = "it was changed or cut off: run the stage that writes it again (dvc repro --force)"
            raise BuildError(f"line {number} is not a row", where=path, fix=fix) from None
        yield value


def kept(family: str, stage: str, pool: str, part: str = "") -> Iterator[Record]:
    """Yield the rows that a stage, or a part of it, kept of one pool, in order.

    Raises:
        BuildError: a line is not a row.
    """
    return (record for record, _ in read(paths.rows(family, stage, pool, part)))


def rejected(family: str, stage: str, pool: str, part: str = "") -> Iterator[tuple[Record, Rejection]]:
    """Yield the rows that a stage, or a part of it, rejected of one pool, in order, each with why.

    Raises:
        BuildError: a line is not a row.
    """
    return ((record, why) for record, why in read(paths.rejected(family, stage, pool, part)) if why)


@contextmanager
def parted(kept: Path, rejected: Path) -> Iterator[Callable[[Record, Rejection | None], None]]:
    """Give a function that writes a row to the pool of the kept or of the rejected ones; both appear at the end."""
    with shards.anew(kept) as keep, shards.anew(rejected) as reject:

        def write(record: Record, rejection: Rejection | None) -> None:
            (keep if rejection is None else reject)(encode(record, rejection))

        yield write
