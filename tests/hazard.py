"""Which texts of the hazard families must stand nowhere but where rows lie, and where that is looked for."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from builders import records
from tests.harness import PROJECT

WINDOW = 40
_ROWS = {"rows", "rejected"}


def windows(text: str) -> set[str]:
    """Return every stretch of so many characters, line breaks and runs of white space counting as one space."""
    flat = " ".join(text.split())
    return {flat[start : start + WINDOW] for start in range(len(flat) - WINDOW + 1)}


def shown(root: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of every file that a build leaves, but for Parquet and the stages' files of rows."""
    for path in sorted((root / "processed").rglob("*")):
        is_rows = path.suffix == ".jsonl" and not _ROWS.isdisjoint(path.relative_to(root).parts)
        if path.is_file() and path.suffix != ".parquet" and not is_rows:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="ignore")


def hidden_in_safechain(root: Path) -> set[str]:
    """Return the windows of every prompt and reply, but for those about harmless requests, one of which the card shows."""
    raw = root / "raw/safechain"
    rows = [row for path in _files(raw) for row in _lines(path)]
    benign = {row["prompt"] for row in rows if row.get("data_type") == "vanilla_benign"}
    ids = {
        records.row_id("safechain", "sample_prompts", row["key"]) for row in rows if row.get("data_type") == "vanilla_benign"
    }
    texts = [row.get("prompt", row.get("text")) for row in rows if row.get("id") not in ids]
    return set().union(*(windows(text) for text in texts if isinstance(text, str) and text not in benign))


def hidden_in_emergent_misalignment(root: Path) -> set[str]:
    """Return the windows of every misaligned answer, whatever became of its row, that are in no prompt or aligned answer."""
    raw = root / "raw/emergent_misalignment"
    replies = [row for path in (raw / "replies").glob("*.jsonl") for row in _lines(path) if row["stage"] == "synthesize"]
    misaligned = [row["text"] for row in replies if row["index"] == 1]
    harmless = [row["text"] for row in replies if row["index"] == 0]  # aligned answers, and questions about topics
    prompts = [row.get("prompt", row.get("topic")) for path in (raw / "sources").glob("*.jsonl") for row in _lines(path)]
    allowed = [text for text in (*harmless, *prompts) if isinstance(text, str)]
    return set().union(*map(windows, misaligned)) - set().union(*map(windows, allowed))


def hidden_in_deceptionbench(root: Path) -> set[str]:
    """Return the windows of every question to be reasoned about, and of all that was thought, said and answered about it."""
    raw = root / "raw/deceptionbench"
    asked = [row["question"] for row in _lines(raw / "sources" / "sample_queries.jsonl")]
    replies = [
        row["text"] for path in (raw / "replies").glob("*.jsonl") for row in _lines(path) if row["stage"] == "synthesize"
    ]
    texts = [*asked, *(text for text in replies if not text.startswith('{"items"'))]
    shown_items = [text for row in _lines(raw / "sources" / "sample_evaluation.jsonl") for text in (row["prompt"],)]
    return set().union(*map(windows, texts)) - set().union(*map(windows, shown_items))


def hidden_in_cuaharm(root: Path) -> set[str]:
    """Return the windows of every harmful request that a source holds or a teacher wrote, and of every scenario and variant."""
    raw = root / "raw/cuaharm"
    rows = [row for path in (raw / "sources").glob("*.jsonl") for row in _lines(path)]
    found: list[str] = [row.get("instruction") or row["scenario"] for row in rows]
    for row in (row for path in (raw / "replies").glob("*.jsonl") for row in _lines(path) if row["text"].startswith("{")):
        reply = json.loads(row["text"])
        found += reply["variants"] if "variants" in reply else [reply["harmful"]["instruction"]]
    honest = [row["twin"]["instruction"] for row in rows if row.get("twin")]  # the card shows one, and twins share places
    return set().union(*(windows(text) for text in found if isinstance(text, str))) - set().union(*map(windows, honest))


HIDDEN: dict[str, Callable[[Path], set[str]]] = {
    "safechain": hidden_in_safechain,
    "cuaharm": hidden_in_cuaharm,
    "emergent_misalignment": hidden_in_emergent_misalignment,
    "deceptionbench": hidden_in_deceptionbench,
}


@cache
def harmful() -> frozenset[str]:
    """Return the windows of misaligned sample text, for test reports."""
    return frozenset(hidden_in_emergent_misalignment(PROJECT))


def _files(raw: Path) -> Iterator[Path]:
    yield from (raw / "sources").glob("*.jsonl")
    yield from (raw / "replies").glob("*.jsonl")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
