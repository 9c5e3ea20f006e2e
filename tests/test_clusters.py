"""What is asked of a cluster, and what is said where there is none; those that run are in `tests/services`."""

import hashlib
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import ray

from builders import clusters
from builders.errors import BuildError
from builders.tasks import Task
from tests.harness import PROJECT

_SBATCH = """#!/bin/sh
for last; do :; done
cp "$last" "$SUBMITTED"
echo 17
"""


def _commands(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Let a folder's commands be found before the machine's."""
    for name, script in scripts.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def _settings(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    names = ("PARTITION", "TIME", "QOS", "CONSTRAINT")
    for name in (*(f"BUILDERS_SLURM_{name}" for name in names), "BUILDERS_MEMORY_GB", "BUILDERS_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_ray_cluster_that_nobody_serves_is_one_line(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("RAY_ADDRESS", f"{scheme}127.0.0.1:{port}")
    monkeypatch.setattr(ray, "init", lambda *_, **_settings: pytest.fail("Ray would try for minutes"))
    with pytest.raises(BuildError) as caught:
        clusters.ray([], Task(tmp_path, "rows"), 1)
    what = "no Ray cluster: ConnectionRefusedError; start a cluster there, or unset RAY_ADDRESS"
    assert str(caught.value) == f"{scheme}127.0.0.1:{port}: {what}"


@pytest.mark.parametrize("wanted", ["0", "-1", "two", "1000000", "nan", " "])
def test_a_wrong_amount_of_memory_is_one_line(wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_MEMORY_GB", wanted)
    with pytest.raises(BuildError) as caught:
        clusters.ray([], Task(tmp_path, "rows"), 1)
    said = f"BUILDERS_MEMORY_GB: {wanted!r} is not a number of gigabytes; write one such as 2, or unset it"
    assert str(caught.value) == said


def test_slurm_wants_a_partition_and_its_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settings(monkeypatch)
    task = Task(tmp_path / "task", "rows")
    with pytest.raises(BuildError, match=r"^BUILDERS_SLURM_PARTITION: is not set; set it to the partition that jobs go to$"):
        clusters.slurm([], task, 1)
    _settings(monkeypatch, BUILDERS_SLURM_PARTITION="short")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"^this machine: there is no squeue; install Slurm's commands$"):
        clusters.slurm([], task, 1)
    _commands(tmp_path, monkeypatch, squeue="#!/bin/sh\necho 'Unable to  contact' >&2\nexit 1\n")
    with pytest.raises(BuildError, match=r"^Slurm: squeue failed: Unable to contact; see whether its controller is up$"):
        clusters.slurm([], task, 1)
    _commands(tmp_path, monkeypatch, squeue="#!/bin/sh\n")
    with pytest.raises(BuildError, match=r"^Slurm: sbatch has taken no job; see what it says above"):
        clusters.slurm([], task, 1)
    _commands(tmp_path, monkeypatch, squeue="#!/bin/sh\n", sbatch="#!/bin/sh\nexit 1\n")
    with pytest.raises(BuildError, match=r"^Slurm: sbatch has taken no job; see what it says above"):
        clusters.slurm([], task, 1)


def test_jobs_ask_slurm_for_what_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _commands(tmp_path, monkeypatch, squeue="#!/bin/sh\n", sbatch=_SBATCH)
    monkeypatch.setenv("SUBMITTED", str(tmp_path / "submitted"))
    monkeypatch.delenv("PYTHONPATH", raising=False)

    def submitted(name: str, **settings: str) -> str:
        _settings(monkeypatch, BUILDERS_SLURM_PARTITION="short", **settings)
        clusters.slurm([], Task(tmp_path / name, "rows"), 3)
        return (tmp_path / "submitted").read_text()

    script = submitted("usual")
    assert _options(script) == {
        "array": "0-2",
        "cpus-per-task": "1",
        "mem-per-cpu": "2G",
        "nodes": "1",
        "partition": "short",
        "time": "04:00:00",
    }
    assert f"export PATH={Path(sys.executable).parent}:$PATH PYTHONPATH={PROJECT}\ncd {Path.cwd()}\numask 077\n" in script
    assert "srun" not in script
    assert "requeue" not in script
    changed = {"BUILDERS_SLURM_TIME": "00:10:00", "BUILDERS_SLURM_QOS": "low", "BUILDERS_SLURM_CONSTRAINT": "fast"}
    script = submitted("changed", **changed, BUILDERS_MEMORY_GB="2.5", BUILDERS_WORKERS="2")
    assert _options(script) == {
        "array": "0-2%2",
        "constraint": "fast",
        "cpus-per-task": "1",
        "mem-per-cpu": "3G",
        "nodes": "1",
        "partition": "short",
        "qos": "low",
        "time": "00:10:00",
    }


@pytest.mark.parametrize("failed", [False, True])
def test_jobs_of_an_earlier_driver_are_waited_for_and_ended_where_one_fails(
    *, failed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settings(monkeypatch, BUILDERS_SLURM_PARTITION="short")
    monkeypatch.setattr(clusters, "POLL_SECONDS", 0)
    squeue = f"#!/bin/sh\necho asked >> {tmp_path}/asked\n[ $(wc -l < {tmp_path}/asked) -gt 3 ] || echo 17 PENDING\n"
    scancel = f'#!/bin/sh\necho "$@" > {tmp_path}/ended\n'
    _commands(tmp_path, monkeypatch, squeue=squeue, scancel=scancel, sbatch=f"#!/bin/sh\ntouch {tmp_path}/submitted\n")
    task = Task(tmp_path / "task", "rows")
    if failed:
        (task.folder / "errors").mkdir(parents=True)
        (task.folder / "errors" / "00001").touch()
    clusters.slurm([], task, 3)
    asked = len((tmp_path / "asked").read_text().splitlines())
    ended = (tmp_path / "ended").read_text() if failed else ""
    name = f"builders-{hashlib.sha256(str(task.folder).encode()).hexdigest()[:12]}-task"
    assert (asked, ended) == ((2, f"--name {name}\n") if failed else (4, ""))
    assert not (tmp_path / "submitted").exists()
    assert failed or not (tmp_path / "ended").exists()


def _options(script: str) -> dict[str, str]:
    """Return what a script asks Slurm for, but how the job is called and where its output goes."""
    found = dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", script, re.MULTILINE))
    return {name: value for name, value in found.items() if name not in {"job-name", "output", "error"}}


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, dict[str, Any]]]:
    """Ray that is started by nobody; how it would have been."""
    found: list[tuple[str | None, dict[str, Any]]] = []
    for name in ("RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_USAGE_STATS_ENABLED", "BUILDERS_RAY_FOLDER", "PYTHONPATH"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("BUILDERS_WORKERS", "3")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda address, **settings: found.append((address, settings)))
    monkeypatch.setattr(clusters.RayPipelineExecutor, "run", lambda self: found.append((None, vars(self))))  # type: ignore[attr-defined, arg-type]
    return found


@pytest.mark.parametrize(("folder", "place"), [("", "/tmp"), ("/elsewhere", "/elsewhere")])  # noqa: S108
def test_a_cluster_of_this_machine_is_small_and_lies_in_a_short_path(
    folder: str, place: str, joined: list[tuple[str | None, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_RAY_FOLDER", folder)
    clusters.ray([], Task(tmp_path, "rows"), 5)
    (address, settings), (_, executor) = joined
    given = {name: settings[name] for name in ("num_cpus", "include_dashboard", "object_store_memory", "_temp_dir")}
    assert (address, given) == (
        None,
        {
            "num_cpus": 3,
            "include_dashboard": False,
            "object_store_memory": 200_000_000,
            "_temp_dir": f"{place}/ray-{os.getuid()}",
        },
    )
    environment = settings["runtime_env"]["env_vars"]
    assert (environment["BUILDERS_WORKERS"], environment["PYTHONPATH"]) == ("3", str(PROJECT))
    assert {name.partition("_")[0] for name in environment} <= {"BUILDERS", "HF", "PYTHONPATH"}
    assert (executor["tasks"], executor["workers"], executor["mem_per_cpu_gb"]) == (5, 3, 0.1)
    assert (os.environ["RAY_AUTH_MODE"], os.environ["RAY_USAGE_STATS_ENABLED"]) == ("disabled", "0")


@pytest.mark.parametrize("address", ["auto", "ray://cluster:port"])
def test_a_cluster_that_is_named_decides_about_itself(
    address: str, joined: list[tuple[str | None, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    clusters.ray([], Task(tmp_path, "rows"), 5)
    (found, settings), (_, executor) = joined
    assert (found, sorted(settings)) == (address, ["log_to_driver", "logging_level", "runtime_env"])
    assert (executor["workers"], executor["mem_per_cpu_gb"], "RAY_AUTH_MODE" in os.environ) == (5, 2, False)


def test_who_has_joined_a_cluster_does_not_join_again(
    joined: list[tuple[str | None, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    clusters.ray([], Task(tmp_path, "rows"), 5)
    assert [executor["tasks"] for _, executor in joined] == [5]


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize("kind", [OSError, OverflowError, RuntimeError, ValueError])
def test_a_cluster_that_cannot_be_started_is_one_line(
    kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise kind("a prompt")

    monkeypatch.setattr(ray, "init", failing)
    with pytest.raises(BuildError) as caught:
        clusters.ray([], Task(tmp_path, "rows"), 5)
    said = f"this machine: no Ray cluster: {kind.__name__}; start a cluster there, or unset RAY_ADDRESS"
    assert str(caught.value) == said


@pytest.mark.parametrize("port", ["1" * 30])
def test_a_port_that_cannot_be_is_one_line(port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
    with pytest.raises(BuildError, match=rf"^127\.0\.0\.1:{port}: no Ray cluster: OverflowError; start a cluster there"):
        clusters.ray([], Task(tmp_path, "rows"), 1)


def test_ray_that_is_not_installed_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BuildError) as caught:
        clusters.ray([], Task(tmp_path, "rows"), 1)
    assert str(caught.value) == "BUILDERS_EXECUTOR: Ray is not installed; install Tracewright's extra `ray`"
