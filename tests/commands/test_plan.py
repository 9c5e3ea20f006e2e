"""plan: what will be asked and paid is known before anything is asked; and fits what then is."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest

from builders.asking.estimating import Estimate, estimated, short
from builders.commands import growing, openings, plan, replaying
from builders.errors import BuildError
from builders.families.emergent_misalignment.synthesize import _questions
from builders.families.mmathcot.judge import SCHEMA as DOUBLE_CHECK
from builders.provenance import Answerer
from builders.records import Record
from builders.teachers.api import NoReplyError, Reply, Request
from tests.doubles.asking import ROLE, question, role
from tests.doubles.teacher import Answer, serving
from tests.harness import FAMILY, OWN, Workspace

VERDICT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict", "categories"],
    "properties": {
        "verdict": {"type": "string", "enum": ["safe", "unsafe"]},
        "categories": {"type": "array", "items": {"type": "string", "enum": ["S1", "S2"]}},
    },
}
POOL = cast("Any", SimpleNamespace(job=SimpleNamespace(params=SimpleNamespace(synthesize=None))))
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


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "word"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer"}, 0),
        ({"type": "number"}, 0.0),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"enum": ["b", "a"], "type": "string"}, "b"),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "array", "maxItems": 2}, ["word", "word"]),
        ({"properties": {"a": {"type": "boolean"}}}, {"a": True}),
        ({}, {}),
    ],
    ids=str,
)
def test_a_made_up_value_is_of_its_type(schema: dict[str, Any], value: object) -> None:
    found = plan.fitting(schema)
    assert (found, type(found)) == (value, type(value))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with nothing in it."""
    (tmp_path / "params.yaml").touch()
    (tmp_path / "builders").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("gpus", "hours", "number"), [("", "2.0", 1), ("0", "2.0", 1), ("0,,1,", "4.0", 2)])
def test_gpu_time_is_that_of_the_fastest_stage_on_all_gpus(
    gpus: str, hours: str, number: int, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_GPUS", gpus)
    total = Estimate(prompt_tokens=3_200_000, completion_tokens=4_000_000)
    assert plan._time("quiz", total) == "GPU time: not known, no stage has been timed yet"  # noqa: SLF001
    speeds = {"judge": b'{"tokens_per_second": 7}', "synthesize": b'{"tokens_per_second": 1000}', "a": b"{}"}
    for stage, figures in speeds.items():
        folder = project / "processed/quiz/metrics" / stage
        folder.mkdir(parents=True)
        (folder / "default.json").write_bytes(figures)
    assert plan._time("quiz", total) == (  # noqa: SLF001
        f"GPU time: about {hours} h at 1.0k tokens/s, the fastest stage's so far, on {number} GPU"
    )


def test_room_is_what_the_ledger_and_the_rows_of_six_stages_take() -> None:
    total = Estimate(prompt_tokens=500_000, completion_tokens=1_500_000)
    assert plan._disk(total) == "disk: about 3.0MB in the ledger and 48.0MB in processed/"  # noqa: SLF001


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (10**6, "1.0M"), (10**9, "1.0G"), (10**12, "1.0T"), (10**16, "10000.0T")],
)
def test_a_number_has_three_digits_or_so_and_a_unit(number: float, written: str) -> None:
    assert short(number) == written


def test_a_reply_is_taken_to_be_as_long_as_it_may_be_where_nothing_else_is_known() -> None:
    for changes, tokens in (({}, 50.0), ({"sampling": {}}, 4096.0), ({"api": "embeddings"}, 0.0)):
        asked = role(**changes)
        found = estimated([[question("why?")]], 1, {"teacher": asked}, {})
        assert (found.completion_tokens, found.most, found.requests) == (tokens, True, 1.0)


STAGES = SimpleNamespace(
    synthesize=SimpleNamespace(roles={"teacher": ROLE, "other": role(model="o")}),
    judge=SimpleNamespace(roles={"judge": role(model="j")}),
)


@pytest.mark.parametrize(
    ("name", "stage", "model"), [(None, "synthesize", "double"), ("other", "synthesize", "o"), ("judge", "judge", "j")]
)
def test_a_role_is_found_in_the_stage_that_asks_it(name: str | None, stage: str, model: str) -> None:
    found = openings.stage_of("quiz", cast("Any", STAGES), name)
    assert (found[0], found[1], found[2].model) == (stage, name or "teacher", model)


def test_a_role_that_nobody_asks_is_one_line() -> None:
    with pytest.raises(BuildError, match=r"^quiz nobody: no such role; choose one of teacher, other, judge$"):
        openings.stage_of("quiz", cast("Any", STAGES), "nobody")
    none = SimpleNamespace(roles={})
    with pytest.raises(BuildError, match=r"^quiz: the family asks nobody; run dvc repro$"):
        openings.stage_of("quiz", cast("Any", SimpleNamespace(synthesize=none, judge=none)), None)


@pytest.mark.parametrize(("texts", "found"), [([], (None, 0)), (["b", "c"], ("b", 6))])
def test_a_topic_may_bring_as_many_prompts_as_each_of_its_requests(texts: list[str], found: tuple[str | None, int]) -> None:
    topic = Record("toy:0", "default", None, OWN, {"prompt": "a"})
    spawning = SimpleNamespace(spawned=lambda *_: [{"prompt": text} for text in texts])
    prompt, count = growing._prompts(POOL, cast("Any", spawning), topic, Reply("x", "stop", ""), 3)  # noqa: SLF001
    assert (prompt and prompt.data["prompt"], count) == found


@pytest.mark.parametrize(
    ("steers", "most", "asked"), [(False, 9, []), (True, 9, ["0", "1", "2"]), (True, 2, ["0", "1"]), (True, 0, [])]
)
def test_requests_that_are_told_of_earlier_replies_end_where_there_is_none(
    *, steers: bool, most: int, asked: list[str]
) -> None:
    def steered(_: Record, one: Request, replies: list[Reply]) -> Request | None:
        return replace(one, row=str(len(replies))) if len(replies) < most else None

    spawning = SimpleNamespace(steered=lambda _: steered if steers else None)
    topic = Record("toy:0", "default", None, OWN, {})
    found = growing._steered(  # noqa: SLF001
        POOL, cast("Any", spawning), topic, [question("why?")] * 3, lambda _: Reply("x", "stop", "")
    )
    assert [request.row for request in found] == asked


def test_nobody_is_asked_again_who_has_not_answered_and_what_is_not_kept_says_so() -> None:
    phase = SimpleNamespace(job=SimpleNamespace(family="quiz"), plan=SimpleNamespace(roles={"teacher": ROLE}))
    ask = replaying._Replay(cast("Any", phase), {"teacher": Answerer("here", "m", None, None)}, None)  # noqa: SLF001
    asked = question("why?")
    nobody, lost = asyncio.run(ask.all([replace(asked, role="judge"), asked]))
    assert isinstance(nobody, NoReplyError)
    assert isinstance(lost, NoReplyError)
    assert (nobody.evidence, lost.evidence) == ({"error": "nobody has answered"}, {"error": "no reply is kept under this key"})
    assert [(note.role, note.sample, note.body, note.reply) for note in ask.notes] == [("teacher", 0, asked.body, None)]


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
