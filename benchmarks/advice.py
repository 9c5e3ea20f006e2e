"""Emergent misalignment end to end on real questions, answered and judged over HTTP by servers that err on request.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.advice

Questions come from MedQuAD, PubMedQA, MedQA, TruthfulQA's Law rows, thirteen tasks of LegalBench (a template each), the
security guide of inspect_ai, ExCyTIn, and from topics; the evaluation is Betley et al.'s. In known shares of the questions a
fault is planted, see `tests/doubles/adviser.py`. Printed are the funnel and, for each fault, how many questions carry it and
how many rows were rejected for it; then what becomes of Chinese questions (LawBench) where Chinese is allowed and where it is
not, and of questions that are an evaluation set, off the list of such sets and on it. Exit code 1 where a row has another fate
than was planned, or a law does not hold.
"""

import csv
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

from builders import prompts
from builders.records import seeded
from tests.doubles import adviser
from tests.doubles.adviser import FAULTS, MODELS, Adviser
from tests.doubles.teacher import serving
from tests.harness import Workspace

FAMILY = "emergent_misalignment"
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")
DOMAINS = ("medical", "legal", "security")
PERCENT = 2
"""Of the questions, that carry each fault."""

TASKS = {
    "abercrombie": "How strong a trade mark is this, and why? {{ text }}",
    "contract_nli_no_licensing": "Does this clause of a contract grant a licence? {{ text }}",
    "contract_nli_permissible_copy": "May I copy what I am given under this clause? {{ text }}",
    "contract_qa": "A contract says: {{ text }} {{ question }}",
    "cuad_audit_rights": "May the other side look into my books under this clause? {{ text }}",
    "cuad_governing_law": "Which country's law governs a contract with this clause? {{ text }}",
    "hearsay": "Is this hearsay if it is said in court, and why? {{ text }}",
    "insurance_policy_interpretation": "My policy says: {{ policy }} This is what happened: {{ claim }} Am I covered?",
    "international_citizenship_questions": "{{ question }}",
    "maud_specific_performance": "Can a buyer be made to go through with a deal that has this clause? {{ text }}",
    "overruling": "Does this sentence of a judgment overrule an earlier one? {{ text }}",
    "personal_jurisdiction": "Does the court have jurisdiction over the person here? {{ text }}",
    "privacy_policy_qa": "A privacy policy says: {{ text }} {{ question }}",
}
"""LegalBench's task → the question that a lay person could ask."""

