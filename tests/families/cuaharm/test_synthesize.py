"""Pairs become two rows; scenarios become pairs that a teacher writes."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from pydantic import ValidationError

from builders.families.cuaharm import pairs, synthesize
from builders.families.cuaharm.evaluators import parsed
from builders.families.cuaharm.synthesize import Params, Variants
from builders.families.cuaharm.tasks import Put, Run, steps
from builders.params.roles import Role, Sampling
from builders.records import Record
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer
from tests.families.cuaharm.rows import INVENTORY, LAB, check, data, state
from tests.harness import OWN, Workspace

SCENARIO = {"kind": "scenario", "instruction": "Someone meddles.", "category": "data_tampering", "inventory": INVENTORY}
WRITTEN = {
    "skill": "write",
    "difficulty": "easy",
    "files": [{"path": f"{LAB}/a", "text": "x"}],
    "commands": ["chmod 600 lab/a"],
    "harmful": {"instruction": "Bad.", "checks": [check(exact="1")]},
    "benign": {"instruction": "Good.", "checks": [check(exact="2")]},
}


def params(requests: int = 1, **changes: Any) -> Params:  # noqa: ANN401
    sampling = Sampling(temperature=1.0, top_p=1.0, max_tokens=100)
    role = Role(model="m", revision=None, server=None, api="chat", engine=None, sampling=sampling, prices=None, repairs=0)
    variants = Variants(requests=requests, per_request=3)
    return Params(**{"roles": {"teacher": role}, "seed": 0, "candidates": None, "variants": variants, **changes})


def record(**columns: Any) -> Record:  # noqa: ANN401
    return Record("cuaharm:0123456789abcdef", "default", None, OWN, columns)


class Teacher:
    """Answers requests by their index; what it does not know it has no reply to."""

    def __init__(self, replies: dict[int, Any]) -> None:
        self.replies, self.asked = replies, list[Request]()

    async def __call__(self, request: Request) -> Answer:
        return (await self.all([request]))[0]

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        asked = list(requests)
        self.asked += asked
        return [self._answer(request.index) for request in asked]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        raise AssertionError((stage, role, candidates, accepted))

    def _answer(self, index: int) -> Answer:
        if index not in self.replies:
            return NoReplyError({"error": "no form"})
        return Reply(text=json.dumps(self.replies[index]), finish_reason="stop", key="0" * 64, value=self.replies[index])


def grown(row: Record, section: Params, teacher: Teacher) -> list[tuple[Record, str | None]]:
    """Do the work about a row, and return the rows with the reasons of those that are rejected."""

    async def work() -> list[tuple[Record, str | None]]:
        found = await synthesize.work(section, None)(row, synthesize.requests(row, section), teacher)
        return [(one, rejection.reason if rejection else None) for one, rejection in found]

    return asyncio.run(work())


def test_a_pair_becomes_two_rows_that_know_each_other(here: Workspace) -> None:
    del here
    columns = {name: value for name, value in data().items() if name not in {"origin", "pair_id", "twin_id"}}
    (harmful, _), (benign, _) = grown(record(**columns), params(), Teacher({}))
    assert (harmful.id, harmful.subset, harmful.parent) == ("cuaharm:0123456789abcdef", "default", None)
    assert (benign.subset, benign.parent) == ("benign", harmful.id)
    assert (harmful.data["twin_id"], benign.data["twin_id"]) == (benign.id, harmful.id)
    assert harmful.data["pair_id"] == benign.data["pair_id"] == harmful.id
    for one, other in ((harmful, benign), (benign, harmful)):
        assert one.data["twin"] == {name: other.data[name] for name in ("instruction", "evaluator")}
        assert one.data["config"] == columns["config"]
    assert harmful.data["instruction"] == columns["instruction"]
    assert benign.data["instruction"] == columns["twin"]["instruction"]


@pytest.mark.parametrize(
    ("columns", "origin"),
    [({"published": {"sha256": "0"}}, "published"), ({"kind": "prompt"}, "prompt"), ({"evaluator": state()}, "written")],
)
def test_a_row_without_a_twin_stays_one(here: Workspace, columns: dict[str, Any], origin: str) -> None:
    del here
    [(row, reason)] = grown(record(instruction="x", **columns), params(), Teacher({}))
    assert reason is None
    assert (row.data["origin"], row.data["pair_id"], row.data["twin_id"]) == (origin, None, None)


def test_a_scenario_is_asked_about_twice_and_spawns_pairs(here: Workspace) -> None:
    del here
    teacher = Teacher({0: {"variants": ["one", "two"]}, 1000: WRITTEN, 1001: WRITTEN})
    (seed, reason), *children = grown(record(**SCENARIO), params(), teacher)
    assert (seed.data, reason) == (SCENARIO, "spent")
    assert [(row.subset, reason) for row, reason in children] == [("default", None), ("benign", None)] * 2
    assert [request.index for request in teacher.asked] == [0, 1000, 1001]
    assert len({row.id for row, _ in children}) == 4
    assert {row.parent for row, _ in children} == {seed.id}
    assert {row.data["origin"] for row, _ in children} == {"constructed"}
    assert {row.data["category"] for row, _ in children} == {"data_tampering"}


def test_what_a_teacher_wrote_is_a_task_in_the_usual_form(here: Workspace) -> None:
    del here
    harmful, benign = pairs.spawned(record(**SCENARIO), 1000, WRITTEN)
    assert steps(harmful.data) == [Put({f"{LAB}/a": b"x"}), Run(["sh", "-c", "chmod 600 lab/a"])]
    assert steps(benign.data) == steps(harmful.data)
    assert parsed(harmful.data["evaluator"]).together
    assert pairs.spawned(record(**SCENARIO), 1000, WRITTEN) == [harmful, benign]


def test_a_pair_is_named_by_its_place_not_by_what_else_came(here: Workspace) -> None:
    del here
    both = Teacher({0: {"variants": ["one", "two"]}, 1000: WRITTEN, 1001: WRITTEN})
    late = Teacher({0: {"variants": ["one", "two"]}, 1001: WRITTEN})
    rows = [row.id for row, _ in grown(record(**SCENARIO), params(), both)]
    assert [row.id for row, _ in grown(record(**SCENARIO), params(), late)] == [rows[0], *rows[3:]]


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ({}, "no_reply"),
        ({0: {"variants": []}}, "nothing_spawned"),
        ({0: {"variants": ["one"]}}, "no_reply"),
        ({0: {"variants": ["one", "two"]}, 1001: WRITTEN}, "spent"),
    ],
)
def test_how_a_scenario_ends(here: Workspace, replies: dict[int, Any], reason: str) -> None:
    del here
    assert grown(record(**SCENARIO), params(), Teacher(replies))[0][1] == reason


def test_seeds_differ_by_request_and_are_told_by_row(here: Workspace) -> None:
    del here
    requests = synthesize.requests(record(**SCENARIO), params(requests=3))
    assert [request.index for request in requests] == [0, 1, 2]
    assert len({request.body["seed"] for request in requests}) == 3
    assert requests[0].body["seed"] == synthesize.requests(record(**SCENARIO), params())[0].body["seed"]


def test_the_inventory_is_in_the_prompt(here: Workspace) -> None:
    del here
    text = synthesize.pair(record(**SCENARIO), "a variant", 1000, params()).body["messages"][0]["content"]
    assert all(part in text for part in (LAB, "8080", "printer.test", "heron", "a variant"))


def test_candidates_are_refused() -> None:
    with pytest.raises(ValidationError, match="set candidates to null"):
        params(candidates=3)
