"""calibrate: measure policy and judge on problems that no figure is of, and write `raw/dualmath/calibration.json`.

    python -m builders calibrate dualmath [KNOWN.jsonl]

Continued are, some times each, prefixes of the pilot's problems that cannot lead to the right answer but by recovering: those
with an inserted error, and those of the policy's own wrong solutions whose first error is known. The higher of the two rates
counts. An error is inserted into the step program of an engine's problem, with one step built on it; into any other right
solution by changing the last number of a step. The first error of own solutions is known where the noisy solver wrote them, or
from KNOWN.jsonl, with rows of people or a benchmark: {"question", "answer", "steps", "first_error"}, 0 for none, or any form of
`formats`. On such rows the judge is measured, too; without them nothing is said of it, and it is not believed. With a column
`source`, what is measured is believed of that source of the params. Rows whose first wrong step is not known, or not there, are
left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console

from builders import atomic, paths, records, shards
from builders.abilities import Calibrating
from builders.asking import asker, works
from builders.asking.asker import Phase, Plan
from builders.families.dualmath import (
    answering,
    believing,
    calibrating,
    erring,
    formats,
    judge,
    programs,
    solver,
    synthesize,
    wording,
)
from builders.families.dualmath.believing import Calibration, Rate
from builders.families.dualmath.calibrating import PilotSolution
from builders.families.dualmath.locating import POLICY
from builders.jobs import Job
from builders.params import loading
from builders.provenance import Provenance
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import Reply, Request
from builders.texts import files
from builders.work import Ask, Work

ROLLOUTS = 4
MOST_OWN = 4
"""Own wrong prefixes that are continued for each problem."""
LEAST_ROLLOUTS = 1000
GROUPS = {"inserted": ("slip", "misread", "operation", "altered"), "own": ("own",)}
_PART = "pilot"
_NUMBER = re.compile(r"\d+(?=\D*$)")


def run(family: str, known_errors: Path | None, _: float | None) -> None:
    """Ask the pilot's continuations, write the calibration and print it.

    Raises:
        BuildError: collect has not run, or the file of known errors is not what it should be.
    """
    loaded = loading.load(family)
    job = Job(family, "synthesize", "bel", loaded)
    inputs = paths.rows(family, "synthesize", job.pool, f"{_PART}-inputs")
    count = _lay_down(inputs, [record for record, _ in records.read(job.inputs)] if job.expected else [], known_errors)
    files_ = paths.rows(family, "synthesize", job.pool, _PART), paths.rejected(family, "synthesize", job.pool, _PART)
    params, judging = loaded.synthesize, loaded.judge
    assert isinstance(params, synthesize.Params)  # noqa: S101  (they were checked as such)
    assert isinstance(judging, judge.Params)  # noqa: S101
    plan = Plan({**judging.roles, **params.roles}, lambda _: [], work(params, judging))
    asker.run(Phase(job, plan, inputs, count, *files_, part=_PART))
    found = measured((record for record, _ in records.read(files_[0])), _policy(files_[0], params))
    target = paths.raw(family, "sources").parent / synthesize.CALIBRATION
    with atomic.whole(target) as file:
        file.write(believing.write(found))
    _print(found, target)


def _lay_down(place: Path, collected: Sequence[Record], known_errors: Path | None) -> int:
    """Write the rows that the pilot is about as a pool, and return how many they are."""
    rows = [*collected, *(_known_errors(known_errors) if known_errors else ())]
    with shards.anew(place) as append:
        for record in rows:
            append(records.encode(record))
    return len(rows)


def _known_errors(file: Path) -> Iterator[Record]:
    for number, value in files.json_lines(file):
        if (known := _value(value)) is None:
            continue
        data = {"options": [], "kind": None, "program": None, **known}
        identity = records.row_id(wording.FAMILY, "known", str(number))
        yield Record(identity, "bel", None, Provenance("known", "", str(number)), data)


def _value(value: dict[str, Any]) -> dict[str, Any] | None:
    """Return a row with known first error in this family's columns; None where it is not known."""
    if "first_error" in value:
        return value
    found = formats.labelled(value)
    if found.first is None or not found.steps or found.first > len(found.steps):
        return None
    answer = next((str(value[name]) for name in ("ground_truth_answer", "target", "answer") if value.get(name)), "")
    source = {"source": str(value["source"])} if value.get("source") else {}
    return {"question": found.problem, "answer": answer, "steps": list(found.steps), "first_error": found.first, **source}


def work(params: synthesize.Params, judging: judge.Params) -> Work:
    """Return the work about a problem of the pilot: counts of its dead prefixes, and solutions whose first error is known."""

    async def piloted(record: Record, _: list[Request], ask: Ask) -> list[Outcome]:
        if "first_error" in record.data:
            solved = [record.having(right=None, pass_rate={"right": 0, "samples": 0})]
        elif not synthesize.is_pilot(record.id, params):
            return [(record, Rejection("not_pilot"))]
        else:
            solved = []
        once = answering.asking(record, ask, params.solver)
        if not solved:
            wanted = [synthesize.request(record, POLICY, (), number, params) for number in range(params.samples)]
            answers = await once.all(wanted)
            solved = [row for row, rejection in synthesize.solutions(record, answers, params)[0] if rejection is None]
        counts = await _dead(record, solved, once, params)
        seen = [await _seen(row, ask, judging) for row in solved if _first(row) is not None]
        return [(record.having(dead=counts, seen=[one._asdict() for one in seen]), None)]

    return piloted


