"""CoT2's accuracy, that of the final token, and pass@k, for models that are asked in words.

    inspect eval builders/cot2 -T config=prosqa --model openai-api/local/qwen3-8b
    inspect eval builders/cot2 -T config=mnns --epochs 8 --temperature 1 …          # pass@k for k = 1, 2, 4, 8

The paper trains small models on the closed vocabulary; `benchmarks/cot2_train.py` does that. Here any model reads the same
questions, with the rules of the task before them, and its final token is compared with the answer's (arXiv 2505.23648).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState, generate

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import choosing, released, replies, shares
from builders.evaluation.judging import seen
from builders.evaluation.measures import Numbers, rates
from builders.evaluation.naming import Evaluating, registered, task
from builders.families.cot2 import measuring
from builders.intervals import Share
from builders.refusals import detector

FAMILY = "cot2"
RIGHT, WRONG = "right", "wrong"
ANSWERED = (RIGHT, WRONG)
ALL = (*ANSWERED, replies.REFUSED, *(fault for fault in replies.FAULTS if fault != "other_language"))
Config = Literal["mnns", "prosqa", "prontoqa"]


@task
def cot2(config: Config = "prosqa", split: str = "validation", rows: str = "") -> Task:
    """Return how often the final token is right, of all replies and of those that answer, and pass@k over epochs.

    Args:
        config: which of the three tasks.
        split: of our release.
        rows: a file with the published columns in place of our release.
    """
    samples = [sample(row, number) for number, row in enumerate(released.rows(rows, FAMILY, config, split), 1)]
    return Task(
        dataset=MemoryDataset(samples),
        solver=generate(tool_calls="none"),
        scorer=final_token(),
        config=GenerateConfig(max_tokens=4096),
        metadata={"config": config, "split": split},
    )


def sample(row: Mapping[str, Any], number: int) -> Sample:
    """Return a row as a sample.

    Raises:
        BuildError: it is not a row of one of the tasks.
    """
    if not isinstance(row.get("question"), str) or "answer" not in row:
        raise BuildError("no question and answer", where=f"row {number}", fix="take a file with the published columns")
    text = prompts.render(FAMILY, "evaluate", f"{measuring.task(row)}.jinja", row=row)
    kept = {name: row[name] for name in ("question", "answer", "digits", "query") if name in row}
    return Sample(input=text, target=measuring.reference(row), id=str(row.get("id") or number), metadata={"row": kept})


def summed(scores: Sequence[SampleScore]) -> Numbers:
    """Return pass@k for the powers of two up to the number of epochs, and for that; a reply without an answer is wrong."""
    verdicts: defaultdict[str, list[bool]] = defaultdict(list)
    for score in scores:
        verdicts[str(score.sample_id)].append(score.score.value == RIGHT)
    numbers = Numbers()
    for k in choosing.sizes(min(map(len, verdicts.values()))) if verdicts else ():
        found = choosing.pass_at_k(list(verdicts.values()), k)
        share = Share(found.value, found.low, found.high, found.prompts)
        numbers |= shares.numbers(f"pass_at_{k}", share)
    return numbers


@scorer(
    metrics=[
        rates("accuracy", [RIGHT], ALL),
        rates("accuracy_answered", [RIGHT], ANSWERED),
        shares.summing("pass_at_k", summed),
    ],
    name=registered("final_token"),
)
def final_token() -> Scorer:
    """Return what compares final tokens."""

    async def score(state: TaskState, target: Target) -> Score:
        del target  # the row has it
        reply = seen(state.output)
        if fault := replies.fault(reply, english=False):
            return Score(value=fault)
        return Score(value=_outcome(state.metadata["row"], reply.answer), answer=measuring.final_token(reply.answer))

    return score


def _outcome(row: Mapping[str, Any], answer: str) -> str:
    if measuring.is_right(answer, row):
        return RIGHT
    return replies.REFUSED if detector.refusal(row["question"], answer).kind == "full" else WRONG


STAGE = Evaluating(tasks=(cot2,))
