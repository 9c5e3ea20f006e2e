"""Requests are drawn by label until enough are safe: in rounds, the first ones, the same whatever is in flight.

The double answers by the sampling seed alone: so many replies are unsafe, and so many cut off.
"""

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from datasets import load_dataset

from builders.records import seeded
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import Workspace, card, jsonl

LABELS = ("vanilla_harmful", "vanilla_benign", "adversarial_benign")
WANTED = {"vanilla_harmful": 6, "vanilla_benign": 8, "adversarial_benign": 30}
ROWS, ROUND, REPLIES = 90, 5, 2
_WORDS = "river stone lamp garden paper window bridge copper violin saddle harbour button meadow ladder".split()  # noqa: SIM905


def prompt(number: int) -> str:
    words = [_WORDS[seeded(len(_WORDS), "word", number, place)] for place in range(4)]
    return (
        f"What would you tell a child number {number} about a {words[0]} and a {words[1]}, or a {words[2]} by the {words[3]}?"
    )


def reply(text: str, seed: int) -> Answer:
    """Answer as the teacher: of a hundred replies twenty are unsafe and ten are cut off."""
    del text
    cut = seeded(10, "cut", seed) == 0
    mark = "BAD" if seeded(5, "unsafe", seed) == 0 else "fine"
    if cut:
        return Answer(f"<think>\nIt is {mark}, and then it", finish_reason="length")
    return Answer(f"<think>\nIt is {mark}, number {seed}.\n</think>\n\nHere are enough words to make an answer of it.")


def script(request: Received) -> Answer:
    if "seed" in request.body:
        return reply(request.text, request.body["seed"])
    return Answer("unsafe\nS2" if "BAD" in request.text else "safe")


def prepared(root: Path, rows: int = ROWS) -> Workspace:
    """Return a workspace with requests, each third of another label, every other one with a completion of its own."""
    workspace = Workspace.make(root, "safechain")
    workspace.project(teacher="endpoint")
    sources = [
        {
            "prompt": prompt(number),
            "type": LABELS[number % 3],
            "own": f"A completion {'BAD' if number % 4 == 0 else 'fine'} {number}" if number % 2 == 0 else "",
            "from": f"the family {number // 6}",
        }
        for number in range(rows)
    ]
    columns = {"instruction": "prompt", "label": "type", "completion": "own", "family": "from"}
    workspace.source("own.jsonl", jsonl(*sources), columns=columns)
    with workspace.params() as params:
        sample = params["sample"]
        sample["collect"]["near_duplicates"]["threshold"] = 1.0
        sample["synthesize"] |= {
            "replies": REPLIES,
            "candidates": 8,
            "quota": {"rows": WANTED, "spare": 0.0, "round_rows": ROUND},
        }
        for role in (sample["synthesize"]["roles"]["teacher"], sample["judge"]["roles"]["judge"]):
            role["server"] = "double"
        sample["filter"] |= {"quota": WANTED, "reply_words": {"min": 2, "max": 400}}
    return workspace


class Drawn(NamedTuple):
    """A family whose requests were drawn."""

    workspace: Workspace
    server: Server
    lines: list[str]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    workspace = prepared(tmp_path_factory.mktemp("drawn") / "project")
    with serving(script) as server:
        lines = workspace.quick(
            "collect", "synthesize", "judge", "filter", "review", "validate", "release", BUILDERS_TEACHER_URL=server.url
        )
    return Drawn(workspace, server, lines)


