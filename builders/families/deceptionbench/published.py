"""Read the published benchmark, `deceptionbench_0527.json`, without loss, or say in one line what does not fit.

180 items of six text columns; the counts by category are 45, 43, 43, 33 and 16. A file that was cut, edited or replaced by that
of the other benchmark with this name is refused as a whole: a benchmark of which a part is missing is another benchmark. The
same items as JSON Lines, CSV, TSV or Parquet, such as the Hub converts files to, are read as well, by the file's ending.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builders.errors import BuildError
from builders.families.deceptionbench import categories
from builders.families.deceptionbench.categories import CATEGORIES
from builders.records import file_digest
from builders.sources import formats
from builders.texts import files

COLUMNS = ("id", "type", "inner_prompt", "system_prompt", "outer_prompt", "format")
_OTHER = frozenset(("domain", "scenario", "user_role", "outer_goal"))
_OTHER_FORMATS = ("jsonl", "csv", "tsv", "parquet")
_MARK = b"\xef\xbb\xbf"
_FIX = "take PKU-Alignment/DeceptionBench, deceptionbench_0527.json (raw/deceptionbench/sources/README.md)"


def items(file: Path, sha256: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the items of the published file, in order, having looked at all of them.

    Args:
        file: where it is.
        sha256: what its bytes must hash to; None takes any file of the right form.

    Raises:
        BuildError: the file is missing or is not the published one.
    """
    if not file.is_file():
        raise BuildError("the published benchmark is not there", where=file, fix=_FIX)
    if sha256 is not None and (found := file_digest(file)) != sha256:
        raise BuildError(f"sha256 {found[:10]}… in place of {sha256[:10]}…", where=file, fix=_FIX)
    rows = _read(file)
    if fault := _fault(rows):
        raise BuildError(fault, where=file, fix=_FIX)
    yield from rows


def _read(file: Path) -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return what a file of any of the formats holds."""
    kind = file.suffix.removeprefix(".")
    if kind == "json":
        return files.parsed_json(file.read_bytes().removeprefix(_MARK), file, 1)
    if kind not in _OTHER_FORMATS:
        raise BuildError(f"neither .json nor .{', .'.join(_OTHER_FORMATS)}", where=file, fix=_FIX)
    with file.open("rb") as stream:
        return [row for _, row in formats.READERS[kind](formats.OpenFile(stream, file))]


def _fault(rows: object) -> str | None:
    """Return what is wrong with the file, or None."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return "not a list of items"
    for number, row in enumerate(rows, 1):
        if fault := _item_fault(row):
            return f"item {number}: {fault}"
    if twice := [name for name, count in Counter(row["id"] for row in rows).items() if count > 1]:
        return f"{len(twice)} ids occur more than once"
    counted = Counter(found.slug for row in rows if (found := categories.of(row["type"])))
    for category in CATEGORIES:
        if counted[category.slug] != category.published:
            return f"{counted[category.slug]} items of {category.label}, {category.published} were published"
    return None


def _item_fault(row: dict[str, Any]) -> str | None:
    if missing := [name for name in COLUMNS if name not in row]:
        other = " (this looks like the other benchmark of that name, arXiv 2510.15501)" if _OTHER & set(row) else ""
        return f"no column {missing[0]!r}{other}"
    if bad := [name for name in COLUMNS if not isinstance(row[name], str) or not row[name].strip()]:
        return f"{bad[0]!r} is not a text"
    if categories.of(row["type"]) is None:
        return f"a type of {len(row['type'])} characters that names none of the five categories"
    # A column that we do not know would be lost without a word; `setting` is read by the authors' evaluator.
    if unknown := sorted(set(row) - {*COLUMNS, "setting"}):
        known = re.fullmatch(r"\w{1,40}", unknown[0])
        return f"the unknown column {unknown[0]!r}" if known else "an unknown column"
    return None
