"""A solution in steps to each problem, by the module that its subset is named after.

The paper has one multimodal model, Gemini-1.5-Flash-002, write all of them: from question and answer (`distill`), by another
path than a given analysis (`rewrite`), from a formal or symbolic solution (`unify`). Its prompts are shown as pictures in
figures 12 to 14 (Luo et al., arXiv 2501.04686); those here are ours, after what they ask for. The image travels with the
prompt. Rows of the engine need no model: `symbolic` words their steps.

Beside the paper's way, `blind` has a model solve problems without the answer (`builders.families.mmathcot.blind`).
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import model_validator

from builders import atomic, paths, prompts
from builders.asking import works
from builders.contracts import Synthesizing
from builders.families.mmathcot import blind, figures, made, rewording, wording
from builders.families.mmathcot import symbolic as worded
from builders.families.mmathcot.blind import Blind
from builders.families.mmathcot.soundness import module
from builders.families.mmathcot.symbolic import Mode
from builders.params import sections
from builders.problems.solutions import FORM, parsed
from builders.records import Outcome, Record, seeded
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.texts import finish, think
from builders.work import Ask, Work, gathered

_FAMILY, _STAGE, ROLE = "mmathcot", "synthesize", "teacher"
_SEEDS = 2**31
_FIGURES = "figures"


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        blind: which problems are solved without the answer, and how often; null: none.
        reworded: the teacher puts the engine's own problems and steps into other words (`rewording`) where it would else solve
            them; rows with `answers: symbolic` keep the engine's words.
    """

    blind: Blind | None = None
    reworded: bool = False

    @model_validator(mode="after")
    def _structured(self) -> "Params":
        if self.reworded and (self.roles[ROLE].api != "chat" or self.candidates is not None):
            message = "reworded asks a chat model once for each row: set the teacher's api to chat and candidates to null"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return the request for the solution, or those for blind samples of it, or that for another wording."""
    if _reworded(record, params):
        return [rewording.request(record, params.roles[ROLE], params.seed)]
    if _blind(record, params):
        assert params.blind  # noqa: S101
        return [candidate(record, blind.FIRST + number, params) for number in range(params.blind.samples)]
    return [candidate(record, 0, params)]


def _reworded(record: Record, params: Params) -> bool:
    return params.reworded and bool(record.data.get("made"))


def _blind(record: Record, params: Params) -> bool:
    return params.blind is not None and record.subset in params.blind.modules


def candidate(record: Record, index: int, params: Params) -> Request:
    """Return the request for one of several candidates."""
    data, figure = record.data, picture(record)
    text = prompts.render(
        _FAMILY,
        _STAGE,
        "blind.jinja" if _blind(record, params) else f"{module(record)}.jinja",
        question=wording.question_with_choices(data["question"], data["options"]),
        options=data["options"],
        answer=data["answer"],
        solution=data["solution"] if module(record) != "distill" else "",
        picture=figure is not None,
    )
    body_of: list[dict[str, Any]] = [{"type": "text", "text": text}]
    shown: tuple[tuple[str, Path], ...] = ()
    if figure is not None:
        part, image = api.image(figure)
        body_of, shown = [part, *body_of], (image,)
    seed = seeded(_SEEDS, params.seed, record.id, index)
    content = body_of if shown else text
    body = api.chat(params.roles[ROLE], [{"role": "user", "content": content}], seed=seed)
    return Request(_STAGE, ROLE, record.id, index, body, shown)


def unacceptable(reply: Reply, _: Params) -> str | None:
    """Return what is wrong with the form of a reply; what it says is for filter and judge."""
    solution = parsed(think.answered(reply.text))
    faults = (reason for reason, fault in FORM.items() if fault(solution) is not None)
    return finish.fault(reply.finish_reason) or next(faults, None)


def symbolic(record: Record, params: Params) -> list[str]:
    """Return the solution of a row of the engine, in a style drawn from its id."""
    mode = cast("Mode", module(record))
    return [worded.solution(made.unpacked(record.data["made"]), mode, record.id, params.seed)]


def picture(record: Record) -> Path | None:
    """Return the file of a row's image; None for a row without.

    A figure of the engine is painted for a model to see, into a folder beside the stages' own.
    """
    facts = record.data.get("picture")
    if record.data.get("made"):
        return _painted(Path.cwd(), record.id, orjson.dumps(record.data["made"]))
    return figures.place(facts["path"]) if facts else None


@lru_cache(maxsize=4096)
def _painted(_: Path, row: str, packed: bytes) -> Path:
    """Paint a figure once in the life of a process: what an earlier one left may be from another version of the engine."""
    problem = orjson.loads(packed)
    file = paths.processed(_FAMILY) / _FIGURES / f"{row.partition(':')[2]}.png"
    with atomic.whole(file) as target:
        target.write(made.painted(problem["kind"], problem["facts"], problem["style"]))
    return file


def work(params: Params, _: object) -> Work:
    """Return the work about a problem: one solution, or candidates until one is well-formed, or blind samples."""
    ordinary = gathered(works.merged)
    if params.candidates:
        ordinary = works.sampled(
            params.candidates,
            lambda record, index: candidate(record, index, params),
            lambda reply: unacceptable(reply, params),
        )

    async def either(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if _reworded(record, params):
            return await rewording.work(ordinary, params.seed)(record, openings, ask)
        return await (blind.work if _blind(record, params) else ordinary)(record, openings, ask)

    return either


def besides(params: Params) -> str:
    """Return what an estimate by the first replies leaves out."""
    return "more for replies that are not acceptable" if params.candidates else ""


STAGE = Synthesizing(params=Params, openings=requests, work=work, besides=besides, symbolic=symbolic)
