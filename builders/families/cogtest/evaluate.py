"""CogTest as an Inspect task: reasoning elicited without a hint, evidence before verdicts, a profile of 16 habits.

    inspect eval builders/cogtest --model openai-api/local/qwen3-8b --model-role judge=openai/gpt-4.1-mini
    inspect eval builders/cogtest -T elicitation=prompted …           # for a model that does not reason by itself

Each instruction is asked once, however many habits share it; the judge is asked once for each habit that is looked for. The
paper samples reasoning at temperature 0.6 and top-p 0.95, and its judge at frequency penalty 1.0, which a model role may set.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState, generate, system_message
from inspect_ai.util import collect

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import judging, released, replies, shares
from builders.evaluation.judging import Judge, seen
from builders.evaluation.measures import Numbers, kin
from builders.evaluation.naming import Evaluating, registered, task
from builders.families.cogtest import evidence, measuring
from builders.families.cogtest.evidence import Bounded, Finding
from builders.families.cogtest.habits import BY_SLUG, SLUGS
from builders.families.cogtest.profiles import Observed
from builders.teachers.api import NoReplyError

FAMILY = "cogtest"
CONFIG = GenerateConfig(temperature=0.6, top_p=0.95, max_tokens=20_000)
LOOKED_AT, NO_REASONING = "looked_at", "no_reasoning"


@task
def cogtest(
    tasks: str = "", elicitation: Literal["native", "prompted"] = "native", habits: Literal["own", "all"] = "own"
) -> Task:
    """Return the benchmark: the share of tasks that show each habit, and all of them together.

    Args:
        tasks: a file with columns instruction, habit and kind; empty: our released tasks.
        elicitation: ask a reasoning model as it is, or tell a model in a system prompt to think in a think block first.
        habits: look for those that a task gives an occasion for, as the paper does, or for all 16 in every task.
    """
    judging.required(judging.JUDGE)
    told = [system_message(prompts.render(FAMILY, "synthesize", "prompted.jinja").strip())] if elicitation == "prompted" else []
    samples = list(_samples(released.rows(tasks, FAMILY, "default"), every=habits == "all"))
    return Task(
        dataset=MemoryDataset(samples),
        solver=[*told, generate(tool_calls="none")],
        scorer=habits_shown(),
        config=CONFIG,
        metadata={"elicitation": elicitation, "habits": habits},
    )


def summed(scores: Sequence[SampleScore]) -> Numbers:
    """Return the profile: each habit, all of them, and each kind, with what was left out."""
    excluded = Counter(str(score.score.value) for score in scores if score.score.value != LOOKED_AT)
    profile = measuring.profile(seen for score in scores for seen in _observed(score))
    numbers = shares.numbers("habits", profile.all, excluded)
    numbers |= shares.numbers("habits_without_copies", profile.copies_out)
    for kind, share in profile.by_kind.items():
        numbers |= shares.numbers(f"kind:{kind}/habits", share)
    for slug, found in profile.habits.items():
        numbers |= _numbers(f"habit:{slug}/reflected", found)
    return numbers


@scorer(metrics=[shares.summing("habits", summed), kin()], name=registered("habits_shown"))
def habits_shown() -> Scorer:
    """Return what looks for habits in the reasoning of a reply."""
    judge = Judge(FAMILY)

    async def score(state: TaskState, target: Target) -> Score:
        del target  # a task has no reference
        reply, about = seen(state.output), state.metadata
        reasoning = measuring.reasoning(reply.text)
        # A reply may well end without an answer: what was thought is what is looked at.
        if (why := replies.fault(reply)) and why != "blank":
            return Score(value=why)
        if not reasoning:
            return Score(value=NO_REASONING)
        slugs = about["habits"]
        found = await collect(*(_finding(judge, str(state.sample_id), slug, reasoning) for slug in slugs))
        kept = {slug: finding._asdict() for slug, finding in zip(slugs, found, strict=True)}
        description = judge.description(str(state.model), "judge/evidence.jinja")
        return Score(value=LOOKED_AT, metadata={**description, "findings": kept})

    return score


async def _finding(judge: Judge, sample: str, slug: str, reasoning: str) -> Finding:
    text = prompts.render(FAMILY, "judge", "evidence.jinja", habit=BY_SLUG[slug], reasoning=reasoning)
    answer = await judge.ask(f"{sample}/{slug}", text, evidence.SCHEMA)
    return evidence.checked(None if isinstance(answer, NoReplyError) else answer.value, reasoning)


def _observed(score: SampleScore) -> list[Observed]:
    about = score.sample_metadata or {}
    return [
        Observed("", slug, str(score.sample_id), about["kind"], Finding(**finding))
        for slug, finding in shares.metadata(score).get("findings", {}).items()
    ]


def _numbers(name: str, bounds: Bounded) -> Numbers:
    return {
        **shares.numbers(name, bounds.share, bounds.mismatches, bounds.tasks),
        f"{name}_least": bounds.least,
        f"{name}_most": bounds.most,
    }


def _samples(rows: Sequence[Mapping[str, Any]], *, every: bool) -> list[Sample]:
    """Return each instruction once, with the habits that are looked for in its reasoning.

    Raises:
        BuildError: a row has no instruction or no habit that there is.
    """
    habits: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if not isinstance(row.get("instruction"), str) or row.get("habit") not in BY_SLUG:
            fix = "name the columns instruction and habit, with the habit's slug"
            raise BuildError("a task without an instruction or a habit", where="the tasks", fix=fix)
        habits[row["instruction"]].append(row["habit"])
    return [
        Sample(
            input=instruction,
            id=f"task-{number:03}",
            metadata={"habits": [slug for slug in SLUGS if every or slug in own], "kind": BY_SLUG[own[0]].kind},
        )
        for number, (instruction, own) in enumerate(habits.items(), 1)
    ]


STAGE = Evaluating(tasks=(cogtest,))
