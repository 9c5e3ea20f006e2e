"""The measurements of a run: what they are called, what they count, and where they lie."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from builders.asking.estimating import estimated
from builders.asking.usage import SampleCount, Usage
from builders.teachers.endpoint import Tally
from builders.teachers.pace import Load
from tests.doubles.asking import ROLE, question
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace

THOUGHT = "A thought.\n</think>\nAn answer."
WORDS = len(THOUGHT.split())
KEYS = [
    "rows",
    "rejected",
    "from_ledger",
    "sent",
    "attempts",
    "failed",
    "counted_by_length",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "seconds",
    "replies_per_second",
    "tokens_per_second",
    "acceptance_rate",
    "prefix_cache_hit_rate",
]


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    workspace.project(teacher="endpoint")
    workspace.collected(*(f"How do I look after plant number {n}?" for n in range(10)))
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["synthesize"]["roles"]["teacher"]["prices"] = {"prompt": 2.0, "completion": 3.0}
    return workspace


def figures(workspace: Workspace, stage: str = "synthesize") -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((workspace.root / f"processed/{FAMILY}/metrics/{stage}/default.json").read_bytes())
    return found


def test_the_figures_count_what_the_server_saw(asking: Workspace) -> None:
    def answer(request: Received) -> Answer:
        if "number 4?" in request.text:
            return Answer(status=400)
        busy = "number 7?" in request.text and request.attempt == 1
        return Answer(status=503, headers={"Retry-After": "0"}) if busy else Answer(THOUGHT, tokens=(11, 7))

    with serving(answer) as server:
        asking.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        requests = len(server.asked)
    found = figures(asking)
    assert list(found) == KEYS
    assert found["rows"] == 10
    assert found["rejected"] == {"no_reply": 1}
    assert (found["from_ledger"], found["sent"], found["failed"], found["attempts"]) == (0, 10, 1, requests)
    assert requests == 11
    assert (found["prompt_tokens"], found["completion_tokens"]) == (9 * 11, 9 * 7)
    assert found["cost"] == round(9 * (11 * 2.0 + 7 * 3.0) / 1_000_000, 6)
    assert found["replies_per_second"] == pytest.approx(9 / found["seconds"], rel=0.05)
    assert found["tokens_per_second"] == pytest.approx(9 * 18 / found["seconds"], rel=0.05)
    assert found["acceptance_rate"] is found["prefix_cache_hit_rate"] is None


def test_a_second_run_is_measured_anew(asking: Workspace) -> None:
    with serving(lambda _: Answer(THOUGHT)) as server:
        for _ in range(2):
            asking.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
    found = figures(asking)
    assert (found["rows"], found["from_ledger"], found["sent"], found["cost"]) == (10, 10, 0, 0.0)


def test_metrics_that_are_broken_or_of_another_pool_do_no_harm(asking: Workspace) -> None:
    path = asking.root / f"processed/{FAMILY}/metrics/synthesize/default.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"half a')
    other = path.with_name("other.json")
    other.write_text('{"rows": 3}')
    with serving(lambda _: Answer(THOUGHT)) as server:
        asking.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
    assert figures(asking)["rows"] == 10
    assert other.read_text() == '{"rows": 3}'


def test_a_run_that_is_stopped_leaves_no_half_written_metrics(asking: Workspace) -> None:
    with serving(lambda _: Answer(status=401)) as server:
        assert asking.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url).returncode == 2
    folder: Path = asking.root / f"processed/{FAMILY}/metrics"
    assert not folder.exists()


def test_recorded_and_replayed_builds_are_measured_too(asking: Workspace, built: Workspace) -> None:
    recorded = figures(built, "judge")
    assert list(recorded) == KEYS
    assert (recorded["rows"], recorded["sent"]) == (44, 0)
    with serving(lambda _: Answer(THOUGHT)) as server:
        asking.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
    asking.project(teacher="ledger")
    asking.quick("synthesize")
    assert (figures(asking)["rows"], figures(asking)["sent"]) == (10, 0)


def used(*, live: bool = True, part: str = "", **counts: float) -> Usage:
    """Return the usage of a run in which so much was counted."""
    tally = Tally()
    vars(tally).update(counts)
    loads = [None, Load(1.0, 0.0, 0.5, 0.25), Load(1.0, 0.0, 0.5, 0.75)]
    connections = [SimpleNamespace(attempts=number, pace=SimpleNamespace(load=load)) for number, load in enumerate(loads, 1)]
    staff = SimpleNamespace(
        live=live,
        tallies={"teacher": tally},
        connections=connections,
        in_flight=3,
        slots=8.0,
        roles={"teacher": ROLE},
        ledger=None,
    )
    job = SimpleNamespace(family="quiz", stage="synthesize", pool="default", label="synthesize quiz/default")
    return Usage(cast("Any", job), part, cast("Any", staff), 20)


@pytest.mark.parametrize(
    ("counts", "asked", "more"),
    [
        ({"sent": 10, "found": 2}, "asked 10 (2 more in the ledger), 0 replies/s, 0 tokens/s", ""),
        ({"sent": 10, "failed": 1}, "asked 10 (0 more in the ledger, 1 failed), ", ""),
        ({"sent": 1, "cost": 0.5}, "asked 1 (0 more in the ledger), ", ", cost 0.5000"),
        ({"counted": 3}, "asked 0 ", " tokens/s, tokens of 3 counted by their length, for the server reports none"),
    ],
    ids=["found", "failed", "paid", "counted"],
)
def test_a_run_is_summed_up_in_a_few_words(counts: dict[str, float], asked: str, more: str) -> None:
    said = used(**counts).summary()  # type: ignore[arg-type]
    assert said.startswith(asked)
    assert said.endswith(more)
    assert used(live=False, **counts).summary() == ""  # type: ignore[arg-type]


def test_what_was_accepted_and_found_in_a_cache_are_shares() -> None:
    usage = used()
    usage.add(["odd", "odd"], [SampleCount(4, 1), SampleCount(4, 2)])
    usage.add([], [])
    found = usage.figures()
    assert (found["rows"], found["rejected"], found["attempts"]) == (2, {"odd": 2}, 6)
    assert (found["acceptance_rate"], found["prefix_cache_hit_rate"]) == (0.375, 0.25)


def test_beside_the_rows_stand_what_is_in_flight_what_it_costs_and_why_rows_fall_out() -> None:
    usage = used(answered=9, found=2, failed=1, cost=0.5)
    question_twice = [[question()], [question()]]
    expected = estimated(question_twice, 20, {"teacher": ROLE}, {"teacher": None})
    assert usage.estimate(question_twice) == f"synthesize quiz/default: {expected}; less what the ledger has"
    usage.add(["a"] * 3 + ["b"] * 2 + ["c", "d", "e"], [])
    parts = usage.note().split(", ")
    assert parts[1] == "3 of 8 in flight"
    assert parts[3:] == ["cost 0.50 of about 0.94", "a 3", "b 2", "c 1", "d 1"]
    assert len(used(live=False).note().split(", ")) == 1


def test_where_nobody_is_asked_there_is_nothing_to_estimate() -> None:
    assert used().estimate([[], []]) == used(live=False).estimate([[question()]]) == ""
    assert used(part="spawned").estimate([[question()]]).startswith("synthesize quiz/default spawned: about 20 requests, ")
