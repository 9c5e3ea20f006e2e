"""Plain bisection: continue the solution from a step some times; if no continuation finds the answer, the error is before."""

from builders.contracts import Synthesizing
from builders.params.roles import Role
from builders.params.sections import Synthesize
from builders.records import Outcome, Record, Rejection
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Ask, Work

_ROLLOUTS = 4


def rollout(record: Record, steps: int, sample: int, role: Role) -> Request:
    """Return the request to continue a solution after so many steps."""
    text = "\n".join([record.data["prompt"], *record.data["steps"][:steps]])
    body = api.chat(role, [{"role": "user", "content": text}])
    return Request("synthesize", "teacher", record.id, steps * _ROLLOUTS + sample, body)


def work(params: Synthesize, _: object) -> Work:
    """Return the work about a solution: after each half that is asked about, the other half is known."""

    async def located(record: Record, _: list[Request], ask: Ask) -> list[Outcome]:
        right, wrong = 0, len(record.data["steps"])
        while wrong - right > 1:
            middle = (right + wrong) // 2
            wanted = [rollout(record, middle, sample, params.roles["teacher"]) for sample in range(_ROLLOUTS)]
            answers = await ask.all(wanted)
            if failed := [answer.evidence for answer in answers if isinstance(answer, NoReplyError)]:
                return [(record, Rejection("no_reply", {"replies": failed}))]
            recovered = any(isinstance(reply, Reply) and reply.text.endswith(record.data["answer"]) for reply in answers)
            right, wrong = (middle, wrong) if recovered else (right, middle)
        return [(record.having(wrong=wrong), None)]

    return located


STAGE = Synthesizing(params=Synthesize, work=work)
