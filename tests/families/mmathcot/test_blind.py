"""Blind solutions: a model that is not told the answer is asked several times, and kept where it reaches it."""

from collections.abc import Iterable
from typing import Any

import pytest

from builders.families.mmathcot import synthesize
from builders.families.mmathcot.blind import FIRST, Blind
from builders.families.mmathcot.synthesize import Params
from builders.params import loading
from builders.records import Record, Rejection
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer
from tests.harness import OWN, Workspace, waited

RIGHT = "Step 1: Add both.\nStep 2: That is twelve.\n†Answer: 12"
WRONG = "Step 1: Add both.\nStep 2: That is eleven.\n†Answer: 11"


def _row(subset: str = "distill") -> Record:
    data: dict[str, Any] = {
        "question": "What is 5 plus 7?",
        "options": [],
        "answer": "12",
        "solution": "5 + 7 = 12",
        "picture": None,
    }
    return Record("mmathcot:0123456789abcdef", subset, None, OWN, data)


class Solver:
    """Answers with given texts, one after another; None: no reply."""

    def __init__(self, *texts: str | None) -> None:
        self._texts = iter(texts)

    async def __call__(self, request: Request) -> Answer:
        text = next(self._texts)
        return NoReplyError({"error": "HTTP 500"}) if text is None else Reply(text, "stop", f"{request.index:064x}")

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""


def _params(here: Workspace, samples: int = 4) -> Params:
    del here
    params = loading.load("mmathcot").synthesize
    assert isinstance(params, Params)
    return params.model_copy(update={"blind": Blind(samples=samples, modules=["distill"])})


def _worked(here: Workspace, *texts: str | None) -> tuple[dict[str, Any], Rejection | None]:
    params = _params(here, len(texts))
    [(record, why)] = waited(synthesize.work(params, None)(_row(), synthesize.requests(_row(), params), Solver(*texts)))
    return record.data, why


def test_blind_requests_do_not_tell_the_answer_and_others_do(here: Workspace) -> None:
    params = _params(here)
    blind = synthesize.requests(_row(), params)
    assert [request.index for request in blind] == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]
    assert len({request.body["seed"] for request in blind}) == 4
    assert not [request.index for request in blind if "12" in request.body["messages"][0]["content"]]
    [other] = synthesize.requests(_row("rewrite"), params)
    assert "Final answer: 12" in other.body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("texts", "rate", "kept"), [((RIGHT, WRONG, RIGHT, WRONG), 0.5, FIRST), ((WRONG, "nothing", RIGHT), 0.3333, FIRST + 2)]
)
def test_the_first_that_reaches_the_answer_is_kept_with_the_share_that_does(
    here: Workspace, texts: tuple[str, ...], rate: float, kept: int
) -> None:
    data, why = _worked(here, *texts)
    assert why is None
    assert data["pass_rate"] == rate
    assert [(reply["index"], reply["text"]) for reply in data["replies"]] == [(kept, RIGHT)]


def test_a_problem_that_no_sample_solves_says_what_each_lacks(here: Workspace) -> None:
    _, why = _worked(here, WRONG, "Twelve.")
    assert why
    assert why.reason == "never_matched"
    assert [one["reason"] for one in why.evidence["samples"]] == ["answer_changed", "no_steps"]


def test_samples_without_a_reply_count_for_nothing(here: Workspace) -> None:
    assert _worked(here, None, RIGHT)[0]["pass_rate"] == 1.0
    _, why = _worked(here, None, None)
    assert why
    assert why.reason == "no_reply"


def test_candidates_are_asked_for_until_one_is_well_formed(here: Workspace) -> None:
    params = _params(here).model_copy(update={"blind": None, "candidates": 3})
    openings = synthesize.requests(_row(), params)
    [(record, why)] = waited(synthesize.work(params, None)(_row(), openings, Solver("Twelve.", WRONG, RIGHT)))
    assert why is None
    assert [reply["text"] for reply in record.data["replies"]] == [WRONG]
