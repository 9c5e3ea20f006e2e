"""Candidates are asked for until enough are acceptable, and no more than may be; what came of each is written down."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from builders.asking import works
from builders.records import Outcome, Record
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer
from tests.doubles.asking import question
from tests.harness import OWN

ROW = Record("toy:0", "default", None, OWN, {"prompt": "a"})


class Asking:
    """Answers the requests in the order of its script."""

    def __init__(self, *script: str | None) -> None:
        self.script, self.asked, self.counted = list(script), list[int](), list[tuple[Any, ...]]()

    async def __call__(self, request: Request) -> Answer:
        self.asked.append(request.index)
        text = self.script.pop(0)
        return NoReplyError({"error": "x"}) if text is None else Reply(text, "stop", f"key {request.index}")

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [await self(request) for request in requests]

    def sampled(self, *counts: Any) -> None:  # noqa: ANN401
        self.counted.append(counts)


def worked(ask: Asking, candidates: int, refusals: str | None = None) -> Outcome:
    """Return what comes of a row that has two openings; what begins with "no" is not acceptable."""
    work = works.sampled(
        candidates,
        lambda _, number: replace(question(), index=number),
        lambda reply: "odd" if reply.text.startswith("no") else None,
        refusals=refusals,
    )
    [outcome] = asyncio.run(work(ROW, [replace(question(), index=index) for index in range(2)], ask))  # type: ignore[var-annotated, arg-type]
    return outcome  # type: ignore[no-any-return]


def kept(index: int, text: str) -> dict[str, Any]:
    return {"index": index, "text": text, "finish_reason": "stop", "key": f"key {index}"}


@pytest.mark.parametrize("refusals", [None, "refused"])
def test_another_is_asked_for_in_the_place_of_each_that_is_not_acceptable(refusals: str | None) -> None:
    ask = Asking("yes", "no", "no way", "well")
    row, why = worked(ask, 9, refusals)
    assert (ask.asked, ask.counted, why) == ([0, 1, 2, 3], [("synthesize", "teacher", 4, 2)], None)
    left = [{**kept(1, "no"), "reason": "odd"}, {**kept(2, "no way"), "reason": "odd"}]
    assert row.data == {"prompt": "a", "replies": [kept(0, "yes"), kept(3, "well")], **({refusals: left} if refusals else {})}


def test_no_more_are_asked_for_than_may_be() -> None:
    ask = Asking("no", None, "no", "yes", "yes")
    row, why = worked(ask, 3)
    assert (ask.asked, ask.counted) == ([0, 1, 2], [("synthesize", "teacher", 3, 0)])
    assert row.data["replies"] == []
    assert why
    assert (why.reason, why.evidence) == (
        "too_few_accepted",
        {
            "wanted": 2,
            "accepted": 0,
            "refused": [{"index": index, "reason": "odd", "key": f"key {index}"} for index in (0, 2)],
            "failed": [{"index": 1, "error": "x"}],
        },
    )


def test_a_row_of_which_nothing_was_refused_lacks_replies() -> None:
    _, why = worked(Asking("yes", None), 2)
    assert why
    assert (why.reason, why.evidence) == ("no_reply", {"replies": [{"index": 1, "error": "x"}]})
    assert worked(Asking("yes", "well"), 2)[1] is None
