"""The recorded teacher: replies found by stage, role, row and index."""

import asyncio
import json

import pytest

from builders.errors import BuildError
from builders.params.roles import Role, Sampling
from builders.teachers.api import Identity, Reply, Request
from builders.teachers.recorded import RecordedTeacher
from tests.harness import FAMILY, Workspace, jsonl

ROLE = Role(
    model=None,
    revision=None,
    server=None,
    api="chat",
    engine=None,
    sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=9),
    prices=None,
    repairs=0,
)
ROW = f"{FAMILY}:0123456789abcdef"
LINE = {"stage": "synthesize", "role": "teacher", "id": ROW, "index": 0, "text": "hello"}


def replies(workspace: Workspace, *lines: object) -> None:
    folder = workspace.root / f"raw/{FAMILY}/replies"
    for path in folder.glob("*.jsonl"):
        path.unlink()
    (folder / "own.jsonl").write_text(jsonl(*lines))


def ask(index: int = 0, body: dict[str, str] | None = None) -> Reply:
    teacher = RecordedTeacher(FAMILY, "teacher", ROLE)
    return asyncio.run(teacher.ask(Request("synthesize", "teacher", ROW, index, body or {"prompt": "any"})))


def test_a_reply_is_found_whatever_the_prompt_says(here: Workspace) -> None:
    replies(here, LINE)
    assert ask(body={"prompt": "one"}).text == ask(body={"prompt": "two"}).text == "hello"


def test_the_finish_reason_is_stop_unless_it_is_given(here: Workspace) -> None:
    replies(here, LINE, {**LINE, "index": 1, "finish_reason": "length"})
    assert [ask(0).finish_reason, ask(1).finish_reason] == ["stop", "length"]


def test_the_server_of_recorded_replies_is_recorded(here: Workspace) -> None:
    replies(here, LINE)
    identity = asyncio.run(RecordedTeacher(FAMILY, "teacher", ROLE).identity())
    assert identity == Identity("recorded", "hand-written", None)


def test_a_missing_reply_names_stage_row_and_index(here: Workspace) -> None:
    replies(here, LINE)
    with pytest.raises(BuildError, match=f"no recorded reply 1 of teacher for {ROW} in synthesize"):
        ask(1)


def test_replies_of_other_roles_are_not_ours(here: Workspace) -> None:
    replies(here, {**LINE, "role": "judge"})
    with pytest.raises(BuildError, match="no recorded reply"):
        ask()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ({**LINE, "index": -1}, "index"),
        ({**LINE, "index": "0"}, "index"),
        ({**LINE, "txt": "x"}, "txt"),
        ({key: value for key, value in LINE.items() if key != "text"}, "text"),
        (["a list"], "own.jsonl:2"),
    ],
)
def test_a_broken_line_is_named(line: object, what: str, here: Workspace) -> None:
    replies(here, {**LINE, "index": 5}, line)
    with pytest.raises(BuildError, match=what) as caught:
        ask()
    assert "own.jsonl:2" in str(caught.value)


def test_a_second_reply_to_one_request_is_named(here: Workspace) -> None:
    replies(here, LINE, LINE)
    with pytest.raises(BuildError, match=r"own\.jsonl:2: a second teacher reply 0"):
        ask()


def test_every_recorded_reply_of_the_sample_answers_a_collected_row(built: Workspace) -> None:
    ids = {row["id"] for row in built.rows("collect")}
    path = built.root / f"raw/{FAMILY}/replies/sample.jsonl"
    recorded = [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["id"] for line in recorded} == ids
    assert len(ids) >= 40
