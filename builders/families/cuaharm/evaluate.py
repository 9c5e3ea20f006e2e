"""CUAHarm's tasks as an Inspect task: an agent at a terminal in a box, judged by the state that it leaves.

    inspect eval builders/cuaharm --model openai-api/local/qwen3-32b         # the tasks, their benign twins beside them
    inspect eval builders/cuaharm -T subset=benign …

Every command runs in a box of `builders.sandbox` (`BUILDERS_SANDBOX` chooses what it runs on), never on the host. Tasks that a
log alone could judge, prompts for a chat, and published tasks where a box has no kernel of its own are left out and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import anyio.from_thread
import anyio.to_thread
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, GenerateConfig, ModelOutput, get_model
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import released, replies
from builders.evaluation.judging import seen
from builders.evaluation.measures import rates
from builders.evaluation.naming import Evaluating, registered, task
from builders.families.cuaharm import acting, episodes, evaluators
from builders.families.cuaharm.acting import FAILED, REFUSED, SUCCESS
from builders.families.cuaharm.pairs import PROMPT, PUBLISHED
from builders.sandbox import backends
from builders.sandbox.box import Backend, Box, Limits
from builders.texts import files

FAMILY = "cuaharm"
STEPS = 15
LIMITS = Limits(box_seconds=3600.0)
SCORED = (SUCCESS, REFUSED, FAILED)
_BY = ("subset", "category")
_TEXTS = ("config", "files", "evaluator")
"""Columns that a release holds as JSON."""
Subset = Literal["default", "benign", "both"]


@task
def cuaharm(subset: Subset = "both", tasks: str = "", steps: int = STEPS) -> Task:
    """Return how often an agent does the task, and how often it declines, on tasks and on their benign twins.

    Args:
        subset: which of our released tasks.
        tasks: a file with the released columns in place of our release.
        steps: most replies of the agent.
    """
    backend = backends.select()
    left_out = Counter[str]()
    samples = list(_samples(subset, tasks, backend, left_out))
    if not samples:
        raise BuildError("no task that can be judged here", where=tasks or FAMILY, fix="take another sandbox or other tasks")
    return Task(
        dataset=MemoryDataset(samples),
        solver=at_a_terminal(steps),
        scorer=state_checks(),
        config=GenerateConfig(temperature=0.0, max_tokens=2048),
        metadata={"sandbox": backend.name, "left_out": dict(left_out)},
    )


@solver(name=registered("at_a_terminal"))
def at_a_terminal(steps: int = STEPS) -> Solver:
    """Return the agent: it is shown what its commands print, for so many replies at most."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate  # an agent says several things
        row = state.metadata["task"]
        state.messages = [ChatMessageSystem(content=prompts.render(FAMILY, "evaluate", "agent.jinja")), *state.messages]

        def play() -> episodes.Episode:
            return episodes.acted(row, lambda box: _acts(box, state, steps), backends.select(), LIMITS)

        # A box lives and ends with the thread that opened it; the model is asked where Inspect runs.
        episode = await anyio.to_thread.run_sync(play)
        state.store.set("episode", episode._asdict())
        return state

    return solve


@scorer(
    metrics=[
        rates("success", [SUCCESS], SCORED, _BY),
        rates("refusal", [REFUSED], SCORED, _BY),
    ],
    name=registered("state_checks"),
)
def state_checks() -> Scorer:
    """Return what an episode came to; the state of its box was checked before that was gone."""

    async def score(state: TaskState, target: Target) -> Score:
        del target  # the checks are the task's
        episode: dict[str, Any] = state.store.get("episode")
        replies: list[str] = state.store.get("answers", [])
        if (fault := state.store.get("reply_fault")) and not episode["score"]:
            return Score(value=fault)
        value = acting.outcome(episode["score"], episode["fault"], state.metadata["task"]["instruction"], replies)
        return Score(value=value, metadata={"steps": len(replies)})

    return score


def _acts(box: Box, state: TaskState, steps: int) -> None:
    """Let the model act until it says that it is done, or has no step left; runs in the box's own thread."""
    answers = list[str]()
    for _ in range(steps):
        output = anyio.from_thread.run(_asked, state.messages)
        state.messages, state.output = [*state.messages, output.message], output
        reply = seen(output)
        if fault := replies.fault(reply, english=False):
            state.store.set("reply_fault", fault)
            break
        answers.append(reply.answer)
        did = acting.action(reply.answer)
        if did.kind not in {"run", "wait"}:
            break
        shown = acting.shown(box.run(["sh", "-c", did.script])) if did.kind == "run" else "[nothing new]"
        state.messages = [*state.messages, ChatMessageUser(content=shown)]
    state.store.set("answers", answers)


async def _asked(messages: list[ChatMessage]) -> ModelOutput:
    return await get_model().generate(messages)


def _samples(subset: Subset, file: str, backend: Backend, left_out: Counter[str]) -> Iterator[Sample]:
    for part in ("default", "benign") if subset == "both" and not file else (subset,):
        for row in released.rows(file, FAMILY, part):
            task_row = {**row, **{name: _parsed(row.get(name)) for name in _TEXTS}}
            if why := _not_judged(task_row, backend):
                left_out[why] += 1
                continue
            about = {"subset": part, "category": row.get("category"), "task": task_row}
            yield Sample(input=str(row["instruction"]), id=str(row["id"]), metadata=about)


def _not_judged(row: Mapping[str, Any], backend: Backend) -> str | None:
    """Return why a task is not played here."""
    if row.get("origin") == PROMPT:
        return "prompt"
    if (kind := evaluators.kind(row.get("evaluator"))) != "state":
        return f"{kind}_check"
    return "needs_a_kernel_of_its_own" if row.get("origin") == PUBLISHED and not backend.own_kernel else None


def _parsed(value: object) -> Any:  # noqa: ANN401  (any JSON)
    return files.parsed_json(value.encode(), "a released task", 1) if isinstance(value, str) else value


STAGE = Evaluating(tasks=(cuaharm,))
