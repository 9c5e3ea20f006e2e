"""The recipes of three full profiles, in figures: what steering, replacing, drawing and reading choices are good for.

    python -m benchmarks.recipes
    TRACEWRIGHT_DATA=<folder> python -m benchmarks.recipes --choices

The first needs no data. Questions: a model that knows 180 questions about a topic, some of which come to its mind more often,
and heeds those that a request names nineteen times in twenty, is asked for 480, steered and not; how many different ones come.
Malformed replies: of 500 requests with five replies each, 3.4 % of which are cut off or malformed, how many are lost for the
form, with further candidates and without. Drawing: how many requests it takes until 40,000 got five safe replies, by the share
that does, for the paper's own figures of its teacher among others.

The second reads real problems with choices as MMathCoT's collect does: how many answers are a letter, and for how many of those
the choices are options. 788 problems of MathVerse have their choices in the text, 254 of AQuA and 3,018 of MMLU lists. Four
sets came after the rules, and nothing in these was changed for them: 1,273 problems of MedQA with mappings, 600 of ProofWriter
with labels in lists, 420 of MATH-V, and 10 of Geometry3K.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import chdir
from pathlib import Path

from builders.families.emergent_misalignment import synthesize as questions
from builders.families.emergent_misalignment.synthesize import Params as Questions
from builders.families.mmathcot import wording
from builders.families.safechain import filter as filtering
from builders.families.safechain import synthesize as answers
from builders.families.safechain.synthesize import Params as Answers
from builders.jobs import Job
from builders.params import loading
from builders.records import Record, seeded
from builders.sources import choices
from builders.stages import synthesize
from builders.teachers.api import Reply, Request
from builders.work import Answer
from tests.doubles.knower import KNOWN, Knower
from tests.harness import OWN, Workspace, waited

SEEDS = 10
REQUESTS, REPLIES, BAD_PERMILLE = 500, 5, 34
WANTED, DRAWN = 40_000, 50_000
RATES = {
    "the paper's, on WildJailbreak (Safe@5 of R1-70B)": 0.52,
    "the paper's, on StrongReject": 0.333,
    "needed if 50,000 are drawn": WANTED / DRAWN,
}
_LETTERS = frozenset("ABCDEFGHIJ")


def distinct_questions(steered: bool) -> list[int]:  # noqa: FBT001
    """Return for each seed how many different questions a model tells."""
    params = loading.load("emergent_misalignment").synthesize
    assert isinstance(params, Questions)  # noqa: S101  (the family's own section)
    if not steered:
        params = params.model_copy(update={"steering": None})
    loaded = loading.load("emergent_misalignment")._replace(synthesize=params)
    spawning = questions.STAGE.spawning
    assert spawning  # noqa: S101  (topics become questions)
    plan = synthesize.spawn(Job("emergent_misalignment", "synthesize", "legal", loaded), spawning)
    found = []
    for seed in range(SEEDS):
        topic = Record(f"emergent_misalignment:{seed:016x}", "legal", None, OWN, {"prompt": "renting a flat", "kind": "topic"})
        rows = waited(plan.work(topic, plan.asks(topic), Knower(seed)))
        found.append(len({record.data["prompt"] for record, rejection in rows if rejection is None}))
    return found


class Careless:
    """A teacher of safe replies, some of which are malformed, by their sampling seed."""

    def __init__(self) -> None:
        """Count from nothing."""
        self.asked = self.bad = 0

    async def __call__(self, request: Request) -> Answer:
        """Return the reply that the seed decides."""
        self.asked += 1
        draw = seeded(1000, "malformed", request.body["seed"])
        if draw >= BAD_PERMILLE:
            return Reply(f"A thought.\n</think>\n\nAn answer, {request.index}.", "stop", f"{request.index:064x}")
        self.bad += 1
        return Reply("A thought that ends nowhere", "length" if draw % 2 else "stop", f"{request.index:064x}")

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return the replies in order."""
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""


def lost(candidates: int | None) -> tuple[int, Careless]:
    """Return how many requests are lost for the form of their replies, and who was asked."""
    params = loading.load("safechain").synthesize
    assert isinstance(params, Answers)  # noqa: S101  (the family's own section)
    params = params.model_copy(update={"candidates": candidates, "replies": REPLIES})
    judging, careless, gone = loading.load("safechain").judge, Careless(), 0
    work = answers.work(params, judging)  # type: ignore[arg-type]
    for number in range(REQUESTS):
        row = Record(f"safechain:{number:016x}", "default", None, OWN, {"instruction": f"Request {number}?", "label": None})
        [(record, why)] = waited(work(row, answers.requests(row, params), careless))
        safe = [{**reply, "verdict": "safe", "refusal": "none"} for reply in record.data["replies"]]
        gone += why is not None or filtering.unsound(record.having(replies=safe)) is not None
    return gone, careless


