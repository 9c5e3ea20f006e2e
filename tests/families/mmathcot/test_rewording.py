"""A model's words for the engine's problems: kept where every value is still there, refused otherwise."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest
from pydantic import ValidationError

from builders.families.mmathcot import made, rewording, soundness, synthesize
from builders.params import loading
from builders.provenance import Provenance
from builders.records import Record
from builders.sources.entries import Generated
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer, Ask
from tests.harness import Workspace


@pytest.fixture
def row() -> Record:
    settings: dict[str, Any] = {
        "share": "distill",
        "shares": {"distill": 1},
        "kinds": ["cuboid"],
        "depths": {"min": 5, "max": 5},
        "free": 1.0,
    }
    [data] = made.rows(Generated(generator="problems", rows=1, seed=5, settings=settings))
    key = data.pop("key")
    return Record("mmathcot:00000000000000aa", "distill", None, Provenance("made", "MIT", key), data)


def params(**changes: object) -> synthesize.Params:
    params = loading.load("mmathcot").synthesize
    assert isinstance(params, synthesize.Params)
    return synthesize.Params.model_validate({**params.model_dump(), "reworded": True, **changes})


def wording(row: Record) -> dict[str, Any]:
    """Return a wording that holds: the engine's, with some words more."""
    steps = [f"Clearly, {step[0].lower()}{step[1:]}" for step in rewording.own_steps(row, 0)]
    return {"question": f"Look closely. {row.data['question']}", "steps": steps}


def test_the_teacher_is_shown_question_and_steps_and_asked_for_both(here: Workspace, row: Record) -> None:
    del here
    [request] = synthesize.requests(row, params())
    prompt = request.body["messages"][0]["content"]
    assert row.data["question"] in prompt
    assert all(step in prompt for step in rewording.own_steps(row, 0))
    assert request.schema == rewording.SCHEMA


def test_a_wording_that_holds_takes_the_place_of_the_engine_s(row: Record) -> None:
    value = wording(row)
    found = rewording.merged(row, Reply("", "stop", "f" * 64, value=value), 0)
    assert found.data["question"] == value["question"]
    assert found.data["wording_refused"] is None
    assert "Clearly" in found.data["replies"][0]["text"]
    assert found.data["replies"][0]["text"].endswith(f"†Answer: {row.data['answer']}")
    assert soundness.unusable(found.having(options=[])) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told["steps"].pop(), "another number of steps"),
        (lambda told: told.update(question=f"{told['question']} It weighs 99 kg."), "question: other numbers or names"),
        (lambda told: told.update(question=f"{told['question']} Call it XYZ."), "question: other numbers or names"),
        (lambda told: told.update(question=told["question"] * 9), "question: "),
        (lambda told: told["steps"].__setitem__(0, f"{told['steps'][0]} Add 77."), "step 1: other numbers"),
        (lambda told: told["steps"].__setitem__(0, f"{told['steps'][0]} Call it PQ."), "step 1: other names"),
        (lambda told: told["steps"].__setitem__(0, " ".join(reversed(told["steps"][0].split()))), "step 1: "),
    ],
)
def test_a_wording_that_says_something_else_leaves_the_engine_s_own(row: Record, change: Any, reason: str) -> None:  # noqa: ANN401
    value = wording(row)
    change(value)
    found = rewording.merged(row, Reply("", "stop", "f" * 64, value=value), 0)
    assert found.data["wording_refused"].startswith(reason)
    assert found.data["question"] == row.data["question"]
    assert found.provenance.answerers["teacher"].model == "symbolic"


def test_an_answer_told_and_an_equation_that_is_wrong_are_found(row: Record) -> None:
    result = made.unpacked(row.data["made"]).result
    telling = {**wording(row), "question": f"{row.data['question']} Is it {result}?"}
    assert rewording.fault(row, telling, 0) == "question: it tells the answer"
    assert list(rewording._equations("so 3 * 4 = 13, then x = 5")) == [("3 * 4", "13")]  # noqa: SLF001
    assert rewording._wrong("so 3 * 4 = 13", "13 = 3 * 4, so 3 * 4 = 13") == "an equation that does not hold"  # noqa: SLF001


@pytest.mark.parametrize(
    ("own", "other", "reason"),
    [
        ("It is 12 m.", "Is it 12 m?", None),
        ("It is 3 m.", "It is 12 m, not 3 m.", "it tells the answer"),
        ("It is 3 m.", "Now it is 4 m.", "other numbers or names"),
        ("Call it AB.", "Call it AC.", "other numbers or names"),
        ("how long", " ".join(["how long"] * 3), None),
        ("how long", " ".join(["how long"] * 3 + ["now"]), "too long"),
    ],
)
def test_a_question_has_the_same_numbers_and_names_and_is_not_much_longer(own: str, other: str, reason: str | None) -> None:
    assert rewording._changed(own, other, "12") == reason  # noqa: SLF001


@pytest.mark.parametrize(
    ("step", "own", "reason"),
    [
        ("Nothing is counted.", "There is no number.", None),
        ("Take 3, then 4.", "First 3, then 4.", None),
        ("Take 4, then 3.", "First 3, then 4.", "another value"),
        ("Take AB, a side.", "Take a side.", "other names"),
        ("Take a side.", "Take AB, a side.", None),
        ("So x = 2 + 2 = 4.", "So 2 + 2 = 4 is x.", None),
    ],
)
def test_a_step_has_the_same_numbers_and_ends_in_the_same(step: str, own: str, reason: str | None) -> None:
    assert rewording._wrong(step, own) == reason  # noqa: SLF001


def test_without_a_reply_the_engine_s_words_stay_and_others_are_solved(here: Workspace, row: Record) -> None:
    del here
    silent = NoReplyError({"error": "malformed: required"})

    class Asking:
        async def all(self, requests: Iterable[Request]) -> list[Answer]:
            return [silent for _ in requests]

    async def solved(record: Record, _: list[Request], __: object) -> list[Any]:
        return [(record.having(solved=True), None)]

    work = rewording.work(solved, 0)
    ask = cast("Ask", Asking())

    async def worked() -> tuple[Record, Record]:
        [(found, rejection)] = await work(row, [rewording.request(row, params().roles["teacher"], 0)], ask)
        assert rejection is None
        [(other, _)] = await work(row.having(made=None), [], ask)
        return found, other

    found, other = asyncio.run(worked())
    assert found.data["wording_refused"] == "malformed: required"
    assert other.data["solved"]
    changed = params()

    async def asked() -> list[Any]:
        return await synthesize.work(changed, None)(row, synthesize.requests(row, changed), ask)

    [(reworded, why)] = asyncio.run(asked())
    assert (reworded.data["wording_refused"], why) == ("malformed: required", None)


def test_only_a_chat_model_rewords_and_only_once(here: Workspace) -> None:
    del here
    with pytest.raises(ValidationError, match="reworded asks a chat model once"):
        params(candidates=3)
    roles = params().model_dump()["roles"]
    with pytest.raises(ValidationError, match="set the teacher's api to chat and candidates to null"):
        params(roles={**roles, "teacher": {**roles["teacher"], "api": "completions"}})
