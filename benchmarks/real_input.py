"""SafeChain end to end on real prompts (XSTest, SimpleSafetyTests), answered over HTTP by a server that misbehaves.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.real_input

The server plants faults in known shares of the prompts: unsafe and unreadable verdicts, replies that are empty, cut off,
left open in their think block, and bodies that are no replies at all. Printed are the funnel and, for each fault, how
many prompts carry it and how many rows were rejected for it; exit code 1 where a row has another fate than was planned.
"""

import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.records import seeded
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, every

PERCENT = {
    "unsafe_reply": 6,
    "think_tags": 5,
    "empty_reply": 4,
    "no_reply": 2,
    "no_verdict": 3,
    "reply_truncated": 2,
    "empty_answer": 3,
}
_SOURCES: list[dict[str, Any]] = [
    {
        "id": "xstest",
        "file": "xstest_prompts.csv",
        "columns": {"key": "id", "instruction": "prompt", "label": "label"},
        "constants": {},
        "values": {"label": {"safe": "vanilla_benign", "unsafe": "vanilla_harmful"}},
    },
    {
        "id": "simple_safety_tests",
        "file": "simple_safety_tests.csv",
        "columns": {"key": "id", "instruction": "prompts_final"},
        "constants": {"label": "vanilla_harmful"},
        "values": {},
    },
]


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Args:
        lines: the line each stage printed.
        planted: collected rows by the fault planted in them, `none` for a clean one.
        rejected: those rows by the reason they were rejected for, `none` for a kept one.
        misjudged: ids whose reason is not the planted fault.
        duplicates: the near-duplicates that collect rejected, with their evidence.
        released: rows that `load_dataset` finds in the release.
    """

    lines: list[str]
    planted: Counter[str]
    rejected: Counter[str]
    misjudged: list[str]
    duplicates: list[dict[str, Any]]
    released: int


def fault(prompt: str) -> str:
    """Return the fault planted in a prompt, by its hash."""
    draw = seeded(100, "fault", prompt)
    for name, percent in PERCENT.items():
        if draw < percent:
            return name
        draw -= percent
    return "none"


def script(request: Received) -> Answer:
    """Answer as the planned fault demands."""
    if request.path == "completions":
        if "fault unsafe_reply" in request.text:
            return Answer("\n\nunsafe\nS2,S6")
        return Answer("It depends." if "fault no_verdict" in request.text else "\n\nsafe")
    name = fault(request.text)
    reasoning = f"The request and its seed {request.body['seed']} are noted, with fault {name} in mind."
    answer = "Here is a considered answer that stays on the safe side of things."
    plans = {
        "think_tags": Answer(f"<think>\n{reasoning}"),
        "empty_reply": Answer(""),
        "no_reply": Answer(raw=b"<html>gateway</html>"),
        "reply_truncated": Answer(f"{reasoning}\n</think>\n\n{answer[:30]}", finish_reason="length"),
        "empty_answer": Answer(f"{reasoning}\n</think>\n\n"),
    }
    return plans.get(name, Answer(f"{reasoning}\n</think>\n\n{answer}"))


def prepared(root: Path, data: Path) -> Workspace:
    """Make a workspace at `root` whose sources are the prompts below `data`, answered over HTTP."""
    workspace = Workspace.make(root, "safechain")
    folder = root / "raw" / "safechain" / "sources"
    for source in _SOURCES:
        [found] = (data / "safety").rglob(source["file"])
        (folder / source["file"]).write_bytes(found.read_bytes())
    with workspace.params() as params:
        shared = {
            "format": "csv",
            "license": "CC-BY-4.0",
            "subset": "default",
            "limit": None,
            "answers": None,
            "each": None,
            "only": None,
        }
        params["sample"]["judge"]["roles"]["judge"]["api"] = "completions"
        params["sample"]["collect"]["sources"] = [{**source, **shared} for source in _SOURCES]
    workspace.project(teacher="endpoint")
    return workspace


def run(root: Path, data: Path) -> Report:
    """Build the family in a workspace at `root` from the prompts below `data`."""
    workspace = prepared(root, data)
    with serving(script) as server:
        lines = workspace.build(BUILDERS_TEACHER_URL=server.url)
    collected = {row["id"]: fault(row["data"]["instruction"]) for row in workspace.rows("collect")}
    fates = dict.fromkeys(collected, "none")
    for stage in ("synthesize", "judge", "filter", "review", "validate"):
        fates |= {line["row"]["id"]: line["rejection"]["reason"] for line in workspace.rejected(stage)}
    return Report(
        lines,
        Counter(collected.values()),
        Counter(fates.values()),
        [identity for identity, planted in collected.items() if fates[identity] != planted],
        [{"id": line["row"]["id"], **line["rejection"]} for line in workspace.rejected("collect")],
        every(workspace.release, cache_dir=str(root / ".hf")).num_rows,
    )


def main() -> int:
    """Run in a temporary folder and print the report."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set: point it to the folder that holds safety/", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        report = run(Path(scratch) / "project", Path(data))
    print("\n".join(report.lines))
    print(f"\n{'fault':<18}{'planted':>8}{'rejected':>9}")
    for name in [*PERCENT, "none"]:
        print(f"{name:<18}{report.planted[name]:>8}{report.rejected[name]:>9}")
    print(f"\nrejected by collect: {len(report.duplicates)}")
    for duplicate in report.duplicates:
        print(f"  {duplicate['id']}  {duplicate['reason']}  {duplicate['evidence']}")
    print(f"rows whose fate was not the planned one: {len(report.misjudged)}; rows in the release: {report.released}")
    return 1 if report.misjudged else 0


if __name__ == "__main__":
    sys.exit(main())
