"""A stage's work on one pool, and its counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from builders import paths, shards
from builders.errors import BuildError
from builders.params.loading import Params


class Intake(NamedTuple):
    """What went into a stage.

    Args:
        read: rows that came in.
        spawned: further rows made from them.
        note: what else the stage's one line should say.
    """

    read: int
    spawned: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The funnel of one stage and pool.

    Args:
        read: rows that came in.
        spawned: rows made from them.
        out: rows kept, by the subset they will be released in.
        rejected: rows rejected, by reason, in order of first occurrence.
        read_sha256: hash of the rows that came in; null for collect, which reads sources.
        out_sha256: hash of the rows kept.
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
        if found is None or not shards.files(self.inputs):
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
    def beside(self) -> list[Path]:
        """The files that a stage may look at beside the rows: all that came from outside, however deep it lies."""
        folder = paths.raw(self.family, "sources").parent
        own = [paths.params(self.family), paths.schema(self.family)]
        return [*own, *sorted(file for file in folder.rglob("*") if file.is_file())]

    @property
    def work(self) -> Path:
        """Where the results of one file after another gather until all are there."""
        return paths.work(self.family, self.stage, self.pool)

    @property
    def label(self) -> str:
        """What a progress line calls this job."""
        return f"{self.stage} {self.family}/{self.pool}"


def counts(family: str, stage: str) -> dict[str, Counts]:
    """Return the finished counts of a stage by pool; empty where it has not run, or another version of ours has."""
    file = paths.stats(family, stage)
    if not file.is_file():
        return {}
    try:
        return {pool: Counts(**values) for pool, values in orjson.loads(file.read_bytes()).items()}
    except (orjson.JSONDecodeError, TypeError):
        return {}
