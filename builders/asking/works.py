"""Kinds of work about one row that families share: ask for what is wanted, until enough is good, or until it is settled.

Each returns a `Work` for `Synthesizing`. The replies are kept as the column `replies`, in the order asked, each with the sample
index of its request, text, finish reason and the request's key. A row that lacks a reply is rejected as `no_reply`.
"""

from collections.abc import Callable
from typing import Any

from builders.provenance import Answerer
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer, Ask, Work

SYMBOLIC = "symbolic"
"""Who answers where nobody is asked, and what a source says of such rows."""


def merged(record: Record, requests: list[Request], answers: list[Answer]) -> Outcome:
    """Add the replies to the row; reject it if one is missing, keeping those that came."""
    pairs = zip(requests, answers, strict=True)
    replies = [_column(request, answer) for request, answer in pairs if isinstance(answer, Reply)]
    failed = failures(requests, answers)
    return record.having(replies=replies), Rejection("no_reply", {"replies": failed}) if failed else None


def failures(requests: list[Request], answers: list[Answer]) -> list[dict[str, Any]]:
    """Return why there is no reply, by sample index, for each request that got none."""
    pairs = zip(requests, answers, strict=True)
    return [{"index": asked.index, **answer.evidence} for asked, answer in pairs if isinstance(answer, NoReplyError)]


def sampled(
    candidates: int,
    another: Callable[[Record, int], Request],
    unacceptable: Callable[[Reply], str | None],
    role: str = "teacher",
    refusals: str | None = None,
) -> Work:
    """Return work that asks for candidates until enough are acceptable or no more may be asked for.

    As many as the row has openings are enough. A row that gets fewer is rejected as `too_few_accepted`.

    Args:
        candidates: how many may be asked for.
        another: the request for the candidate with this sample index.
        unacceptable: why a reply is not acceptable; None if it is.
        role: who is asked.
        refusals: the column for the replies that were not acceptable, each with `reason` beside what a reply has; None: they
            are kept nowhere.
    """

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        replies, failed, refused, left = [], [], [], list[dict[str, object]]()
        wanted, asked = list(openings), 0
        while wanted:
            for request, answer in zip(wanted, await ask.all(wanted), strict=True):
                if isinstance(answer, NoReplyError):
                    failed.append({"index": request.index, **answer.evidence})
                elif reason := unacceptable(answer):
                    refused.append({"index": request.index, "reason": reason, "key": answer.key})
                    left.append({**_column(request, answer), "reason": reason})
                else:
                    replies.append(_column(request, answer))
            asked += len(wanted)
            more = min(len(openings) - len(replies), candidates - asked)
            wanted = [another(record, asked + number) for number in range(max(more, 0))]
        ask.sampled("synthesize", role, asked, len(replies))
        row = record.having(replies=replies, **({refusals: left} if refusals else {}))
        return [(row, _too_few(len(openings), len(replies), refused, failed))]

    return work


def _too_few(wanted: int, accepted: int, refused: list[dict[str, Any]], failed: list[dict[str, Any]]) -> Rejection | None:
    if accepted == wanted:
        return None
    if not refused:
        return Rejection("no_reply", {"replies": failed})
    return Rejection("too_few_accepted", {"wanted": wanted, "accepted": accepted, "refused": refused, "failed": failed})


def stopping(
    wanted: Callable[[list[dict[str, Any]], int], int],
    questions: Callable[[Record], list[Request]],
    annotated: Callable[[Record, list[Answer]], Record],
) -> Work:
    """Return work that asks for replies, and the judge about them, until no further reply can change what becomes of a row.

    The judge is asked what the judge stage will ask, which finds the answers in the ledger.

    Args:
        wanted: how many more replies are certain to be needed, given the judged ones and how many there are in all.
        questions: what the judge is asked about a row with replies.
        annotated: the row with what the judge said.
    """

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        answers: list[Answer] = []
        judged: list[dict[str, Any]] = []
        while count := wanted(judged, len(openings)):
            asked = openings[len(answers) : len(answers) + count]
            came = await ask.all(asked)
            answers += came
            row, rejection = merged(record, asked, came)
            if rejection:
                break
            judged += annotated(row, await ask.all(questions(row))).data["replies"]
        return [merged(record, openings[: len(answers)], answers)]

    return work


def symbolic(answered: Callable[[Record], list[str]], work: Work, role: str = "teacher") -> Work:
    """Return work that has the family answer the rows of its own, and does the given work for all others."""

    async def either(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not is_symbolic(record):
            return await work(record, openings, ask)
        texts = enumerate(answered(record))
        replies = [{"index": index, "text": text, "finish_reason": "stop", "key": None} for index, text in texts]
        return [(record.having(replies=replies).answered(**{role: Answerer(SYMBOLIC, SYMBOLIC, None, None)}), None)]

    return either


def is_symbolic(record: Record) -> bool:
    """Tell whether the family answers the row itself."""
    return record.provenance.answers == SYMBOLIC


def _column(request: Request, reply: Reply) -> dict[str, object]:
    return {"index": request.index, "text": reply.text, "finish_reason": reply.finish_reason, "key": reply.key}
