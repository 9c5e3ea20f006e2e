"""Answer accuracy on any file of problems, with their pictures, decided by our checker.

    inspect eval builders/mmathcot --model openai-api/local/qwen2.5-vl-7b                     # our held-out problems
    inspect eval builders/mmathcot -T problems=MathVision/data.jsonl --model …                # any other file

A problem is put as the released rows put it (URSA, arXiv 2501.04686, evaluates zero-shot): the question, its choices with a
letter each, and a last line for the answer. Where the paper has a judge decide whether two answers are the same (MathVista,
MathVision, MathVerse, DynaMath), a checker does here; `builders.evaluation.accuracy` says what counts.
"""

from pathlib import Path

from inspect_ai import Task

from builders import paths
from builders.errors import BuildError
from builders.evaluation import accuracy
from builders.evaluation.naming import Evaluating, task
from builders.evaluation.problem_files import Problem
from builders.families.mmathcot import wording

FAMILY = "mmathcot"
_HELD_OUT = "made/test-00000-of-00001.parquet"


@task
def mmathcot(problems: str = "") -> Task:
    """Return how often the final answer is right.

    Args:
        problems: a file of problems (`builders.evaluation.problem_files`); empty: the held-out ones of our release.
    """
    return accuracy.task(Path(problems) if problems else _held_out(), lambda text: text, shown=shown)


def shown(problem: Problem) -> str:
    """Return a problem as a model is told it."""
    lead_in = wording.LEAD_IN if problem.images else wording.LEAD_IN_WITHOUT_PICTURE
    return f"{lead_in}\nQuestion: {wording.question_with_choices(wording.plain(problem.question), problem.options)}"


def _held_out() -> Path:
    file = paths.release(FAMILY) / _HELD_OUT
    if not file.is_file():
        raise BuildError("nothing was released", where=file, fix=f"run dvc repro release@{FAMILY}, or -T problems=<file>")
    return file


STAGE = Evaluating(tasks=(mmathcot,))
