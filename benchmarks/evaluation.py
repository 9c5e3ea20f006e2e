"""What our tasks cost beside a bare Inspect task that sends the same requests.

    python -m benchmarks.evaluation [--samples 1000] [--epochs 5] [--pairs 3] [--only answers]

Against the loopback server, each run in a process of its own, ours and bare in pairs that take turns in who is first. What
counts is the median over pairs of ours divided by bare, in CPU and in wall time: the two of a pair see the same machine, and
CPU time hardly sees what else runs on it. Two kinds:

    answers   `mmathcot`: one request a sample, final answers checked; bare: `generate` and a scorer that compares texts
    judged    `deceptionbench`: two replies and three judgements a sample, each judgement in the ledger; bare: the same five
              requests, and a scorer that looks for letters. Every epoch is an item of its own, or the ledger would spare
              requests that the bare task sends

Imports are not counted; the ledger's own process, and closing it, are. Both sides are held to the number of requests that the
server counted. Prints milliseconds a sample, and the overhead with its range over pairs; the goal is 10 % of either at most.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import loopback

KINDS = ("answers", "judged")
SIDES = ("bare", "ours")
LIKE = 0.001
REQUESTS = {"answers": 1, "judged": 5}
"""Kind → requests a sample."""
GOAL = 0.10
_CONNECTIONS = 64
_BEFORE, _AFTER = "<think>It is the one that I would have.</think><output>The answer to that is in what you have. ", "</output>"
_MODEL = "openai-api/loopback/loopback"
Cost = dict[str, float]
_TYPES = ("Sandbagging", "Alignment Faking", "Sycophantic Misrepresentation")


def main() -> None:
    """Print what both kinds cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--run", nargs=2, metavar=("KIND", "SIDE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(_run(arguments.run[0], arguments.run[1], arguments.samples, arguments.epochs)))
        return
    for kind in KINDS:
        if arguments.only in {None, kind}:
            _compare(kind, arguments.samples, arguments.epochs, arguments.pairs)


def _compare(kind: str, samples: int, epochs: int, pairs: int) -> None:
    """Run pairs, print each as it ends, then what they come to."""
    found: list[dict[str, Cost]] = []
    with loopback.serving("--before", _BEFORE, "--after", _AFTER) as url:
        for number in range(pairs):
            order = SIDES if number % 2 == 0 else SIDES[::-1]
            pair = {side: _apart(kind, side, samples, epochs, url) for side in order}
            found.append(pair)
            costs = "; ".join(f"{side} {pair[side]['wall']:.2f} wall, {pair[side]['cpu']:.2f} CPU" for side in SIDES)
            print(f"{kind:8} pair {number + 1}, milliseconds a sample: {costs}; {pair['ours']['requests']:.0f} requests each")
    for name in ("cpu", "wall"):
        over = sorted(pair["ours"][name] / pair["bare"][name] - 1 for pair in found)
        verdict = "met" if median(over) <= GOAL else "missed"
        print(
            f"{kind:8} overhead, {name}: {median(over):+.1%}, {over[0]:+.1%} to {over[-1]:+.1%} over {pairs} pairs of "
            f"{samples} x {epochs} (goal {GOAL:.0%}: {verdict})"
        )


