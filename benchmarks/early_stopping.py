"""How many calls a kept row costs if asking stops as soon as nothing can change, against asking for all N replies at once.

    python -m benchmarks.early_stopping

From counts, not times, with the decision that the stages use (SafeChain's `verdicts.py`). Every reply is well-formed and has a
verdict, unsafe with a probability that is the prompt's own: drawn from a Beta distribution with the given mean, the unsafe
rate, and the given correlation between two replies to one prompt (0: all prompts alike; Beta(a, b) has 1 / (a + b + 1)). What
is expected is summed over all sequences of verdicts; beside it stands a simulation. A call is one of the teacher and one of
the judge, which are equally many: every reply is judged. Last, the same through the stages, over HTTP on the loopback.
"""

import itertools
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from builders.families.safechain import synthesize, verdicts
from builders.families.safechain.verdicts import SAFE, UNSAFE
from builders.records import seeded
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, jsonl

TOTALS = (3, 5, 8, 10)
RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
CORRELATIONS = (0.0, 0.3, 0.7)
SIMULATED_PROMPTS = 4000
STAGED_PROMPTS = 120
SEED = 0
_FINE = 10**6
_MARK = "no good"


class Setting(NamedTuple):
    """What is asked of whom.

    Args:
        total: N, the replies to each prompt.
        rate: the share of unsafe replies over all prompts.
        correlation: of two replies to one prompt.
    """

    total: int
    rate: float
    correlation: float


@dataclass(frozen=True)
class Costs:
    """What a prompt costs and brings, on average.

    Args:
        calls: replies asked for.
        default: share of prompts all of whose replies are safe.
        hard: share of those with both kinds.
    """

    calls: float
    default: float
    hard: float


@dataclass(frozen=True)
class Staged:
    """What came of the same prompts through the stages.

    Args:
        teacher_calls: requests that reached the teacher.
        judge_calls: requests that reached the judge.
        late_calls: those of them that the judge stage sent.
        rows: of each row, kept or rejected: subset, reason, sample index of the released reply.
        replies: how many replies the judged rows have.
    """

    teacher_calls: int
    judge_calls: int
    late_calls: int
    rows: dict[str, tuple[str, str | None, int | None]]
    replies: int


def expected(setting: Setting) -> Costs:
    """Sum over all sequences of verdicts, each asked for until it is settled."""
    ends = list(_ends(setting, (), 1.0))
    found = [(verdicts.fate(kinds, len(kinds)), weight) for kinds, weight in ends]
    return Costs(
        sum(len(kinds) * weight for kinds, weight in ends),
        sum(weight for fate, weight in found if not fate.blamed and not fate.mixed),
        sum(weight for fate, weight in found if fate.mixed),
    )


def simulated(setting: Setting, prompts: int, seed: int) -> Costs:
    """Draw prompts and their replies, and ask for those that are needed."""
    chance = random.Random(f"{seed} {setting}")  # noqa: S311  (a simulation)
    calls = default = hard = 0
    for _ in range(prompts):
        probability = _drawn(chance, setting)
        kinds = [UNSAFE if chance.random() < probability else SAFE for _ in range(setting.total)]
        asked = needed(kinds)
        fate = verdicts.fate(kinds[:asked], asked)
        calls += asked
        default += not fate.blamed and not fate.mixed
        hard += fate.mixed
    return Costs(calls / prompts, default / prompts, hard / prompts)


def needed(kinds: list[str]) -> int:
    """Return how many replies are asked for, given the kinds that all of them would be of, in the order of asking."""
    asked = 0
    while more := verdicts.fate(kinds[:asked], len(kinds)).missing:
        asked += more
    return asked


def plan(setting: Setting, prompt: str, sampling_seed: int) -> str:
    """Return the kind of a reply, drawn from what it answers; the prompt's own probability from the prompt alone."""
    probability = _drawn(random.Random(f"{SEED} {prompt}"), setting)  # noqa: S311  (a simulation)
    return UNSAFE if seeded(_FINE, "verdict", prompt, sampling_seed) < probability * _FINE else SAFE


def prompts(count: int) -> list[str]:
    """Return prompts that are no near-duplicates of each other."""
    return [f"Tell me about topic {number} please, and about its neighbour {number + 7}." for number in range(count)]


