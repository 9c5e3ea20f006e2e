"""Which habits does a chain of thought show? Evidence first, then the verdict, one question for each habit.

The judge is shown one habit with sentences that show it, and the reasoning; it quotes the first sentence that shows the habit,
or nothing, and only then says yes or no (Dong et al., arXiv 2506.21571; the prompt is ours). With `habits: own` only those
habits are looked for that the task gives an occasion for, as in the paper; `all` looks for all 16 in every task, from which the
table of habit by task kind comes. Tasks that are only released are judged by nobody.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from builders import prompts
from builders.contracts import Judging
from builders.families.cogtest import evidence
from builders.families.cogtest.collect import FAMILY, TRACES, own_habits
from builders.families.cogtest.habits import BY_SLUG, SLUGS
from builders.params import sections
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.texts import think
from builders.work import Answer, Work, gathered

STAGE_NAME, ROLE = "judge", "judge"


class Params(sections.Asking):
    """Parameters of the stage.

    Args:
        habits: which habits are looked for in a task: its `own`, or `all`.
        frequency_penalty: sent with each request; the paper has 1.0.
    """

    habits: Literal["own", "all"]
    frequency_penalty: float = Field(ge=-2, le=2)


def reasoning(record: Record) -> str:
    """Return the reasoning of a row of traces; empty where the reply has no well-formed one."""
    parts = think.split(record.data["reply"]["text"])
    return parts.reasoning if parts.well_formed else ""


def looked_for(record: Record, params: Params) -> tuple[str, ...]:
    """Return the habits that are looked for in a row, in the order of the sixteen."""
    if record.subset != TRACES or not reasoning(record):
        return ()
    own = own_habits(record)
    return SLUGS if params.habits == "all" else tuple(slug for slug in SLUGS if slug in own)


def openings(record: Record, params: Params) -> list[Request]:
    """Return one request for each habit; its sample index is the habit's place among the sixteen."""

    def request(slug: str) -> Request:
        text = prompts.render(FAMILY, STAGE_NAME, "evidence.jinja", habit=BY_SLUG[slug], reasoning=reasoning(record))
        penalty = {"frequency_penalty": params.frequency_penalty} if params.frequency_penalty else {}
        body = api.chat(params.roles[ROLE], [{"role": "user", "content": text}], evidence.SCHEMA, **penalty)
        return Request(STAGE_NAME, ROLE, record.id, SLUGS.index(slug), body, schema=evidence.SCHEMA)

    return [request(slug) for slug in looked_for(record, params)]


def annotated(record: Record, answers: list[Answer], params: Params) -> Record:
    """Add what was found about each habit that was looked for; nothing to a task that is only released."""
    if record.subset != TRACES:
        return record
    pairs = zip(looked_for(record, params), answers, strict=True)
    return record.having(habits=[_found(slug, answer, reasoning(record)) for slug, answer in pairs])


def verdicts(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield for each habit that was looked for whether it is reflected; None where that is unscored."""
    for found in record.data.get("habits", ()):
        yield found["habit"], None if found["reflected"] is None else "reflected" if found["reflected"] else "not reflected"


def work(params: Params) -> Work:
    """Return the work about a row: all habits are asked about at once."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
        return annotated(record, answers, params), None

    return gathered(merged)


def _found(slug: str, answer: Answer, text: str) -> dict[str, Any]:
    verdict = None if isinstance(answer, NoReplyError) else answer.value
    finding = evidence.checked(verdict, text)
    return {
        "habit": slug,
        "evidence": verdict["evidence"].strip() or None if verdict else None,
        "said": verdict["is_reflected"] if verdict else None,
        "reflected": finding.reflected,
        "mismatch": finding.mismatch,
        "request": (answer.evidence.get("keys") or [None])[-1] if isinstance(answer, NoReplyError) else answer.key,
    }


STAGE = Judging(params=Params, openings=openings, work=work, verdicts=verdicts)
