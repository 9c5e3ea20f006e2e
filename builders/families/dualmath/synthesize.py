"""Solutions of each problem, and where the first wrong step of each is.

A problem's solutions take its place: it is asked n times, its distinct solutions of a sound form become rows, and it is
rejected as `spent`, with what became of its samples. The judge, where there is one, is asked about a solution first; then
`locating` says which prefix to continue next, until it has found. What it found is not stored, but what it found it from: the
counts. So filter can decide by another rule or threshold, and no call is made.

A problem's solutions are located at once, so that prefixes that begin alike are asked next to each other, and that a few
problems are enough for many requests in flight. What is asked about a solution depends on its text, the problem's samples, the
calibration and the params alone. A continuation is named by its prefix and its number, so two solutions that begin alike share
it, and so do two ways of locating.

Problems of the pilot, a share by row id, are rejected as `pilot`: `calibration` measures on them, and no figure is of them.
A source with `answers: symbolic` is solved by the noisy solver, and nobody is asked.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field, model_validator

from builders import paths, records
from builders.asking import works
from builders.contracts import Synthesizing
from builders.families.dualmath import answering, believing, inserted, judge, locating, wording
from builders.families.dualmath.collect import INSERTED
from builders.families.dualmath.inserted import Inserting
from builders.families.dualmath.locating import POLICY, SECOND, Case, Counts, Locating, Place, Probe, Tally
from builders.families.dualmath.solver import Habits
from builders.params import sections
from builders.params.roles import Sampling
from builders.provenance import Answerer
from builders.records import Outcome, Record, Rejection, seeded
from builders.sources.section import Section
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.work import Answer, Ask, Work, together

STAGE_NAME = "synthesize"
CALIBRATION = "calibration.json"
NOISY = Answerer(works.SYMBOLIC, "noisy solver", None, None)
_SEEDS, _FINE = 2**31, 10**6
_OF_A_PREFIX = 1000
"""What counts the continuations of a prefix among a row's requests."""


class Labelled(Section):
    """Most solutions of a problem that are labelled.

    Args:
        wrong: with a wrong answer.
        right: with the right one.
    """

    wrong: int = Field(ge=0)
    right: int = Field(ge=0)


class Params(sections.Asking):
    """Parameters of the stage.

    Args:
        seed: base of every request's sampling seed.
        samples: solutions that are asked for of each problem, n.
        labelled: how many of them are labelled.
        steps: how many a labelled solution may have.
        continuing: how continuations are sampled; solutions are sampled as the role says.
        locating: how the first wrong step is located.
        pilot: share of the problems that only the calibration sees.
        solver: the noisy solver, for sources with `answers: symbolic`.
        inserting: how errors are inserted into right solutions, for `mie`.
    """

    seed: int
    samples: int = Field(ge=1, lt=_OF_A_PREFIX)
    labelled: Labelled
    steps: sections.Bounds
    continuing: Sampling
    locating: Locating
    pilot: float = Field(ge=0, le=1)
    solver: Habits
    inserting: Inserting

    @model_validator(mode="after")
    def _second_policy(self) -> "Params":
        if self.locating.way == "agreement" and SECOND not in self.roles:
            message = f"way: agreement needs a role {SECOND}"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return the requests for solutions, right or with an inserted error; none of a problem of the pilot."""
    if record.subset == INSERTED:
        return inserted.requests(record, params.roles, params.inserting)
    return (
        [] if is_pilot(record.id, params) else [request(record, POLICY, (), number, params) for number in range(params.samples)]
    )


def request(record: Record, role: str, steps: Sequence[str], number: int, params: Params) -> Request:
    """Return the request for a solution, or for one of the continuations of a prefix."""
    member = params.roles[role]
    if steps:
        member = member.model_copy(update={"sampling": params.continuing})
    problem = record.parent or record.id
    seed = seeded(_SEEDS, params.seed, problem, list(steps), number)
    content, images = wording.pictured(record.data, wording.solution_prompt(record, steps))
    body = api.chat(member, [{"role": "user", "content": content}], seed=seed)
    return Request(STAGE_NAME, role, record.id, len(steps) * _OF_A_PREFIX + number, body, images)


def is_pilot(row: str, params: Params) -> bool:
    """Tell whether a problem is the pilot's, by its id alone."""
    return seeded(_FINE, "pilot", row) < params.pilot * _FINE


