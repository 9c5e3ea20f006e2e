"""Run a stage: lock it, count what is in its files, and check that nothing was lost.

A stage module has one function, `run(job)`, which reads one pool's rows and writes the kept and the rejected ones.
In + spawned = out + rejected, or the stage fails.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

import orjson

from builders import atomic, locks, paths, records, shards, tasks
from builders import family as families
from builders.errors import BuildError
from builders.jobs import Counts, Intake, Job, counts
from builders.params import loading

_QUIET = {
    "TQDM_DISABLE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
}
"""For the libraries that stages import: one progress display is enough."""


def run(stage: str, name: str) -> None:
    """Run one stage on a family, or on one of its subsets, and print what came of it.

    Raises:
        BuildError: the build cannot go on.
    """
    os.environ.update(_QUIET)
    for setting in (tasks.executor, tasks.workers):  # what is wrong there is said before hours of work
        setting()
    family, pools = families.select(name)
    loaded = loading.load(family)
    with locks.held(paths.lock(family, stage)):
        if stage == paths.STAGES[-1]:
            from builders.stages import release  # noqa: PLC0415  (each stage imports only what it needs)

            release.run(family, loaded)
            return
        work = _work(stage)
        for pool in pools:
            _done(Job(family, stage, pool, loaded), work)


def _work(stage: str) -> Callable[[Job], Intake]:
    """Return what a stage does about one pool; only its own imports are paid for."""
    # ruff: disable[PLC0415]
    match stage:
        case "collect":
            from builders.stages import collect

            return collect.run
        case "synthesize":
            from builders.stages import synthesize

            return synthesize.run
        case "judge":
            from builders.stages import judge

            return judge.run
        case "filter":
            from builders.stages import filter as filtering

            return filtering.run
        case "review":
            from builders.stages import review

            return review.run
        case _:
            from builders.stages import validate

            return validate.run
    # ruff: enable[PLC0415]


def _done(job: Job, work: Callable[[Job], Intake]) -> None:
    """Do a stage's work about one pool, count what came of it, and print the one line that a stage prints."""
    _forget(job)
    read_sha256 = None if job.stage == paths.STAGES[0] else job.input_sha256
    intake = work(job)
    result = _counted(job, intake, read_sha256)
    if not result.balanced or (read_sha256 and intake.read != job.expected):
        raise BuildError(f"{job.label} lost rows: {result}", where=job.rows, fix="report this as a bug")
    _remember(job, result)
    print(f"{job.label}: {result}" + (f"; {intake.note}" if intake.note else ""))  # noqa: T201


def _counted(job: Job, intake: Intake, read_sha256: str | None) -> Counts:
    """Count what is in the files, independently of what the stage did."""
    out, rejected = Counter(records.subsets(job.rows)), Counter(records.reasons(job.rejected))
    return Counts(intake.read, intake.spawned, dict(out), dict(rejected), read_sha256, shards.digest(job.rows))


def _forget(job: Job) -> None:
    """Take back that the pool was finished, so that a run killed half-way cannot be taken for a whole one."""
    _save(job, {pool: result for pool, result in counts(job.family, job.stage).items() if pool != job.pool})


def _remember(job: Job, result: Counts) -> None:
    _save(job, {**counts(job.family, job.stage), job.pool: result})


def _save(job: Job, results: dict[str, Counts]) -> None:
    ordered = {pool: asdict(results[pool]) for pool in families.pools(job.family) if pool in results}
    with atomic.whole(paths.stats(job.family, job.stage)) as file:
        file.write(orjson.dumps(ordered, option=orjson.OPT_INDENT_2) + b"\n")
