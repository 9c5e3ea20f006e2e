"""Files computed by several processes: every one once, in spite of kills; and nobody is left behind."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import builders
from builders import executors, pipeline, records, shards, tasks
from builders.errors import BuildError
from builders.pipeline import KEPT
from builders.records import Record
from builders.tasks import Task
from tests.doubles.files import run, steps
from tests.harness import OWN, PROJECT

ROWS = 4


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Five files of four rows."""
    found = [shards.file(tmp_path / "given", number) for number in range(5)]
    for number, file in enumerate(found):
        with shards.writing(file) as append:
            for row in range(ROWS):
                append(records.encode(Record(f"own:{number * ROWS + row:016x}", "default", None, OWN, {"number": number})))
    return found


def _tried(folder: Path) -> dict[int, list[str]]:
    return {int(file.name[6:]): file.read_text().split() for file in sorted(folder.glob("tried-*"))}


def test_several_processes_compute_each_file_once(tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    assert run(tmp_path, files) == 5 * ROWS
    assert [len(who) for who in _tried(tmp_path).values()] == [1] * 5
    assert {who for [who] in _tried(tmp_path).values()} & {str(os.getpid())} == set()
    assert list(shards.lines(tmp_path / "task" / KEPT)) == [line for file in files for line in shards.of(file)]


def test_few_rows_start_no_process(tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    task = Task(tmp_path / "task", "rows", 5 * ROWS)
    assert pipeline.mapped(task, files, partial(steps, tmp_path, "", 0)) == 5 * ROWS
    assert {who for [who] in _tried(tmp_path).values()} == {str(os.getpid())}


def test_a_killed_process_costs_only_the_files_that_it_had_not_finished(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    assert run(tmp_path, files, "kill once", 4) == 5 * ROWS
    tried = _tried(tmp_path)
    assert (len(tried[4]), [len(tried[rank]) for rank in range(4)]) == (2, [1] * 4)
    assert list(shards.lines(tmp_path / "task" / KEPT)) == [line for file in files for line in shards.of(file)]


def test_a_file_that_kills_whoever_computes_it_is_one_line_and_the_others_are_kept(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    with pytest.raises(BuildError, match=r"rows: task 4 of 5 did not finish; run it again, with more memory") as error:
        run(tmp_path, files, "kill", 4)
    assert error.value.where == str(tmp_path / "task")
    assert len(_tried(tmp_path)[4]) == executors.ATTEMPTS
    assert run(tmp_path, files) == 5 * ROWS
    assert [len(who) for rank, who in _tried(tmp_path).items() if rank < 4] == [1] * 4


def test_the_log_of_a_cluster_s_task_is_named_where_it_has_one(tmp_path: Path) -> None:
    log = tmp_path / "task" / "logs" / "task_00001.log"
    log.parent.mkdir(parents=True)
    log.touch()
    done = tmp_path / "task" / "completions"
    done.mkdir()
    (done / "00000").touch()
    with pytest.raises(BuildError, match="rows: task 1 of 3 did not finish") as error:
        Task(tmp_path / "task", "rows").check(3)
    assert error.value.where == str(log)


def test_an_error_of_a_file_is_the_error_and_the_next_run_goes_on(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    with pytest.raises(BuildError, match=r"^row 3: is wrong; take another$"):
        run(tmp_path, files, "fail", 1)
    assert run(tmp_path, files) == 5 * ROWS
    assert capfd.readouterr() == ("", "")


def test_an_error_of_a_file_ends_what_others_are_at(tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "2")
    with pytest.raises(BuildError, match=r"^row 3: is wrong; take another$"):
        run(tmp_path, files, "fail while others stay", 1)
    tried = _tried(tmp_path)
    assert {0, 1} <= tried.keys() <= {0, 1, 2}
    assert tried.get(2, tried[1]) == tried[1], "only who found its file wrong may have begun another before all are ended"
    assert [who for [who] in tried.values() if psutil.pid_exists(int(who))] == []


@pytest.mark.usefixtures("files")
def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """Killed in the midst of it: nobody is left who could tell them."""
    code = (
        "from pathlib import Path\nfrom tests.doubles.files import run\n"
        f"folder = Path({str(tmp_path)!r})\nrun(folder, sorted((folder / 'given').iterdir()), 'stay', 1)\n"
    )
    environment = {**os.environ, "BUILDERS_WORKERS": "2"}
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, env=environment) as process:
        while not (tmp_path / "tried-1").exists() or not (tmp_path / "task/completions").exists():
            os.sched_yield()
        workers = [child for child in psutil.Process(process.pid).children(recursive=True) if child.is_running()]
        assert len(workers) >= 2
        process.kill()
        _, left = psutil.wait_procs(workers, timeout=60)
        assert left == []


@pytest.mark.parametrize("changed", ["nothing", "rows", "about", "code"])
def test_what_a_killed_run_has_computed_is_kept_as_long_as_it_is_about_the_same(
    tmp_path: Path, files: list[Path], changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "1")
    template = tmp_path / "package" / "family" / "prompt.jinja"
    template.parent.mkdir(parents=True)
    template.write_text("before")
    monkeypatch.setattr(tasks, "__file__", str(tmp_path / "package" / "tasks.py"))
    task = Task(tmp_path / "task", "rows")

    def attempt(plan: str, about: str = "this") -> int:
        with tasks.resumed(task, about, files) as own:
            return pipeline.mapped(own, files, partial(steps, tmp_path, plan, 3))

    with pytest.raises(BuildError, match="is wrong"):
        attempt("fail")
    if changed == "rows":
        os.utime(files[2], ns=(1, 1))
    if changed == "code":
        template.write_text("after that")
    assert attempt("", "that" if changed == "about" else "this") == 5 * ROWS
    assert [len(who) for who in _tried(tmp_path).values()] == ([1, 1, 1, 2, 1] if changed == "nothing" else [2, 2, 2, 2, 1])
    assert not task.folder.exists()


def test_rows_are_counted_in_a_file_after_every_500_and_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    task = Task(tmp_path / "task", "rows")
    counted = []
    with task.counting(0) as count, task.counting(1) as other:
        for rows in (1, 498, 1, 1, 700, 2):
            count(rows)
            counted.append(task.count())
        other(3)
        counted.append(task.count())
    assert counted == [0, 0, 500, 500, 1201, 1201, 1201]
    assert task.count() == 1206


@pytest.mark.parametrize("wanted", ["0", "-1", "two", "1" * 5000, "٣", "1.0", " "])
def test_a_wrong_number_of_processes_is_one_line(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", wanted)
    with pytest.raises(BuildError, match=r"^BUILDERS_WORKERS: .{2,30} is not a number of processes; write 1 to 9999"):
        tasks.workers()


def test_the_number_of_processes_is_that_of_the_cores_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "")
    allowed = os.sched_getaffinity(0)
    assert tasks.workers() == len(allowed)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert tasks.workers() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    monkeypatch.setenv("BUILDERS_WORKERS", "9999")
    assert tasks.workers() == 9999


@pytest.mark.parametrize(
    ("kind", "tasks", "total", "done", "used"),
    [
        ("ray", 5, None, 0, ["ray"]),
        ("slurm", 5, None, 0, ["slurm"]),
        ("ray", 5, None, 5, []),
        ("ray", 5, None, 4, ["ray"]),
        ("ray", 5, 10_001, 0, ["ray"]),
        ("ray", 5, 10_000, 0, []),
        ("slurm", 1, None, 0, []),
        ("local", 5, None, 0, []),
        ("", 5, None, 0, []),
    ],
)
def test_a_cluster_is_asked_where_there_is_something_to_do_for_more_than_one_process(  # noqa: PLR0913
    kind: str, tasks: int, total: int | None, done: int, used: list[str], *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, asked = Task(tmp_path / "task", "rows", total), list[str]()
    (task.folder / "completions").mkdir(parents=True)

    def complete(ranks: int) -> None:
        for rank in range(ranks):
            (task.folder / "completions" / f"{rank:05d}").touch()

    def cluster(name: str) -> Callable[..., None]:
        return lambda steps, given, number: (asked.append(name), complete(number)) if (steps, given) == ([], task) else None  # type: ignore[return-value, func-returns-value]

    complete(done)
    monkeypatch.setenv("BUILDERS_EXECUTOR", kind)
    monkeypatch.setenv("BUILDERS_WORKERS", "1")
    clusters = SimpleNamespace(ray=cluster("ray"), slurm=cluster("slurm"))
    monkeypatch.setattr(builders, "clusters", clusters, raising=False)
    executors.execute([], task, tasks)
    assert asked == used
