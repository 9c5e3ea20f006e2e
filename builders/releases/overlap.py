"""How much of a release is in the published set that its family rebuilds, and how much of that is in the release.

Prompts are compared as decontamination compares them: as lists of words, whole or by words in a row. In memory are hashes of
the release's prompts and n-grams, about 100 bytes each; the published set is read once and not kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from builders import contracts
from builders import family as families
from builders.params.sections import Decontamination
from builders.screening import decontamination
from builders.sources.tables import EvaluationSet

FILE = "overlap.json"
Rows = Callable[[str], Iterable[Mapping[str, Any]]]


def report(family: str, published: EvaluationSet | None, params: Decontamination, rows: Rows) -> dict[str, Any] | None:
    """Compare the prompts of a release's subsets with those of the published set; None where there is none to compare with.

    Args:
        family: its name.
        published: the set.
        params: how many words in a row count.
        rows: returns the released rows of a subset.

    Returns:
        `set` and what pins it; `prompts` in it, of which `found` are equal to a released one; and `subsets`: for each, `rows`,
        how many are `equal` to a published prompt, and how many others share words in a row (`ngram`) with one.

    Raises:
        BuildError: the set cannot be read.
    """
    if published is None:
        return None
    theirs, ours = decontamination.index(family, published, params.ngram_words), set[int]()
    subsets = {}
    for subset in families.subsets(family):
        counts = {"rows": 0, "equal": 0, "ngram": 0}
        for text in _prompts(family, rows(subset)):
            counts["rows"] += 1
            hashes = decontamination.hashes(text, params.ngram_words)
            if hashes is None:
                continue
            ours.add(hashes[0])
            if hit := theirs.hit(*hashes):
                counts["equal" if hit[0] == decontamination.EXACT else "ngram"] += 1
        subsets[subset] = counts
    found = len(ours & theirs.whole.keys())
    return {"set": published.name, **theirs.origin, "prompts": theirs.prompts, "found": found, "subsets": subsets}


def write(report: Mapping[str, Any] | None, folder: Path) -> None:
    """Write the report into the release that is in a folder, if there is one."""
    if report is not None:
        (folder / FILE).write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")


def _prompts(family: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the prompt of each row: the column that was screened, or, where rows are released without it, their first text."""
    columns = (contracts.collecting(family).prompt, *families.facts(family).texts)
    for row in rows:
        if text := next((row[column] for column in columns if isinstance(row.get(column), str)), None):
            yield text
