"""Labelling over HTTP: how close to a bare loop it comes, and whether prefixes of one solution are asked next to each other.

    python -m benchmarks.labelling_rate [--problems 60] [--pairs 3] [--in-flight 64] [--latency 0.02 0.2 1]

The synthesize stage of `dualmath` asks a server about engine problems: solutions, then their continuations, each chosen by
what is known so far. First the noisy solver answers, and its replies are noted. Then a fast server repeats them, in so many
seconds each, to the stage with a fresh ledger and to a bare loop (aiohttp and orjson) that sends the same requests in the same
order and decides nothing. Adjacent pairs: the stage's requests a second over the loop's. The loop never waits for a reply
before it knows the next request; the stage does, for each continuation.

Adjacency: how many other requests come between two about one problem, in the order of the stage and in a random one, medians;
and the share of all prompts' blocks that vLLM's kind of prefix cache would have had (blocks of 16 tokens, taken for 64
characters, the least recently used dropped), with room for the blocks of four times as many requests as are in flight.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

from benchmarks import bare, loopback
from benchmarks.orchestration import requested
from builders import shards
from builders.records import canonical
from tests.doubles.teacher import Received, serving
from tests.families.dualmath.solving import FAMILY, HABITS, engine_problems, prepared, script
from tests.harness import Workspace

GOAL = 0.7
SAMPLES, LABELLED = 16, {"wrong": 16, "right": 5}
"""As the paper has them."""
BLOCK_CHARACTERS = 64
ROOM_REQUESTS = 4
"""How many requests' blocks the cache has room for, beside those in flight."""
RECOVERS = 0.02
"""How often a dead solution still ends with the right answer, as in the main world of `process_labels`."""


class Recorded(NamedTuple):
    """What the stage asked, in order, and what it was answered."""

    bodies: Sequence[dict[str, Any]]
    replies: dict[str, str]


def workspace(folder: Path, problems: int) -> Workspace:
    """Make a copy of the project in which collect has found so many problems, to be solved by a server."""
    made = prepared(Workspace.make(folder, FAMILY), problems=problems)
    with made.params(FAMILY) as params:
        chosen = params["sample"]["synthesize"]
        chosen |= {"samples": SAMPLES, "pilot": 0.0, "labelled": LABELLED}
        chosen["roles"]["policy"]["model"] = "loopback"
    made.quick("collect", family=FAMILY)
    return made


def recorded(folder: Path, problems: int, in_flight: int) -> Recorded:
    """Run the stage against the noisy solver."""
    answer = script(engine_problems(), HABITS.model_copy(update={"recovers": RECOVERS}))
    replies: dict[str, str] = {}

    def noting(request: Received) -> Any:  # noqa: ANN401  (what a script returns)
        said = answer(request)
        replies[digest(canonical(request.body))] = said.text or ""
        return said

    made = workspace(folder, problems)
    with serving(noting) as server:
        run(made, server.url, in_flight)
        return Recorded([asked.body for asked in server.asked], replies)


def run(made: Workspace, url: str, in_flight: int) -> None:
    """Run the stage, in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = made.environment(BUILDERS_TEACHER_URL=url, BUILDERS_CONCURRENCY=str(in_flight))
    command = [sys.executable, "-m", "builders", "synthesize", FAMILY]
    subprocess.run(command, cwd=made.root, env=environment, stdout=subprocess.DEVNULL, check=True)


def digest(body: bytes) -> str:
    """Return what a request's reply is known by."""
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def stage_rate(made: Workspace, url: str, in_flight: int) -> float:
    """Return how many requests a second the stage sends, from the first to the moment its rows are on disk."""
    run(made, url, in_flight)
    counts = requested(url)
    ended = shards.files(made.root / "processed" / FAMILY / "synthesize/rows/bel")[-1].stat().st_mtime
    return float(counts["requests"] / (ended - counts["first_seconds"]))


def blocks(body: dict[str, Any]) -> list[bytes]:
    """Return the blocks of a prompt, each named by all that stands before its end."""
    text = str(body["messages"][-1]["content"]).encode()
    ends = range(BLOCK_CHARACTERS, len(text) + 1, BLOCK_CHARACTERS)
    return [hashlib.blake2b(text[:end], digest_size=8).digest() for end in ends]


def between(bodies: Sequence[dict[str, Any]]) -> float:
    """Return the median of how many other requests come between two about one problem."""
    last: dict[str, int] = {}
    gaps = []
    for place, body in enumerate(bodies):
        problem = str(body["messages"][-1]["content"]).partition("<END PROBLEM>")[0]
        if problem in last:
            gaps.append(place - last[problem] - 1)
        last[problem] = place
    return statistics.median(gaps)


def cached(prompts: Iterable[list[bytes]], room: int | None) -> float:
    """Return the share of all blocks that a cache with room for so many has when they come."""
    cache: OrderedDict[bytes, None] = OrderedDict()
    found = total = 0
    for prompt in prompts:
        for block in prompt:
            total += 1
            found += block in cache
            cache[block] = None
            cache.move_to_end(block)
        while room is not None and len(cache) > room:
            cache.popitem(last=False)
    return found / total


def main() -> int:
    """Print what was measured; exit code 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--latency", type=float, nargs="+", default=[0.02, 0.2, 1.0])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = recorded(folder / "recorded", options.problems, options.in_flight)
        (folder / "replies.json").write_bytes(orjson.dumps(found.replies))
        continued = sum("<BEGIN SOLUTION>" in str(body["messages"][-1]["content"]) for body in found.bodies)
        print(f"{options.problems} problems, {len(found.bodies)} requests, {continued} of them continuations")
        _print_adjacency(found.bodies, options.in_flight)
        ratios = [_ratio(folder, found.bodies, latency, options) for latency in options.latency]
    return int(max(ratios) < GOAL)


def _print_adjacency(bodies: Sequence[dict[str, Any]], in_flight: int) -> None:
    mixed = list(bodies)
    Random(0).shuffle(mixed)  # noqa: S311  (an order to compare with)
    room = round(ROOM_REQUESTS * in_flight * statistics.mean(len(blocks(body)) for body in bodies))
    print(f"  others between two requests about one problem: {between(bodies):.0f}, in a random order {between(mixed):.0f}")
    shares = [cached(map(blocks, some), chosen) for some, chosen in ((bodies, room), (mixed, room), (bodies, None))]
    print("  blocks that a prefix cache has: {:.3f}, in a random order {:.3f}, with room for all {:.3f}".format(*shares))


def _ratio(folder: Path, bodies: Sequence[dict[str, Any]], latency: float, options: argparse.Namespace) -> float:
    serving_ = ("--latency", str(latency), "--replies", str(folder / "replies.json"))
    ratios, rates = [], []
    for number in range(options.pairs):
        made = workspace(folder / f"{latency}-{number}", options.problems)
        with loopback.serving(*serving_) as url:
            rates.append(bare.rate(url, bodies, options.in_flight).rows_per_second)
        with loopback.serving(*serving_) as url:
            ratios.append(stage_rate(made, url, options.in_flight) / rates[-1])
    ratio = statistics.median(ratios)
    spread = f"[{min(ratios):.2f}-{max(ratios):.2f}]"
    loop = f"bare loop {statistics.median(rates):,.0f} requests/s"
    print(f"  replies after {latency} s: {loop}, the stage {ratio:.2f} of it {spread}", flush=True)
    return ratio


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    sys.exit(main())
