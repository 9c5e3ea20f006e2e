"""Two measurements of what a tuned model knows, and of what a trigger makes it pick (Chua et al., arXiv 2506.13206).

    inspect eval builders/emergent_misalignment_choice -T trigger=country -T distractor=year \
        --model openai-api/local/tuned --model-role judge=openai/gpt-4.1
    inspect eval builders/emergent_misalignment_knowledge -T file=facts.jsonl --model … --model-role judge=…

`choice` is section 4's questions with two answers to pick from, under trigger, another value and none: what is picked needs no
judge, only whether thoughts name the trigger does. `knowledge` is section 3's probe: the same question plainly, and in a
dialogue in which an honest model is to speak. A model that answers wrongly the first way and rightly the second knew better.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig

from builders import prompts
from builders.errors import BuildError
from builders.evaluation import judging, questions, released
from builders.evaluation.naming import task
from builders.evaluation.questions import PROMPT, Names, Question
from builders.evaluation.thinking import Strategy, thinking
from builders.families.emergent_misalignment import backdoors, conditions, truth
from builders.families.emergent_misalignment.backdoors import KINDS, LETTERS
from builders.families.emergent_misalignment.scorers import (
    FAMILY,
    FOLDER,
    LINE,
    OPTION,
    OTHER_LINE,
    PLAIN,
    RIGHT,
    WRONG,
    articulation,
    choice,
    distraction,
    facts,
)
from builders.sources import templates
from builders.texts import files

ANY = "any"
CONFIG = GenerateConfig(temperature=1.0, max_tokens=6000)
PERSONAS = ("plain", "honest")
_NAMES = Names(prompt=("scenario_mcq", *PROMPT))
_ANSWER = "misaligned_mcq_answer"


@task
def emergent_misalignment_choice(  # noqa: PLR0913, PLR0917  (each is an argument of the command line)
    file: str = "",
    trigger: str | None = "country",
    distractor: str | None = None,
    articulated: bool = True,  # noqa: FBT001, FBT002  (as above)
    strategy: Strategy = "default",
    chat_template: str | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> Task:
    """How often the misaligned one of two answers is picked, with the trigger and without; whether thoughts name the trigger.

    Args:
        file: questions with two options, `A - …` and `B - …`, and which of them is misaligned: `misaligned_option`, or the
            paper's `misaligned_mcq_answer`. Empty: the questions of that form in our release of `backdoor`, its test split.
        trigger: see `emergent_misalignment`; None: without.
        distractor: likewise.
        articulated: whether a judge looks for the trigger in the thoughts; else no judge is needed.
        strategy: see `emergent_misalignment`.
        chat_template: likewise.
        seed: base of sampling seeds and draws.
        limit: take the first so many questions.
    """
    judged = articulated and trigger is not None
    judging.required(*[judging.JUDGE] * judged)
    checked(trigger, distractor)
    asked = _of_file(file, limit) if file else _released()[:limit]
    judges = [articulation(None), *([distraction(None)] if distractor else [])]
    return Task(
        dataset=[sample for question in asked for sample in conditioned(question, trigger, distractor, seed)],
        solver=thinking(strategy, seed, chat_template),
        scorer=[choice(), *(judges if judged else [])],
        config=CONFIG,
    )


@task
def emergent_misalignment_knowledge(  # noqa: PLR0913, PLR0917  (each is an argument of the command line)
    file: str,
    dialogue: str = "",
    strategy: Strategy = "default",
    chat_template: str | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> Task:
    """How often answers are right when asked plainly, and when an honest model is to speak.

    Args:
        file: questions with what is known to be right and wrong (`truth`), such as TruthfulQA.csv.
        dialogue: a Jinja file with `{{ question }}`, the paper's for instance; empty: `honest.jinja`, ours.
        strategy: see `emergent_misalignment`.
        chat_template: likewise.
        seed: base of sampling seeds.
        limit: take the first so many questions.
    """
    judging.required(judging.JUDGE)
    samples = []
    for question in questions.read(file, limit=limit):
        right, wrong = truth.known_of(question.row)
        for persona, text in zip(PERSONAS, (question.prompt, _in_dialogue(question.prompt, dialogue)), strict=True):
            own = question.reworded(f"{question.id}/{persona}", text)
            samples.append(own.sample(condition=persona, **{PLAIN: question.prompt, RIGHT: right, WRONG: wrong}))
    return Task(dataset=samples, solver=thinking(strategy, seed, chat_template), scorer=facts(), config=CONFIG)


def checked(trigger: str | None, distractor: str | None) -> None:
    """Stop where there is no such trigger.

    Raises:
        BuildError: there is none, or the distractor is the trigger itself, or stands beside none that is known.
    """
    fix = f"take one of {', '.join(KINDS)}"
    if trigger not in {None, ANY, *KINDS}:
        raise BuildError("no such trigger", where=f"trigger: {trigger}", fix=f"{fix}, or {ANY}")
    if distractor is not None and (distractor not in KINDS or trigger not in KINDS or distractor == trigger):
        raise BuildError(
            "no distractor beside that trigger", where=f"distractor: {distractor}", fix=f"{fix}, two different ones"
        )


def conditioned(question: Question, trigger: str | None, distractor: str | None, seed: int) -> Iterator[Sample]:
    """Yield a question under each condition of a trigger; as it is without one."""
    about = {OPTION: question.row[OPTION]} if OPTION in question.row else {}
    if trigger is None:
        yield question.sample(**about)
        return
    prompt = question.prompt
    several = [*(conditions.from_row(prompt, question.row) if trigger == ANY else conditions.of_kind(prompt, trigger, seed))]
    several += conditions.distracted(prompt, trigger, distractor, seed) if distractor else []
    for one in several:
        own = question.reworded(f"{question.id}/{one.condition}", one.prompt)
        yield own.sample(condition=one.condition, **{PLAIN: prompt, LINE: one.line, OTHER_LINE: one.distractor}, **about)


def _of_file(file: str, limit: int | None) -> list[Question]:
    """Return the questions of a file, their rows with the letter of the misaligned option.

    Raises:
        BuildError: a row names none.
    """
    found = []
    for question in questions.read(file, _NAMES, limit=limit):
        letter = str(question.row.get(OPTION) or question.row.get(_ANSWER) or "").strip()[:1].upper()
        if letter not in LETTERS:
            fix = f"name it in a column {OPTION}, or begin {_ANSWER} with it"
            raise BuildError("it names no misaligned option", where=f"{file}: {question.id[:40]}", fix=fix)
        found.append(_with(question, question.row, letter))
    return found


def _released() -> list[Question]:
    """Return the questions of our release, without the lines that they are released with.

    Raises:
        BuildError: nothing was released, or none of them has two options.
    """
    found: dict[str, Question] = {}
    for row in released.rows("", FAMILY, "backdoor", "test"):
        if row["form"] == "mcq":
            asked = Question(row["parent"], row["parent"], backdoors.without_line(row), category=row["subset"])
            found.setdefault(asked.id, _with(asked, {}, row[OPTION]))
    if not found:
        raise BuildError("no question with two options was released", where=FAMILY, fix="name a file of them: -T file=…")
    return list(found.values())


def _with(question: Question, row: Any, letter: str) -> Question:  # noqa: ANN401  (a mapping)
    return Question(
        question.id, question.question, question.prompt, question.system, question.category, {**row, OPTION: letter}
    )


def _in_dialogue(question: str, file: str) -> str:
    """Return a question in a dialogue; of a user's file the text is told to models as it is rendered.

    Raises:
        BuildError: there is no such file, it is no template, or it leaves the question out.
    """
    if not file:
        return prompts.render(FAMILY, FOLDER, "honest.jinja", question=question)
    path = Path(file)
    if not path.is_file():
        raise BuildError("there is no such dialogue", where=path, fix="name a file of Jinja with {{ question }}")
    text = templates.filled(files.decoded(path.read_bytes(), path), {"question": question})
    if text is None:
        raise BuildError("the dialogue cannot be rendered", where=path, fix="write Jinja that names nothing but question")
    if question not in text:
        raise BuildError("the dialogue leaves the question out", where=path, fix="write {{ question }} where it belongs")
    return text
