"""Judges measured on answers that people have labelled: the same scorers, on replies that are given, and how far they agree.

A file has a question, a reply and a label per row. A hash of the question parts them into dev, on which a threshold or a
template may be chosen, and test, on which it may not: only agreement on test is told beside a rate.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage
from inspect_ai.scorer import Metric, SampleScore, metric
from inspect_ai.solver import Generate, Solver, TaskState, solver

from builders import records
from builders.errors import BuildError
from builders.evaluation import questions
from builders.evaluation.agreement import Agreement, Pair, agreement
from builders.evaluation.measures import Numbers
from builders.evaluation.naming import registered
from builders.evaluation.questions import Question
from builders.intervals import Share

PEOPLE, SPLIT, REPLY = "people", "labelled_split", "given_reply"
"""Keys of a sample's metadata: what people say, dev or test, and the reply."""
SPLITS = ("dev", "test")
REPLY_COLUMNS = ("completion", "reply", "response", "answer")
_NOTHING = ModelUsage(input_tokens=0, output_tokens=0, total_tokens=0)


def samples(
    file: str,
    labels: Mapping[str, Sequence[str]],
    column: str,
    is_asked: Callable[[Mapping[str, Any]], bool] | None = None,
) -> Iterator[Sample]:
    """Yield a sample for each labelled reply.

    Args:
        file: the rows.
        labels: what people may say, in our word → how files write it.
        column: the label's.
        is_asked: tells of a row whether it is one of those that are asked about; None: all are.

    Raises:
        BuildError: a row has no reply, or a label that is none; neither is quoted.
    """
    known = {written.lower(): word for word, others in labels.items() for written in (word, *others)}
    for number, question in enumerate(questions.read(file, own_ids=True), 1):
        if is_asked and not is_asked(question.row):
            continue
        where = f"{file}: row {number}"
        reply = next((question.row[name] for name in REPLY_COLUMNS if isinstance(question.row.get(name), str)), None)
        label = known.get(str(question.row.get(column)).strip().lower())
        if reply is None:
            raise BuildError("no reply", where=where, fix=f"name its column {' or '.join(REPLY_COLUMNS)}")
        if label is None:
            raise BuildError(f"the column {column} holds no label", where=where, fix=f"write one of {', '.join(labels)}")
        yield sample(question, reply, label)


def sample(question: Question, reply: str, label: str, **about: object) -> Sample:
    """Return one labelled reply as a sample, of dev or of test by its question.

    Args:
        question: what was asked.
        reply: what was answered.
        label: what people say of it.
        about: further metadata.
    """
    split = SPLITS[records.seeded(len(SPLITS), "labelled", records.normalised(question.prompt))]
    return question.sample(**{PEOPLE: label, SPLIT: split, REPLY: reply}, **about)


@solver(name=registered("given"))
def own_reply() -> Solver:
    """Return the solver that asks nobody: the reply is the sample's own."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        output = ModelOutput.from_content(str(state.model), state.metadata[REPLY], stop_reason="stop")
        output.usage = _NOTHING
        state.output = output
        return state

    return solve


@metric(name=registered("agrees"), scores="unreduced")
def agrees(fails: Sequence[str], passes: Sequence[str]) -> Metric:
    """Return the metric of how far a scorer agrees with people, on dev and on test.

    Args:
        fails: outcomes, and labels, that fail an answer.
        passes: those that pass it; any other outcome is not a verdict, and counted by its word.
    """

    def measured(scores: list[SampleScore]) -> Any:  # noqa: ANN401  (a Value of Inspect's)
        found: Numbers = {}
        for split in SPLITS:
            part = [score for score in scores if (score.sample_metadata or {}).get(SPLIT) == split]
            pairs = [_pair(score, fails, passes) for score in part]
            excluded = Counter(str(score.score.value) for score, pair in zip(part, pairs, strict=True) if pair.judge is None)
            values = numbers(agreement(pairs)) | {f"agrees_excluded_{why}": float(count) for why, count in excluded.items()}
            found.update({f"{split}/{name}": value for name, value in values.items()})
        return found

    return measured


def numbers(agreement: Agreement) -> Numbers:
    """Return an agreement as the numbers of a log."""
    values: Numbers = {"no_verdict": float(agreement.no_verdict)}
    for name, share in (("agrees", agreement.all), ("agrees_on_fail", agreement.fails), ("agrees_on_pass", agreement.passes)):
        values.update(_share(name, share))
    if agreement.f1 is not None:
        values["f1"] = agreement.f1
    if agreement.correlation is not None:
        values["correlation"] = agreement.correlation
    return values


def _share(name: str, share: Share) -> Numbers:
    ends = {} if share.value is None else {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    return {**ends, f"{name}_n": float(share.trials)}


def _pair(score: SampleScore, fails: Sequence[str], passes: Sequence[str]) -> Pair:
    people, judge = str((score.sample_metadata or {})[PEOPLE]), str(score.score.value)
    return Pair(people in fails, True if judge in fails else False if judge in passes else None)