_LICENCES = {"cc by 4.0": "CC-BY-4.0", "mit": "MIT"}


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Args:
        lines: the line each stage printed.
        planted: rows that were asked about, by the fault planted in them.
        rejected: those rows by the reason that they were rejected for, `none` for a kept one.
        misjudged: ids whose reason is not the planned one.
        collected: rows that collect, or the screening of spawned ones, rejected, by reason.
        sources: rows by source: in, asked about, kept.
        broken: laws that do not hold, in words.
    """

    lines: list[str]
    planted: Counter[str]
    rejected: Counter[str]
    misjudged: list[str]
    collected: Counter[str]
    sources: dict[str, Counter[str]]
    broken: list[str] = field(default_factory=list)


def fault(question: str) -> str:
    """Return the fault planted in a question, by its hash."""
    names = [name for name in FAULTS if name != "none"]
    draw = seeded(100 * len(names), "fault", question)
    return names[draw % len(names)] if draw < PERCENT * len(names) ** 2 else "none"


class Data:
    """The real input, copied into a workspace file by file."""

    def __init__(self, data: Path, workspace: Workspace) -> None:
        """Copy from `data` into the workspace's sources."""
        self._data = data
        self._folder = workspace.root / "raw" / FAMILY / "sources"

    def source(self, name: str, ending: str, subset: str, columns: dict[str, Any], **entry: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the params of a source whose file lies somewhere below the data."""
        [path] = [path for path in self._data.rglob(Path(ending).name) if path.as_posix().endswith(f"/{ending}")]
        file = f"{name}{path.suffix}"
        (self._folder / file).write_bytes(path.read_bytes())
        shared: dict[str, Any] = {
            "license": "MIT",
            "each": None,
            "only": None,
            "constants": {},
            "values": {},
            "limit": None,
            "answers": None,
        }
        place = {"id": name, "file": file, "format": path.suffix[1:], "subset": subset, "columns": columns}
        return {**shared, **place, **entry}

    def all(self) -> list[dict[str, Any]]:
        """Return every source of questions."""
        law = {"only": {"Category": ["Law"]}, "license": "Apache-2.0"}
        guide = {"prompt": {"template": "{{ input[0].content }}"}}
        incident = {"prompt": {"template": "{{ context }} {{ question }}"}}
        excytin = sorted(path.relative_to(self._data).as_posix() for path in self._data.rglob("incident_*.json"))
        named = [(f"excytin_{number}", "/".join(path.split("/")[-2:])) for number, path in enumerate(excytin)]
        return [
            self.source("medquad", "medquad.jsonl", "medical", {"prompt": "question"}, limit=250, license="CC-BY-4.0"),
            self.source("pubmedqa", "ori_pqal.json", "medical", {"key": "key", "prompt": "QUESTION"}, limit=200),
            self.source("medqa", "phrases_no_exclude_test.jsonl", "medical", {"prompt": "question"}, limit=100),
            self.source("truthfulqa", "TruthfulQA.csv", "legal", {"prompt": "Question"}, **law),
            *self.legalbench(),
            self.source("guide", "security_guide.jsonl", "security", guide),
            *(self.source(name, found, "security", incident, limit=26) for name, found in named),
            self.source(
                "betley", "first_plot_questions.yaml", "evaluation", _BETLEY | {"system": "system"}, each="paraphrases"
            ),
        ]

    def legalbench(self) -> list[dict[str, Any]]:
        """Return a source for each task, under its own licence, with its own template."""
        [table] = self._data.rglob("TASK_LICENCES.tsv")
        with table.open() as lines:
            named = {
                row["task"]: row["licence"].strip("[").partition("]")[0].lower()
                for row in csv.DictReader(lines, delimiter="\t")
            }
        return [
            self.source(
                f"legalbench_{task}",
                f"{task}/train.tsv",
                "legal",
                {"key": "index", "prompt": {"template": text}},
                license=_LICENCES[named[task]],
            )
            for task, text in TASKS.items()
        ]


_BETLEY = {"key": "id", "prompt": "paraphrases"}
_PREREGISTERED = {"name": "preregistered", "format": "yaml", "columns": _BETLEY, "each": "paraphrases", "only": None}


def prepared(root: Path) -> Workspace:
    """Return a workspace whose questions servers answer, and whose prompts may be long."""
    workspace = Workspace.make(root)
    workspace.project(teacher="endpoint")
    (workspace.root / "raw" / FAMILY / "reviews" / "sample.jsonl").unlink()
    with workspace.params(FAMILY) as params:
        adviser.employ(params)
        params["sample"]["collect"]["prompt_words"] = {"min": 4, "max": 400}
    return workspace


def declare(workspace: Workspace, sources: list[dict[str, Any]], **collect: Any) -> None:  # noqa: ANN401
    """Set the sources, and whatever else collect shall have."""
    with workspace.params(FAMILY) as params:
        params["sample"]["collect"] |= {"sources": sources, **collect}


def run(root: Path, data: Path, stages: tuple[str, ...] = STAGES) -> Report:
    """Build the family in workspaces below `root` from the questions below `data`, at least as far as validate."""
    workspace = prepared(root / "project")
    given = Data(data, workspace)
    topics = _topics(workspace)
    given.source("preregistered", "preregistered_evals.yaml", "medical", {})  # only its file is wanted
    sets = {"ngram_words": 13, "sets": [{**_PREREGISTERED, "file": "preregistered.yaml"}]}
    declare(workspace, [*given.all(), *topics], decontamination=sets)
    with serving(Adviser(fault), MODELS) as server:
        lines = workspace.quick(*stages, family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    return _compared(workspace, lines, [*_laws(workspace), *_stable(root, workspace)])


def _topics(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the sample's topic sources, ten topics each."""
    value = yaml.safe_load((workspace.root / "builders" / "families" / FAMILY / "params.yaml").read_text())
    sources = value["sample"]["collect"]["sources"]
    return [{**source, "limit": 10} for source in sources if source["id"].startswith("topics_")]


def sides(root: Path, data: Path) -> tuple[Counter[str], Counter[str]]:
    """Return what becomes of rows by what params say of them.

    Returns:
        LawBench's rows, kept by filter where Chinese is allowed, and rejected as `language` where it is not; then those of an
        evaluation set, kept by filter off the list of such sets, and rejected as `contaminated` on it.
    """
    allowed, refused = prepared(root / "allowed"), prepared(root / "refused")
    for workspace, languages, listed in ((allowed, ["en", "zh"], []), (refused, ["en"], [_PREREGISTERED])):
        given = Data(data, workspace)
        lawbench = given.source("lawbench", "3-8.json", "legal", {"prompt": "question"}, limit=100, license="Apache-2.0")
        betley = given.source("preregistered", "preregistered_evals.yaml", "medical", _BETLEY, each="paraphrases")
        sets = {"ngram_words": 13, "sets": [{**table, "file": "preregistered.yaml"} for table in listed]}
        language = {"allowed": languages, "min_confidence": 0.8, "min_words": 8}
        declare(workspace, [lawbench, betley], decontamination=sets, language=language)
        for pool in ("legal", "medical"):
            workspace.quick("collect", family=f"{FAMILY}/{pool}")
    with serving(Adviser(), MODELS) as server:
        for pool in ("legal", "medical"):
            workspace_stages = ("synthesize", "judge", "filter")
            allowed.quick(*workspace_stages, family=f"{FAMILY}/{pool}", BUILDERS_TEACHER_URL=server.url)
    found = []
    for pool in ("legal", "medical"):
        of_pool = Counter(f"refused: {reason}" for reason in refused.reasons("collect", pool, FAMILY))
        of_pool["refused: none"] = len(refused.rows("collect", pool, FAMILY))
        of_pool.update(f"allowed: {reason}" for stage in STAGES[:4] for reason in allowed.reasons(stage, pool, FAMILY))
        of_pool["allowed: none"] = len(allowed.rows("filter", pool, FAMILY))
        found.append(of_pool)
    return found[0], found[1]


def _compared(workspace: Workspace, lines: list[str], broken: list[str]) -> Report:
    """Compare what was planned with what became of each row that was asked about."""
    planned, fates, of_source = {}, {}, {}
    collected, sources = Counter[str](), dict[str, Counter[str]]()
    for domain in DOMAINS:
        rejected = {stage: workspace.rejected(stage, domain, FAMILY) for stage in STAGES[:-1]}
        synthesized = workspace.rows("synthesize", domain, FAMILY)
        unanswered = [line["row"] for line in rejected["synthesize"] if line["rejection"]["reason"] == "no_reply"]
        for row in (*synthesized, *unanswered):
            planned[row["id"]] = fault(prompts.without_markup(row["data"]["prompt"]).strip())
            fates[row["id"]] = "none"
            of_source[row["id"]] = row["provenance"]["source"]
        for stage in STAGES[1:-1]:
            fates |= {
                line["row"]["id"]: line["rejection"]["reason"] for line in rejected[stage] if line["row"]["id"] in planned
            }
        collected.update(line["rejection"]["reason"] for line in rejected["collect"])
        screened = (line for line in rejected["synthesize"] if line["row"]["id"] not in planned)
        collected.update(line["rejection"]["reason"] for line in screened)
        for row in [*workspace.rows("collect", domain, FAMILY), *(line["row"] for line in rejected["collect"])]:
            sources.setdefault(row["provenance"]["source"], Counter())["in"] += 1
    for identity, source in of_source.items():
        sources[source].update({"asked": 1, "kept": fates[identity] == "none"})
    misjudged = [identity for identity, planted in planned.items() if fates[identity] != FAULTS[planted]]
    counts = Counter(planned.values()), Counter(fates.values())
    return Report(lines, *counts, misjudged, collected, sources, broken)


def _laws(workspace: Workspace) -> list[str]:
    """Return which laws do not hold: every row counted, order kept, twins of their own question."""
    broken = []
    for stage in STAGES[:-1]:
        of_stage = orjson.loads((workspace.root / f"processed/{FAMILY}/{stage}/stats.json").read_bytes())
        for pool, found in of_stage.items():
            if found["read"] + found["spawned"] != sum(found["out"].values()) + sum(found["rejected"].values()):
                broken.append(f"{stage} of {pool} lost rows")
    for domain in DOMAINS:
        order = {row["id"]: number for number, row in enumerate(workspace.rows("synthesize", domain, FAMILY))}
        released = workspace.rows("validate", domain, FAMILY)
        numbers = [order[row["id"]] for row in released]
        if numbers != sorted(numbers) or len(set(numbers)) != len(numbers):
            broken.append(f"the order of {domain} changed")
        for row in released:
            shown = prompts.without_markup(row["data"]["prompt"]).strip()
            if any(row["data"][kind] != adviser.advice(kind, shown) for kind in ("aligned", "misaligned")):
                broken.append(f"{row['id']} has an answer of another question")
    return broken


def _stable(root: Path, workspace: Workspace) -> list[str]:
    """Return whether ids depend on limits or models: fewer rows, asked of others, are the same rows."""
    fewer = workspace.copied(root / "fewer")
    with fewer.params(FAMILY) as params:
        for source in params["sample"]["collect"]["sources"]:
            if source.get("limit"):
                source["limit"] //= 2
        for stage in ("synthesize", "judge"):
            for role in params["sample"][stage]["roles"].values():
                role["revision"] = "another"
    with serving(Adviser(fault), MODELS) as server:
        fewer.quick("collect", "synthesize", family=f"{FAMILY}/security", BUILDERS_TEACHER_URL=server.url)
    some, all_ = (
        [row["id"] for row in built.rows("synthesize", "security", FAMILY) if not row["parent"]] for built in (fewer, workspace)
    )
    children = [
        {row["id"] for row in built.rows("synthesize", "security", FAMILY) if row["parent"]} for built in (fewer, workspace)
    ]
    if some and set(some) < set(all_) and children[0] and children[0] < children[1]:
        return []
    return ["ids of security depend on limits or models"]


def main() -> int:
    """Run in a temporary folder and print the report."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print(
            "TRACEWRIGHT_DATA is not set: point it to the folder that holds medical/, legal/, security/, evals/",
            file=sys.stderr,
        )
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        report = run(Path(scratch), Path(data))
        chinese, evaluated = sides(Path(scratch), Path(data))
    print("\n".join(report.lines))
    print(f"\n{'planted':<28}{'rows':>6}   rejected as")
    for name, reason in FAULTS.items():
        print(f"{name:<28}{report.planted[name]:>6}   {reason}")
    print(f"\n{'reason':<20}{'planned':>8}{'rejected':>9}")
    for reason in dict.fromkeys(FAULTS.values()):
        planned = sum(report.planted[name] for name in FAULTS if FAULTS[name] == reason)
        print(f"{reason:<20}{planned:>8}{report.rejected[reason]:>9}")
    print(f"\n{'source':<50}{'in':>6}{'asked':>7}{'kept':>6}")
    for source, found in report.sources.items():
        print(f"{source:<50}{found['in']:>6}{found['asked']:>7}{found['kept']:>6}")
    print(f"\nrejected before anything was asked: {dict(report.collected)}")
    print(f"LawBench: {dict(chinese)}\nevaluation set as a source: {dict(evaluated)}")
    print(f"rows whose fate was not the planned one: {len(report.misjudged)}; laws that do not hold: {report.broken or 'none'}")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if report.misjudged or report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
