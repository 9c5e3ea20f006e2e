"""Errors that a model inserts into right solutions of real problems: a teacher that breaks each rule in known shares.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.inserting_teacher [--gsm8k 1000]

Subset `mie` of `dualmath` on GSM8K's problems with their solutions, and on MATH-V's with images and number answers; MATH-V has
no solutions, so short stand-ins are written, whose first step reads the figure. The teacher is a server that plants a fault by
the hash of the problem, and answers rightly otherwise. Printed: for each rule, how many replies broke it and how many were
rejected for it; exit code 1 where a reply has another fate than was planned.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson

from builders.families.dualmath import postchecks
from builders.problems import numbers
from builders.records import seeded
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, jsonl

FAMILY, POOL, GOOD = "dualmath", "mie", "none"
PERMILLE = {**dict.fromkeys(postchecks.CHECKS, 40), "no_reply": 20}
_PERMILLE = 1000
_PART = re.compile(r"<BEGIN (\w+(?: \w+)?)>\n(.*?)\n<END \1>", re.DOTALL)
_STEP = re.compile(r"^Step \d+: (.*)$", re.MULTILINE)


class Prompt:
    """What a prompt told: problem, answer, steps; and a fact of them that can be altered."""

    def __init__(self, text: str) -> None:
        """Read a prompt of synthesize."""
        parts = dict(_PART.findall(text))
        self.question, self.answer = parts["PROBLEM"].strip(), parts["KNOWN ANSWER"].strip()
        self.steps = _STEP.findall(parts["SOLUTION"])
        self.fact, self.place = self._fact()

    def _fact(self) -> tuple[Fraction, int]:
        """Return a number that a step reads, the latest step's first, and the step, from 0."""
        given = postchecks.numbers(self.question)
        for place in range(len(self.steps) - 1, -1, -1):
            before = {number for step in self.steps[:place] for number in postchecks.numbers(step)}
            fresh = [number for number in postchecks.numbers(self.steps[place]) if number in given and number not in before]
            if fresh:
                return fresh[0], place
        calculated: set[Fraction] = set()
        for place, step in enumerate(self.steps):
            calculated |= {came for _, came in postchecks.equations(step)}
            if candidates := [number for number in postchecks.numbers(step) if number not in calculated]:
                return candidates[0], place
        return Fraction(0), 0

    @property
    def other(self) -> Fraction:
        """A value near the fact that is in no step."""
        known = {number for step in self.steps for number in postchecks.numbers(step)}
        return next(self.fact + more for more in range(2, 1000) if self.fact + more not in known)

    @property
    def calculated(self) -> Fraction | None:
        """A number that the solution calculates and nobody told."""
        known = set(postchecks.numbers(self.question))
        for step in self.steps:
            results = [came for _, came in postchecks.equations(step)]
            fresh = [came for came in results if came not in known]
            if fresh:
                return fresh[0]
            known |= set(postchecks.numbers(step))
        return None


def fault(prompt: Prompt) -> str:
    """Return the rule that a reply about a problem is to break, by its hash; none where the problem does not allow it."""
    if not any(prompt.fact in postchecks.numbers(step) for step in prompt.steps):
        return "unknown_value"
    draw = seeded(_PERMILLE, "inserted", prompt.question)
    for name, share in PERMILLE.items():
        if draw < share:
            impossible = {"not_a_fact": prompt.calculated is None, "text_before_changed": prompt.place == 0}
            return GOOD if impossible.get(name) else name
        draw -= share
    return GOOD


def reply_value(prompt: Prompt, name: str) -> dict[str, Any]:
    """Return a reply that breaks one rule, or none."""
    answer = _shown((postchecks.value(prompt.answer) or Fraction(0)) + 7)
    was, becomes = _shown(prompt.fact), _shown(prompt.other)
    altered, last = f"Here the number to take is {becomes}.", f"So the result is {answer}."
    before = prompt.steps[: prompt.place]
    good: dict[str, Any] = {"was": was, "becomes": becomes, "steps": [*before, altered, last], "answer": answer}
    broken: dict[str, dict[str, Any]] = {
        "unknown_value": {"was": "987654"},
        "not_a_fact": {"was": _shown(prompt.calculated or Fraction(0))},
        "value_unchanged": {"becomes": was},
        "no_alteration": {"steps": [*prompt.steps, last]},
        "text_before_changed": {"steps": [*(f"To begin with: {step}" for step in before), altered, last]},
        "answer_unchanged": {"answer": prompt.answer, "steps": [*before, altered, f"So the result is {prompt.answer}."]},
        "empty_step": {"steps": [*before, altered, " ", last]},
        "answer_not_reached": {"steps": [*before, altered, "That is the result."]},
        "second_error": {"steps": [*before, altered, "Then 12 + 30 = 52.", last]},
        "gives_away": {"steps": [*before, f"{altered} This was misread on purpose.", last]},
    }
    return {"fact": "a number", "step": 1, **good, **broken.get(name, {})}


