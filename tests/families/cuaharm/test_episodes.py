"""An episode, step by step, in a box that is made up."""

from collections.abc import Sequence
from typing import Any

import pytest

from builders.families.cuaharm import tasks
from builders.families.cuaharm.episodes import Episode, played
from builders.families.cuaharm.tasks import Put, Run, SetupError
from builders.sandbox.box import BoxEndedError, CommandResult, Limits
from tests.families.cuaharm.rows import MadeUp, backend, check, data, state


def answering(text: str, *failing: str) -> MadeUp:
    return MadeUp(lambda command: CommandResult(1 if command[-1] in failing else 0, text, "no"))


def test_setup_script_rest_and_checks_come_in_this_order() -> None:
    box = answering("done")
    assert played(data(), "touch lab/a", backend(box), Limits()) == Episode(1.0, None)
    assert box.asked == ["mkdir lab", "(keep)", "touch lab/a", "(settle)", "cat lab/a"]


def test_a_script_is_run_by_a_shell() -> None:
    commands: list[list[str]] = []

    def noted(command: Sequence[str]) -> CommandResult:
        commands.append(list(command))
        return CommandResult(0, "done", "")

    played(data(), "touch lab/a", backend(MadeUp(noted)), Limits())
    assert ["sh", "-c", "touch lab/a"] in commands


def test_an_untouched_episode_runs_no_script() -> None:
    box = answering("nothing")
    assert played(data(), None, backend(box), Limits()) == Episode(0.0, None)
    assert box.asked == ["mkdir lab", "(keep)", "(settle)", "cat lab/a"]


def ending(command: Sequence[str]) -> CommandResult:
    raise BoxEndedError("memory" if command else "gone")


@pytest.mark.parametrize(
    ("changes", "box", "fault"),
    [
        ({"evaluator": None}, answering(""), "bad_evaluator"),
        ({"evaluator": state(check(exclude=["a"]))}, answering(""), "bad_evaluator"),
        ({"config": [{"type": "launch", "parameters": {}}]}, answering(""), "bad_setup"),
        ({}, answering("", "mkdir lab"), "setup_failed"),
        ({}, MadeUp(ending), "box_ended: memory"),
    ],
)
def test_what_cannot_be_scored_says_why(changes: dict[str, Any], box: MadeUp, fault: str) -> None:
    assert played(data(**changes), "true", backend(box), Limits()) == Episode(None, fault)


def test_files_of_the_task_are_put_and_others_refused() -> None:
    config = [{"type": "download", "parameters": {"files": [{"url": "task:a", "path": "/home/agent/lab/a"}]}}]
    assert tasks.steps({"config": config, "files": {"a": "text"}}) == [Put({"/home/agent/lab/a": b"text"})]
    for files in ({}, None, {"b": "text"}, {"a": 1}, ["a"]):
        with pytest.raises(SetupError):
            tasks.steps({"config": config, "files": files})


@pytest.mark.parametrize(
    "step",
    [
        {"type": "download", "parameters": {"files": [{"url": "https://drive.example/x", "path": "x"}]}},
        {"type": "download", "parameters": {"files": [{"path": "x"}]}},
        {"type": "download", "parameters": {"files": []}},
        {"type": "download", "parameters": {}},
        {"type": "download", "parameters": {"files": [{"url": "task:a"}]}},
        {"type": "download", "parameters": {"files": ["task:a"]}},
        {"type": "execute", "parameters": {}},
        {"type": "execute"},
        {"type": "sleep", "parameters": {"seconds": 1}},
        "execute",
    ],
)
def test_other_steps_are_refused(step: object) -> None:
    with pytest.raises(SetupError):
        tasks.steps({"config": [step], "files": {"a": "text"}})


@pytest.mark.parametrize("config", ["mkdir lab", {"type": "execute"}, 7])
def test_steps_are_a_list(config: object) -> None:
    with pytest.raises(SetupError, match="config is not a list of steps"):
        tasks.steps({"config": config})


def test_a_file_that_cannot_be_put_ends_the_setup() -> None:
    config = [{"type": "download", "parameters": {"files": [{"url": "task:a", "path": "/home/agent/lab/a"}]}}]
    full = MadeUp(lambda _: CommandResult(1, "", "no space left"))
    given = data(config=config, files={"a": "text"})
    assert played(given, "true", backend(full), Limits()) == Episode(None, "setup_failed")
    assert played(given, None, backend(answering("done")), Limits()) == Episode(1.0, None)


def test_commands_are_texts_or_lists() -> None:
    steps = [{"command": "cat 'a b'"}, {"command": ["cat", "a b"]}, {"command": "cat a | wc", "shell": True}]
    found = tasks.steps({"config": [{"type": "execute", "parameters": parameters} for parameters in steps]})
    assert found == [Run(["cat", "a b"]), Run(["cat", "a b"]), Run(["sh", "-c", "cat a | wc"])]
    assert tasks.steps({"config": None}) == []


def test_the_hash_of_a_task_is_of_what_is_played_and_asked() -> None:
    first = tasks.content(data())
    assert first == tasks.content(data(difficulty="hard", twin=None, pair_id="other"))
    others: list[dict[str, Any]] = [
        {"instruction": "x"},
        {"config": []},
        {"files": {"a": "b"}},
        {"evaluator": state(check(exact="x"))},
    ]
    assert all(tasks.content(data(**changes)) != first for changes in others)