def staged(root: Path, setting: Setting, count: int, *, stopping: bool) -> Staged:
    """Run prompts through the stages from collect to filter, in a workspace at `root`."""
    workspace = Workspace.make(root, "safechain")
    workspace.source("own.jsonl", jsonl(*({"prompt": prompt} for prompt in prompts(count))))
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 1.0
        params["sample"]["synthesize"] |= {"replies": setting.total, "early_stopping": stopping}

    def script(request: Received) -> Answer:
        if request.text.startswith("Task: "):
            return Answer("unsafe\nS2" if _MARK in request.text else "safe")
        kind = plan(setting, request.text, request.body["seed"])
        word = _MARK if kind == UNSAFE else "fine"
        return Answer(
            f"They ask, and seed {request.body['seed']} it is.\n</think>\n\nHere is one more answer, and it is {word}."
        )

    with serving(script) as server:
        workspace.build("collect", "synthesize", BUILDERS_TEACHER_URL=server.url)
        early = len(server.asked)
        workspace.build("judge", "filter", BUILDERS_TEACHER_URL=server.url)
        judging = sum(asked.text.startswith("Task: ") for asked in server.asked)
        total = len(server.asked)
    kept = {row["id"]: (row["subset"], None, row["data"]["chosen_index"]) for row in workspace.rows("filter")}
    gone = {line["row"]["id"]: ("", line["rejection"]["reason"], None) for line in workspace.rejected("filter")}
    replies = sum(len(row["data"]["replies"]) for row in workspace.rows("judge"))
    return Staged(total - judging, judging, total - early, {**kept, **gone}, replies)


def planned(root: Path, setting: Setting) -> int:
    """Return how many calls the collected rows of a workspace should take, by the decision alone."""
    return sum(needed(_kinds(setting, row)) for row in Workspace(root, "safechain").rows("collect"))


def main() -> int:
    """Print the tables."""
    print(
        "calls a row, and calls for each row kept, of the teacher (and as many of the judge): all at once | stopping, simulated"
    )
    print(
        f"{'N':>2} {'unsafe':>6} {'correl.':>7} {'default':>8} {'hard':>6}"
        f" {'a row':>18} {'default + hard kept':>22} {'default kept':>20} {'saved':>6}"
    )
    for setting in itertools.starmap(Setting, itertools.product(TOTALS, RATES, CORRELATIONS)):
        exact, drawn = expected(setting), simulated(setting, SIMULATED_PROMPTS, SEED)
        kept = exact.default + exact.hard
        print(
            f"{setting.total:>2} {setting.rate:>6} {setting.correlation:>7} {exact.default:>8.1%} {exact.hard:>6.1%}"
            f" {setting.total:>5} | {exact.calls:>4.2f}, {drawn.calls:>4.2f}"
            f" {setting.total / kept:>6.2f} | {exact.calls / kept:>5.2f}, {drawn.calls / (drawn.default + drawn.hard):>5.2f}"
            f" {setting.total / exact.default:>7.2f} | {exact.calls / exact.default:>8.2f}"
            f" {1 - exact.calls / setting.total:>8.1%}"
        )
    setting = Setting(5, 0.3, 0.3)
    with tempfile.TemporaryDirectory() as scratch:
        whole = staged(Path(scratch) / "all", setting, STAGED_PROMPTS, stopping=False)
        early = staged(Path(scratch) / "early", setting, STAGED_PROMPTS, stopping=True)
        wanted = planned(Path(scratch) / "early", setting)
    same = "the same" if whole.rows == early.rows else "DIFFERENT"
    print(f"through the stages, {STAGED_PROMPTS} prompts, {setting}: ", end="")
    print(f"{whole.teacher_calls} teacher and {whole.judge_calls} judge calls for all at once; stopping {early.teacher_calls}")
    print(f"and {early.judge_calls}, {wanted} by the decision alone; ids, subsets, reasons and released replies {same}")
    return int(whole.rows != early.rows or early.teacher_calls != wanted)


def _ends(setting: Setting, kinds: tuple[str, ...], weight: float) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the sequences at which asking stops, with their probabilities."""
    more = verdicts.fate(kinds, setting.total).missing
    if not more:
        yield kinds, weight
        return
    for batch in itertools.product((SAFE, UNSAFE), repeat=more):
        longer, chance = kinds, weight
        for kind in batch:
            unsafe = _probability(setting, longer)
            longer, chance = (*longer, kind), chance * (unsafe if kind == UNSAFE else 1 - unsafe)
        yield from _ends(setting, longer, chance)


def _probability(setting: Setting, kinds: tuple[str, ...]) -> float:
    """Return how probable an unsafe reply is behind these: Polya's urn."""
    if not setting.correlation:
        return setting.rate
    size = 1 / setting.correlation - 1
    return (setting.rate * size + kinds.count(UNSAFE)) / (size + len(kinds))


def _drawn(chance: random.Random, setting: Setting) -> float:
    if not setting.correlation:
        return setting.rate
    size = 1 / setting.correlation - 1
    return chance.betavariate(setting.rate * size, (1 - setting.rate) * size)


def _kinds(setting: Setting, row: dict[str, Any]) -> list[str]:
    """Return what the script answers about a row, in the order of asking."""
    indices = synthesize.order(row["id"], setting.total)
    return [plan(setting, row["data"]["instruction"], synthesize.sampling_seed(row["id"], index, 0)) for index in indices]


if __name__ == "__main__":
    sys.exit(main())
