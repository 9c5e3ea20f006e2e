"""Four servers that answer for one role, of which one dies and one is four times slower: throughput beside the ideal split.

    python -m benchmarks.servers [--rows 6000] [--slots 16] [--latency 0.1]

Each server on the loopback answers `slots` requests at once, each in `latency` seconds: that is what it can do. The ideal split
gives every server as much as it can do until the last row; one of them dies (kill -9) after a fifth of the time that all of it
would take. Printed are the throughput as a share of that, and what was lost, doubled and sent again; exit code 1 where the
share is under 0.85 or a row is lost or doubled.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.loopback import serving
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers.api import Request, chat
from builders.teachers.staff import Staff

GOAL = 0.85
SLOWER = 4
DIES_AFTER = 0.2
_SAMPLING = Sampling(temperature=0.6, top_p=1.0, max_tokens=100)
_ROLE = Role(
    model="loopback", revision=None, server="farm", api="chat", engine=None, sampling=_SAMPLING, prices=None, repairs=0
)


@dataclass
class _Came:
    """What came of a run: seconds from the first request to the last reply and until the death, replies, attempts."""

    seconds: float = 0.0
    died_after_seconds: float = 0.0
    replies: int = 0
    attempts: int = 0


def main() -> int:
    """Print what was measured beside the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6000, help="rows that are asked about")
    parser.add_argument("--slots", type=int, default=16, help="requests that a server answers at once")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds from request to reply")
    arguments = parser.parse_args()
    fast = arguments.slots / arguments.latency
    dies_after = DIES_AFTER * arguments.rows / (fast * (3 + 1 / SLOWER))
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        ledger = Path(scratch) / "replies.sqlite"
        urls = [stack.enter_context(serving("--latency", str(arguments.latency * times))) for times in (1, 1, 1, SLOWER)]
        first, *_ = sorted(psutil.Process().children(), key=lambda child: child.create_time())
        os.environ |= {"BUILDERS_TEACHER_URL": ",".join(urls), "BUILDERS_CONCURRENCY": str(arguments.slots)}
        os.environ["BUILDERS_LEDGER"] = str(ledger)
        came = asyncio.run(_asked(arguments.rows, first, dies_after))
        with Ledger(ledger, read_only=True) as opened:
            kept = len({entry.own for _, entry in opened.entries()})
    ideal_seconds = (arguments.rows - fast * came.died_after_seconds) / (fast * (2 + 1 / SLOWER))
    share = ideal_seconds / came.seconds
    lost, doubled = arguments.rows - kept, came.replies - kept
    print(f"{arguments.rows} rows, four servers of {fast:.0f} rows/s, one {SLOWER} times slower, one killed", end=" ")
    print(f"after {came.died_after_seconds:.1f} s")
    print(f"  rows/s {arguments.rows / came.seconds:>10.0f}  in {came.seconds:.1f} s; ideal split {ideal_seconds:.1f} s")
    print(f"  share  {share:>10.2f}  goal >= {GOAL}")
    print(f"  lost   {lost:>10}  doubled {doubled}, sent again {came.attempts - came.replies}")
    return 0 if share >= GOAL and not lost and not doubled else 1


async def _asked(rows: int, mortal: psutil.Process, dies_after: float) -> _Came:
    """Ask about every row, and kill a server in the midst of it."""
    came, numbers = _Came(), iter(range(rows))
    async with Staff("benchmark", "sample", "endpoint", {"teacher": _ROLE}) as staff:
        await staff.teacher("teacher").identity()
        began = time.perf_counter()

        async def kill() -> None:
            await asyncio.sleep(dies_after)
            mortal.kill()
            came.died_after_seconds = time.perf_counter() - began

        async def slot(left: Iterator[int]) -> None:
            for number in left:
                await staff.teacher("teacher").ask(_request(number))

        tasks = int(2 * staff.slots)
        await asyncio.gather(kill(), *(slot(numbers) for _ in range(tasks)))
        came.seconds = time.perf_counter() - began
        came.replies = staff.tallies["teacher"].answered
        came.attempts = sum(connection.attempts for connection in staff.connections)
    return came


def _request(number: int) -> Request:
    body = chat(_ROLE, [{"role": "user", "content": f"Question {number}: how many apples are left?"}], seed=number)
    return Request("synthesize", "teacher", f"benchmark:{number:016x}", 0, body)


if __name__ == "__main__":
    sys.exit(main())