async def _dead(record: Record, solved: Sequence[Record], ask: Ask, params: synthesize.Params) -> list[dict[str, Any]]:
    """Continue prefixes that hold an error; return kind and counts of each."""
    counts = []
    for kind, steps in [*_own(solved), *_inserted(record, solved)]:
        asked = [synthesize.request(record, POLICY, steps, number, params) for number in range(ROLLOUTS)]
        came = [answer for answer in await ask.all(asked) if isinstance(answer, Reply)]
        read = [wording.read(answer.text, answer.finish_reason, len(steps) + 1).given for answer in came]
        right = sum(wording.is_right(record, given) for given in read)
        counts.append({"kind": kind, "right": right, "asked": len(came)})
    return counts


def _own(solved: Sequence[Record]) -> list[tuple[str, list[str]]]:
    """Return own wrong solutions without their last step, where a step was built on the first error."""
    late = [row.data["steps"] for row in solved if 0 < (_first(row) or 0) <= len(row.data["steps"]) - 2]
    return [("own", steps[:-1]) for steps in late[:MOST_OWN]]


def _inserted(record: Record, solved: Sequence[Record]) -> Iterator[tuple[str, list[str]]]:
    """Yield prefixes into which an error was put, with its kind."""
    chance = Random(f"insert {record.id}")  # noqa: S311  (chance, not secrets)
    problem = answering.program(record)
    if problem and works.is_symbolic(record) and len(problem.rules) > 2:  # noqa: PLR2004
        for kind in ("slip", "misread", "operation"):
            place = chance.randrange(len(problem.rules) - 2)
            values = dict(problem.values)
            if error := erring.erring(problem, place, values, chance, {kind: 1.0}):
                values |= {**error.stated.readings, problem.rules[place].name: error.stated.value}
                before = [erring.right(problem, earlier) for earlier in range(place)]
                yield kind, solver.texts(problem, [*before, error.stated, erring.following(problem, place + 1, values)], 0)
        return
    for row in solved:
        steps = row.data["steps"]
        if row.data["right"] and len(steps) > 1:
            place = chance.randrange(len(steps) - 1)
            if _NUMBER.search(steps[place]):
                yield "altered", [*steps[:place], altered(steps[place], chance)]
                return


def altered(step: str, chance: Random) -> str:
    """Return a step with another last number."""
    return _NUMBER.sub(lambda found: str(int(found[0]) + chance.choice((1, 2, 3, 10))), step)


def _first(row: Record) -> int | None:
    """Return the first wrong step of a solution; None where it is not known."""
    if "first_error" in row.data:
        return int(row.data["first_error"])
    problem = answering.program(row) if works.is_symbolic(row) else None
    return programs.first_error(problem, programs.taken(problem, row.data["steps"])) if problem else None


async def _seen(row: Record, ask: Ask, judging: judge.Params) -> PilotSolution:
    asked = judge.requests(row, judging)
    verdict = judge.named(await ask(asked[0])) if asked else None
    passed, first = row.data["pass_rate"], _first(row) or 0
    right = row.data["right"] if row.data["right"] is not None else not first
    source = row.data.get("source", "" if "first_error" in row.data else row.provenance.source)
    return PilotSolution(first, len(row.data["steps"]), right, passed["right"], passed["samples"], verdict, source)


def measured(rows: Iterator[Record], policy: str) -> Calibration:
    """Return what the pilot's counts come to."""
    kinds: dict[str, list[tuple[int, int]]] = defaultdict(list)
    seen: list[PilotSolution] = []
    for row in rows:
        for count in row.data["dead"]:
            if count["asked"]:
                kinds[count["kind"]].append((count["right"], count["asked"]))
        seen += [PilotSolution(**one) for one in row.data["seen"]]
    rates, believed = calibrating.recovery(kinds, GROUPS)
    rollouts = sum(asked for counts in kinds.values() for _, asked in counts)
    own = [one for one in seen if not one.right and one.samples]
    beliefs = calibrating.beliefs(believed, own, calibrating.accuracy(seen), calibrating.by_source(seen))
    return Calibration(policy=policy, rollouts=rollouts, kinds=rates, beliefs=beliefs)


def _policy(file: Path, params: synthesize.Params) -> str:
    names = Counter(
        "noisy solver" if works.is_symbolic(row) else str(params.roles[POLICY].model) for row, _ in records.read(file)
    )
    return ", ".join(sorted(names))


def _print(calibration: Calibration, target: Path) -> None:
    console = Console(highlight=False)
    for kind, rate in calibration.kinds.items():
        console.print(f"recovery from {kind}: {_rate_text(rate)}", soft_wrap=True)
    few = "" if calibration.rollouts >= LEAST_ROLLOUTS else f"; fewer than {LEAST_ROLLOUTS}: make the pilot larger"
    console.print(
        f"{calibration.policy}: {calibration.rollouts} rollouts{few}; believed: {_rate_text(calibration.beliefs.recovery)}",
        soft_wrap=True,
    )
    accuracy = calibration.beliefs.judge
    console.print(f"judge: {accuracy}" if accuracy else "judge: not measured", soft_wrap=True)
    for source, own in calibration.beliefs.judges:
        console.print(f"judge on {source}: {own}", soft_wrap=True)
    console.print(f"written: {target}", soft_wrap=True)


def _rate_text(rate: Rate) -> str:
    return f"{rate.right} of {rate.asked}, {rate.mean:.4f} ({rate.low:.4f} to {rate.high:.4f})"


STAGE = Calibrating(run=run)
