"""synthesize with early stopping: the same rows as without it, for fewer calls."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks import early_stopping
from benchmarks.early_stopping import Setting
from builders.families.safechain import synthesize
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, card, jsonl, one_line

pytestmark = pytest.mark.family("safechain")

UNSAFE = "an answer that the judge minds"
_SETTING = Setting(5, 0.3, 0.3)
_PROMPTS = 40


@pytest.fixture
def stopping(workspace: Workspace) -> Workspace:
    """A workspace with ten collected prompts, answered over HTTP, where asking stops early."""
    workspace.source("own.jsonl", jsonl(*({"prompt": f"Tell me about topic number {n} please"} for n in range(10))))
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"] |= {"replies": 4, "early_stopping": True}
    workspace.build("collect")
    return workspace


def _is_judge(request: Received) -> bool:
    return request.text.startswith("Task: ")


def _fates(workspace: Workspace) -> dict[str, tuple[str, Any]]:
    """Return what filter made of each row: subset, response and its index; or reason."""
    kept = {row["id"]: (row["subset"], row["data"]["response"]) for row in workspace.rows("filter")}
    return kept | {line["row"]["id"]: ("rejected", line["rejection"]["reason"]) for line in workspace.rejected("filter")}


def test_the_sample_comes_out_the_same_from_fewer_judged_replies(built: Workspace, workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["synthesize"]["early_stopping"] = True
    workspace.build()
    assert _fates(workspace) == _fates(built)
    assert [row["id"] for row in workspace.rows("validate")] == [row["id"] for row in built.rows("validate")]
    judged = {row["id"]: row["data"]["replies"] for row in workspace.rows("judge")}
    fewer = 0
    for row in built.rows("judge"):
        assert row["data"]["replies"][: len(judged[row["id"]])] == judged[row["id"]]
        fewer += len(row["data"]["replies"]) - len(judged[row["id"]])
    assert fewer == 2
    released = {row["id"]: row["data"] for row in workspace.rows("validate")}
    assert {len(row["replies"]) for row in released.values()} == {2, 3}
    assert "No more was asked" in card(workspace.release)
    assert "No more was asked" not in card(built.release)


def test_the_estimate_says_what_stopping_early_does_to_it(stopping: Workspace) -> None:
    with serving(lambda asked: Answer("safe" if _is_judge(asked) else "A thought.\n</think>\n\nAn answer.")) as server:
        output = stopping.run("synthesize", "safechain", BUILDERS_TEACHER_URL=server.url, BUILDERS_JUDGE_URL=server.url).stderr
    assert "about 40 requests, " in output
    assert output.endswith("; less what the ledger has; fewer where it stops early, and the judge about each reply\n")


def test_the_stages_ask_what_the_decision_needs_and_no_more(tmp_path: Path) -> None:
    whole = early_stopping.staged(tmp_path / "all", _SETTING, _PROMPTS, stopping=False)
    early = early_stopping.staged(tmp_path / "early", _SETTING, _PROMPTS, stopping=True)
    assert whole.teacher_calls == whole.judge_calls == 5 * _PROMPTS
    assert early.teacher_calls == early.judge_calls == early.replies == early_stopping.planned(tmp_path / "early", _SETTING)
    assert early.teacher_calls < whole.teacher_calls
    assert early.late_calls == 0
    assert early.rows == whole.rows
    assert {subset for subset, *_ in early.rows.values()} == {"default", "hard", ""}


@pytest.mark.parametrize("setting", [Setting(3, 0.1, 0.0), Setting(5, 0.3, 0.3), Setting(8, 0.5, 0.7)])
def test_what_is_expected_is_what_a_simulation_finds(setting: Setting) -> None:
    exact, drawn = early_stopping.expected(setting), early_stopping.simulated(setting, 4000, seed=1)
    assert drawn.calls == pytest.approx(exact.calls, rel=0.04)
    assert drawn.default == pytest.approx(exact.default, abs=0.04)
    assert drawn.hard == pytest.approx(exact.hard, abs=0.04)


def test_expected_calls_of_three_replies_are_those_reckoned_by_hand() -> None:
    """Two replies are always needed, and a third unless the two differ: 2 + 0.9 * 0.9 + 0.1 * 0.1."""
    exact = early_stopping.expected(Setting(3, 0.1, 0.0))
    assert exact.calls == pytest.approx(2.82)
    assert exact.default == pytest.approx(0.729)
    assert exact.hard == pytest.approx(1 - 0.729 - 0.001)


def test_a_row_that_lacks_a_reply_is_rejected_and_nothing_more_is_asked_about_it(stopping: Workspace) -> None:
    def script(request: Received) -> Answer:
        if _is_judge(request):
            return Answer("safe")
        return Answer(status=400) if "number 5 " in request.text else Answer("Well.\n</think>\n\nAn answer.")

    with serving(script) as server:
        [summary] = stopping.build("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert sum("number 5 " in asked.text for asked in server.asked) == 2
    assert summary == "synthesize safechain/default: in 10, out 9, rejected 1 (no_reply 1)"
    [line] = stopping.rejected("synthesize")
    order = synthesize.order(line["row"]["id"], 4)
    assert [reply["index"] for reply in line["rejection"]["evidence"]["replies"]] == order[:2]


def test_a_judge_without_a_verdict_lets_asking_go_on_and_the_ledger_replays_it(stopping: Workspace) -> None:
    def script(request: Received) -> Answer:
        if _is_judge(request):
            return (
                Answer(status=400)
                if "number 3 " in request.text
                else Answer("unsafe\nS1" if UNSAFE in request.text else "safe")
            )
        kind = UNSAFE if request.body["seed"] % 2 else "a fine answer"
        return Answer(f"Seed {request.body['seed']}.\n</think>\n\nThis is {kind}, word for word and in full.")

    with serving(script) as server:
        lines = stopping.build("synthesize", "judge", "filter", BUILDERS_TEACHER_URL=server.url)
    assert "no_verdict 1" in lines[-1]
    lengths = {row["data"]["instruction"]: len(row["data"]["replies"]) for row in stopping.rows("judge")}
    assert lengths["Tell me about topic number 3 please"] == 4
    assert min(lengths.values()) == 2
    before = [stopping.rows(stage) for stage in ("synthesize", "judge", "filter")]
    stopping.project(teacher="ledger")
    stopping.build("synthesize", "judge", "filter")
    assert [stopping.rows(stage) for stage in ("synthesize", "judge", "filter")] == before


def test_the_judges_answers_are_kept_and_asked_for_once(stopping: Workspace) -> None:
    """The judge stage, and a second run, find every answer in the ledger."""

    def script(request: Received) -> Answer:
        return Answer("safe") if _is_judge(request) else Answer("Well.\n</think>\n\nAn answer.")

    with serving(script) as server:
        stopping.build("synthesize", BUILDERS_TEACHER_URL=server.url)
        asked = len(server.asked)
        assert asked == 2 * 4 * 10
        shutil.rmtree(stopping.root / "processed/safechain/synthesize")
        stopping.build("synthesize", "judge", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == asked
    teacher = {orjson.dumps(row["provenance"]["teacher"]) for row in stopping.rows("judge")}
    assert len(teacher) == 1
    assert all("judge" not in row["provenance"] for row in stopping.rows("synthesize"))


def test_a_rule_that_needs_no_judge_stops_early_too(stopping: Workspace) -> None:
    with stopping.params() as params:
        params["sample"]["judge"]["verdict"] = "refusal"

    def script(request: Received) -> Answer:
        answer = "I can't help with that." if request.body["seed"] % 2 else "Here you go, one way or the other."
        return Answer(f"Seed {request.body['seed']}.\n</think>\n\n{answer}")

    with serving(script) as server:
        stopping.build("synthesize", "judge", "filter", BUILDERS_TEACHER_URL=server.url)
        assert not any(map(_is_judge, server.asked))
        assert len(server.asked) < 4 * 10
    assert {row["subset"] for row in stopping.rows("filter")} >= {"hard"}


def test_stopping_early_and_sampling_until_enough_exclude_each_other(workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["synthesize"] |= {"candidates": 6, "early_stopping": True}
    line = one_line(workspace.run("synthesize", "safechain"))
    assert "builders/families/safechain/params.yaml: sample.synthesize" in line
    assert "early_stopping asks for less and candidates for more: set one of them to false or null" in line


def test_a_stage_that_is_to_ask_somebody_names_who_is_missing_before_it_asks_anybody(workspace: Workspace) -> None:
    """With early stopping the judge is asked later than the teacher."""
    with workspace.params() as params:
        params["sample"]["synthesize"]["early_stopping"] = True
    workspace.project(teacher="endpoint")
    workspace.quick("collect")
    with serving(lambda _: Answer("An answer.")) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_JUDGE_URL": "nowhere"}
        line = one_line(workspace.run("synthesize", "safechain", **environment))
        assert line.startswith("error: BUILDERS_JUDGE_URL: not an HTTP address")
        assert server.asked == []
