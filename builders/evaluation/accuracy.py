"""Answer accuracy on any problem file, with pictures, as an Inspect task; a family says how a problem is put.

The rule for replies that give no answer: the outcome is `right` or `wrong` where a final answer was found, else why there is
none: `no_final` (it announces none), `refused` (it announces none and declines), `blank`, `truncated`, `filtered`, `tool_call`.
`accuracy` counts each of those as not right, since a solver that says nothing did not solve the problem; `accuracy_answered`
leaves them out and counts them by reason. Language does not matter to the checker.
"""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser, Content, ContentImage, ContentText, GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState, generate

from builders.evaluation import finals, problem_files, replies
from builders.evaluation.judging import seen
from builders.evaluation.measures import rates
from builders.evaluation.naming import registered
from builders.evaluation.problem_files import Problem
from builders.evaluation.replies import RawReply
from builders.refusals import detector
from builders.sources import choices

RIGHT, WRONG, NO_FINAL = "right", "wrong", "no_final"
ANSWERED = (RIGHT, WRONG)
ALL = (*ANSWERED, NO_FINAL, replies.REFUSED, *(fault for fault in replies.FAULTS if fault != "other_language"))
CONFIG = GenerateConfig(max_tokens=4096)
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}

Put = Callable[[str], str]
"""Returns what a model is told, given a question with its choices."""
Answering = Callable[[str], str]
"""Returns the part of a reply that says the answer."""


def task(file: Path, put: Put, answering: Answering | None = None, shown: Callable[[Problem], str] | None = None) -> Task:
    """Return the task over a file of problems.

    Args:
        file: the problems.
        put: how a problem is put.
        answering: what part of a reply says the answer; None: all behind the think block.
        shown: a question with its choices; None: the choices below it, a letter each.
    """
    read = problem_files.read(file)
    samples = [sample(problem, put((shown or question_with_choices)(problem))) for problem in read.problems]
    return Task(
        dataset=MemoryDataset(samples, name=file.name),
        solver=generate(tool_calls="none"),
        scorer=answer_check(answering),
        config=CONFIG,
        metadata={"problems": file.name, "left_out": read.left_out},
    )


def question_with_choices(problem: Problem) -> str:
    """Return a question with its choices below it."""
    return choices.joined(problem.question, problem.options)


def sample(problem: Problem, text: str, **metadata: object) -> Sample:
    """Return a problem as a sample: its pictures before the text."""
    parts: list[Content] = [ContentImage(image=data_uri(image)) for image in problem.images]
    about = {"question_text": problem.question, "options": list(problem.options), **metadata}
    content = [*parts, ContentText(text=text)] if parts else text
    return Sample(input=[ChatMessageUser(content=content)], target=problem.answer, id=problem.key, metadata=about)


def data_uri(image: bytes) -> str:
    """Return a picture as a data URI."""
    kind = next((kind for start, kind in _KINDS.items() if image.startswith(start)), "png")
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


def outcome(reply: RawReply, reference: str, options: Sequence[str], question: str, answering: Answering | None = None) -> str:
    """Return what becomes of a reply to a problem."""
    if fault := replies.fault(reply, english=False):
        return fault
    answer = answering(reply.text) if answering else reply.answer
    found = finals.final(answer)
    if finals.right(found, reference, options, question):
        return RIGHT
    if (found is None or found.rule == finals.UNANNOUNCED) and detector.refusal(question, answer).kind == "full":
        return replies.REFUSED
    return NO_FINAL if found is None else WRONG


@scorer(
    metrics=[rates("accuracy", [RIGHT], ALL), rates("accuracy_answered", [RIGHT], ANSWERED)],
    name=registered("answer_check"),
)
def answer_check(answering: Any = None) -> Scorer:  # noqa: ANN401  (Inspect writes an argument's type into its registry)
    """Return what compares final answers with the reference by our checker."""

    async def score(state: TaskState, target: Target) -> Score:
        options, question = state.metadata["options"], state.metadata["question_text"]
        reply = seen(state.output)
        found = finals.final(answering(reply.text) if answering else reply.answer)
        value = outcome(reply, target.text, options, question, answering)
        return Score(value=value, answer=found.text if found else None, metadata={"rule": found.rule if found else None})

    return score
