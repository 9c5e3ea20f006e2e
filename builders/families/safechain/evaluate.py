r"""The paper's measurements as Inspect tasks (Jiang et al., arXiv 2502.12025, sections 3 and 4).

    inspect eval builders/safechain -T harmful=strongreject.csv -T benign=xstest.csv --epochs 5 --temperature 0.6 \
        --model openai-api/local/r1-8b --model-role judge=openai-api/local/qwen3-32b

Greedy Safe@1 is `--epochs 1 --temperature 0`. Prompts are in files that the user names: StrongREJECT's csv, WildJailbreak's
evaluation tsv, XSTest's csv, or any other; where rows say what they are, each counts for its side. Refusals of benign prompts
stand beside: a model that refuses everything is safe, and useless.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Scorer

from builders.errors import BuildError
from builders.evaluation import judging, labelled, questions
from builders.evaluation.labelled import agrees
from builders.evaluation.naming import Evaluating, task
from builders.evaluation.thinking import Strategy, thinking
from builders.families.safechain import scorers
from builders.families.safechain.scorers import EVALUATORS, ROLES, SET, SIDE, Evaluator

HARMFUL, BENIGN = "harmful", "benign"
_TOLD = ("data_type", "label", "type")
"""The columns that may say of which side a row is."""
_SAFE_LABELS = ("vanilla_benign", "adversarial_benign", "safe", "benign")
_CONFIG = GenerateConfig(temperature=0.6, top_p=0.95, max_tokens=16_000)
_CONTRAST = "contrast_"
"""What XSTest's types of unsafe prompts begin with."""
_LABELS: dict[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "safety": ("label", {"unsafe": ("1", "true", "harmful"), "safe": ("0", "false", "harmless")}),
    "compliance": ("final_label", {"unsafe": ("1_full_compliance",), "safe": ("2_full_refusal", "3_partial_refusal")}),
    "refusal": (
        "final_label",
        {"full": ("2_full_refusal",), "partial": ("3_partial_refusal",), "none": ("1_full_compliance",)},
    ),
}
"""What people labelled → the column, and how files write each of our words."""
Labels = Literal["safety", "refusal", "compliance"]
_REFUSING: dict[str, Literal["rule", "judge", "string_match"]] = {
    "refusal": "rule",
    "judge": "judge",
    "string_match": "string_match",
}
"""Who can be measured of refusing → how the scorer has it."""


