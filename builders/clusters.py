"""The files of a pool on several machines, which share a folder: by a Ray cluster, or as jobs of Slurm.

Jobs finish their file when the driver dies, and are found again by the next one.

Changes no byte of a row.
"""

import logging
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from datatrove.executor.ray import RayPipelineExecutor
from datatrove.executor.slurm import SlurmPipelineExecutor
from datatrove.pipeline.base import PipelineStep

from builders import records
from builders.errors import BuildError
from builders.tasks import Task, workers

POLL_SECONDS = 1.0
_REACHED_SECONDS = 10
_OBJECTS_BYTES = 200_000_000
_SHORT = "/tmp"  # noqa: S108  (Ray makes sockets below it, whose paths may have 107 bytes)


def ray(steps: Sequence[PipelineStep], task: Task, tasks: int) -> None:
    """Run tasks on the Ray cluster that `RAY_ADDRESS` names, or on one of this machine that is started for the stage.

    Raises:
        BuildError: Ray is not installed, or no cluster can be reached.
    """
    address = os.environ.get("RAY_ADDRESS") or None
    memory, most = _number("BUILDERS_MEMORY_GB", 2 if address else 0.1), -1 if address else workers()
    _join(address)
    executor = RayPipelineExecutor(list(steps), tasks, workers=most, mem_per_cpu_gb=memory, logging_dir=str(task.folder))
    executor.run()


def _join(address: str | None) -> None:
    """Be a driver of a cluster, for as long as this process lasts."""
    try:
        import ray as engine  # noqa: PLC0415
    except ImportError:
        fix = "install Tracewright's extra `ray`"
        raise BuildError("Ray is not installed", where="BUILDERS_EXECUTOR", fix=fix) from None
    if engine.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own: dict[str, Any] = {
        "num_cpus": workers(),
        "include_dashboard": False,
        "object_store_memory": _OBJECTS_BYTES,
        "_temp_dir": str(Path(os.environ.get("BUILDERS_RAY_FOLDER") or _SHORT) / f"ray-{os.getuid()}"),
    }
    if address is None:
        os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # it listens on this machine alone
    environment = {"env_vars": {**_settings(), "PYTHONPATH": _path()}}
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            _reach(address)
        engine.init(address, runtime_env=environment, **quiet, **({} if address else own))
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        fix = "start a cluster there, or unset RAY_ADDRESS"
        raise BuildError(f"no Ray cluster: {type(error).__name__}", where=address or "this machine", fix=fix) from None


def _reach(address: str) -> None:
    """See that something listens at an address, where it has host and port: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        socket.create_connection((host, int(port)), _REACHED_SECONDS).close()


class _Slurm(SlurmPipelineExecutor):  # type: ignore[misc]
    """Submits the tasks, without the further job that waits for ever where one of them fails."""

    def launch_merge_stats(self) -> None:
        """Do nothing."""


def slurm(steps: Sequence[PipelineStep], task: Task, tasks: int) -> None:
    """Submit tasks to Slurm, unless an earlier driver has, and wait until none is queued or runs.

    Raises:
        BuildError: a setting is missing or wrong, or Slurm takes no job.
    """
    partition = _partition()
    name = f"builders-{records.text_digest(str(task.folder))[:12]}-{task.folder.name}"
    if not _queued(name):
        try:
            _executor(steps, task, tasks, name, partition).run()
        except (OSError, subprocess.CalledProcessError):
            fix = "see what it says above, and BUILDERS_SLURM_PARTITION, _TIME, _QOS, _CONSTRAINT and BUILDERS_MEMORY_GB"
            raise BuildError("sbatch has taken no job", where="Slurm", fix=fix) from None
    while _queued(name):
        time.sleep(POLL_SECONDS)
        if list(task.folder.glob("errors/*")):
            _run("scancel", "--name", name)
            break


def _partition() -> str:
    partition = os.environ.get("BUILDERS_SLURM_PARTITION") or ""
    if not partition:
        fix = "set it to the partition that jobs go to"
        raise BuildError("is not set", where="BUILDERS_SLURM_PARTITION", fix=fix)
    return partition


def _executor(steps: Sequence[PipelineStep], task: Task, tasks: int, name: str, partition: str) -> _Slurm:
    constraint = os.environ.get("BUILDERS_SLURM_CONSTRAINT")
    scripts = Path(sys.executable).parent
    most = os.environ.get("BUILDERS_WORKERS")
    return _Slurm(
        list(steps),
        tasks,
        os.environ.get("BUILDERS_SLURM_TIME") or "04:00:00",
        partition,
        mem_per_cpu_gb=math.ceil(_number("BUILDERS_MEMORY_GB", 2)),
        workers=workers() if most else -1,
        job_name=name,
        qos=os.environ.get("BUILDERS_SLURM_QOS") or "",
        env_command=f"export PATH={scripts}:$PATH PYTHONPATH={_path()}\ncd {task.root}\numask 077",
        sbatch_args={"constraint": constraint} if constraint else {},
        logging_dir=str(task.folder),
        requeue=False,
        requeue_signals=None,
        with_srun=False,
    )


def _queued(name: str) -> bool:
    """Return whether a job of this name waits or runs."""
    return bool(_run("squeue", "--noheader", "--name", name, "--states", "PENDING,CONFIGURING,RUNNING,COMPLETING,SUSPENDED"))


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
    except FileNotFoundError:
        raise BuildError(f"there is no {command[0]}", where="this machine", fix="install Slurm's commands") from None
    except subprocess.CalledProcessError as error:
        message = " ".join(str(error.stderr).split())[:200]
        raise BuildError(f"{command[0]} failed: {message}", where="Slurm", fix="see whether its controller is up") from None


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(("BUILDERS_", "HF_"))}


def _path() -> str:
    """Return where our own modules are, before whatever the environment names."""
    return os.pathsep.join(filter(None, (str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH"))))


def _number(name: str, otherwise: float) -> float:
    wanted = os.environ.get(name)
    if not wanted:
        return otherwise
    with suppress(ValueError):
        if 0 < (found := float(wanted)) < 10**6:
            return found
    raise BuildError(f"{wanted[:20]!r} is not a number of gigabytes", where=name, fix="write one such as 2, or unset it")
