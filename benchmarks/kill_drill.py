"""Kill -9 at random moments: nothing lost, nothing doubled, and no reply that is in the ledger asked for again.

    python -m benchmarks.kill_drill [--kills 100] [--seed 0] [--prompts 2500] [--negative-control]

A copy of the project asks a server on the loopback whose replies depend on the request alone. A run of `synthesize` is
killed at a moment drawn evenly from its whole life, from the start of the process to after its last row, and started again;
every second run is killed again and again until it gets through. Every fourth run is one of dvc, which is killed instead:
the stage has to stop by itself.

After each kill the ledger is read, from a copy, and so are the rows that the stage had written by then, for a row is
written only once its replies are durable. Counted are
  lost      replies in rows written that the ledger does not have
  again     requests sent after the kill although the ledger had their reply
  doubled   keys that are in the ledger twice, replies that were booked twice, rows written twice
  re-sent   requests sent before the kill whose reply the ledger does not have: at most what was in flight and one
            commit group
and at the end of each run whether the server was asked anything else twice, and whether the bytes of the rows are those of
a run that nobody disturbed. Exit code 1 if anything is wrong, as it has to be with `--negative-control`, which asks through
a ledger that acknowledges before it commits (`benchmarks.early_ledger`).
"""

import argparse
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import orjson
import psutil
import zstandard

from builders import records
from builders.ledger import costs
from builders.ledger.ledger import GROUP_REPLIES
from builders.ledger.store import Store
from builders.progress import shown
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import PROJECT, Workspace, jsonl, lines, running

CONCURRENCY = 16
BOUND = CONCURRENCY + GROUP_REPLIES
OUTLIVES_SECONDS = 5.0

_REFUSED_EVERY = 100
_DVC_EVERY = 4
_THOUGHTS = 60  # 3 kB: a row is larger than what a file keeps back, and so is on disk once it is written
_LATE = 1.05
_LIMIT_SECONDS = 100.0
_MOMENTS = ("starting", "asking", "ending")
_PARTS = ("rows/default", "rows/.default.partial", "rejected/default", "rejected/.default.partial")


class Kill(NamedTuple):
    """What a kill did.

    Args:
        victim: `stage` or `dvc`.
        moment: `starting`: it had not asked anything yet; `asking`; `ending`: every request there is had been sent.
        lost: replies, see above.
        again: requests, see above.
        doubled: see above.
        resent: requests, see above.
        outlived_seconds: how long a stage ran on without its dvc.
    """

    victim: str
    moment: str
    lost: int
    again: int
    doubled: int
    resent: int
    outlived_seconds: float


@dataclass
class Report:
    """What came of a drill.

    Args:
        kills: in their order.
        runs: how many runs they were spread over.
        emptied: how many kills left dvc with a lock file of its own that it cannot read any more.
        failures: what was wrong, a line each.
    """

    kills: list[Kill] = field(default_factory=list)
    runs: int = 0
    emptied: int = 0
    failures: list[str] = field(default_factory=list)


class _Stored(NamedTuple):
    """What was on disk: seeds of the requests that the ledger has replies to, what was lost, what is there twice."""

    seeds: set[int]
    lost: int
    doubled: int


class _Life(NamedTuple):
    """A process from its start to its kill, and what it left behind; the numbers are those of requests at the server."""

    first: int
    end: int
    stored: _Stored
    outlived_seconds: float


class _Orders(NamedTuple):
    """How a run is to be killed.

    Args:
        victim: `stage` or `dvc`.
        most: how often at most.
        chance: draws the moments.
        counted: whether they are drawn from the requests, not from the time.
        control: whether the run asks through the ledger that acknowledges too early.
    """

    victim: str
    most: int
    chance: random.Random
    counted: bool
    control: bool

    def command(self) -> list[str]:
        """Return what is run."""
        if self.victim == "dvc":
            return [sys.executable, "-m", "dvc", "repro", "synthesize@safechain"]
        return [sys.executable, "-m", "benchmarks.early_ledger" if self.control else "builders", "synthesize", "safechain"]


