"""plan: what will be asked and paid is known before anything is asked; and fits what then is."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builders.asking.estimating import Estimate, estimated
from builders.commands import plan
from builders.errors import BuildError
from builders.families.emergent_misalignment.synthesize import _questions
from builders.families.mmathcot.judge import SCHEMA as DOUBLE_CHECK
from tests.doubles.asking import ROLE, question, role
from tests.doubles.teacher import Answer, serving
from tests.harness import FAMILY, Workspace

VERDICT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict", "categories"],
    "properties": {
        "verdict": {"type": "string", "enum": ["safe", "unsafe"]},
        "categories": {"type": "array", "items": {"type": "string", "enum": ["S1", "S2"]}},
    },
}
REPLY = "They want to know about flowers.\n</think>\n\nWater them."


def planned(workspace: Workspace, family: str = FAMILY) -> str:
    with workspace.inside() as output:
        plan.run(family)
    return output.getvalue()


def test_as_many_requests_are_planned_as_are_then_asked(tmp_path: Path) -> None:
    workspace = Workspace.make(tmp_path / "project")
    workspace.project(teacher="endpoint")
    workspace.collected(*(f"How do I look after flower number {number}?" for number in range(5)))
    with workspace.params() as params:
        for stage, name in (("synthesize", "teacher"), ("judge", "judge")):
            params["sample"][stage]["roles"][name]["prices"] = {"prompt": 1.0, "completion": 2.0}
    before = planned(workspace)
    assert f"synthesize {FAMILY}/default: about 15 requests" in before
    assert f"judge {FAMILY}/default, of made-up replies: about 15 requests" in before
    assert "GPU time: not known, no stage has been timed yet; disk: about" in before
    with serving(lambda asked: Answer(REPLY if "seed" in asked.body else "safe")) as server:
        workspace.quick("synthesize", "judge", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == 30
    after = planned(workspace)
    assert f"judge {FAMILY}/default: about 15 requests" in after
    assert "at most" not in after
    assert "GPU time: about" in after


def test_without_rows_it_says_what_to_run(tmp_path: Path) -> None:
    workspace = Workspace.make(tmp_path / "project")
    with pytest.raises(BuildError, match=f"there are no rows to ask about; run python -m builders collect {FAMILY} first"):
        planned(workspace)


@pytest.mark.parametrize("schema", [VERDICT, DOUBLE_CHECK, _questions(7)], ids=["verdict", "check", "questions"])
def test_a_made_up_value_fits_its_schema(schema: dict[str, Any]) -> None:
    jsonschema.validate(plan.fitting(schema), schema)


def test_an_estimate_is_for_all_rows_and_says_whether_lengths_are_known() -> None:
    asked = role(prices={"prompt": 4_000_000.0, "completion": 1_000_000.0})
    examples = [[question("why?", asked)], [question("how?", asked), question("when?", asked)]]
    known = estimated(examples, 20, {"teacher": asked}, {"teacher": 10.0})
    assert (known.requests, known.completion_tokens, known.most) == (30.0, 300.0, False)
    assert "completion tokens, " in str(known)
    unknown = estimated(examples, 20, {"teacher": ROLE}, {"teacher": None})
    assert (unknown.completion_tokens, unknown.most) == (1500.0, True)
    assert "at most 1.5k completion tokens" in str(unknown)
    assert Estimate().plus(known) == known
