"""DeceptionBench as Inspect tasks: two generations, three judgements, and task accuracy in the same form of reply.

    inspect eval builders/deceptionbench --model openai-api/local/qwen3-8b --model-role judge=openai/gpt-4o
    inspect eval builders/deceptionbench -T monitored=true …          # the self-monitored form in place of the items' own
    inspect eval builders/deceptionbench_accuracy -T problems=gsm8k.jsonl -T monitored=true …

An answer's outcome is `deceptive` or `honest`, or why it is unscored (`builders.families.deceptionbench.measuring`). The paper
samples the target at temperature 0 with 4,096 tokens at most, and so do these tasks unless told otherwise.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, GenerateConfig, get_model
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import collect

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import accuracy, composed, judging, released, replies, shares
from builders.evaluation.judging import Judge, seen
from builders.evaluation.measures import Numbers, kin
from builders.evaluation.naming import Evaluating, registered, task
from builders.families.deceptionbench import categories, detection, measuring, protocol
from builders.families.deceptionbench import monitored as surface
from builders.families.deceptionbench.detection import Flag
from builders.families.deceptionbench.measuring import Parts, Rates
from builders.families.deceptionbench.protocol import Scored
from builders.teachers.api import NoReplyError
from builders.work import Answer

FAMILY = "deceptionbench"
CONFIG = GenerateConfig(temperature=0.0, top_p=1.0, max_tokens=4096)
DECEPTIVE, HONEST = "deceptive", "honest"
_SCORED = frozenset({DECEPTIVE, HONEST})
_COLUMNS = ("id", "type", "inner_prompt", "system_prompt", "outer_prompt")
_INNER = "inner"
System = Literal["user", "system"]


class Named(NamedTuple):
    """An item after its judgements, and its sample."""

    item: Scored
    sample: str


@task
def deceptionbench(
    items: str = "",
    system: System = "user",
    monitored: bool = False,  # noqa: FBT001, FBT002  (an argument of a command line)
) -> Task:
    """Return the benchmark: DTR by category, pooled and macro, with N and what was left out.

    Args:
        items: a file with the published columns; empty: our released items.
        system: where the scenario stands, in the `user`'s message as in the authors' evaluator, or in a `system` message.
        monitored: ask for the self-monitored form of reply in place of the items' own.
    """
    judging.required(judging.JUDGE)
    samples = [_sample(row, form=_form(row, monitored=monitored)) for row in released.rows(items, FAMILY, "default")]
    return Task(
        dataset=MemoryDataset(samples),
        solver=two_generations(system),
        scorer=deception(),
        config=CONFIG,
        metadata={"monitored": monitored, "system": system},
    )


@task
def deceptionbench_accuracy(problems: str, monitored: bool = False) -> Task:  # noqa: FBT001, FBT002  (as above)
    """Return how often problems are solved in the form of reply that the benchmark asks for, what monitoring itself costs.

    Args:
        problems: a file of problems (`builders.evaluation.problem_files`).
        monitored: as in `deceptionbench`.
    """
    form = prompts.render(FAMILY, "protocol", "self_monitor.jinja" if monitored else "tags.jinja")
    return accuracy.task(Path(problems), lambda text: f"{text}\n\n{form}", lambda reply: measuring.parted(reply).answer)


@solver(name=registered("two_generations"))
def two_generations(system: System) -> Solver:
    """Return what asks a model for its own stance, and apart from that for the outer task."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate  # both are asked at once, and the second knows nothing of the first
        item, model = state.metadata["item"], get_model()
        asked = _messages(protocol.outer(item, system))  # the log has it once where both are the same message
        inner, outer = await collect(model.generate(_messages(protocol.inner(item))), model.generate(asked))
        state.store.set(_INNER, seen(inner)._asdict())
        state.messages = [*asked, outer.message]
        state.output = outer
        return state

    return solve


def summed(scores: Sequence[SampleScore]) -> Numbers:
    """Return every rate: pooled, macro, by category, and what the model's own monitor is worth."""
    groups: defaultdict[str, list[Named]] = defaultdict(list)
    named = [Named(_scored(score), str(score.sample_id)) for score in scores]
    for score, one in zip(scores, named, strict=True):
        groups[str((score.sample_metadata or {})["category"])].append(one)
    by_category = {slug: _rates(groups[slug]) for slug in categories.SLUGS if slug in groups}
    pooled, numbers = _rates(named), Numbers()
    for slug, rates in by_category.items():
        numbers.update({f"category:{slug}/{name}": value for name, value in _numbers(rates).items()})
    macro = composed.macro([rates.dtr for rates in by_category.values()])
    return {
        **_numbers(pooled),
        **shares.numbers("dtr_macro", macro, pooled.unscored, pooled.items),
        **numbers,
        **_monitoring(scores),
    }


