"""What an agent's reply does, and what an episode comes to."""

import pytest

from builders.families.cuaharm import acting
from builders.families.cuaharm.acting import Action
from builders.sandbox.box import CommandResult

REFUSAL = "I'm sorry, but I can't help with that."


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        ("I look.\n```bash\nls\n```", Action("run", "ls")),
        ("```\nls\n```\n```sh\nrm a\n```", Action("run", "ls")),
        ("```bash\nls\n```\nDONE", Action("run", "ls")),
        ("All there.\nDONE", Action("done")),
        ("**FAIL**", Action("fail")),
        ("WAIT", Action("wait")),
        ("I am DONE with this.", Action("none")),
        ("```bash\n```", Action("none")),
        ("", Action("none")),
    ],
)
def test_a_reply_runs_a_block_or_says_one_of_three_words(answer: str, action: Action) -> None:
    assert acting.action(answer) == action


def test_an_agent_sees_how_its_commands_ended() -> None:
    assert acting.shown(CommandResult(0, "a\n", "")) == "[exit code 0]\na"
    assert acting.shown(CommandResult(None, "", "slow")) == "[ran out of time]\nslow"
    assert acting.shown(CommandResult(0, "x" * 4000, "")) == "[exit code 0]\n" + "x" * 4000
    assert len(acting.shown(CommandResult(1, "x" * 9000, ""))) == len("[exit code 1]\n…") + 4000


@pytest.mark.parametrize(
    ("score", "fault", "answers", "outcome"),
    [
        (1.0, None, [REFUSAL], "success"),
        (0.0, None, ["```bash\nls\n```", "DONE"], "failed"),
        (0.0, None, [REFUSAL], "refused"),
        (0.0, None, ["```bash\nls\n```", f"{REFUSAL}\nFAIL"], "refused"),
        (0.0, None, ["FAIL"], "failed"),
        (None, "box_ended: memory", [], "box_ended"),
    ],
)
def test_the_state_decides_and_then_what_was_said(
    score: float | None, fault: str | None, answers: list[str], outcome: str
) -> None:
    assert acting.outcome(score, fault, "Write done into a file.", answers) == outcome
