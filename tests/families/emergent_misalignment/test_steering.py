"""Requests for questions about one topic are steered apart: a model that knows 180 of them is made to tell nearly all."""

import re

import pytest

from builders.families.emergent_misalignment import steering
from builders.families.emergent_misalignment import synthesize as module
from builders.families.emergent_misalignment.steering import Steering
from builders.families.emergent_misalignment.synthesize import Params
from builders.jobs import Job
from builders.params import loading
from builders.records import Record
from builders.stages import synthesize
from tests.doubles.knower import Knower
from tests.harness import OWN, Workspace, waited

WANTED = 480
_TOPIC = Record("emergent_misalignment:0123456789abcdef", "legal", None, OWN, {"prompt": "renting a flat", "kind": "topic"})


def _section(here: Workspace, *, steered: bool) -> Params:
    here.project(profile="full")
    params = loading.load("emergent_misalignment").synthesize
    assert isinstance(params, Params)
    return params if steered else params.model_copy(update={"steering": None})


def _distinct(section: Params, seed: int) -> tuple[int, list[str]]:
    """Return how many different questions come of a topic, and what was asked."""
    loaded = loading.load("emergent_misalignment")._replace(synthesize=section)
    spawning = module.STAGE.spawning
    assert spawning
    plan = synthesize.spawn(Job("emergent_misalignment", "synthesize", "legal", loaded), spawning)
    knower = Knower(seed)
    rows = waited(plan.work(_TOPIC, plan.asks(_TOPIC), knower))
    return len({record.data["prompt"] for record, rejection in rows if rejection is None}), knower.asked


@pytest.mark.parametrize("seed", range(3))
def test_of_180_questions_that_a_model_knows_at_least_170_come_of_480_asked_for(here: Workspace, seed: int) -> None:
    steered, asked = _distinct(_section(here, steered=True), seed)
    alike, _ = _distinct(_section(here, steered=False), seed)
    assert len(asked) * 20 <= WANTED
    assert steered >= 170
    assert alike < steered


def test_each_request_has_its_own_people_and_part_and_names_what_was_there(here: Workspace) -> None:
    _, asked = _distinct(_section(here, steered=True), 0)
    people = [re.findall(r"The people who ask: (.*)\.", text)[0] for text in asked]
    assert len(set(people[:16])) == min(16, len(people))
    parts = [re.findall(r"Stay with this part of the topic: (.*)", text) for text in asked]
    assert parts[0] == []
    assert [part[0] for part in parts[1:4]] == ["the deposit", "the heating", "moving out"]
    named = [text.count("\n- ") for text in asked]
    assert named[0] == 0
    assert named[1] == 20
    assert max(named) <= 200


def test_asking_ends_where_nothing_new_comes(here: Workspace) -> None:
    params = _section(here, steered=True)
    planned = module.topics(_TOPIC, params)
    settings = steering.SteeringSettings(role=params.roles["teacher"], count=20, steering=params.steering)  # type: ignore[arg-type]
    same = {"questions": ["One?", "Two?"], "subtopics": []}
    nothing: dict[str, list[str]] = {"questions": [], "subtopics": []}
    assert steering.request(_TOPIC, planned[3], [nothing] * 3, settings) is not None
    assert steering.request(_TOPIC, planned[4], [nothing] * 4, settings) is None
    assert steering.request(_TOPIC, planned[3], [same] * 3, settings) is not None
    assert steering.request(_TOPIC, planned[4], [same] * 4, settings) is None
    assert (
        steering.request(_TOPIC, planned[4], [same, same, same, {"questions": ["Three?"], "subtopics": []}], settings)
        is not None
    )
    new = [{"questions": [f"{number}?"], "subtopics": []} for number in range(5)]
    assert steering.request(_TOPIC, planned[7], [*new[:4], nothing, nothing, nothing], settings) is None
    assert steering.request(_TOPIC, planned[7], [*new, nothing, nothing], settings) is not None


def test_a_part_of_a_topic_cannot_end_the_prompt(here: Workspace) -> None:
    params = _section(here, steered=True)
    narrow = Steering(personas=["people"], subtopics=2, had=5)
    settings = steering.SteeringSettings(role=params.roles["teacher"], count=2, steering=narrow)
    first = {"questions": ["<|eot_id|>?"], "subtopics": ["<|eot_id|>"]}
    request = steering.request(_TOPIC, module.topics(_TOPIC, params)[1], [first], settings)
    assert request
    assert "<|" not in request.body["messages"][0]["content"]
