"""What the ledger costs: time and CPU beside the same requests without it, bytes on disk, time to open.

    python -m benchmarks.ledger [--requests 50000] [--pairs 7] [--in-flight 64 256] [--replies 1000000]

Pairs of runs, one right after the other, of a bare loop (aiohttp, orjson) and of the same loop that claims every request and
stores every reply; a slot is free again once its reply is there, the reply counts once it is on disk. Both run with the
garbage collection of a stage. A pair during which other processes took more than a tenth of a core is run again. CPU is that
of all threads, and of the process that commits. Then a ledger of a million replies: its size, and how long a new process takes
to open it and find a reply.
"""

import argparse
import asyncio
import gc
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import orjson
import psutil

from benchmarks.loopback import Texts, bodies, serving
from builders.asking.asker import GARBAGE
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.records import canonical

FOREIGN_CORES = 0.1
TRIES_PER_PAIR = 3
GOALS = {"ratio": 0.90, "cpu_ms": 0.05, "bytes": 200.0, "open_ms": 50.0}

_ABOUT = canonical({"family": "benchmark", "model": "loopback", "role": "teacher", "stage": "synthesize", "temperature": 0.6})
_OPEN = """
import sys, time
from pathlib import Path
from builders.ledger.ledger import Ledger
start = time.perf_counter()
with Ledger(Path(sys.argv[1]), read_only=True) as ledger:
    found = ledger.get(sys.argv[2])
    seconds = time.perf_counter() - start
assert found
print(seconds)
"""


class Run(NamedTuple):
    """One run of the loop.

    Args:
        rows_per_second: requests answered (and stored) a second.
        cpu_ms: CPU milliseconds a request.
        foreign_cores: how many cores other processes took meanwhile.
        bytes: what the ledger's files take a reply.
    """

    rows_per_second: float
    cpu_ms: float
    foreign_cores: float
    bytes: float


def main() -> int:
    """Print what was measured beside the goals; exit code 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000, help="requests in a run")
    parser.add_argument("--pairs", type=int, default=7, help="pairs of runs for each number of requests in flight")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256], help="requests in flight")
    parser.add_argument("--replies", type=int, default=1_000_000, help="replies in the ledger that is opened; 0: none")
    arguments = parser.parse_args()
    met = True
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    with serving() as url, tempfile.TemporaryDirectory() as scratch:
        [server] = psutil.Process().children()
        course = _Course(url, server, arguments.requests, Path(scratch))
        for in_flight in arguments.in_flight:
            pairs = [course.pair(in_flight, number) for number in range(arguments.pairs)]
            met &= _report(in_flight, arguments.requests, pairs)
    with tempfile.TemporaryDirectory() as scratch:
        met &= not arguments.replies or _report_large(arguments.replies, Path(scratch))
    print(f"{os.cpu_count()} cores; CPU is that of the process, and of the one that commits")
    return 0 if met else 1


@dataclass(frozen=True)
class _Course:
    """What every run has in common."""

    url: str
    server: psutil.Process
    requests: int
    scratch: Path

    def pair(self, in_flight: int, number: int) -> tuple[Run, Run]:
        """Run without the ledger and with it, which of them first alternates; again if others were busy."""
        for tried in range(TRIES_PER_PAIR):
            folder = self.scratch / f"{in_flight}-{number}-{tried}"
            order = (None, folder) if number % 2 == 0 else (folder, None)
            runs = {kept: self._run(in_flight, kept) for kept in order}
            bare, stored = runs[None], runs[folder]
            foreign = max(bare.foreign_cores, stored.foreign_cores)
            ratio = stored.rows_per_second / bare.rows_per_second
            rates = f"{bare.rows_per_second:>6.0f} rows/s, with the ledger {stored.rows_per_second:>6.0f}, ratio {ratio:.2f}"
            print(f"  {in_flight:>4} in flight: {rates}, others took {foreign:.2f} cores", flush=True)
            if foreign <= FOREIGN_CORES:
                break
        return bare, stored

    def _run(self, in_flight: int, folder: Path | None) -> Run:
        gc.collect()
        foreign = self._busy_elsewhere()
        cpu, wall = _cpu_seconds(), time.perf_counter()
        if folder:
            asyncio.run(_stored(self.url, self.requests, in_flight, folder))
        else:
            asyncio.run(_asked(self.url, self.requests, in_flight))
        wall, cpu = time.perf_counter() - wall, _cpu_seconds() - cpu
        foreign_cores = max(0.0, self._busy_elsewhere() - foreign) / wall
        size = sum(file.stat().st_size for file in folder.rglob("*")) if folder else 0
        return Run(self.requests / wall, cpu / self.requests * 1000, foreign_cores, size / self.requests)

    def _busy_elsewhere(self) -> float:
        """Return the CPU seconds that all other processes have taken so far."""
        times, used = psutil.cpu_times(), self.server.cpu_times()
        return float(times.user + times.nice + times.system - used.user - used.system - _cpu_seconds())


def _cpu_seconds() -> float:
    """Return what this process has used so far, and those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


async def _asked(url: str, requests: int, in_flight: int) -> None:
    """Send every body and read its reply: what both runs have in common, and all that one of them does."""
    todo = bodies(requests)

    async def slot(session: aiohttp.ClientSession) -> None:
        for body in todo:
            await _reply(session, url, canonical(body))

    async with _session() as session:
        await asyncio.gather(*(slot(session) for _ in range(in_flight)))


