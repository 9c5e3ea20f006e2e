"""Asking about rows: order, bounded look-ahead, and servers that answer nothing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from builders.asking import asker
from builders.errors import BuildError
from builders.teachers.endpoint import Tally
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import FAMILY, Workspace, jsonl, one_line

GOOD = "A thought about it, and one more for good measure.\n</think>\n\nAn answer."


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace with twelve collected prompts, answered over HTTP."""
    workspace.source("own.jsonl", jsonl(*({"prompt": f"Tell me about topic number {n} please"} for n in range(12))))
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 2
    workspace.build("collect")
    return workspace


def test_rows_come_out_in_the_order_they_went_in_however_the_answers_come(asking: Workspace) -> None:
    """The first row's answers are held back until all others are given."""

    def script(server: Server) -> Callable[[Received], Answer]:
        def answer(request: Received) -> Answer:
            if len(server.asked) == 24:
                server.release()
            return Answer(GOOD, held="number 0 " in request.text)

        return answer

    with serving(lambda _: Answer()) as server:
        server.script = script(server)
        asking.build("synthesize", BUILDERS_TEACHER_URL=server.url, BUILDERS_CONCURRENCY="8")
    collected = [row["id"] for row in asking.rows("collect")]
    assert [row["id"] for row in asking.rows("synthesize")] == collected
    for row in asking.rows("synthesize"):
        assert [reply["index"] for reply in row["data"]["replies"]] == [1, 0]


def test_a_row_without_a_reply_is_rejected_and_asked_for_again_by_the_next_run(asking: Workspace) -> None:
    def refusing(request: Received) -> Answer:
        return Answer(status=400) if "number 5 " in request.text else Answer(GOOD)

    with serving(refusing) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        [summary] = asking.build("synthesize", **environment)
        assert summary == f"synthesize {FAMILY}/default: in 12, out 11, rejected 1 (no_reply 1)"
        [line] = asking.rejected("synthesize")
        refused = {"error": "HTTP 400", "attempts": 1}
        assert line["rejection"]["evidence"] == {"replies": [{"index": index, **refused} for index in (1, 0)]}
        before = len(server.asked)
        server.script = lambda _: Answer(GOOD)
        [summary] = asking.build("synthesize", **environment)
        assert summary == f"synthesize {FAMILY}/default: in 12, out 12, rejected 0"
        assert len(server.asked) == before + 2


def test_the_replies_that_came_stay_with_a_row_that_lacks_one(asking: Workspace) -> None:
    seeds: dict[str, int] = {}

    def refusing_one(request: Received) -> Answer:
        first = seeds.setdefault(request.text, request.body["seed"]) == request.body["seed"]
        return Answer(status=400) if first and "number 5 " in request.text else Answer(GOOD)

    with serving(refusing_one) as server:
        asking.build("synthesize", BUILDERS_TEACHER_URL=server.url)
    [line] = asking.rejected("synthesize")
    [reply] = line["row"]["data"]["replies"]
    [missing] = line["rejection"]["evidence"]["replies"]
    assert reply["text"] == GOOD
    assert {reply["index"], missing["index"]} == {0, 1}


def test_a_server_that_refuses_every_request_is_one_clear_line(asking: Workspace) -> None:
    with serving(lambda _: Answer(status=400)) as server:
        line = one_line(asking.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url))
    assert f"no request of synthesize {FAMILY}/default was answered: HTTP 400" in line
    assert "synthesize has not finished" in one_line(asking.run("judge", FAMILY))


def test_a_judge_that_fails_on_a_reply_is_an_annotation_that_filter_decides_about(asking: Workspace) -> None:
    def script(request: Received) -> Answer:
        if request.text.startswith("Task: "):
            return Answer(status=400) if "number 3 " in request.text else Answer("\n\nsafe")
        return Answer(GOOD)

    with serving(script) as server:
        lines = asking.build("synthesize", "judge", "filter", BUILDERS_TEACHER_URL=server.url)
    assert lines[1:] == [
        f"judge {FAMILY}/default: in 12, out 12, rejected 0",
        f"filter {FAMILY}/default: in 12, out 11, rejected 1 (no_verdict 1)",
    ]


@pytest.mark.parametrize(
    ("counts", "at_end", "what"),
    [
        ({"failed": 199, "sent": 199}, False, None),
        ({"failed": 200, "sent": 200}, False, "the first 200 requests were refused: HTTP 400"),
        ({"failed": 200, "sent": 201}, False, None),
        ({"failed": 200, "sent": 200, "found": 1}, True, None),
        ({"failed": 1, "sent": 1}, True, "no request of quiz was answered: HTTP 400"),
        ({"failed": 1, "sent": 2}, True, None),
        ({}, True, None),
    ],
    ids=range(7),
)
def test_a_server_that_refuses_whatever_it_is_asked_stops_the_run(
    counts: dict[str, int], *, at_end: bool, what: str | None
) -> None:
    tally = Tally()
    vars(tally).update(counts, last_error="HTTP 400")
    run = SimpleNamespace(_staff=SimpleNamespace(tallies={"teacher": tally}), _phase=SimpleNamespace(label="quiz"))
    if what is None:
        asker._Run._check_answers(cast("Any", run), at_end=at_end)  # noqa: SLF001
        return
    with pytest.raises(BuildError) as caught:
        asker._Run._check_answers(cast("Any", run), at_end=at_end)  # noqa: SLF001
    assert str(caught.value) == f"teacher: {what}; check the role's params (model, sampling, length) and its server"
