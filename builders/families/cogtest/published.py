"""Read the published tasks, 16 files of 25, without loss, or say in one line what does not fit.

A file is `{"instructions": [{"id": 1, "instruction": "…"}, …]}`; the habit is its name only. Five of the files are one and the
same, so the 400 pairs of habit and task have 300 different instructions: `unique` says which rows share theirs. Files with the
same rows as JSON Lines, CSV or TSV are read as well, by their ending.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builders.errors import BuildError
from builders.families.cogtest.habits import SAME_TASKS, SLUGS
from builders.sources import formats
from builders.texts import files

TASKS = 25
_MARK = b"\xef\xbb\xbf"
_ENDINGS = (".json", ".jsonl", ".csv", ".tsv")
_FIX = "take jianshuod/CogTest, assets/instructions (raw/cogtest/sources/README.md)"


def tasks(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the published tasks, habit after habit, having looked at all files.

    Raises:
        BuildError: the folder is missing or does not hold the published files.
    """
    found = _files(folder)
    instructions = {slug: _instructions(found[slug]) for slug in SLUGS}
    if other := [slug for slug in SAME_TASKS if instructions[slug] != instructions[SAME_TASKS[0]]]:
        raise BuildError(f"not the tasks of {SAME_TASKS[0]}.json, as published", where=found[other[0]], fix=_FIX)
    used = Counter(text for texts in instructions.values() for text in texts)
    for slug, texts in instructions.items():
        for number, text in enumerate(texts, 1):
            yield {"key": f"{slug}/{number}", "habit": slug, "instruction": text, "unique": used[text] == 1}


def _files(folder: Path) -> dict[str, Path]:
    """Return habit → its file: one of each, and no other."""
    listed = sorted(path for path in folder.glob("*.*") if path.suffix in _ENDINGS)
    found = {path.stem: path for path in listed}
    if len(found) < len(listed):
        twice = next(path for path in listed if found[path.stem] != path)
        raise BuildError("a second file of its habit", where=twice, fix="remove one of the two")
    if missing := [slug for slug in SLUGS if slug not in found]:
        raise BuildError(f"{len(missing)} of 16 files are missing, {missing[0]}.json the first", where=folder, fix=_FIX)
    if strange := sorted(set(found) - set(SLUGS)):
        raise BuildError(f"{len(strange)} files are named after no habit", where=found[strange[0]], fix=_FIX)
    return found


def _instructions(file: Path) -> list[str]:
    rows = _rows(file)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or set(row) != {"id", "instruction"}:
            raise BuildError(f"task {number} has other columns than id and instruction", where=file, fix=_FIX)
        if str(row["id"]) != str(number) or not isinstance(row["instruction"], str) or not row["instruction"].strip():
            raise BuildError(f"task {number} has another id, or no text", where=file, fix=_FIX)
    if len(rows) != TASKS:
        raise BuildError(f"{len(rows)} tasks, {TASKS} were published", where=file, fix=_FIX)
    return [row["instruction"] for row in rows]


def _rows(file: Path) -> list[Any]:
    """Return the rows of a file, whatever they are."""
    if file.suffix != ".json":
        with file.open("rb") as stream:
            return [row for _, row in formats.READERS[file.suffix.removeprefix(".")](formats.OpenFile(stream, file))]
    value = files.parsed_json(file.read_bytes().removeprefix(_MARK), file, 1)
    rows = value.get("instructions") if isinstance(value, dict) else None
    if not isinstance(rows, list) or set(value) != {"instructions"}:
        raise BuildError("not an object with a list of instructions and nothing else", where=file, fix=_FIX)
    return rows
