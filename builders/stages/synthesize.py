"""synthesize: ask the teacher.

The family's `synthesize` module gives `requests(record, params)`, the requests that one row needs. The replies are kept
as the column `replies`, each with its index, text, finish reason and the key of its request. A row that gets no usable
reply is rejected as `no_reply`.
"""

from builders import asking, families
from builders.asking import Answer, Located
from builders.records import Record, Rejection
from builders.stages import Intake, Job
from builders.teachers import NoReplyError, Request


def run(job: Job) -> Intake:
    """Ask the teacher about one pool."""
    family = families.module(job.family, "synthesize")
    chosen = job.params.synthesize

    def requests(record: Record) -> list[Request]:
        return list(family.requests(record, chosen))

    return asking.run(job, "teacher", chosen.roles["teacher"], requests, merged)


def merged(record: Record, answers: list[Answer]) -> Located:
    """Add the replies to the row; reject it if one is missing, keeping those that came."""
    replies, failed = [], []
    for index, answer in enumerate(answers):
        if isinstance(answer, NoReplyError):
            failed.append({"index": index, **answer.evidence})
        else:
            replies.append({"index": index, **answer._asdict()})
    return record.having(replies=replies), Rejection("no_reply", {"replies": failed}) if failed else None
