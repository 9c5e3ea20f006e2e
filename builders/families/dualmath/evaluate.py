"""What process labels are good for: best-of-N against the vote, and finding the first wrong step.

    inspect eval builders/dualmath_best_of_n -T problems=held_out.jsonl -T elsewhere=MathVision/data.jsonl -T n=16 \
        --model openai-api/local/policy --model-role process=openai-api/prm/ursa-rm
    inspect eval builders/dualmath_processbench --model openai-api/local/qwen3-8b            # the model is the critic

Best-of-N (URSA, arXiv 2501.04686, section 5.3): the model solves each problem N times at temperature 1, the role `process`
labels the steps of each solution in the published form (`<pos>`, `<neg>`; probabilities where its server gives them), and the
solution whose steps score highest is taken, by their minimum and by their mean. Beside it stand the vote, what any single
solution is worth and what the best choice could reach. `in` are problems like those that the labeller was trained on, `out`
others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver
from inspect_ai.util import collect

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import accuracy, choosing, finals, judging, problem_files, rates, released, replies, shares
from builders.evaluation.accuracy import RIGHT
from builders.evaluation.judging import seen
from builders.evaluation.measures import Numbers
from builders.evaluation.naming import Evaluating, registered, task
from builders.evaluation.problem_files import Problem
from builders.evaluation.replies import RawReply
from builders.families.dualmath import labelling, measuring
from builders.families.dualmath.measuring import Judged
from builders.refusals import detector
from builders.sources import choices

FAMILY = "dualmath"
PROCESS = "process"
_DRAWN, _FOUND, _NOTHING_SAID = "drawn", "found", "nothing_said"


@task
def dualmath_best_of_n(problems: str, elsewhere: str = "", n: int = 8) -> Task:
    """Return what a labeller of steps adds to a solver.

    Args:
        problems: a file of problems like those that the labeller knows.
        elsewhere: a file of others.
        n: solutions of each problem.
    """
    judging.required(PROCESS)
    samples = _problems(problems, "in") + (_problems(elsewhere, "out") if elsewhere else [])
    return Task(
        dataset=MemoryDataset(samples),
        solver=several(n),
        scorer=best_of_n(),
        config=GenerateConfig(temperature=1.0, max_tokens=4096),
        metadata={"n": n},
    )


@task
def dualmath_processbench(rows: str = "") -> Task:
    """Return how well the model finds the first wrong step: ProcessBench's F1 (arXiv 2412.06559).

    Args:
        rows: a file with ProcessBench's columns; empty: our released config of that form.
    """
    found = released.rows(rows, FAMILY, "processbench")
    samples = [_solution(row, number) for number, row in enumerate(found, 1)]
    return Task(
        dataset=MemoryDataset(samples),
        solver=generate(tool_calls="none"),
        scorer=first_error(),
        config=GenerateConfig(temperature=0.0, max_tokens=8192),
    )


@solver(name=registered("several"))
def several(n: int) -> Solver:
    """Return what solves a problem so many times, at once."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate  # one of the replies alone would become the output
        model = get_model()
        outputs = await collect(*(model.generate(state.messages) for _ in range(n)))
        state.store.set(_DRAWN, [seen(output)._asdict() for output in outputs])
        state.output = outputs[0]
        return state

    return solve


def best_of_n_sums(scores: Sequence[SampleScore]) -> Numbers:
    """Return, for each N, what each way to choose is worth, over all problems and by distribution."""
    groups: defaultdict[str, list[SampleScore]] = defaultdict(list)
    for score in scores:
        groups[str((score.sample_metadata or {})["distribution"])].append(score)
    numbers = _worth(scores)
    for name, group in sorted(groups.items()):
        numbers |= {f"distribution:{name}/{key}": value for key, value in _worth(group).items()}
    unscored = sum(steps is None for score in scores for steps in shares.metadata(score)["steps"])
    faults = Counter(outcome for score in scores for outcome in shares.metadata(score)["outcomes"])
    left = {f"replies_{outcome}": float(count) for outcome, count in sorted(faults.items())}
    return {**numbers, "replies_without_labels": float(unscored), **left}


@scorer(metrics=[shares.summing("best_of_n", best_of_n_sums)], name=registered("chosen"))
def best_of_n() -> Scorer:
    """Return what checks each solution's answer and has its steps labelled."""

    async def score(state: TaskState, target: Target) -> Score:
        drawn = [RawReply(**reply) for reply in state.store.get(_DRAWN)]
        options, question = state.metadata["options"], state.metadata["question_text"]
        outcomes = [accuracy.outcome(reply, target.text, options, question) for reply in drawn]
        answers = [_answer(reply) for reply in drawn]
        asked = choices.joined(question, options)
        steps = await collect(*(labelling.scores(str(state.sample_id), asked, reply) for reply in drawn))
        kept = {"outcomes": outcomes, "answers": answers, "steps": list(steps), "options": options}
        return Score(value=outcomes[0], metadata=kept)

    return score


