"""Pools that a stage computes file by file."""

from builders import pipeline, shards, tasks
from builders.jobs import Job
from builders.pipeline import Steps
from builders.tasks import Task


def parted(job: Job, steps: Steps) -> int:
    """Run steps over each file of the rows of the stage before, and put what they keep and reject where it belongs.

    Args:
        job: which pool, and where its rows go.
        steps: makes the steps for one of its files.

    Returns:
        how many rows there were.

    Raises:
        BuildError: a step raises it; or a process was killed, more than once.
    """
    files, task = shards.files(job.inputs), Task(job.work, job.label, job.expected)
    with tasks.resumed(task, steps, [*files, *job.beside]) as own:
        read = pipeline.mapped(own, files, steps)
        pipeline.placed([(own.folder, rank) for rank in range(len(files))], job.rows, job.rejected)
    return read
