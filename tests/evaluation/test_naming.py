"""How a task is called: an argument that it does not have is one line, and so is what a task says of itself."""

from pathlib import Path
from typing import Any

import pytest

from tests.evaluation import running
from tests.evaluation.running import lines


def test_an_argument_that_there_is_not_is_one_line_that_names_those_there_are(tmp_path: Path) -> None:
    from inspect_ai import eval as evaluate
    from inspect_ai._util.error import PrerequisiteError

    problems = lines(tmp_path / "problems.jsonl", {"question": "3 + 4?", "answer": "7"})
    about: dict[str, Any] = {"task_args": {"problem": problems}, "display": "none", "log_dir": str(tmp_path)}
    with running.quiet(), pytest.raises(PrerequisiteError) as raised:
        evaluate("builders/mmathcot", model="mockllm/model", **about)
    assert str(raised.value.message) == "mmathcot: no such argument: problem; it has problems"


def test_what_a_log_says_of_a_task_has_its_own_arguments_alone(tmp_path: Path) -> None:
    from inspect_ai._util.registry import registry_params

    from builders.families.mmathcot.evaluate import mmathcot

    problems = lines(tmp_path / "problems.jsonl", {"question": "3 + 4?", "answer": "7"})
    assert registry_params(mmathcot(problems=problems)) == {"problems": problems}


def test_of_a_task_without_arguments_the_line_says_so() -> None:
    from inspect_ai import Task
    from inspect_ai._util.error import PrerequisiteError

    from builders.evaluation import naming

    def plain() -> Task:
        return Task()

    made = naming.task(plain)
    with pytest.raises(PrerequisiteError) as raised:
        made(problem=1, other=2)  # type: ignore[call-arg]
    assert str(raised.value.message) == "plain: no such argument: problem, other; it has none"
    assert isinstance(made(), Task)