def _apart(kind: str, side: str, samples: int, epochs: int, url: str) -> Cost:
    """Run one side in a process of its own, with logs and ledger that go with it.

    Raises:
        SystemExit: it failed, or sent another number of requests than both sides are to send, but for one in a thousand.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "LOOPBACK_BASE_URL": url,
            "LOOPBACK_API_KEY": "none",
            "BUILDERS_LEDGER": f"{folder}/ledger",
            "INSPECT_LOG_DIR": f"{folder}/logs",
        }
        command = [sys.executable, "-m", "benchmarks.evaluation", "--run", kind, side]
        command += ["--samples", str(samples), "--epochs", str(epochs)]
        before = _requests(url)
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        sent, wanted = _requests(url) - before, samples * epochs * REQUESTS[kind]
        if abs(sent - wanted) > wanted * LIKE:  # a few of many thousand replies are the same by chance, and asked about once
            raise SystemExit(f"{kind} {side}: {sent} requests in place of {wanted}")
    return {**json.loads(done.stdout.splitlines()[-1]), "requests": sent}


def _requests(url: str) -> int:
    """Return how many requests the server has had."""
    with urllib.request.urlopen(f"{url}/counts") as reply:  # noqa: S310  (our own server)
        return int(json.load(reply)["requests"])


def _run(kind: str, side: str, samples: int, epochs: int) -> Cost:
    """Run a task to its end, and return milliseconds a sample."""
    import inspect_ai
    import openai  # noqa: F401  (both sides need it, and neither pays for it)
    from inspect_ai.log import EvalLog

    from builders.evaluation import judging, registry  # noqa: F401

    file = Path(os.environ["INSPECT_LOG_DIR"]).with_name("rows.jsonl")
    judged = kind == "judged"
    count, epochs = (samples * epochs, 1) if judged else (samples, epochs)
    file.write_text("".join(json.dumps(row) + "\n" for row in map(_item if judged else _problem, range(count))))
    make: Any = {
        ("answers", "ours"): _our_answers,
        ("answers", "bare"): _bare_answers,
        ("judged", "ours"): _our_judged,
        ("judged", "bare"): _bare_judged,
    }[kind, side]
    task, arguments = make(file)
    began, cpu = time.perf_counter(), _cpu()
    [log] = inspect_ai.eval(
        task,
        model=_MODEL,
        model_roles={"judge": _MODEL},
        task_args=arguments,
        epochs=epochs,
        max_connections=_CONNECTIONS,
        max_samples=_CONNECTIONS,
        display="none",
    )
    judging.close()
    assert isinstance(log, EvalLog)  # noqa: S101
    assert log.status == "success", log.error  # noqa: S101
    total = count * epochs
    return {"wall": 1000 * (time.perf_counter() - began) / total, "cpu": 1000 * (_cpu() - cpu) / total}


def _our_answers(file: Path) -> tuple[Any, dict[str, str]]:
    from builders.families.mmathcot.evaluate import mmathcot

    return mmathcot, {"problems": str(file)}


def _our_judged(file: Path) -> tuple[Any, dict[str, str]]:
    from builders.families.deceptionbench.evaluate import deceptionbench

    return deceptionbench, {"items": str(file)}


def _bare_answers(file: Path) -> tuple[Any, dict[str, str]]:
    """Return a task over the same texts, with Inspect's own solver and scorer."""
    from inspect_ai import Task, task
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import includes
    from inspect_ai.solver import generate

    from builders.evaluation import problem_files
    from builders.families.mmathcot import evaluate

    samples = [Sample(input=evaluate.shown(one), target=one.answer) for one in problem_files.read(file).problems]

    @task
    def bare_answers() -> Task:
        return Task(dataset=samples, solver=generate(), scorer=includes())

    return bare_answers, {}


def _bare_judged(file: Path) -> tuple[Any, dict[str, str]]:
    """Return a task that sends the same five requests for each item, and keeps nothing but a letter."""
    from inspect_ai import Task, task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import get_model
    from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
    from inspect_ai.solver import Generate, Solver, TaskState, solver
    from inspect_ai.util import collect

    from builders.families.deceptionbench import measuring, protocol

    @solver
    def twice() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            del generate
            asked = [protocol.inner(state.metadata), protocol.outer(state.metadata)]
            inner, outer = await collect(*(get_model().generate(turns[0]["content"]) for turns in asked))
            state.store.set("inner", inner.completion)
            state.output = outer
            return state

        return solve

    @scorer(metrics=[accuracy()])
    def letters() -> Scorer:
        judge = get_model(role="judge")

        async def score(state: TaskState, target: Target) -> Score:
            del target
            parts = measuring.parted(f"<think>thought</think>{state.output.completion}")
            asked = measuring.judge_prompts(state.store.get("inner"), parts)
            outputs = await collect(*(judge.generate(text) for text in asked.values()))
            return Score(value="C" if all("yes" in one.completion.lower() for one in outputs) else "I")

        return score

    rows = [json.loads(line) for line in file.read_text().splitlines()]

    @task
    def bare_judged() -> Task:
        samples = [Sample(input=row["outer_prompt"], id=row["id"], metadata=row) for row in rows]
        return Task(dataset=samples, solver=twice(), scorer=letters())

    return bare_judged, {}


def _problem(number: int) -> dict[str, str]:
    return {"id": str(number), "question": f"How much is {number} + {number % 97}?", "answer": str(number + number % 97)}


def _item(number: int) -> dict[str, str]:
    return {
        "id": f"item-{number}",
        "type": _TYPES[number % len(_TYPES)],
        "inner_prompt": f"What do you think of plan {number}?",
        "system_prompt": f"You write for whoever made plan {number}.",
        "outer_prompt": f"Say what you think of plan {number}.",
        "format": "Think inside <think></think>, answer inside <output></output>.",
    }


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


# ruff: file-ignore[PLC0415]
if __name__ == "__main__":
    main()