class Course:
    """A prepared workspace, what an undisturbed run makes of it, and how long that takes."""

    def __init__(self, root: Path, prompts: int, *, dvc: bool) -> None:
        """Prepare the workspace and run it undisturbed.

        Args:
            root: an empty folder.
            prompts: how many rows there are to ask about.
            dvc: whether dvc is to be killed too.
        """
        self._root, self._copies = root, 0
        self._prepared = Workspace.make(root / "prepared", "safechain")
        topics = (f"Tell me something new about topic number {number:05d} please" for number in range(prompts))
        self._prepared.source("own.jsonl", jsonl(*({"prompt": topic} for topic in topics)))
        self._prepared.project(teacher="endpoint")
        with self._prepared.params() as params:
            params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "double"
        config = self._prepared.root / ".dvc" / "config"
        config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
        if dvc:
            _succeeded(self._prepared.finished([sys.executable, "-m", "dvc", "repro", "collect@safechain"]))
        else:
            self._prepared.build("collect")
        self.requests = self.answered = 0
        self.output: list[bytes] = []
        self.seconds = {victim: self._undisturbed(victim) for victim in ("stage", *(["dvc"] if dvc else []))}

    def copy(self) -> Workspace:
        """Return a copy of the prepared workspace."""
        self._copies += 1
        return self._prepared.copied(self._root / str(self._copies))

    def _undisturbed(self, victim: str) -> float:
        workspace, orders = self.copy(), _Orders(victim, 0, random.Random(), counted=False, control=False)  # noqa: S311
        with serving(answer) as server:
            start = time.monotonic()
            _succeeded(workspace.finished(orders.command(), **_environment(server)))
            seconds = time.monotonic() - start
            seeds = {asked.body["seed"] for asked in server.asked}
            self.requests, self.answered = len(server.asked), sum(not _refused(asked) for asked in server.asked)
        if len(seeds) != self.requests:
            raise RuntimeError("requests are told apart by their seeds, and two have the same")
        self.output = _output(workspace)
        return seconds


def drill(course: Course, kills: int, seed: int, *, counted: bool = False, control: bool = False) -> Report:
    """Kill so many times.

    Args:
        course: what is run.
        kills: how many.
        seed: draws the moments.
        counted: draw them from the requests, not from the time, and kill each run once.
        control: ask through the ledger that acknowledges too early.
    """
    chance, report = random.Random(seed), Report()  # noqa: S311  (drawing moments)
    with shown("kills", kills) as show:
        while len(report.kills) < kills:
            dvc = "dvc" in course.seconds and report.runs % _DVC_EVERY == 2  # noqa: PLR2004
            most = kills - len(report.kills) if report.runs % 2 and not counted else 1
            _run(course, report, _Orders("dvc" if dvc else "stage", most, chance, counted, control))
            report.runs += 1
            show(len(report.kills))
    return report


def answer(request: Received) -> Answer:
    """Answer by the request alone; refuse a few prompts, so that there are rejected rows too."""
    if _refused(request):
        return Answer(status=400)
    thought = f"Thinking about {request.body['seed']} for a while, and then some. " * _THOUGHTS
    return Answer(f"{thought}\n</think>\n\nAn answer to {request.text[:60]}")


