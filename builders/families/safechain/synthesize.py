"""N replies of a reasoning model to each request (paper, section 5: five of DeepSeek-R1-Distill-Llama-70B).

They are asked for in an order that the row's id alone decides, of which the release shows the first that is good. So the
pick is known before any reply is asked for, and with early stopping the replies that matter come first.

The paper drew 50,000 requests and released 40,000 rows; by its own figures its teacher answers far fewer of them safely five
times in a row. So requests are drawn here, by data type, until enough are (`quota`). With `candidates`, a reply that is empty,
cut off or malformed is replaced by a further one instead of costing the request.
"""

from typing import Any

from pydantic import Field, model_validator

from builders import prompts
from builders.asking import works
from builders.contracts import Drawing, Synthesizing
from builders.families.safechain import judge, verdicts
from builders.params import sections
from builders.records import Record, seeded
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.texts import think
from builders.work import Work, gathered

_SEEDS = 2**31


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        replies: N, the replies wanted for each request.
        early_stopping: ask for them one after another, and the judge about each, until no further one can change whether
            the row is kept, in which subset, with which reply, or why not; false: ask for all N. Both models are needed at
            the same time then, which a `teacher: vllm` may lack the GPUs for: give the judge a URL of its own.
        quota: label → how many requests of `default` are wanted, until which they are drawn; null: all are asked about.
    """

    replies: int = Field(ge=1)
    early_stopping: bool
    quota: sections.Quota | None = None

    @model_validator(mode="after")
    def _enough(self) -> "Params":
        if self.candidates is not None and self.early_stopping:
            message = "early_stopping asks for less and candidates for more: set one of them to false or null"
            raise ValueError(message)
        if self.candidates is not None and self.candidates < self.replies:
            message = f"candidates {self.candidates} is below replies {self.replies}"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return N requests that differ in nothing but the sampling seed, in the order in which they are asked."""
    return [candidate(record, index, params) for index in order(record.id, params.replies)]


def order(row: str, replies: int) -> list[int]:
    """Return the sample indices of a row's replies in the order in which they are asked."""
    first = seeded(replies, "chosen reply", row)
    return [*range(first, replies), *range(first)]


def candidate(record: Record, index: int, params: Params) -> Request:
    """Return the request for one reply."""
    text = prompts.render("safechain", "synthesize", "teacher.jinja", instruction=record.data["instruction"])
    seed = sampling_seed(record.id, index, params.seed)
    body = api.chat(params.roles["teacher"], [{"role": "user", "content": text}], seed=seed)
    return Request("synthesize", "teacher", record.id, index, body)


def sampling_seed(row: str, index: int, base: int) -> int:
    """Return the seed that one reply to a row is sampled with."""
    return seeded(_SEEDS, base, row, index)


def unacceptable(reply: Reply, _params: Params) -> str | None:
    """Return what is wrong with the form of a reply; what it says is for the judge."""
    faults = (reason for reason, fault in think.FAULTS.items() if fault(reply.text, reply.finish_reason) is not None)
    return next(faults, None)


def wanted(replies: list[dict[str, Any]], total: int) -> int:
    """Return how many replies are certain to be needed beyond those that are judged, out of so many in all."""
    return verdicts.fate([verdicts.kind(reply) for reply in replies], total).missing


def work(params: Params, judging: judge.Params) -> Work:
    """Return the work about a request: all replies, or until no further one matters, or until enough are well-formed."""
    if params.early_stopping:
        return works.stopping(
            wanted,
            lambda record: judge.requests(record, judging),
            lambda record, verdicts: judge.annotated(record, verdicts, judging),
        )
    if params.candidates:
        return works.sampled(
            params.candidates,
            lambda record, index: candidate(record, index, params),
            lambda reply: unacceptable(reply, params),
            refusals=verdicts.MALFORMED,
        )
    return gathered(works.merged)


def besides(params: Params) -> str:
    """Return what an estimate by the first replies leaves out."""
    if params.early_stopping:
        return "fewer where it stops early, and the judge about each reply"
    return "more for replies that are not acceptable" if params.candidates else ""


def group(record: Record) -> str:
    """Return the label that a row counts for."""
    return verdicts.label(record.data.get("label"))


STAGE = Synthesizing(
    params=Params,
    openings=requests,
    work=work,
    judging=lambda chosen: chosen.early_stopping,
    besides=besides,
    drawing=Drawing(quota=lambda chosen, _: chosen.quota, group=group, good=verdicts.good),
)
