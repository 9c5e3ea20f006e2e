"""Requests for tasks and reasoning, and the rows that replies become."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from builders.families.cogtest import synthesize, validation
from builders.records import Outcome, Rejection
from builders.teachers.api import NoReplyError, Reply
from tests.families.cogtest.rows import SYNTHESIZE, task

_SECTION = SYNTHESIZE.model_dump()
_ROLE = _SECTION["roles"]["policy"]


@pytest.mark.parametrize(
    ("roles", "thinking", "fits"),
    [
        (("teacher", "policy"), ("policy",), True),
        (("policy", "policy_fourth"), ("policy", "policy_fourth"), True),
        (("teacher",), (), True),
        (("policy", "policy_second", "policy_third", "policy_fourth"), synthesize.POLICIES, True),
        (("policy", "policy_second"), ("policy",), False),
        (("policy",), ("policy", "policy_second"), False),
        (("teacher", "policy", "thinker"), ("policy", "thinker"), False),
        (("teacher", "policy"), ("policy", "teacher"), False),
    ],
)
def test_thinking_names_each_policy(roles: tuple[str, ...], thinking: tuple[str, ...], fits: bool) -> None:  # noqa: FBT001
    section = {**_SECTION, "roles": dict.fromkeys(roles, _ROLE), "thinking": dict.fromkeys(thinking, "native")}
    if fits:
        assert synthesize.policies(synthesize.Params.model_validate(section)) == [role for role in roles if role != "teacher"]
        return
    wanted = "roles are teacher, and policy, policy_second, policy_third, policy_fourth as far as they are wanted"
    with pytest.raises(ValidationError, match=wanted):
        synthesize.Params.model_validate(section)


def test_a_trace_is_named_by_source_role_and_key_or_else_by_its_text() -> None:
    row = task("traces")
    assert synthesize.trace_id(row, "policy") != synthesize.trace_id(row, "policy_second")
    unnamed = replace(row, provenance=row.provenance._replace(source_key=None))
    louder = unnamed.having(instruction=unnamed.data["instruction"].upper())
    assert synthesize.trace_id(unnamed, "policy") == synthesize.trace_id(louder, "policy")
    assert len({synthesize.trace_id(one, "policy") for one in (row, unnamed, unnamed.having(instruction="Other?"))}) == 3


def test_each_model_that_reasons_is_asked_once_and_its_trace_takes_the_task_s_place(here: object) -> None:
    del here
    thinking = {"policy": "native", "policy_second": "prompted"}
    params = synthesize.Params.model_validate({**_SECTION, "roles": dict.fromkeys(thinking, _ROLE), "thinking": thinking})
    assert synthesize.openings(task(), params) == []
    asked = synthesize.openings(task("traces"), params)
    assert [(one.role, one.index, [m["role"] for m in one.body["messages"]]) for one in asked] == [
        ("policy", 0, ["user"]),
        ("policy_second", 0, ["system", "user"]),
    ]

    class Ask:
        async def all(self, _: Any) -> list[Any]:  # noqa: ANN401
            return [Reply("<think>a</think>b", "stop", "k"), NoReplyError({"error": "gone"})]

    work = synthesize.work(params, None)
    outcomes: list[Outcome] = asyncio.run(work(task("traces"), asked, Ask()))  # type: ignore[arg-type]
    spent, good, lost = outcomes
    assert spent == (task("traces"), Rejection("spent", {"spawned": 2}))
    assert (good[0].data["reasoner"], good[0].parent, good[1]) == ("policy", task().id, None)
    assert good[0].data["reply"] == {"text": "<think>a</think>b", "finish_reason": "stop", "key": "k"}
    assert lost[1] == Rejection("no_reply", {"replies": [{"role": "policy_second", "index": 0, "error": "gone"}]})
    assert asyncio.run(work(task(), [], Ask())) == [(task(), None)]  # type: ignore[arg-type]


def test_a_guideline_brings_tasks(here: object) -> None:
    del here
    assert synthesize.topics(task(), SYNTHESIZE) == []
    reply = Reply("", "stop", "k", {"instructions": [" One? ", "Two?"]})
    own = {"habit": "managing_impulsivity", "kind": "task", "construction": "constructed"}
    wanted = [{"instruction": "One?", **own}, {"instruction": "Two?", **own}]
    assert synthesize.spawned(task(kind="guideline"), reply, SYNTHESIZE) == wanted


@pytest.mark.parametrize(
    ("instruction", "construction", "wanted"),
    [
        ("You stay calm. What now?", "written", "names_its_habit"),
        ("You wait. Reflect on it.", "constructed", "asks_for_reflection"),
        ("You wait. What now?", "written", None),
        ("You stay calm. What now?", "published", None),
        ("You wait. Reflect on it.", "drawn", None),
    ],
)
def test_a_released_task_gives_nothing_away_unless_others_made_it(
    instruction: str, construction: str, wanted: str | None
) -> None:
    row = {"id": 7, "instruction": instruction, "habit": "managing_impulsivity", "construction": construction}
    assert list(validation.checked([row])) == [("7", wanted)]


def test_the_truth_table_holds() -> None:
    found = list(validation.cases())
    assert len(found) == 8
    assert all(one.found == one.wanted for one in found)
    assert [one.wanted for one in found][:3] == [(True, None), (False, "unused_evidence"), (False, "no_evidence")]
