"""The shared steps, one module a stage, and what every run of a stage has in common.

A stage module has one function, `run(job)`, which reads one pool's rows and writes the kept and the rejected ones. Here
it is locked, counted and checked: in + spawned = out + rejected, or the stage fails.
"""

import importlib
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from builders import family as families
from builders import locks, params, paths, records
from builders.errors import BuildError
from builders.params import Params

_QUIET = {
    "TQDM_DISABLE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
}
"""For the libraries that stages import: one progress display is enough."""


class Intake(NamedTuple):
    """What went into a stage.

    Args:
        read: rows that came in.
        spawned: further rows made from them.
        said: what else the stage's one line should say.
    """

    read: int
    spawned: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The funnel of one stage and pool.

    Args:
        read: rows that came in.
        spawned: rows made from them.
        out: rows kept, by the subset they will be released in.
        rejected: rows rejected, by reason, in order of first occurrence.
        read_sha256: hash of the file of rows that came in; null for collect, which reads sources.
        out_sha256: hash of the file of rows kept.
    """

    read: int
    spawned: int
    out: dict[str, int]
    rejected: dict[str, int]
    read_sha256: str | None
    out_sha256: str

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.read + self.spawned == sum(self.out.values()) + sum(self.rejected.values())

    def __str__(self) -> str:
        """Return the counts as one line."""
        reasons = ", ".join(f"{reason} {count}" for reason, count in self.rejected.items())
        spawned = f", spawned {self.spawned}" if self.spawned else ""
        dropped = sum(self.rejected.values())
        return f"in {self.read}{spawned}, out {sum(self.out.values())}, rejected {dropped}" + (
            f" ({reasons})" if reasons else ""
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One stage's work on one pool of a family."""

    family: str
    stage: str
    pool: str
    params: Params

    @property
    def inputs(self) -> Path:
        """The rows of the stage before."""
        return paths.rows(self.family, paths.previous(self.stage), self.pool)

    @property
    def expected(self) -> int:
        """How many rows the stage before kept.

        Raises:
            BuildError: that stage has not finished.
        """
        return sum(self._before.out.values())

    @property
    def input_sha256(self) -> str:
        """The hash of the rows of the stage before.

        Raises:
            BuildError: that stage has not finished.
        """
        return self._before.out_sha256

    @property
    def _before(self) -> Counts:
        before = paths.previous(self.stage)
        found = counts(self.family, before).get(self.pool)
        if found is None or not self.inputs.is_file():
            fix = f"run python -m builders {before} {self.family}, or dvc repro for everything"
            raise BuildError(f"{before} has not finished for {self.family}/{self.pool}", where=self.inputs, fix=fix)
        return found

    @property
    def rows(self) -> Path:
        """Where the kept rows go."""
        return paths.rows(self.family, self.stage, self.pool)

    @property
    def rejected(self) -> Path:
        """Where the rejected rows go."""
        return paths.rejected(self.family, self.stage, self.pool)

    @property
    def label(self) -> str:
        """What a progress line calls this job."""
        return f"{self.stage} {self.family}/{self.pool}"


def run(stage: str, name: str) -> None:
    """Run one stage on a family, or on one of its subsets, and print what came of it.

    Raises:
        BuildError: the build cannot go on.
    """
    os.environ.update(_QUIET)
    family, pools = families.select(name)
    loaded = params.load(family)
    module = importlib.import_module(f"builders.stages.{stage}")
    with locks.held(paths.lock(family, stage)):
        jobs = [Job(family, stage, pool, loaded) for pool in pools]
        if stage == "release":
            module.run(family, loaded)
            return
        for job in jobs:
            _forget(job)
            read_sha256 = None if stage == paths.STAGES[0] else job.input_sha256
            intake = module.run(job)
            result = _counted(job, intake, read_sha256)
            if not result.balanced or (read_sha256 and intake.read != job.expected):
                raise BuildError(f"{job.label} lost rows: {result}", where=job.rows, fix="report this as a bug")
            _remember(job, result)
            print(f"{job.label}: {result}" + (f"; {intake.said}" if intake.said else ""))  # noqa: T201  (the one line a stage says)


def counts(family: str, stage: str) -> dict[str, Counts]:
    """Return the finished counts of a stage by pool; empty where it has not run, or another version of ours has."""
    file = paths.stats(family, stage)
    if not file.is_file():
        return {}
    try:
        return {pool: Counts(**values) for pool, values in orjson.loads(file.read_bytes()).items()}
    except (orjson.JSONDecodeError, TypeError):
        return {}


def _counted(job: Job, intake: Intake, read_sha256: str | None) -> Counts:
    """Count what lies in the files, independently of what the stage did."""
    out = Counter(record.subset for record, _ in records.read(job.rows))
    rejected = Counter(rejection.reason for _, rejection in records.read(job.rejected) if rejection)
    return Counts(intake.read, intake.spawned, dict(out), dict(rejected), read_sha256, records.file_digest(job.rows))


def _forget(job: Job) -> None:
    """Take back that the pool was finished, so that a run killed half-way cannot be taken for a whole one."""
    _save(job, {pool: result for pool, result in counts(job.family, job.stage).items() if pool != job.pool})


def _remember(job: Job, result: Counts) -> None:
    _save(job, {**counts(job.family, job.stage), job.pool: result})


def _save(job: Job, results: dict[str, Counts]) -> None:
    ordered = {pool: asdict(results[pool]) for pool in families.pools(job.family) if pool in results}
    with records.whole(paths.stats(job.family, job.stage)) as file:
        file.write(orjson.dumps(ordered, option=orjson.OPT_INDENT_2) + b"\n")