def main() -> int:
    """Print a line for each kind of kill; exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="draws the moments")
    parser.add_argument("--prompts", type=int, default=2500, help="rows to ask about, three replies each")
    parser.add_argument("--negative-control", action="store_true", help="a ledger that acknowledges before it commits")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        course = Course(Path(scratch), arguments.prompts, dvc=not arguments.negative_control)
        report = drill(course, arguments.kills, arguments.seed, control=arguments.negative_control)
    _print(course, report)
    return 1 if report.failures else 0


def _run(course: Course, report: Report, orders: _Orders) -> None:
    """Kill one run, let it get through in the end, and add what came of it to the report."""
    workspace, lives = course.copy(), list[_Life]()
    with serving(answer) as server:
        while len(lives) < orders.most:
            life = _lived(course, workspace, server, orders)
            if life is None:
                break
            lives.append(life)
            report.emptied += _emptied(workspace)
        else:
            _succeeded(workspace.finished(orders.command(), **_environment(server)))
        kills = _judged(course, server, orders.victim, lives)
        report.kills += kills
        report.failures += _wrong(course, workspace, server, kills)
    shutil.rmtree(workspace.root)


def _lived(course: Course, workspace: Workspace, server: Server, orders: _Orders) -> _Life | None:
    """Start a process and kill it; None means that it was done before."""
    first, outlived = len(server.asked), 0.0
    seconds = 0.0 if orders.counted else orders.chance.uniform(0, _LATE * course.seconds[orders.victim])
    with running(orders.command(), workspace.root, workspace.environment(**_environment(server))) as process:
        if orders.counted:
            server.wait_for(orders.chance.randrange(1, course.requests))
        try:
            outputs = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            if orders.victim == "dvc":
                outlived = _orphaned(process, server, orders.chance)
            process.kill()
            process.communicate(timeout=_LIMIT_SECONDS)
        else:
            _succeeded(subprocess.CompletedProcess(orders.command(), process.returncode, *outputs))
            return None
    for _ in range(2):  # by then the server has read what the killed process sent
        urllib.request.urlopen(f"{server.url}/models").read()  # noqa: S310  (http)
    return _Life(first, len(server.asked), _stored(workspace), outlived)


def _orphaned(dvc: "subprocess.Popen[str]", server: Server, chance: random.Random) -> float:
    """Kill dvc and return how long its stage ran on, every other time without a reply to anything it asks."""
    dvc.send_signal(signal.SIGSTOP)  # it starts no stage now
    stages = psutil.Process(dvc.pid).children(recursive=True)
    if chance.randrange(2):
        server.script = lambda asked: Answer(answer(asked).text, held=True)
    start = time.monotonic()
    dvc.kill()
    _, alive = psutil.wait_procs(stages, timeout=2 * OUTLIVES_SECONDS)
    seconds = time.monotonic() - start
    for stage in alive:
        stage.kill()
    server.script = answer
    return seconds


def _emptied(workspace: Workspace) -> bool:
    """Remove the lock file that dvc was killed while writing, as its manual says one has to; tell whether there is one."""
    lock = workspace.root / ".dvc" / "tmp" / "rwlock"
    emptied = lock.exists() and not lock.stat().st_size
    if emptied:
        lock.unlink()
    return emptied


def _judged(course: Course, server: Server, victim: str, lives: list[_Life]) -> list[Kill]:
    """Say what each kill did, by what the server was asked before and after it."""
    kills, ends = [], [*(life.end for life in lives), len(server.asked)]
    for life, following in zip(lives, ends[1:], strict=True):
        sent = {asked.body["seed"] for asked in server.asked[life.first : life.end]}
        everything = len({asked.body["seed"] for asked in server.asked[: life.end]}) == course.requests
        moment = "ending" if everything else "asking" if sent else "starting"
        answerable = {asked.body["seed"] for asked in server.asked[life.first : life.end] if not _refused(asked)}
        again = sum(asked.body["seed"] in life.stored.seeds for asked in server.asked[life.end : following])
        resent = len(answerable - life.stored.seeds)
        kills.append(Kill(victim, moment, life.stored.lost, again, life.stored.doubled, resent, life.outlived_seconds))
    return kills


def _wrong(course: Course, workspace: Workspace, server: Server, kills: list[Kill]) -> Iterator[str]:
    """Yield a line for each thing that is wrong."""
    for kill in kills:
        at = f"{kill.victim} killed while {kill.moment}"
        if kill.lost:
            yield f"{at}: the ledger lacks {kill.lost} replies in rows that were written"
        if kill.again:
            yield f"{at}: {kill.again} replies that the ledger had were asked for again"
        if kill.doubled:
            yield f"{at}: {kill.doubled} replies or rows are there twice"
        if kill.resent > BOUND:
            yield f"{at}: {kill.resent} requests re-sent"
        if kill.outlived_seconds > OUTLIVES_SECONDS:
            yield f"{at}: its stage ran on for {kill.outlived_seconds:.1f} s"
    resent = sum(asked.attempt > 1 for asked in server.asked if not _refused(asked))
    if resent != sum(kill.resent for kill in kills):
        yield f"{resent} requests came again, of which kills explain {sum(kill.resent for kill in kills)}"
    end = _stored(workspace)
    if end.lost or end.doubled or len(end.seeds) != course.answered:
        yield f"the ledger has {len(end.seeds)} of {course.answered} replies at the end, {end.lost} lost, {end.doubled} doubled"
    if _output(workspace) != course.output:
        yield "the rows are not those of an undisturbed run"


def _stored(workspace: Workspace) -> _Stored:
    """Read the ledger, from a copy so as to leave it alone, and the rows that were written."""
    seeds, keys, booked = set[int](), list[str](), 0
    with tempfile.TemporaryDirectory() as scratch:
        if (workspace.root / ".ledger" / "replies.sqlite").exists():
            copied = Path(shutil.copytree(workspace.root / ".ledger", Path(scratch) / "ledger"))
            with closing(Store(copied / "replies.sqlite")) as store:
                for key, entry in store.entries():
                    keys.append(key.hex())
                    seeds.add(orjson.loads(entry.own)[2])
                booked = sum(replies for _, replies, _ in costs.spent([store]))
    known = set(keys)
    lost, doubled = 0, 2 * len(keys) - len(known) - len(seeds) + abs(booked - len(keys))
    for part in _PARTS:
        rows = list(_rows(workspace.root / "processed" / "safechain" / "synthesize" / part))
        lost += sum(reply["key"][:32] not in known for row in rows for reply in row.data["replies"])
        doubled += len(rows) - len({row.id for row in rows})
    return _Stored(seeds, lost, doubled)


def _rows(path: Path) -> Iterator[records.Record]:
    """Yield the rows in the files of a pool; of the last one only a part may have been written."""
    for file in sorted(path.glob("*.zst*")):
        written = zstandard.ZstdDecompressor().decompressobj().decompress(file.read_bytes())
        for line in written.splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield records.decode(line)[0]


def _output(workspace: Workspace) -> list[bytes]:
    folder = workspace.root / "processed" / "safechain" / "synthesize"
    return [*(lines(folder / part) for part in ("rows/default", "rejected/default")), (folder / "stats.json").read_bytes()]


def _refused(request: Received) -> bool:
    return int(request.text.split()[-2]) % _REFUSED_EVERY == _REFUSED_EVERY - 1


def _environment(server: Server) -> dict[str, str]:
    return {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(CONCURRENCY), "PYTHONPATH": str(PROJECT)}


def _succeeded(done: "subprocess.CompletedProcess[str]") -> None:
    """Give up if a command failed: nothing can be said of what it was to do.

    Raises:
        RuntimeError: it failed.
    """
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()[-500:]}")


def _print(course: Course, report: Report) -> None:
    columns = f"{'kills':>7}{'lost':>7}{'again':>7}{'doubled':>9}"
    print(f"{'killed':<8}{'while':<10}{columns}   re-sent, median [min-max], bound {BOUND}")
    for victim in course.seconds:
        for moment in _MOMENTS:
            _print_line(victim, moment, [kill for kill in report.kills if (kill.victim, kill.moment) == (victim, moment)])
    _print_line("all", "", report.kills)
    outlived = [kill.outlived_seconds for kill in report.kills if kill.outlived_seconds]
    if outlived:
        print(f"stages ran on without their dvc for at most {max(outlived):.1f} s, bound {OUTLIVES_SECONDS:.0f} s")
        print(f"kills that left dvc's own lock file empty, for the user to remove: {report.emptied}")
    alive = ", ".join(f"{seconds:.1f} s {victim}" for victim, seconds in course.seconds.items())
    print(f"{course.requests} requests a run, {CONCURRENCY} in flight; {report.runs} runs; undisturbed: {alive}")
    print("\n".join(report.failures[:20]))
    print("FAILED" if report.failures else "passed: every run got through to the bytes of an undisturbed one")


def _print_line(victim: str, moment: str, kills: list[Kill]) -> None:
    if kills:
        lost, again, doubled = (sum(getattr(kill, name) for kill in kills) for name in ("lost", "again", "doubled"))
        resent = [kill.resent for kill in kills]
        middle = f"{statistics.median(resent):>7.0f} [{min(resent)}-{max(resent)}]"
        print(f"{victim:<8}{moment:<10}{len(kills):>7}{lost:>7}{again:>7}{doubled:>9}   {middle}")


if __name__ == "__main__":
    sys.exit(main())