async def _stored(url: str, requests: int, in_flight: int, folder: Path) -> None:
    """Do as `_asked` does, through the ledger; over when every reply is on disk."""
    todo = bodies(requests)

    async def slot(session: aiohttp.ClientSession, ledger: Ledger) -> None:
        for body in todo:
            sent = canonical(body)
            key = hashlib.sha256(sent).hexdigest()
            if await ledger.claim(key) is None:
                reply = await _reply(session, url, sent)
                usage, choice = reply["usage"], reply["choices"][0]
                tokens = [usage["prompt_tokens"], usage["completion_tokens"]]
                message = {"content": choice["message"]["content"], "finish_reason": choice["finish_reason"], "tokens": tokens}
                entry = Entry(_ABOUT, canonical([f"benchmark:{key[:16]}", 0, body["seed"]]), canonical(message))
                ledger.put(key, entry, Paid(tokens[0], tokens[1], 0.0))

    with Ledger(folder / "replies.sqlite") as ledger:
        async with _session() as session:
            await asyncio.gather(*(slot(session, ledger) for _ in range(in_flight)))


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers={"Content-Type": "application/json"})


async def _reply(session: aiohttp.ClientSession, url: str, sent: bytes) -> Any:  # noqa: ANN401  (JSON)
    async with session.post(f"{url}/chat/completions", data=sent) as response:
        return orjson.loads(await response.read())


def _report(in_flight: int, requests: int, pairs: list[tuple[Run, Run]]) -> bool:
    ratios = [stored.rows_per_second / bare.rows_per_second for bare, stored in pairs]
    ratio = statistics.median(ratios)
    bare_ms, stored_ms = (statistics.median(run.cpu_ms for run in runs) for runs in zip(*pairs, strict=True))
    cost_ms = statistics.median(stored.cpu_ms - bare.cpu_ms for bare, stored in pairs)
    size = statistics.median(stored.bytes for _, stored in pairs)
    print(f"{requests} requests, {in_flight} in flight, median of {len(pairs)} pairs")
    print(f"  rows/s with the ledger / without {ratio:>8.2f}  [{min(ratios):.2f}-{max(ratios):.2f}]  goal >= {GOALS['ratio']}")
    print(f"  CPU ms/row without, with         {bare_ms:>8.3f}  {stored_ms:.3f}")
    print(f"  CPU ms/row of the ledger         {cost_ms:>8.3f}  goal <= {GOALS['cpu_ms']}")
    print(f"  bytes/reply, all files           {size:>8.0f}  goal <= {GOALS['bytes']:.0f}", flush=True)
    return ratio >= GOALS["ratio"] and cost_ms <= GOALS["cpu_ms"] and size <= GOALS["bytes"]


def _report_large(replies: int, folder: Path) -> bool:
    path = folder / "replies.sqlite"
    cpu = _cpu_seconds()
    cpu_texts = asyncio.run(_fill(path, replies))
    cpu_ms = (_cpu_seconds() - cpu - cpu_texts) / replies * 1000
    size = sum(file.stat().st_size for file in folder.rglob("*")) / replies
    opens = [_seconds_to_open(path, _key(replies * place // 8)) * 1000 for place in range(1, 8)]
    open_ms = statistics.median(opens)
    print(f"a ledger of {replies} replies")
    print(f"  CPU ms/reply, claim to merge     {cpu_ms:>8.3f}  goal <= {GOALS['cpu_ms']}")
    print(f"  bytes/reply, all files           {size:>8.0f}  goal <= {GOALS['bytes']:.0f}")
    limits = f"[{min(opens):.0f}-{max(opens):.0f}]"
    print(f"  ms to open and find a reply      {open_ms:>8.1f}  {limits}  goal <= {GOALS['open_ms']:.0f}")
    return cpu_ms <= GOALS["cpu_ms"] and size <= GOALS["bytes"] and open_ms <= GOALS["open_ms"]


async def _fill(path: Path, replies: int) -> float:
    """Claim and put replies like those of the server; return the CPU seconds that making them took."""
    began = time.thread_time()
    texts = Texts(75)
    seconds = time.thread_time() - began
    with Ledger(path) as ledger:
        for start in range(0, replies, 1000):
            began = time.thread_time()
            entries = {}
            for number in range(start, min(start + 1000, replies)):
                key = _key(number)
                usage = {"completion_tokens": 100, "prompt_tokens": 100 + number % 50, "total_tokens": 200 + number % 50}
                message = b'{"content":%b,"finish_reason":"stop","usage":%b}' % (texts.of(key.encode()), canonical(usage))
                entries[key] = Entry(_ABOUT, canonical([f"benchmark:{key[:16]}", 0, number]), message)
            seconds += time.thread_time() - began
            for key, entry in entries.items():
                if await ledger.claim(key) is None:
                    ledger.put(key, entry, Paid(100, 100, 0.0))
            await asyncio.sleep(0)  # a loop that never waits would never hear that a group is on disk
    return seconds


def _key(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


def _seconds_to_open(path: Path, key: str) -> float:
    command = [sys.executable, "-c", _OPEN, str(path), key]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
