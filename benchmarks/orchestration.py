"""What the synthesize stage makes of a server's speed: rows, templates, ledger, progress and all, beside a bare loop.

    python -m benchmarks.orchestration [--rows 20000] [--pairs 7] [--in-flight 64 256] [--peers] [--memory] [--resume 1000000]

Adjacent pairs: the bare loop (aiohttp and orjson, nothing kept) and the whole stage, on the same prompts, replies taking
20 ms. The stage is timed from the first request at the server to the moment its file of rows appears, which is on disk by
then; the whole command, imports and all, beside it. `--peers` adds today's tools, each in an environment of its own.
`--memory` prints how the stage's memory grows with the rows. `--resume` has so many rows finished and some new ones at the
end, and prints how long a new run of the stage takes to its first new request.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from benchmarks import bare, environments, loopback, peers
from benchmarks.bare import Rate
from builders import records, shards
from builders.provenance import Provenance
from builders.records import Record
from tests.harness import Workspace

GOALS = {64: 0.75, 256: 0.60}
MEMORY_ROWS = (100_000, 300_000)
MEMORY_MB = 5.0
RESUME_SECONDS = 15.0
NEW_ROWS = 64
_STAGE = ("-m", "builders", "synthesize", "safechain")


class Stage(NamedTuple):
    """What one run of the stage showed.

    Args:
        rate: rows a second from first request to last durable row, CPU a row without that of starting.
        whole: rows a second by the wall time of the whole command.
        megabytes: most memory it held.
        first_seconds: from the start of the command to its first request.
    """

    rate: Rate
    whole: float
    megabytes: float
    first_seconds: float


def workspace(folder: Path, rows: int) -> Workspace:
    """Make a copy of the project in which collect has found so many prompts, each to be answered once by the endpoint."""
    made = Workspace.make(folder, "safechain")
    made.project(teacher="endpoint")
    with made.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["synthesize"]["roles"]["teacher"].update(model="loopback", server="loopback")
    collected(made, rows)
    return made


def collected(made: Workspace, rows: int) -> None:
    """Write what collect would have written."""
    place = made.root / "processed/safechain/collect/rows/default"
    with shards.anew(place) as append:
        for number in range(rows):
            append(records.encode(_record(number)))
    counts = {"read": rows, "spawned": 0, "out": {"default": rows}, "rejected": {}}
    hashes = {"read_sha256": None, "out_sha256": shards.digest(place)}
    (place.parent.parent / "stats.json").write_bytes(orjson.dumps({"default": {**counts, **hashes}}))


def stage(made: Workspace, in_flight: int, *, latency: float = 0.02) -> Stage:
    """Run the stage against a server of its own."""
    with loopback.serving("--latency", str(latency)) as url:
        start = time.time()
        environment = made.environment(BUILDERS_TEACHER_URL=url, BUILDERS_CONCURRENCY=str(in_flight))
        with subprocess.Popen([sys.executable, *_STAGE], cwd=made.root, env=environment, stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        end = time.time()
        if process.returncode:
            message = f"the stage ended with {process.returncode}"
            raise RuntimeError(message)
        counts = requested(url)
    place = made.root / "processed/safechain/synthesize/rows/default"
    rows = counts["requests"]
    seconds = shards.files(place)[-1].stat().st_mtime - counts["first_seconds"]
    cpu = used.ru_utime + used.ru_stime - _start_cpu_seconds(made)
    rate = Rate.of(rows, seconds, cpu)
    return Stage(rate, rows / (end - start), used.ru_maxrss / 1024, counts["first_seconds"] - start)


def main() -> int:
    """Print what was measured; exit code 1 if a goal is missed."""
    arguments = _parsed()
    reached = True
    with tempfile.TemporaryDirectory() as scratch:
        for in_flight in arguments.in_flight:
            reached &= _pairs(Path(scratch), arguments, in_flight)
        if arguments.memory:
            reached &= _memory(Path(scratch))
        if arguments.resume:
            reached &= _resume(Path(scratch), arguments.resume, arguments.pairs)
    return 0 if reached else 1


def _pairs(scratch: Path, arguments: argparse.Namespace, in_flight: int) -> bool:
    ratios, wholes, cpus, bares = [], [], [], []
    for number in range(arguments.pairs):
        made = workspace(scratch / f"pair-{in_flight}-{number}", arguments.rows)
        with loopback.serving() as url:
            yardstick = bare.rate(url, bodies(arguments.rows), in_flight)
        ours = stage(made, in_flight)
        ratios.append(ours.rate.rows_per_second / yardstick.rows_per_second)
        wholes.append(ours.whole / yardstick.rows_per_second)
        cpus.append(ours.rate.cpu_ms_per_row)
        bares.append(yardstick)
    ratio, goal = statistics.median(ratios), GOALS.get(in_flight, 0.0)
    rows = statistics.median(one.rows_per_second for one in bares)
    cpu = statistics.median(one.cpu_ms_per_row for one in bares)
    print(f"{arguments.rows:,} rows, {in_flight} in flight, medians of {arguments.pairs} adjacent pairs")
    print(f"  bare loop             {rows:8,.0f} rows/s   {cpu:.3f} ms CPU a row")
    print(
        f"  synthesize            {ratio:8.2f} of it [{min(ratios):.2f}-{max(ratios):.2f}], goal {goal:.2f}"
        f"   {statistics.median(cpus):.3f} ms CPU a row"
    )
    print(f"  the whole command     {statistics.median(wholes):8.2f} of it")
    if arguments.peers:
        prompts = scratch / "prompts.jsonl"
        peers.write_prompts(prompts, arguments.peer_rows)
        with loopback.serving() as url:
            base = bare.rate(url, loopback.bodies(arguments.peer_rows), in_flight)
            for name, rate in peers.rates(url, prompts, in_flight, arguments.environments).items():
                share = rate.rows_per_second / base.rows_per_second
                print(f"  {name:<22}{share:8.3f} of it   {rate.cpu_ms_per_row:.3f} ms CPU a row ({arguments.peer_rows:,} rows)")
    return ratio >= goal


def _memory(scratch: Path) -> bool:
    held = [stage(workspace(scratch / f"memory-{rows}", rows), 256).megabytes for rows in MEMORY_ROWS]
    growth = (held[1] - held[0]) / (MEMORY_ROWS[1] - MEMORY_ROWS[0]) * 100_000
    sizes = " and ".join(f"{megabytes:.0f} MB at {rows:,} rows" for megabytes, rows in zip(held, MEMORY_ROWS, strict=True))
    print(f"memory: {sizes}: {growth:.2f} MB for 100,000 rows, goal below {MEMORY_MB:.0f}")
    return growth < MEMORY_MB


def _resume(scratch: Path, rows: int, runs: int) -> bool:
    """Finish rows, then add some and see when the first of them is asked for."""
    made = workspace(scratch / "resume", rows)
    stage(made, 256, latency=0.005)
    seconds = []
    for number in range(1, min(runs, 3) + 1):
        collected(made, rows + number * NEW_ROWS)
        seconds.append(stage(made, 256).first_seconds)
    first = statistics.median(seconds)
    print(f"a stage over {rows:,} finished rows reaches its first new request in {first:.1f} s, goal {RESUME_SECONDS:.0f}")
    return first < RESUME_SECONDS


def bodies(rows: int) -> Iterator[dict[str, Any]]:
    """Yield the very bodies that the stage sends."""
    sampling = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 4096}
    for number in range(rows):
        text = _record(number).data["instruction"]
        yield {"model": "loopback", "messages": [{"role": "user", "content": text}], "seed": number, **sampling}


def _record(number: int) -> Record:
    words = " ".join(f"word{(number * 7919 + place) % 5000}" for place in range(30))
    provenance = Provenance("benchmark", "CC-BY-4.0", str(number))
    data = {"instruction": f"Question {number}: {words}", "label": "vanilla_benign"}
    return Record(records.row_id("safechain", "benchmark", str(number)), "default", None, provenance, data)


def requested(url: str) -> dict[str, Any]:
    """Return what the fast server was asked: `requests`, `different` ones, `first_seconds` since 1970."""
    with urllib.request.urlopen(f"{url}/counts") as page:  # noqa: S310  (our own server)
        found: dict[str, Any] = orjson.loads(page.read())
    return found


def _start_cpu_seconds(made: Workspace) -> float:
    """Return what a Python that imports what the stage imports spends before anything else."""
    modules = ["stages.synthesize", *(f"families.safechain.{stage}" for stage in ("collect", "judge", "filter"))]
    imports = "import " + ", ".join(f"builders.{module}" for module in modules)
    with subprocess.Popen([sys.executable, "-c", imports], cwd=made.root, env=made.environment()) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-rows", type=int, default=5_000)
    parser.add_argument("--environments", type=Path, default=environments.CACHE)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--resume", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
