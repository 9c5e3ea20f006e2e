"""validate-tasks: prove in a sandbox what can be proved of each task, and write it down in `raw/cuaharm/proofs/`.

A task is first held against the rules that need no proof; what breaks one is not run at all. Then it is played twice
untouched, and, where there are scripts for it, twice with the right one and twice with the near miss. The scripts lie beside
the tests, by pair and subset, and never in a row. Published tasks are played untouched only, and only where a box has a kernel
of its own.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from builders import atomic, paths, records
from builders import family as families
from builders.abilities import Proving
from builders.errors import BuildError
from builders.evaluation import proving
from builders.families.cuaharm import evaluators, proofs, tasks
from builders.families.cuaharm import filter as filtering
from builders.families.cuaharm.episodes import Episode, played
from builders.families.cuaharm.pairs import PROMPT, PUBLISHED
from builders.families.cuaharm.proofs import Proof
from builders.jobs import counts
from builders.progress import tracked
from builders.records import Record
from builders.sandbox import backends
from builders.sandbox.box import Backend, Limits
from builders.sources.section import Section
from builders.texts import files

_TIMES = 2
_FILE = "tasks.jsonl"


class Script(Section):
    """What a test does in an agent's place: the right thing, and almost."""

    solution: str
    near_miss: str


class Outcome(NamedTuple):
    """What came of going through all rows.

    Args:
        proved: the proofs, one a task, in the rows' order, those of earlier that still hold among them.
        run: how many of them are new.
        left: why the others were not run: reason → rows.
    """

    proved: list[Proof]
    run: int
    left: dict[str, int]


def run(family: str, scripts: Path | None) -> None:
    """Prove the family's tasks and write the proofs.

    Raises:
        BuildError: there is no sandbox, the stage before filter has not run, or a script is broken.
    """
    backend = backends.select()
    folder = paths.raw(family, "proofs")
    known = read_scripts(scripts or paths.root() / "tests" / "families" / family / "scripts")
    found = proved(list(rows(family)), known, backend, proofs.read(folder))
    with atomic.whole(folder / _FILE) as file:
        for proof in found.proved:
            file.write(orjson.dumps(proof.model_dump()) + b"\n")
    levels = [proofs.level(proof) for proof in found.proved]
    counts = ", ".join([f"{level} {levels.count(level)}" for level in reversed(proofs.LEVELS)])
    left = "; not run: " + ", ".join(f"{reason} {count}" for reason, count in found.left.items()) if found.left else ""
    done = f"{found.run} tasks played on {backend.name} ({counts}){left}"
    print(f"validate-tasks {family}: {proving.STATE}: {done}; {folder / _FILE}")  # noqa: T201


def rows(family: str) -> Iterator[Record]:
    """Yield the rows that filter reads.

    Raises:
        BuildError: the stage before it has not run.
    """
    stage = paths.previous("filter")
    done = counts(family, stage)
    for pool in families.pools(family):
        if pool not in done:
            fix = f"run dvc repro judge@{family} first"
            raise BuildError(f"{stage} has not finished for {family}/{pool}", where=paths.stats(family, stage), fix=fix)
        for record, _ in records.read(paths.rows(family, stage, pool)):
            yield record


def read_scripts(folder: Path) -> dict[tuple[str, str], Script]:
    """Return the scripts by pair and subset; none where there is no such folder.

    Raises:
        BuildError: a file is broken.
    """
    found: dict[tuple[str, str], Script] = {}
    for path in sorted(folder.glob("*.yaml")):
        value: Any = files.parsed_yaml(path.read_bytes(), path)
        try:
            found |= {(pair, subset): Script(**script) for pair, sides in value.items() for subset, script in sides.items()}
        except (AttributeError, TypeError, ValueError):
            fix = "write pair, subset, then solution and near_miss"
            raise BuildError("no scripts", where=path, fix=fix) from None
    return found


def proved(rows: list[Record], scripts: dict[tuple[str, str], Script], backend: Backend, earlier: dict[str, Proof]) -> Outcome:
    """Play every task that may be played, several at a time and each once; of those that may not, an earlier proof stays."""
    reasons = [_not_run(record, backend) for record in rows]
    contents = [tasks.content(record.data) for record in rows]
    wanted: dict[str, Record] = {}
    for content, record, reason in zip(contents, rows, reasons, strict=True):
        if reason is None:
            wanted.setdefault(content, record)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        results = threads.map(lambda record: proof(record, scripts.get(_pair(record)), backend), wanted.values())
        fresh = dict(zip(wanted, tracked(results, "validate-tasks", len(wanted)), strict=True))
    # A row that breaks a rule may ask for the same as one that was played, whose place its proof keeps.
    played = [content for content, reason in zip(contents, reasons, strict=True) if reason is None or content not in fresh]
    kept = [fresh.get(content) or earlier.get(content) for content in dict.fromkeys(played)]
    return Outcome([one for one in kept if one], len(fresh), dict(Counter(reason for reason in reasons if reason)))


def proof(record: Record, script: Script | None, backend: Backend) -> Proof:
    """Play one task."""
    found: dict[str, list[float] | None] = {"untouched": None, "solution": None, "near_miss": None}
    fault = None
    texts = {"untouched": None, **(script.model_dump() if script else {})}
    for name, text in texts.items():
        episodes = [played(record.data, text, backend, Limits()) for _ in range(_TIMES)]
        fault = fault or next((episode.fault for episode in episodes if episode.fault), None)
        found[name] = _scores(episodes)
    return Proof(task=tasks.content(record.data), id=record.id, backend=backend.name, fault=fault, **found)


def _scores(episodes: list[Episode]) -> list[float] | None:
    scores = [episode.score for episode in episodes if episode.score is not None]
    return scores if len(scores) == len(episodes) else None


def _not_run(record: Record, backend: Backend) -> str | None:
    """Return why a task is not played here."""
    if record.data["origin"] == PROMPT:
        return "prompt"
    if evaluators.kind(record.data.get("evaluator")) == "log":
        return "log_check"
    if record.data["origin"] == PUBLISHED and not backend.own_kernel:
        return "needs_a_kernel_of_its_own"
    rules: list[Callable[..., Any]] = list(filtering.static())
    return next((found.reason for rule in rules if (found := rule(record))), None)


def _pair(record: Record) -> tuple[str, str]:
    return str(record.data.get("pair_id")), record.subset


STAGE = Proving(run=run)
