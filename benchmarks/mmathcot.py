"""MMathCoT: real problems against a teacher that errs in known ways; and problems of the engine, how fast and how large.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.mmathcot
    python -m benchmarks.mmathcot --made 10000

The first builds the family on 420 problems of MATH-V with their images (distill), 2,000 of GSM8K and 254 of AQuA (rewrite) and
1,000 of MATH (unify), over HTTP. The teacher is a server that plants faults in known shares: answers that are wrong, doubted or
forced, replies that are malformed, cut off, off the form, copied or no replies at all, and verdicts that are unreadable or say
no. Its good replies write their answers in several ways. Printed are, for each reason, how many rows carry it, how many were
rejected for it, precision and recall; exit code 1 where a row has another fate than was planned.

The second takes so many problems of the engine through all stages: rows a second and peak memory of each.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from datasets import load_dataset

from benchmarks.erring import PERMILLE, fault, parse, script
from builders import paths
from tests.doubles.teacher import serving
from tests.harness import Workspace

FAMILY = "mmathcot"
POOLS = ("distill", "rewrite", "unify")
MADE = "made"
_KILO = 1024


def _source(name: str, subset: str, columns: dict[str, Any], limit: int | None, **more: object) -> dict[str, Any]:
    """Return the params entry of a real source."""
    return {
        "id": name,
        "file": f"{name}.jsonl",
        "format": "jsonl",
        "license": "MIT",
        "subset": subset,
        "columns": columns,
        "each": None,
        "only": None,
        "constants": {},
        "values": {},
        "limit": limit,
        "answers": None,
        "images": None,
        **more,
    }


_CHOICE = {"question": "question", "options": "options"}
_GSM8K = {
    "question": "question",
    "answer": {"template": "{{ answer.rsplit('####', 1)[1] }}"},
    "solution": {"template": "{{ answer.rsplit('####', 1)[0] }}"},
}
SOURCES = (
    _source(
        "math_v",
        "distill",
        {"key": "id", **_CHOICE, "answer": "answer", "image": "image", "kind": "subject"},
        None,
        images={"folder": "math_v", "prefixes": {}, "archive": None},
    ),
    _source("gsm8k", "rewrite", _GSM8K, 2000),
    _source("aqua", "rewrite", {**_CHOICE, "answer": "correct", "solution": "rationale"}, None, license="Apache-2.0"),
    _source("math", "unify", {"key": "idx", "question": "problem", "solution": "solution", "kind": "type"}, 1000),
)


def prepared(root: Path, data: Path, limits: dict[str, int]) -> Workspace:
    """Make a workspace at `root` whose sources are the problems below `data`, answered over HTTP; limits by source."""
    workspace = Workspace.make(root)
    folder = root / "raw" / FAMILY / "sources"
    files = {
        "math_v.jsonl": data / "multimodal/math_vision/data.jsonl",
        "gsm8k.jsonl": data / "math/gsm8k/train.jsonl",
        "aqua.jsonl": data / "math/aqua/dev.json",
        "math.jsonl": data / "math/MATH/test_minus_math500.jsonl",
        "mathverse.json": data / "multimodal/mathverse_text_only/testmini_text_only.json",
    }
    for name, file in files.items():
        shutil.copyfile(file, folder / name)
    shutil.copytree(data / "multimodal/math_vision/images", folder / "math_v" / "images")
    with workspace.params(FAMILY) as params:
        collect = params["sample"]["collect"]
        collect["sources"] = [{**source, "limit": limits.get(source["id"], source.get("limit"))} for source in SOURCES]
        collect["decontamination"]["sets"] = [
            {
                "name": "mathverse",
                "file": "mathverse.json",
                "format": "json",
                "each": None,
                "only": None,
                "images": None,
                "columns": {"key": "sample_index", "prompt": "question"},
            }
        ]
    workspace.project(teacher="endpoint")
    return workspace


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Args:
        lines: the line each pool and stage printed.
        planted: collected rows by the fault planted in them, `none` for a good one.
        rejected: those rows by the reason they were rejected for, `none` for a kept one.
        right: those that were rejected for the fault planted in them, or kept without one.
        misjudged: id, planted fault and fate of the others.
        collected: rows that collect rejected, by source and reason.
        pictures: rows of the release whose image opens.
    """

    lines: list[str]
    planted: Counter[str]
    rejected: Counter[str]
    right: Counter[str]
    misjudged: list[tuple[str, str, str]]
    collected: Counter[tuple[str, str]]
    pictures: int