def work(params: Params, judging: judge.Params) -> Work:
    """Return the work about a problem: its solutions, each with the counts by which its first wrong step is located."""

    async def labelled(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if record.subset == INSERTED:
            if works.is_symbolic(record):
                return inserted.made(record, answering.program(record), params.inserting)
            return await inserted.drafted(record, openings, ask)
        if is_pilot(record.id, params):
            return [(record, Rejection("pilot"))]
        asker = answering.asking(record, ask, params.solver)
        wanted = openings or requests(record, params)
        answers = await asker.all(wanted)
        if len(failed := works.failures(wanted, answers)) == len(wanted):
            return [(record, Rejection("no_reply", {"replies": failed}))]
        children, evidence = solutions(record, answers, params)
        sound = [child for child, rejection in children if rejection is None]
        located = iter(await together(_located(child, asker, params, judging) for child in sound))
        outcomes = [(child, rejection) if rejection else next(located) for child, rejection in children]
        spent = Rejection("spent", {**evidence, **({"failed": failed} if failed else {})})
        return [(record, spent), *outcomes]

    return labelled


def solutions(record: Record, answers: Sequence[Answer], params: Params) -> tuple[list[Outcome], dict[str, Any]]:
    """Return a problem's distinct solutions as rows, those of unsound form rejected, and what became of its samples."""
    read = {
        number: (wording.read(answer.text, answer.finish_reason), answer)
        for number, answer in enumerate(answers)
        if isinstance(answer, Reply)
    }
    right = {number: wording.is_right(record, reading.given) for number, (reading, _) in read.items()}
    left = {True: params.labelled.right, False: params.labelled.wrong}
    seen: set[tuple[str, ...]] = set()
    rows: list[Outcome] = []
    over = 0
    for number, (reading, reply) in read.items():
        content = (*reading.steps, reading.given) if not reading.fault else (reply.text,)
        if content in seen:
            continue
        seen.add(content)
        fault = reading.fault or _steps_fault(reading.steps, params)
        if not fault and not left[right[number]]:
            over += 1
            continue
        left[right[number]] -= not fault
        passed = {"right": sum(right.values()), "samples": len(read)}
        row = _child(record, number, reading, passed, reply).having(right=right[number])
        rows.append((row, Rejection(fault, {"index": number, "length": len(reply.text)}) if fault else None))
    return rows, {"samples": len(read), "right": sum(right.values()), "distinct": len(seen), "not_labelled": over}


def _steps_fault(steps: Sequence[str], params: Params) -> str:
    return "" if params.steps.min <= len(steps) <= params.steps.max else "steps_outside"


def _child(record: Record, number: int, reading: wording.Reading, passed: dict[str, int], reply: Reply) -> Record:
    """Return a solution as a row: named by its problem and the first sample that told it."""
    traced = record.provenance
    key = traced.source_key or records.normalised(record.data["question"])
    identity = records.row_id(wording.FAMILY, traced.source, key, number)
    data = {
        **record.data,
        "steps": list(reading.steps),
        "given": reading.given,
        "pass_rate": passed,
        "reply": {"index": number, "request": reply.key if traced.answers is None else None},
    }
    return Record(identity, record.subset, record.id, traced, data)


async def _located(child: Record, ask: Ask, params: Params, judging: judge.Params) -> Outcome:
    """Ask about a solution until its first wrong step is located."""
    known, sha256 = calibration()
    beliefs = known.of(child.provenance.source)
    verdict = judge.named(await ask(judge.requests(child, judging)[0])) if judge.ROLE in judging.roles else None
    counts: dict[Place, Tally] = {}
    words = 0
    while isinstance(found := locating.step(case(child, verdict), counts, params.locating, beliefs), Probe):
        role, prefix = found.place
        old = counts.get(found.place, Tally(0, 0))
        steps = child.data["steps"][:prefix]
        asked = [request(child, role, steps, number, params) for number in range(old.asked, old.asked + found.more)]
        answers = await ask.all(asked)
        if failed := works.failures(asked, answers):
            return child.having(counts=_columns(counts)), Rejection("no_reply", {"replies": failed})
        texts = [answer.text for answer in answers if isinstance(answer, Reply)]
        words += sum(len(text.split()) for text in texts)
        right = sum(wording.is_right(child, wording.read(text, "stop", prefix + 1).given) for text in texts)
        counts[found.place] = Tally(old.right + right, old.asked + found.more)
    row = child.having(counts=_columns(counts), generated_words=words, calibration_sha256=sha256)
    return (row.answered(**{POLICY: NOISY}) if works.is_symbolic(child) else row), None


def case(record: Record, verdict: int | None) -> Case:
    """Return what is known of a solution before anything is asked about it."""
    data = record.data
    lengths = tuple(max(1, len(step.split())) for step in data["steps"])
    guesses = 1 / len(data["options"]) if data["options"] else 0.0
    return Case(
        len(lengths), data["right"], data["pass_rate"]["right"], data["pass_rate"]["samples"], lengths, verdict, guesses
    )


def counted(columns: Iterable[dict[str, Any]]) -> Counts:
    """Read back the column `counts`."""
    return {Place(column["role"], column["prefix"]): Tally(column["right"], column["asked"]) for column in columns}


def _columns(counts: Counts) -> list[dict[str, Any]]:
    return [{**place._asdict(), **tally._asdict()} for place, tally in sorted(counts.items())]


def calibration() -> tuple[believing.Beliefs, str]:
    """Return what is believed of policy and judge, and the hash of the file that says so.

    Raises:
        BuildError: there is no such file.
    """
    file = paths.raw(wording.FAMILY, "sources").parent / CALIBRATION
    return believing.read(file, file.stat().st_mtime_ns if file.is_file() else 0), records.file_digest(file)


STAGE = Synthesizing(
    params=Params,
    roles=(POLICY,),
    openings=requests,
    work=work,
    judging=lambda chosen: chosen.locating.way in {"posterior", "verify", "judge"},
    besides=lambda _: "continuations of each solution's prefixes, and the judge about each solution",
)