@task
def safechain(  # noqa: PLR0913, PLR0917  (each is an argument of the command line)
    harmful: str | list[str] = "",
    benign: str | list[str] = "",
    evaluator: Evaluator = "judge",
    strategy: Strategy = "default",
    parts: bool = True,  # noqa: FBT001, FBT002  (as above)
    refusal: Literal["rule", "judge"] = "rule",
    chat_template: str | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> Task:
    """How safe replies are: Safe@1, Safe@K and ConsSafe@K, K being `--epochs`; and how often benign prompts are refused.

    Args:
        harmful: files of prompts, with commas between; what their rows say to be benign counts as that.
        benign: files of prompts that are all benign, unless their rows say otherwise.
        evaluator: who says what is safe, see `scorers`.
        strategy: `zero`, `less` or `more` thinking; see `builders.evaluation.thinking`.
        parts: whether reasoning and answer are judged apart, too.
        refusal: who says what refuses.
        chat_template: a file that the server renders with instead of the model's own template.
        seed: base of sampling seeds and of MoreThink's draws.
        limit: take the first so many prompts of each file.
    """
    if evaluator not in EVALUATORS:
        raise BuildError("no such evaluator", where=f"evaluator: {evaluator}", fix=f"take one of {', '.join(EVALUATORS)}")
    judging.required(*{ROLES[name] for name in (evaluator, refusal) if name in ROLES})
    measures: list[Scorer] = [scorers.whole_safety(evaluator), scorers.refusal(refusal)]
    if parts:
        measures += [scorers.thought_safety(evaluator), scorers.answer_safety(evaluator), scorers.apart(evaluator)]
    return Task(
        dataset=list(_prompts(harmful, benign, limit)),
        solver=thinking(strategy, seed, chat_template),
        scorer=measures,
        config=_CONFIG,
        metadata={"strategy": strategy, "evaluator": evaluator},
    )


@task
def safechain_evaluators(file: str, labels: Labels = "safety", evaluators: str | list[str] = "refusal,string_match") -> Task:
    """How far evaluators agree with people, on replies that are given: run it with `--model none`.

    Args:
        file: prompt, reply and label in each row; XSTest's completions, for instance, whose labels are of refusing.
        labels: what people labelled: whether a reply is safe (column `label`); whether it refuses (`final_label`); or, as
            `compliance`, whether it refuses a prompt that is harmful, where to comply is unsafe: of the same column, the rows
            whose `type` or `label` says so.
        evaluators: who is measured, with commas between; of refusing, `judge`, `refusal` (our rule) and `string_match`.
    """
    if labels not in _LABELS:
        raise BuildError("no such labels", where=f"labels: {labels}", fix=f"take one of {', '.join(_LABELS)}")
    named = _listed(evaluators)
    judging.required(*{ROLES[name] for name in named if name in ROLES})
    column, words = _LABELS[labels]
    if labels == "refusal":
        measured = [scorers.refusal(way) for name, way in _REFUSING.items() if name in named]
        metric = agrees(("full", "partial"), ("none",))
    else:
        measured = [scorers.whole_safety(name) for name in EVALUATORS if name in named]
        metric = agrees(("unsafe",), ("safe",))
    if len(measured) != len(named):
        raise BuildError(
            "an evaluator that there is not", where=f"evaluators: {evaluators}", fix=f"choose of {', '.join(EVALUATORS)}"
        )
    asked = _harmful if labels == "compliance" else None
    samples = list(labelled.samples(file, words, column, asked))
    if not samples:
        raise BuildError("no row says that its prompt is harmful", where=file, fix="say so in a column type or label")
    return Task(dataset=samples, solver=labelled.own_reply(), scorer=measured, metrics=[metric])


def side(row: Mapping[str, Any], otherwise: str) -> str:
    """Return whether a row's prompt is harmful or benign.

    Args:
        row: of a file; its columns `data_type`, `label` or `type` may say so in words, as WildJailbreak's and XSTest's do.
        otherwise: what it is where they do not.
    """
    for column in _TOLD:
        label = str(row.get(column) or "").lower()
        if label in _SAFE_LABELS:
            return BENIGN
        if label in {"unsafe", "harmful"} or label.endswith("_harmful") or label.startswith(_CONTRAST):
            return HARMFUL
    return otherwise


def _harmful(row: Mapping[str, Any]) -> bool:
    return side(row, BENIGN) == HARMFUL


def _listed(value: str | list[str]) -> list[str]:
    """Return names that the command line gave with commas between, which Inspect makes a list of."""
    names = value.split(",") if isinstance(value, str) else value
    return [name.strip() for name in names if name.strip()]


def _prompts(harmful: str | list[str], benign: str | list[str], limit: int | None) -> Iterator[Sample]:
    """Yield the prompts of all files; the ids of several files get their names."""
    files = [(Path(name), kind) for names, kind in ((harmful, HARMFUL), (benign, BENIGN)) for name in _listed(names)]
    if not files:
        raise BuildError(
            "no file of prompts", where="safechain", fix="name some: -T harmful=strongreject.csv -T benign=xstest.csv"
        )
    for path, kind in files:
        for question in questions.read(path, limit=limit):
            own = question if len(files) == 1 else question.reworded(f"{path.stem}/{question.id}", question.prompt)
            yield own.sample(**{SIDE: side(question.row, kind), SET: path.stem})


STAGE = Evaluating(tasks=(safechain, safechain_evaluators))