def run(root: Path, data: Path, limits: dict[str, int]) -> Report:
    """Build the family in a workspace at `root` from the problems below `data`, of each source as many as `limits` says."""
    workspace = prepared(root, data, limits)
    with serving(script) as server:
        lines = workspace.quick(*paths.STAGES, family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    planned: dict[str, str] = {}
    fates: dict[str, str] = {}
    for pool in POOLS:
        planned |= _planned(workspace, workspace.rows("collect", pool, FAMILY))
        for stage in paths.STAGES[1:-1]:
            fates |= {line["row"]["id"]: line["rejection"]["reason"] for line in workspace.rejected(stage, pool, FAMILY)}
    pairs = {row: (name, fates.get(row, "none")) for row, name in planned.items()}
    collected = Counter(
        (line["row"]["provenance"]["source"], line["rejection"]["reason"])
        for pool in POOLS
        for line in workspace.rejected("collect", pool, FAMILY)
    )
    release = workspace.root / "processed" / FAMILY / "release"
    splits = load_dataset(str(release), "distill", cache_dir=str(root / ".hf"))
    shown = [row for split in splits.values() for row in split]
    return Report(
        lines,
        Counter(name for name, _ in pairs.values()),
        Counter(fate for _, fate in pairs.values()),
        Counter(name for name, fate in pairs.values() if name == fate),
        [(row, *pair) for row, pair in pairs.items() if pair[0] != pair[1]],
        collected,
        sum(row["image"].size[0] > 0 for row in shown),
    )


def _planned(workspace: Workspace, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return the fault that the teacher plants in each row, by its id, from the prompt as it is sent."""
    from builders.families.mmathcot import synthesize  # noqa: PLC0415
    from builders.params.loading import load  # noqa: PLC0415
    from builders.records import decode  # noqa: PLC0415

    planned = {}
    with workspace.inside():
        section = load(FAMILY).synthesize
        assert isinstance(section, synthesize.Params)  # noqa: S101
        for row in rows:
            [request] = synthesize.requests(decode(json.dumps(row).encode())[0], section)
            content = request.body["messages"][0]["content"]
            planned[row["id"]] = fault(parse(content if isinstance(content, str) else content[-1]["text"]))
    return planned


class Measured(NamedTuple):
    """One stage: its name, seconds, peak memory in MiB, and what it printed."""

    stage: str
    seconds: float
    mebibytes: float
    output: str


def made(root: Path, rows: int) -> tuple[list[Measured], dict[str, Any], tuple[int, int]]:
    """Take problems of the engine through all stages in a workspace at `root`; return stages, manifest and `verified`."""
    workspace = Workspace.make(root)
    with workspace.params(FAMILY) as params:
        collect = params["sample"]["collect"]
        collect["sources"] = [source for source in collect["sources"] if source["format"] == "generated"]
        for source in collect["sources"]:
            source["file"]["rows"] = rows
    measured = [_measured(workspace, stage) for stage in paths.STAGES]
    manifest = json.loads((root / "processed" / FAMILY / "release" / "manifest.json").read_bytes())
    return measured, manifest, verified(workspace)


def verified(workspace: Workspace) -> tuple[int, int]:
    """Find the answers of the rows that validate kept once more by the engine's second route: how many agree, of how many."""
    from builders.families.mmathcot import made as packing  # noqa: PLC0415
    from builders.families.mmathcot.problems.kinds import KINDS  # noqa: PLC0415
    from builders.problems import numbers  # noqa: PLC0415

    agreed = total = 0
    kept = {row["id"] for row in workspace.rows("validate", MADE, FAMILY)}
    for row in workspace.rows("collect", MADE, FAMILY):
        if row["id"] in kept:
            problem = packing.unpacked(row["data"]["made"])
            found = KINDS[problem.kind].solve(problem.facts, problem.told)
            agreed += numbers.close(problem.value, found) and row["data"]["answer"] == problem.answer
            total += 1
    return agreed, total


def _measured(workspace: Workspace, stage: str) -> Measured:
    command = [sys.executable, "-m", "builders", stage, FAMILY]
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=workspace.root, env=workspace.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(output)
    return Measured(stage, time.perf_counter() - began, usage.ru_maxrss / _KILO, output)


def _print_made(rows: int) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        measured, manifest, (agreed, kept) = made(Path(scratch) / "project", rows)
        size = sum(file.stat().st_size for file in (Path(scratch) / "project/processed/mmathcot/release").rglob("*"))
    print(f"{'stage':<12}{'seconds':>9}{'rows/s':>9}{'peak MiB':>10}")
    for stage in measured:
        print(f"{stage.stage:<12}{stage.seconds:>9.1f}{rows / stage.seconds:>9.0f}{stage.mebibytes:>10.0f}")
    total = sum(stage.seconds for stage in measured)
    print(f"{'all':<12}{total:>9.1f}{rows / total:>9.1f}")
    for stage in manifest["stages"]:
        print(f"{stage['stage']}: in {stage['in']}, out {sum(stage['out'].values())}, rejected {stage['rejected']}")
    print(f"answers that the second route leads to again: {agreed} of {kept}")
    print(f"released {manifest['rows']}, verdicts {manifest['audit']['verdicts']}, {size / _KILO**2:.1f} MiB")
    return 0


def _print_real(data: Path) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        report = run(Path(scratch) / "project", data, {})
    print("\n".join(report.lines))
    print(f"\n{'reason':<20}{'planted':>8}{'rejected':>9}{'right':>7}{'precision':>11}{'recall':>8}")
    for name in [*PERMILLE, "none"]:
        planted, rejected, right = report.planted[name], report.rejected[name], report.right[name]
        rates = f"{right / rejected if rejected else 1:>11.3f}{right / planted if planted else 1:>8.3f}"
        print(f"{'(good, kept)' if name == 'none' else name:<20}{planted:>8}{rejected:>9}{right:>7}{rates}")
    print("\nrejected by collect:")
    for (source, reason), count in sorted(report.collected.items()):
        print(f"  {source:<10}{reason:<20}{count:>5}")
    print(f"images that open in the release's `image` column: {report.pictures}")
    print(f"rows whose fate was not the planned one: {len(report.misjudged)}")
    for row, planned, fate in report.misjudged[:40]:
        print(f"  {row}  planned {planned}, was {fate}")
    return 1 if report.misjudged else 0


def main() -> int:
    """Run in a temporary folder and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--made", type=int, metavar="ROWS", help="problems of the engine, instead of real ones")
    arguments = parser.parse_args()
    if arguments.made:
        return _print_made(arguments.made)
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set: point it to the folder that holds math/ and multimodal/", file=sys.stderr)
        return 2
    return _print_real(Path(data))


if __name__ == "__main__":
    sys.exit(main())