def _shown(value: Fraction) -> str:
    return numbers.shown(value).replace("\N{MINUS SIGN}", "-")


def script(request: Received) -> Answer:
    """Answer as the planned fault demands."""
    content = request.body["messages"][0]["content"]
    prompt = Prompt(content if isinstance(content, str) else content[-1]["text"])
    name = fault(prompt)
    return Answer("I cannot do that.") if name == "no_reply" else Answer(orjson.dumps(reply_value(prompt, name)).decode())


def prepared(root: Path, data: Path, gsm8k: int) -> Workspace:
    """Make a workspace whose only problems are real ones for `mie`."""
    workspace = Workspace.make(root)
    folder = root / "raw" / FAMILY / "sources"
    shutil.copyfile(data / "math/gsm8k/train.jsonl", folder / "gsm8k.jsonl")
    rows = [orjson.loads(line) for line in (data / "multimodal/math_vision/data.jsonl").read_bytes().splitlines()]
    (folder / "math_v.jsonl").write_text(jsonl(*(_stand_in(row) for row in rows if re.fullmatch(r"\d+", row["answer"]))))
    shutil.copytree(data / "multimodal/math_vision/images", folder / "images")
    with workspace.params(FAMILY) as params:
        profile = params["sample"]
        known = {
            **profile["collect"]["sources"][1],
            "license": "MIT",
            "answers": None,
        }
        answer = {"template": "{{ answer.rsplit('####', 1)[1] }}"}
        profile["collect"]["sources"] = [
            {
                **known,
                "id": "gsm8k",
                "file": "gsm8k.jsonl",
                "limit": gsm8k,
                "columns": {"question": "question", "answer": answer, "solution": "answer"},
            },
            {
                **known,
                "id": "math_v",
                "file": "math_v.jsonl",
                "columns": {name: name for name in ("key", "question", "answer", "solution", "image", "kind")},
            },
        ]
        policy = profile["synthesize"]["roles"]["policy"]
        profile["synthesize"]["inserting"] = {"solutions": 1, "seed": 0}
        profile["synthesize"]["roles"]["teacher"] = {**policy, "server": "double", "repairs": 1}
        policy["server"] = "double"
    workspace.project(teacher="endpoint")
    return workspace


def _stand_in(row: dict[str, Any]) -> dict[str, Any]:
    answer = int(row["answer"])
    solution = f"Step 1: The figure shows {answer + 11} parts.\nStep 2: Take 11 away.\nStep 3: {answer + 11} - 11 = {answer}."
    return {
        "key": row["id"],
        "question": row["question"].replace("<image1>", "").strip(),
        "answer": row["answer"],
        "solution": f"{solution}\n†Answer: {answer}",
        "image": row["image"],
        "kind": row["subject"],
    }


def run(root: Path, data: Path, gsm8k: int) -> tuple[Counter[str], Counter[str], Counter[tuple[str, str]], list[str]]:
    """Return replies by planned fault, by fate, those where the two differ, and what the stages said."""
    workspace = prepared(root, data, gsm8k)
    planned: dict[tuple[str, ...], str] = {}

    def noted(request: Received) -> Answer:
        content = request.body["messages"][0]["content"]
        prompt = Prompt(content if isinstance(content, str) else content[-1]["text"])
        planned[prompt.question, *prompt.steps] = fault(prompt)
        return script(request)

    with serving(noted) as server:
        printed = workspace.quick("collect", "synthesize", "judge", "filter", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    lines = [line for stage in ("synthesize", "filter") for line in workspace.rejected(stage, POOL, FAMILY)]
    ends = [(line["row"], line["rejection"]["reason"]) for line in lines]
    kept = {row["id"] for row in workspace.rows("filter", POOL, FAMILY)}
    ends += [(row, GOOD) for row in workspace.rows("judge", POOL, FAMILY) if row["id"] in kept]
    fates = [(_plan(row["data"], planned), fate) for row, fate in ends if fate != "spent"]
    wanted, found = Counter(plan for plan, _ in fates), Counter(fate for _, fate in fates)
    return wanted, found, Counter(pair for pair in fates if pair[0] != pair[1]), printed


def _plan(data: dict[str, Any], planned: dict[tuple[str, ...], str]) -> str:
    from builders.families.dualmath import inserted  # noqa: PLC0415

    return planned[data["question"], *inserted.right_steps(data)]


def main() -> int:
    """Print what was planned and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gsm8k", type=int, default=1000)
    arguments = parser.parse_args()
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("set TRACEWRIGHT_DATA to a folder with math/gsm8k and multimodal/math_vision", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        wanted, found, others, printed = run(Path(folder), Path(data), arguments.gsm8k)
    print("\n".join(printed))
    print(f"{'rule':22}{'planted':>9}{'rejected':>9}")
    for name in (*PERMILLE, GOOD):
        print(f"{name:22}{wanted[name]:9}{found[name]:9}")
    for (plan, fate), count in others.items():
        print(f"planned {plan}, came out as {fate}: {count}")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
