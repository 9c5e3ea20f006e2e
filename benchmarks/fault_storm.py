"""What a storm of faults costs: the same prompts on a server that is well and on one that breaks all the time.

    python -m benchmarks.fault_storm [--prompts 3400]

`synthesize` asks a server that answers 64 requests at once, in 0.2 s each (`benchmarks.stormy`): once without faults, and
once with 5 % HTTP 429 with Retry-After, 1 % HTTP 500, 0.5 % resets, 0.5 % bodies that are cut off or no JSON, 0.1 % requests
that are never answered, and the server gone for 5 s; with 64 requests in flight, and with as many as it finds out to be
good. The bytes of the rows have to be the same, no request may be sent again for which nothing went wrong, and the wall time
has to stay below 1.3 times that of the clean run plus the outage. Exit code 1 if one of this is not so.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import stormy
from tests.harness import Workspace, jsonl, lines

BOUND = 1.3
OUTAGE_SECONDS = 5.0
IN_FLIGHT = 64

_LIMIT_SECONDS = 1800.0
_CLEAN = ("--capacity", str(IN_FLIGHT))
_FAULTS = ("429=0.05", "500=0.01", "reset=0.005", "garbled=0.005", "hung=0.001")
_STORM = (*_CLEAN, "--faults", *_FAULTS, "--outage", "12", str(OUTAGE_SECONDS))


class Run(NamedTuple):
    """One run of the stage.

    Args:
        seconds: wall time of its process.
        counts: what the server saw.
        output: the bytes of its rows and of the rejected ones.
    """

    seconds: float
    counts: dict[str, Any]
    output: list[bytes]


def main() -> int:
    """Print a line for each way of asking; exit code 1 if something is not as it has to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=3400, help="rows to ask about, three replies each")
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        collected = prepared(Path(scratch) / "prepared", arguments.prompts)
        print(f"{'in flight':<12}{'clean s':>9}{'storm s':>9}{'ratio':>7}   rows; requests that met a fault; re-sent")
        for in_flight in (IN_FLIGHT, None):
            clean, storm = (run(collected, in_flight, arguments) for arguments in (_CLEAN, _STORM))
            good &= _report(in_flight, clean, storm)
    print(f"{os.cpu_count()} cores; ratio: storm less {OUTAGE_SECONDS:.0f} s of outage, to clean; bound {BOUND}")
    return 0 if good else 1


def prepared(root: Path, prompts: int) -> Workspace:
    """Make a workspace in which so many rows wait to be asked about."""
    workspace = Workspace.make(root, "safechain")
    topics = (f"Tell me something new about topic number {number:05d} please" for number in range(prompts))
    workspace.source("own.jsonl", jsonl(*({"prompt": topic} for topic in topics)))
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "stormy"
    workspace.build("collect")
    return workspace


def run(collected: Workspace, in_flight: int | None, arguments: tuple[str, ...]) -> Run:
    """Run the stage in a copy of a workspace.

    Args:
        collected: the workspace.
        in_flight: most requests at once; None leaves it to be found out.
        arguments: of the server.

    Raises:
        subprocess.CalledProcessError: the stage failed.
    """
    with tempfile.TemporaryDirectory() as scratch, stormy.serving(*arguments) as url:
        workspace = collected.copied(Path(scratch) / "project")
        variables = {"BUILDERS_TEACHER_URL": url} | ({"BUILDERS_CONCURRENCY": str(in_flight)} if in_flight else {})
        command = [sys.executable, "-m", "builders", "synthesize", "safechain"]
        start = time.monotonic()
        subprocess.run(
            command,
            cwd=workspace.root,
            env=workspace.environment(**variables),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT_SECONDS,
            check=True,
        )
        seconds = time.monotonic() - start
        counts = stormy.counts(url)
        folder = workspace.root / "processed" / "safechain" / "synthesize"
        output = [lines(folder / part) for part in ("rows/default", "rejected/default")]
    return Run(seconds, counts, output)


def _report(in_flight: int | None, clean: Run, storm: Run) -> bool:
    ratio = (storm.seconds - OUTAGE_SECONDS) / clean.seconds
    met: dict[str, int] = storm.counts["met"]
    resent = storm.counts["requests"] - storm.counts["different"]
    rows, faults = storm.output[0].count(b"\n"), ", ".join(f"{kind} {count}" for kind, count in sorted(met.items()))
    line = f"{in_flight or 'adaptive':<12}{clean.seconds:>9.1f}{storm.seconds:>9.1f}{ratio:>7.2f}"
    print(f"{line}   rows {rows}; {faults}; re-sent {resent}", flush=True)
    faultless = bool(clean.counts["requests"] == clean.counts["different"] == storm.counts["different"])
    for wrong, failure in (
        (ratio >= BOUND, "the storm took too long"),
        (storm.output != clean.output, "the rows differ"),
        (not faultless, "the clean run sent something twice, or not everything"),
        (resent > sum(met.values()) + IN_FLIGHT, "requests were sent again that met no fault"),
    ):
        if wrong:
            print(f"FAILED: {failure}")
            faultless = False
    return faultless


if __name__ == "__main__":
    sys.exit(main())