def drawing() -> Iterator[str]:
    """Yield how many requests it takes until enough were answered safely every time."""
    for name, rate in RATES.items():
        left, needed = round(rate * DRAWN), round(WANTED / rate)
        yield f"  {100 * rate:5.1f} % {name}: of {DRAWN:,} drawn {left:,} are left; {needed:,} to reach {WANTED:,}"


def problems(data: Path) -> Iterator[tuple[str, str, object, str]]:
    """Yield set, question, what is in a column of choices, and answer."""
    verse = json.loads((data / "multimodal/mathverse_text_only/testmini_text_only.json").read_text())
    yield from (("MathVerse", row["question"], None, row["answer"]) for row in verse)
    for line in (data / "math/aqua/dev.json").read_text().splitlines():
        row = json.loads(line)
        yield "AQuA", row["question"], row["options"], row["correct"]
    for line in (data / "math/mmlu_stem/test.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield (
            "MMLU",
            row["question"],
            row["choices"],
            "ABCD"[int(row["answer"])] if str(row["answer"]).isdigit() else row["answer"],
        )
    for line in (data / "medical/medqa_us/phrases_no_exclude_test.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield "MedQA", row["question"], row["options"], row["answer_idx"]
    for row in json.loads((data / "logic/proofwriter/dev.json").read_text()):
        yield "ProofWriter", row["question"], row["options"], row["answer"]
    for line in (data / "multimodal/math_vision/data.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield "MATH-V", row["question"], row["options"], row["answer"]
    for file in sorted((data / "multimodal/geometry3k").rglob("data.json")):
        row = json.loads(file.read_text())
        yield "Geometry3K", row["problem_text"], row["choices"], row["answer"]


def read(data: Path) -> dict[str, Counter[str]]:
    """Return by set how many problems have a letter as answer, with choices, and how many are rejected as unread."""
    found: dict[str, Counter[str]] = {}
    for name, question, given, answer in problems(data):
        one = choices.problem(wording.plain(question), given, wording.answer(str(answer)))
        counts = found.setdefault(name, Counter())
        counts["problems"] += 1
        counts["unread, rejected"] += one.unread is not None
        if one.unread is None and one.answer.strip() in _LETTERS:
            counts["a letter with its choices" if one.options else "a letter without choices"] += 1
    return found


def main() -> int:
    """Print the figures; return 1 where one is not what it should be."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--choices", action="store_true", help="read real problems with choices")
    if asked.parse_args().choices:
        if not (folder := os.environ.get("TRACEWRIGHT_DATA")):
            print("TRACEWRIGHT_DATA is not set: point it to the folder that holds math/, medical/ and logic/", file=sys.stderr)
            return 2
        counted = read(Path(folder).absolute())
        for name, counts in counted.items():
            print(f"{name}: {dict(counts)}")
        return int(any(counts["a letter without choices"] for counts in counted.values()))
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace.make(Path(scratch) / "project", "safechain")
        workspace.project(profile="full")
        with chdir(workspace.root):
            return _simulated()


def _simulated() -> int:
    steered, alike = distinct_questions(steered=True), distinct_questions(steered=False)
    print(f"questions: {KNOWN} known, 480 asked for, over {SEEDS} topics")
    print(f"  steered apart: {min(steered)} to {max(steered)} different ones, {sum(steered) / SEEDS:.1f} on average")
    print(f"  all alike:     {min(alike)} to {max(alike)} different ones, {sum(alike) / SEEDS:.1f} on average")
    print(f"malformed replies: {BAD_PERMILLE / 10} % of them, {REQUESTS} requests with {REPLIES} replies each")
    kept = []
    for candidates in (None, 10):
        gone, who = lost(candidates)
        kept.append(gone)
        asked = f"{who.asked:,} replies asked for, {who.bad} malformed"
        print(f"  candidates {candidates}: {gone} requests lost ({gone / REQUESTS:.1%}), {asked}")
    print(f"drawing until {WANTED:,} are safe five times in a row, by the share of requests that are")
    print("\n".join(drawing()))
    return int(min(steered) < 170 or kept[1] > 0)  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
