"""validate-tasks: every released problem is answer-checked, through the scorer of the Inspect task."""

from collections.abc import Iterator
from pathlib import Path

from builders import family as families
from builders import paths
from builders.abilities import Proving
from builders.evaluation import finals, problem_files, proving, released
from builders.evaluation.problem_files import Problem
from builders.evaluation.proving import Item

_FOLDER = Path()


def run(family: str, scripts: Path | None) -> None:
    """Prove the problems of the release.

    Raises:
        BuildError: nothing was released, or a problem's answer does not hold.
    """
    del scripts  # an answer needs none
    proving.report(family, [proving.answers(config, _items(family, config)) for config in _released(family)])


def item(problem: Problem) -> Item:
    """Return a problem as an item: its reference as a solution's last line, and a near miss likewise."""
    near = proving.near(problem.answer, problem.options)

    def right(reply: str) -> bool:
        return finals.right(finals.final(reply), problem.answer, problem.options, problem.question)

    return Item(problem.key, _reply(problem.answer), None if near is None else _reply(near), right)


def _items(family: str, config: str) -> Iterator[Item]:
    for number, row in enumerate(released.rows("", family, config), 1):
        found = problem_files.problem({**row, "image": None, "image_url": None}, str(number), _FOLDER)
        yield item(found) if isinstance(found, Problem) else Item(str(row["id"]), "", None, lambda _: False)


def _released(family: str) -> list[str]:
    """Return the configs that have rows; a release that is not there is found out about the first."""
    configs = families.configs(family)
    return [config for config in configs if any((paths.release(family) / config).glob("*.parquet"))] or [configs[0]]


def _reply(answer: str) -> str:
    return f"Step 1: It is so.\n†Answer: {answer}"


STAGE = Proving(run=run)
