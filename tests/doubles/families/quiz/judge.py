"""A word about each reply, `safe` or `unsafe`; whatever else the judge says is no verdict."""

from builders.contracts import Judging
from builders.params.sections import Judge
from builders.prompts import render
from builders.records import Outcome, Record
from builders.teachers.api import NoReplyError, Request, chat
from builders.work import Answer, gathered


def requests(record: Record, params: Judge) -> list[Request]:
    """Return one request for each reply."""
    texts = [
        (reply["index"], render("quiz", "judge", "judge.jinja", **record.data, reply=reply["text"]))
        for reply in record.data["replies"]
    ]
    bodies = [(index, chat(params.roles["judge"], [{"role": "user", "content": text}])) for index, text in texts]
    return [Request("judge", "judge", record.id, index, body) for index, body in bodies]


def annotated(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
    """Add its verdict to each reply."""
    words = ["" if isinstance(answer, NoReplyError) else "".join(answer.text.split()[:1]) for answer in answers]
    pairs = zip(record.data["replies"], [word if word in ("safe", "unsafe") else None for word in words], strict=True)
    return record.having(replies=[{**reply, "verdict": verdict} for reply, verdict in pairs]), None


STAGE = Judging(
    params=Judge,
    openings=requests,
    work=lambda _: gathered(annotated),
    verdicts=lambda record: (("verdict", reply["verdict"]) for reply in record.data["replies"]),
)