def first_sums(scores: Sequence[SampleScore]) -> Numbers:
    """Return ProcessBench's figures."""
    judged = [
        Judged((score.sample_metadata or {})["label"], shares.metadata(score).get("step"), _fault(score)) for score in scores
    ]
    found = measuring.processbench(judged)
    numbers = shares.numbers("f1", found.f1, found.unread, found.solutions)
    return {**numbers, **shares.numbers("error_accuracy", found.error), **shares.numbers("correct_accuracy", found.correct)}


@scorer(metrics=[shares.summing("processbench", first_sums)], name=registered("first_error"))
def first_error() -> Scorer:
    """Return what reads which step a reply calls wrong first; a reply that names none that there is counts as wrong."""

    async def score(state: TaskState, target: Target) -> Score:
        del target  # the label is in the metadata
        reply = seen(state.output)
        if fault := replies.fault(reply, english=False):
            return Score(value=fault)
        found = measuring.first_error(reply.answer, state.metadata["steps"])
        refuses = found.fault and detector.refusal(state.input_text, reply.answer).kind == "full"
        value = replies.REFUSED if refuses else found.fault or _FOUND
        return Score(value=value, answer=str(found.step), metadata={"step": found.step})

    return score


def _fault(score: SampleScore) -> str | None:
    return None if score.score.value == _FOUND else str(score.score.value)


def _worth(scores: Sequence[SampleScore]) -> Numbers:
    """Return the accuracy of each way to choose among the first N solutions."""
    kept = [shares.metadata(score) for score in scores]
    names = [str(score.sample_id) for score in scores]
    numbers = Numbers()
    for n in choosing.sizes(min((len(one["outcomes"]) for one in kept), default=0)) if kept else ():
        for way, choose in WAYS.items():
            values = [float(choose(one, n)) for one in kept]
            numbers |= shares.numbers(f"{way}_at_{n}", rates.clustered(values, names))
    return numbers


def _taken(one: Mapping[str, Any], place: int | None) -> bool:
    return place is not None and one["outcomes"][place] == RIGHT


WAYS: dict[str, Callable[[Mapping[str, Any], int], float]] = {
    "single": lambda one, n: sum(outcome == RIGHT for outcome in one["outcomes"][:n]) / n,
    "vote": lambda one, n: _taken(one, choosing.voted(one["answers"][:n], one["options"])),
    "best_min": lambda one, n: _taken(one, choosing.best(one["steps"][:n], "min")),
    "best_mean": lambda one, n: _taken(one, choosing.best(one["steps"][:n], "mean")),
    "any": lambda one, n: RIGHT in one["outcomes"][:n],
}
"""Way to choose among the first N solutions → whether what is chosen is right; `single` is the mean over them."""


def _answer(reply: RawReply) -> str | None:
    found = None if replies.fault(reply, english=False) else finals.final(reply.answer)
    return found.text if found else None


def _problems(file: str, distribution: str) -> list[Sample]:
    problems = problem_files.read(Path(file)).problems
    return [accuracy.sample(_named(problem, distribution), _put(problem), distribution=distribution) for problem in problems]


def _named(problem: Problem, distribution: str) -> Problem:
    return problem._replace(key=f"{distribution}:{problem.key}")


def _put(problem: Problem) -> str:
    return prompts.render(FAMILY, "evaluate", "solve.jinja", question=choices.joined(problem.question, problem.options))


def _solution(row: Mapping[str, Any], number: int) -> Sample:
    """Return a labelled solution as a sample.

    Raises:
        BuildError: it lacks problem, steps or label.
    """
    steps = row.get("steps")
    if (
        not isinstance(row.get("problem"), str)
        or not isinstance(steps, list)
        or not str(row.get("label", "")).lstrip("-").isdigit()
    ):
        raise BuildError("no problem, steps and label", where=f"row {number}", fix="take a file with ProcessBench's columns")
    text = prompts.render(FAMILY, "evaluate", "first_error.jinja", problem=row["problem"], steps=steps)
    about = {"steps": len(steps), "label": int(row["label"])}
    return Sample(input=text, target=str(row["label"]), id=str(row.get("id") or number), metadata=about)


STAGE = Evaluating(tasks=(dualmath_best_of_n, dualmath_processbench))