@scorer(metrics=[shares.summing("deception", summed), kin()], name=registered("deception"))
def deception() -> Scorer:
    """Return what judges a model's two replies."""
    judge = Judge(FAMILY)

    async def score(state: TaskState, target: Target) -> Score:
        del target  # an item has no reference
        about = judge.description(str(state.model), "protocol/act.jinja")
        item, inner = state.metadata["item"], replies.RawReply(**state.store.get(_INNER))
        outer = seen(state.output)
        if why := _fault(inner, outer):
            return Score(value=why, metadata={})
        parts = measuring.parted(outer.text)
        if why := measuring.fault(item["inner_prompt"], inner.answer, parts):
            return Score(value=why, metadata=_beside(parts, outer.text))
        asked = measuring.judge_prompts(inner.answer, parts)
        answers = await collect(*(judge.ask(f"{state.sample_id}/{name}", text) for name, text in asked.items()))
        judged = measuring.decided(parts, {name: _text(answer) for name, answer in zip(asked, answers, strict=True)})
        outcome = judged.unscored or (DECEPTIVE if judged.deceptive else HONEST)
        return Score(value=outcome, metadata={**about, **judged._asdict(), **_beside(parts, outer.text)})

    return score


def _fault(inner: replies.RawReply, outer: replies.RawReply) -> str | None:
    """Return why one of the two replies is not evidence."""
    if why := replies.fault(inner):
        return f"inner_{why}"
    return replies.fault(outer)


def _text(answer: Answer) -> str | None:
    return None if isinstance(answer, NoReplyError) else answer.text


def _beside(parts: Parts, text: str) -> dict[str, Any]:
    """Return what is known of the model's own monitor: its label, and whether the reply has the whole form."""
    return {"label": parts.label, "monitored_form": surface.parsed(text) is not None}


def _rates(named: Sequence[Named]) -> Rates:
    return measuring.rates([one.item for one in named], [one.sample for one in named])


def _scored(score: SampleScore) -> Scored:
    kept = shares.metadata(score)
    outcome = str(score.score.value)
    judgements = map(kept.get, protocol.JUDGEMENTS)
    return Scored(outcome == DECEPTIVE, None, *judgements) if outcome in _SCORED else Scored(None, outcome, *judgements)


def _numbers(rates: Rates) -> Numbers:
    """Return rates as the numbers of a log; a model without reasoning has none that is called DTR."""
    named = {"dtr": rates.dtr, "dtr_all": rates.dtr_all, "dtr_unscored_deceptive": rates.dtr_unscored_deceptive}
    rest = {
        "differs_given_agrees": rates.differs_given_agrees,
        "act_inconsistency": rates.act_inconsistency,
        "cot_agrees": rates.cot,
        "answer_follows": rates.cons,
    }
    found = Numbers()
    for name, share in ({**named, **rest} if rates.reasoned else rest).items():
        found.update(shares.numbers(name, share, rates.unscored if name == "dtr" else None, rates.items))
    return {**found, "reasoned": float(rates.reasoned)}


def _monitoring(scores: Sequence[SampleScore]) -> Numbers:
    """Return how well the model's own label tells its deceptive replies; nothing where no reply has a label."""
    labelled = [score for score in scores if shares.metadata(score).get("label")]
    if not labelled:
        return {}
    flags = [
        Flag(score.score.value == DECEPTIVE, shares.metadata(score)["label"] != surface.LABELS[0])
        for score in labelled
        if score.score.value in _SCORED
    ]
    found = detection.detection(flags)
    whole = [float(shares.metadata(score)["monitored_form"]) for score in labelled]
    numbers = {
        **shares.numbers("monitor_recall", found.recall),
        **shares.numbers("monitor_false_positives", found.false_positives),
    }
    numbers |= {"monitored_form": sum(whole) / len(whole), "monitored_form_n": float(len(whole))}
    return numbers if found.g_mean2 is None else {**numbers, "monitor_g_mean2": found.g_mean2}


def _form(row: Mapping[str, Any], *, monitored: bool) -> str:
    return prompts.render(FAMILY, "protocol", "self_monitor.jinja") if monitored else str(row.get("format") or "")


def _sample(row: Mapping[str, Any], form: str) -> Sample:
    """Return an item as a sample.

    Raises:
        BuildError: it lacks a column, or names no category.
    """
    category = categories.of(row.get("type"))
    if category is None or any(not isinstance(row.get(name), str) for name in _COLUMNS):
        raise BuildError(
            f"an item without {', '.join(_COLUMNS)}", where="the items", fix="take a file with the published columns"
        )
    item = {name: row[name] for name in _COLUMNS} | {"format": form}
    return Sample(input=item["outer_prompt"], id=item["id"], metadata={"category": category.slug, "item": item})


def _messages(turns: Sequence[Mapping[str, str]]) -> list[ChatMessage]:
    kinds = {"system": ChatMessageSystem, "user": ChatMessageUser}
    return [kinds[turn["role"]](content=turn["content"]) for turn in turns]


STAGE = Evaluating(tasks=(deceptionbench, deceptionbench_accuracy))
