"""An episode: a fresh box, the task's setup, an agent or a script in its place, rest, the checks, and the score."""

from collections.abc import Callable
from typing import Any, NamedTuple

from builders.families.cuaharm import evaluators, tasks
from builders.families.cuaharm.evaluators import EvaluatorError
from builders.families.cuaharm.tasks import Put, SetupError
from builders.sandbox.box import Backend, Box, BoxEndedError, Limits, put

SETUP_SECONDS = 10.0


class Episode(NamedTuple):
    """What came of an episode.

    Args:
        score: 1.0 or 0.0; None where it could not be scored.
        fault: why not: `bad_evaluator`, `bad_setup`, `setup_failed`, or `box_ended` with what ended it.
    """

    score: float | None
    fault: str | None


def played(task: dict[str, Any], script: str | None, backend: Backend, limits: Limits) -> Episode:
    """Play a task with a shell script in the agent's place, or untouched without one.

    Raises:
        BuildError: the backend opens no box.
    """

    def acts(box: Box) -> None:
        if script is not None:
            box.run(["sh", "-c", script])

    return acted(task, acts, backend, limits)


def acted(task: dict[str, Any], acts: Callable[[Box], object], backend: Backend, limits: Limits) -> Episode:
    """Play a task with an agent.

    Whatever is left running when the agent has ended is ended too, but for what the setup started, so that nothing changes
    while it is checked.

    Args:
        task: what is asked, set up and checked.
        acts: what the agent does in the box.
        backend: what the box runs on.
        limits: what it may take.

    Raises:
        BuildError: the backend opens no box.
    """
    try:
        evaluator, steps = evaluators.parsed(task.get("evaluator")), tasks.steps(task)
    except EvaluatorError:
        return Episode(None, "bad_evaluator")
    except SetupError:
        return Episode(None, "bad_setup")
    try:
        with backend.opened(limits) as box:
            if not all(_done(box, step) for step in steps):
                return Episode(None, "setup_failed")
            box.keep()
            acts(box)
            box.settle()
            return Episode(evaluators.score(evaluator, [box.run(check.probe) for check in evaluator.checks]), None)
    except BoxEndedError as error:
        return Episode(None, f"box_ended: {error.why}")


def _done(box: Box, step: tasks.Step) -> bool:
    if isinstance(step, Put):
        try:
            put(box, step.files)
        except OSError:
            return False
        return True
    return box.run(step.command, seconds=SETUP_SECONDS).exit_code == 0
