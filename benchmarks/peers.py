"""The same prompts through today's tools, beside the bare loop.

    python -m benchmarks.peers [--rows 5000] [--pairs 1] [--in-flight 64 256] [--environments <folder>]

Every tool runs in an environment of its own, on the newest dependencies that pip gives it, with the settings that
`benchmarks/drivers/<tool>.py` explains: the concurrency asked for, whatever makes it survive a crash switched on, its limits
raised, its chatter off. A run counts only if a reply to every prompt came out. The tools write to the temporary folder; put
TMPDIR on a real disk, for some wait for it after each row.
"""

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks import bare, environments, loopback
from benchmarks.bare import Rate

LIMIT_SECONDS = 1800.0
_ROOT = Path(__file__).parent.parent


class Peer(NamedTuple):
    """A tool and what it needs.

    Args:
        driver: its module in `benchmarks/drivers/`.
        packages: what its environment holds, beside what the drivers themselves use.
        variables: its environment variables.
    """

    driver: str
    packages: list[str]
    variables: dict[str, str]


PEERS = {
    # it fails to import without requests, which it does not declare; at its own level it logs every request
    "distilabel 1.5.3": Peer("distilabel", ["distilabel[openai]==1.5.3", "requests"], {"DISTILABEL_LOG_LEVEL": "WARNING"}),
    "curator 0.1.31": Peer(
        "curator", ["bespokelabs-curator==0.1.31"], {"TELEMETRY_ENABLED": "false", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    ),
    # its extra [inference] asks for vllm and sglang, which an endpoint does not need
    "datatrove 0.10.1": Peer(
        "datatrove", ["datatrove[io]==0.10.1", "aiofiles", "aiosqlite", "httpx", "orjson", "xxhash<4"], {}
    ),
    "data-designer 0.9.6": Peer("data_designer", ["data-designer==0.9.6"], {"NEMO_TELEMETRY_ENABLED": "false"}),
}


def rate(name: str, url: str, prompts: Path, concurrency: int, folder: Path) -> Rate:
    """Ask about every prompt through a tool.

    Args:
        name: one of `PEERS`.
        url: base URL of the server.
        prompts: JSON Lines with `id` and `prompt`, no prompt twice.
        concurrency: most requests at once.
        folder: where environments are kept.

    Raises:
        RuntimeError: the tool cannot be installed, failed, took too long, or lost a row.
    """
    peer = PEERS[name]
    python = environments.python(folder, [*peer.packages, "psutil"])
    with tempfile.TemporaryDirectory() as scratch:
        arguments = [url, str(prompts.resolve()), str(concurrency), scratch]
        _run([str(python), "-m", f"benchmarks.drivers.{peer.driver}", *arguments], Path(scratch), peer.variables)
        timing = orjson.loads((Path(scratch) / "timing.json").read_bytes())
        asked = {line["prompt"] for line in map(orjson.loads, prompts.read_bytes().splitlines())}
        replies = [orjson.loads(line) for line in (Path(scratch) / "replies.jsonl").read_bytes().splitlines()]
    answered = Counter(line["prompt"] for line in replies if line["reply"])
    if answered != Counter(asked):
        raise RuntimeError(f"{len(asked)} prompts went in, replies to {len(answered)} came out in {len(replies)} rows")
    return Rate.of(len(asked), **timing)


def rates(url: str, prompts: Path, concurrency: int, folder: Path) -> dict[str, Rate]:
    """Ask about every prompt through each tool in turn.

    Args:
        url: base URL of the server.
        prompts: JSON Lines with `id` and `prompt`, no prompt twice.
        concurrency: most requests at once.
        folder: where environments are kept.

    Raises:
        RuntimeError: a tool cannot be installed, failed, took too long, or lost a row.
    """
    return {name: rate(name, url, prompts, concurrency, folder) for name in PEERS}


def write_prompts(path: Path, count: int) -> None:
    """Write the prompts of `loopback.bodies` as the tools read them."""
    with path.open("wb") as lines:
        for number, body in enumerate(loopback.bodies(count)):
            lines.write(orjson.dumps({"id": str(number), "prompt": body["messages"][0]["content"]}) + b"\n")


def main() -> int:
    """Print a line for each tool and concurrency."""
    arguments = _parsed()
    print(f"{'tool':<22}{'in flight':>10}{'rows/s':>9}{'CPU ms/row':>12}{'x bare loop':>13}{'CPU x':>8}")
    with loopback.serving() as url, tempfile.TemporaryDirectory() as scratch:
        prompts = Path(scratch) / "prompts.jsonl"
        write_prompts(prompts, arguments.rows)
        for concurrency in arguments.in_flight:
            for name in arguments.peers:
                print(f"{name:<22}{concurrency:>10}{_compared(name, url, prompts, concurrency, arguments)}", flush=True)
    print(f"{arguments.rows} prompts a run, medians of {arguments.pairs} pairs; wall is that of the user's call")
    return 0


def _compared(name: str, url: str, prompts: Path, concurrency: int, arguments: argparse.Namespace) -> str:
    pairs = []
    try:
        for _ in range(arguments.pairs):
            own = rate(name, url, prompts, concurrency, arguments.environments)
            pairs.append((own, bare.rate(url, loopback.bodies(arguments.rows), concurrency)))
    except RuntimeError as error:
        return f"  {error}"
    rows, cpu = (statistics.median(values) for values in zip(*(own for own, _ in pairs), strict=True))
    ratio = statistics.median(own.rows_per_second / yardstick.rows_per_second for own, yardstick in pairs)
    cpu_ratio = statistics.median(own.cpu_ms_per_row / yardstick.cpu_ms_per_row for own, yardstick in pairs)
    return f"{rows:>9.0f}{cpu:>12.2f}{ratio:>13.3f}{cpu_ratio:>8.1f}"


def _run(command: list[str], scratch: Path, variables: dict[str, str]) -> None:
    """Run a driver at home in a folder of its own; neither it nor what it started outlives the call."""
    home = scratch / "home"
    home.mkdir()
    own = {"HOME": str(home), "PYTHONPATH": str(_ROOT), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
    log = scratch / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env={**kept, **own, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"not done after {LIMIT_SECONDS:.0f} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if code:
        raise RuntimeError((log.read_text(errors="replace").strip().splitlines() or [f"exit code {code}"])[-1])


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000, help="prompts a run")
    parser.add_argument("--pairs", type=int, default=1, help="runs of each tool, each beside one of the bare loop")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=PEERS)
    parser.add_argument("--environments", type=Path, default=environments.CACHE)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