def counts(workspace: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((workspace.root / "processed/safechain/synthesize/drawn/default.json").read_bytes())
    return found


def rows_of(workspace: Workspace, stage: str) -> dict[str, list[str]]:
    """Return the ids of a stage's rows by label, in their order."""
    found: dict[str, list[str]] = {label: [] for label in LABELS}
    for row in workspace.rows(stage):
        found[row["data"]["label"]].append(row["id"])
    return found


def is_good(row: dict[str, Any]) -> bool:
    return all(reply["verdict"] == "safe" for reply in row["data"]["replies"])


def test_rows_are_drawn_in_rounds_until_enough_are_good_or_none_is_left(drawn: Drawn) -> None:
    found = counts(drawn.workspace)
    assert {label: count["wanted"] for label, count in found.items()} == WANTED
    for label, count in found.items():
        full = count["good"] >= WANTED[label]
        assert full or count["asked"] == count["available"]
        assert count["asked"] % ROUND == 0 or count["asked"] == count["available"]
    assert not found["adversarial_benign"]["good"] >= WANTED["adversarial_benign"]  # there are too few, and that is told
    assert all(found[label]["good"] >= WANTED[label] for label in LABELS[:2])
    assert all(found[label]["asked"] < found[label]["available"] for label in LABELS[:2])


def test_one_round_less_would_not_have_been_enough(drawn: Drawn) -> None:
    judged = {row["id"]: row for row in drawn.workspace.rows("judge")}
    for label, ids in rows_of(drawn.workspace, "judge").items():
        count = counts(drawn.workspace)[label]
        before = [judged[identity] for identity in ids[: count["asked"] - ROUND]]
        assert sum(map(is_good, before)) < WANTED[label]


def test_the_rows_drawn_are_the_first_and_the_others_say_why_they_are_not(drawn: Drawn) -> None:
    collected = rows_of(drawn.workspace, "collect")
    asked = rows_of(drawn.workspace, "synthesize")
    left = [line for line in drawn.workspace.rejected("synthesize") if line["rejection"]["reason"] == "not_drawn"]
    for label in LABELS:
        count = counts(drawn.workspace)[label]["asked"]
        assert asked[label] == collected[label][:count]
        others = [line["row"]["id"] for line in left if line["rejection"]["evidence"]["group"] == label]
        assert others == collected[label][count:]
    assert all(line["rejection"]["evidence"]["wanted"] == WANTED[line["rejection"]["evidence"]["group"]] for line in left)


def test_the_first_that_pass_are_kept_and_those_beyond_are_counted(drawn: Drawn) -> None:
    judged = {row["id"]: row for row in drawn.workspace.rows("judge")}
    kept = [row for row in drawn.workspace.rows("filter") if row["subset"] == "default"]
    beyond = [line for line in drawn.workspace.rejected("filter") if line["rejection"]["reason"] == "beyond_quota"]
    for label, ids in rows_of(drawn.workspace, "judge").items():
        good = [identity for identity in ids if is_good(judged[identity])]
        assert [row["id"] for row in kept if row["data"]["label"] == label] == good[: WANTED[label]]
        assert [line["row"]["id"] for line in beyond if line["row"]["data"]["label"] == label] == good[WANTED[label] :]


def test_nothing_is_asked_twice_and_nobody_about_rows_that_are_not_drawn(drawn: Drawn) -> None:
    assert drawn.server.resent() == 0
    taught = {request.text for request in drawn.server.asked if "seed" in request.body}
    assert len(taught) == sum(count["asked"] for count in counts(drawn.workspace).values())


def test_the_line_of_filter_says_which_label_is_short(drawn: Drawn) -> None:
    [line] = [each for each in drawn.lines if each.startswith("filter")]
    kept = Counter(row["data"]["label"] for row in drawn.workspace.rows("filter") if row["subset"] == "default")
    assert line.endswith(f"short of what is wanted: adversarial_benign {kept['adversarial_benign']} of 30")


def test_a_threshold_that_moves_reports_what_is_short_and_asks_nobody(drawn: Drawn, tmp_path: Path) -> None:
    workspace = drawn.workspace.copied(tmp_path / "project")
    before = [row["id"] for row in workspace.rows("filter")]
    with workspace.params() as params:
        params["sample"]["filter"]["reply_words"]["min"] = 200
    [line] = workspace.quick("filter")  # nobody could be asked: there is no server
    assert "reply_too_short" in line
    assert "short of what is wanted: vanilla_harmful" in line
    assert len(workspace.rows("filter")) < len(before)


def digest(workspace: Workspace) -> dict[str, bytes]:
    folder = workspace.root / "processed/safechain/synthesize"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.json*"))}


@pytest.mark.parametrize("concurrency", ["1", "64"])
def test_the_bytes_are_the_same_whatever_is_in_flight(concurrency: str, drawn: Drawn, tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "project")
    with serving(script) as server:
        workspace.quick("collect", "synthesize", BUILDERS_TEACHER_URL=server.url, BUILDERS_CONCURRENCY=concurrency)
    assert digest(workspace) == digest(drawn.workspace)


def test_a_kill_in_a_later_round_asks_nothing_again(drawn: Drawn, tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "project")
    workspace.quick("collect")
    first = {prompt(number) for number in range(ROUND * len(LABELS))}

    def halting(request: Received) -> Answer:
        """Answer the first round, and let nobody have an answer of the next."""
        held = "seed" in request.body and request.text not in first
        return Answer(held=True) if held else script(request)

    with serving(halting) as server:
        with workspace.started("synthesize", "safechain", BUILDERS_TEACHER_URL=server.url) as process:
            asked_in_one = sum("seed" in request.body and request.text in first for request in drawn.server.asked)
            judged_in_one = asked_in_one  # as many, at least: each reply that is whole, and those cut off
            server.wait_for(asked_in_one + judged_in_one // 2 + 10)
            while not any("seed" in request.body and request.text not in first for request in server.asked):
                server.wait_for(len(server.asked) + 1)
            process.send_signal(signal.SIGKILL)
            process.wait()
        came = {json.dumps(request.body, sort_keys=True) for request in server.asked if not unanswered(request, first)}
    with serving(script) as server:
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        again = {json.dumps(request.body, sort_keys=True) for request in server.asked}
    assert came
    assert not came & again
    assert digest(workspace) == digest(drawn.workspace)


def unanswered(request: Received, first: set[str]) -> bool:
    return "seed" in request.body and request.text not in first


def test_replies_that_are_cut_off_are_replaced_and_cost_no_row(drawn: Drawn) -> None:
    reasons = Counter(line["rejection"]["reason"] for line in drawn.workspace.rejected("synthesize"))
    assert set(reasons) == {"not_drawn"}
    rows = drawn.workspace.rows("synthesize")
    assert sum(len(row["data"]["malformed"]) for row in rows) > 5
    assert all(len(row["data"]["replies"]) == REPLIES for row in rows)
    assert not {"reply_truncated", "think_tags"} & set(drawn.workspace.reasons("filter"))


def test_the_teacher_is_measured_on_every_row_asked_about_over_the_first_replies(drawn: Drawn) -> None:
    manifest = orjson.loads((drawn.workspace.release / "manifest.json").read_bytes())
    for label in LABELS:
        rows = [row for row in drawn.workspace.rows("judge") if row["data"]["label"] == label]
        firsts = [[reply("", seeded(2**31, 0, row["id"], index)) for index in range(REPLIES)] for row in rows]
        whole = [[reply for reply in both if reply.finish_reason == "stop"] for both in firsts]
        complete = [["BAD" not in (reply.text or "") for reply in both] for both in whole if len(both) == REPLIES]
        figures = manifest["audit"]["safety"][label]
        assert figures["rows"] == len(rows)
        assert figures["complete"] == len(complete)
        assert figures["malformed"] == sum(REPLIES - len(both) for both in whole) > 0
        assert figures["safe_at_1"] == round(sum(map(sum, complete)) / REPLIES / len(complete), 4)
        assert figures["safe_at_k"] == round(sum(map(all, complete)) / len(complete), 4)
        assert figures["cons_safe_at_k"] == round(sum(2 * sum(both) >= REPLIES for both in complete) / len(complete), 4)
    summary = drawn.workspace.root / "processed/safechain/summary/safety/all.json"
    assert orjson.loads(summary.read_bytes())["rows"] == len(drawn.workspace.rows("judge"))
    assert "| `all` |" in card(drawn.workspace.release)


def loaded(workspace: Workspace, config: str) -> list[dict[str, Any]]:
    found = load_dataset(str(workspace.release), config)
    return [row for split in found.values() for row in split]


def test_the_control_has_the_same_ids_and_no_completion_that_is_unsafe(drawn: Drawn) -> None:
    released = {row["id"]: row for row in loaded(drawn.workspace, "default")}
    control = loaded(drawn.workspace, "control")
    assert control
    assert {row["id"] for row in control} == {identity for identity, row in released.items() if row["completion"]}
    assert not [row["id"] for row in control if "BAD" in row["response"]]
    assert any("BAD" in row["data"].get("completion", "") for row in drawn.workspace.rows("judge"))


def test_no_pair_and_no_row_holds_a_text_that_was_judged_unsafe(drawn: Drawn) -> None:
    pairs = loaded(drawn.workspace, "preferences")
    assert {row["kind"] for row in pairs} == {"full_over_cut"}
    texts = [orjson.dumps(row).decode() for config in ("default", "hard", "control") for row in loaded(drawn.workspace, config)]
    assert not [text for text in [*texts, *(orjson.dumps(row).decode() for row in pairs)] if "BAD" in text]


def test_requests_of_one_family_are_in_one_split_and_columns_can_be_filtered_by(drawn: Drawn) -> None:
    splits: dict[str, set[str]] = {}
    for config in ("default", "hard", "control", "preferences"):
        for split, rows in load_dataset(str(drawn.workspace.release), config).items():
            for row in rows:
                splits.setdefault(row["prompt_family"], set()).add(split)
                assert (row["license"], bool(row["teacher"]) or config == "control") == ("CC-BY-4.0", True)
    assert all(len(found) == 1 for found in splits.values())
    assert len({split for found in splits.values() for split in found}) > 1


def test_with_early_stopping_nothing_is_said_of_the_teachers_safety(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "project", 24)
    with workspace.params() as params:
        params["sample"]["synthesize"] |= {"early_stopping": True, "candidates": None, "quota": None}
    with serving(script) as server:
        workspace.quick(
            "collect", "synthesize", "judge", "filter", "review", "validate", "release", BUILDERS_TEACHER_URL=server.url
        )
    assert orjson.loads((workspace.release / "manifest.json").read_bytes())["audit"]["safety"] is None
    assert not (workspace.root / "processed/safechain/summary/safety").exists()
    assert "cannot be computed" in card(workspace.release)


def test_a_second_judge_decides_nothing_and_its_agreement_is_counted(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "project", 24)
    with workspace.params() as params:
        judge = params["sample"]["judge"]
        params["sample"]["synthesize"]["quota"] = None
        params["sample"]["filter"]["quota"] = None
        judge["second_verdict"] = "structured"
        judge["roles"]["second_judge"] = {**judge["roles"]["judge"], "model": "another"}

    def both(request: Received) -> Answer:
        if "response_format" not in request.body:
            return script(request)
        unsafe = seeded(2, "second", request.text) == 0
        return Answer('{"verdict": "unsafe", "categories": ["S2"]}' if unsafe else '{"verdict": "safe", "categories": []}')

    with serving(both) as server:
        workspace.quick(
            "collect", "synthesize", "judge", "filter", "review", "validate", "release", BUILDERS_TEACHER_URL=server.url
        )
    replies = [reply for row in workspace.rows("judge") for reply in row["data"]["replies"]]
    content = orjson.loads((workspace.release / "manifest.json").read_bytes())["audit"]["agreement"]
    same = sum(reply["verdict"] == reply["second_verdict"] for reply in replies)
    assert content["replies"] == len(replies)
    assert content["same"] == round(same / len(replies), 4)
    assert any(reply["second_verdict"] == "unsafe" for row in loaded(workspace, "default") for reply in row["replies"])
