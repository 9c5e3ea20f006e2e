"""synthesize: with `candidates`, replies are sampled until enough are acceptable, and every row says how many that took."""

from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import orjson
import pytest

from builders import schema
from builders.records import seeded
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, card, every, jsonl, lines

pytestmark = pytest.mark.family("safechain")

REPLIES, CANDIDATES = 2, 6


def good(index: int) -> str:
    return f"A thought, and then {index} more.\n</think>\n\nAn answer that is long enough."


ANSWERS: dict[str, Callable[[int], Answer]] = {
    "good": lambda index: Answer(good(index)),
    "gaps": lambda index: Answer(good(index), finish_reason="stop" if index in {1, 3} else "length"),
    "never": lambda index: Answer(f"No think block, number {index}."),
    "once": lambda index: Answer(good(index) if index == 4 else f"<think>\n{good(index)}\n</think>"),
    "deaf": lambda _: Answer(status=400),
    "late": lambda index: Answer(good(index)) if index else Answer(status=400),
}


class Sampled(NamedTuple):
    """A family whose replies were sampled until enough were acceptable, and the samples asked for, by row, in order."""

    workspace: Workspace
    ids: dict[str, str]
    asked: dict[str, list[int]]
    environment: dict[str, str]

    def row(self, stage: str, name: str) -> dict[str, Any]:
        """Return a row that a stage kept."""
        [found] = [row for row in self.workspace.rows(stage) if row["id"] == self.ids[name]]
        return found


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Sampled:
    workspace = Workspace.make(tmp_path_factory.mktemp("sampled") / "project", "safechain")
    workspace.project(teacher="endpoint")
    workspace.source("own.jsonl", jsonl(*({"prompt": f"How do I bake {name} bread?"} for name in ANSWERS)))
    workspace.quick("collect")
    ids = dict(zip(ANSWERS, [row["id"] for row in workspace.rows("collect")], strict=True))
    with workspace.params() as params:
        params["sample"]["synthesize"] |= {"replies": REPLIES, "candidates": CANDIDATES}
        params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "double"
    seeds = {seeded(2**31, 0, row, index): (name, index) for name, row in ids.items() for index in range(CANDIDATES)}
    asked: dict[str, list[int]] = {name: [] for name in ANSWERS}

    def script(request: Received) -> Answer:
        if "seed" not in request.body:
            return Answer("safe")
        name, index = seeds[request.body["seed"]]
        asked[name].append(index)
        return ANSWERS[name](index)

    with serving(script) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        workspace.quick("synthesize", "judge", "filter", "review", "validate", "release", **environment)
        assert server.resent() == 0
    return Sampled(workspace, ids, asked, environment)


@pytest.mark.parametrize(
    ("name", "asked", "kept"),
    [("good", 2, [0, 1]), ("gaps", 4, [1, 3]), ("never", 6, None), ("once", 6, None), ("deaf", 6, None), ("late", 3, [1, 2])],
)
def test_candidates_are_asked_for_until_enough_are_acceptable(
    name: str, asked: int, kept: list[int] | None, sampled: Sampled
) -> None:
    assert sorted(sampled.asked[name]) == list(range(asked))
    if kept:
        row = sampled.row("synthesize", name)
        assert sorted(reply["index"] for reply in row["data"]["replies"]) == kept
        teacher = row["provenance"]["teacher"]
        assert (teacher["candidates"], teacher["accepted"]) == (asked, REPLIES)


def test_a_row_that_gets_too_few_says_what_was_wrong_with_which(sampled: Sampled) -> None:
    rejected = {line["row"]["id"]: line for line in sampled.workspace.rejected("synthesize")}
    assert Counter(line["rejection"]["reason"] for line in rejected.values()) == {"too_few_accepted": 2, "no_reply": 1}
    never, once, deaf = (rejected[sampled.ids[name]] for name in ("never", "once", "deaf"))
    evidence = never["rejection"]["evidence"]
    assert (evidence["wanted"], evidence["accepted"], evidence["failed"]) == (REPLIES, 0, [])
    assert sorted((reply["index"], reply["reason"], len(reply["key"])) for reply in evidence["refused"]) == [
        (index, "think_tags", 64) for index in range(CANDIDATES)
    ]
    assert once["rejection"]["evidence"]["accepted"] == 1
    assert [reply["index"] for reply in once["row"]["data"]["replies"]] == [4]
    assert sorted(reply["index"] for reply in once["rejection"]["evidence"]["refused"]) == [0, 1, 2, 3, 5]
    failed = [{"index": index, "error": "HTTP 400", "attempts": 1} for index in range(CANDIDATES)]
    assert sorted(deaf["rejection"]["evidence"]["replies"], key=itemgetter("index")) == failed
    assert deaf["row"]["provenance"]["teacher"]["candidates"] == CANDIDATES


def test_the_metrics_have_the_share_that_was_accepted(sampled: Sampled) -> None:
    figures = orjson.loads((sampled.workspace.root / "processed/safechain/metrics/synthesize/default.json").read_bytes())
    accepted, asked = 2 + 2 + 0 + 1 + 0 + 2, sum(map(len, sampled.asked.values()))
    assert figures["acceptance_rate"] == round(accepted / asked, 6)
    assert (figures["sent"], figures["failed"]) == (asked, CANDIDATES + 1)
    judged = orjson.loads((sampled.workspace.root / "processed/safechain/metrics/judge/default.json").read_bytes())
    assert judged["acceptance_rate"] is None


def test_the_release_validates_and_loads_with_how_many_it_took(sampled: Sampled, tmp_path: Path) -> None:
    rows = every(sampled.workspace.release, cache_dir=str(tmp_path))
    assert sorted(row["id"] for row in rows) == sorted(sampled.ids[name] for name in ("good", "gaps", "late"))
    assert sorted(row["provenance"]["sampling"]["candidates"] for row in rows) == [2, 3, 4]
    assert [row["provenance"]["sampling"]["accepted"] for row in rows] == [2, 2, 2]
    assert rows.features["provenance"]["sampling"]["candidates"].dtype == "int64"
    contract = jsonschema.Draft202012Validator(schema.config("safechain", "default"))
    for row in rows:
        assert row["provenance"].pop("second_judge") is None  # there is none, which a column cannot say otherwise
        contract.validate(row)
        [picked] = [reply for reply in row["replies"] if reply["index"] == row["chosen_index"]]
        kept = sampled.row("synthesize", next(name for name, found in sampled.ids.items() if found == row["id"]))
        [text] = [reply["text"] for reply in kept["data"]["replies"] if reply["index"] == picked["index"]]
        assert row["response"] == text


def test_card_and_manifest_tell_of_the_selection_not_of_one_row(sampled: Sampled) -> None:
    text = " ".join(card(sampled.workspace.release).split())
    assert "was replaced by another, up to 6 for a request" in text
    manifest = orjson.loads((sampled.workspace.release / "manifest.json").read_bytes())
    assert set(manifest["answered_by"]["teacher"]) == {"server", "model", "revision", "prompts_sha256"}


def test_explain_tells_of_candidates_beyond_the_first_and_of_refused_ones(sampled: Sampled) -> None:
    output = sampled.workspace.explained(sampled.ids["gaps"], show_text=True)
    synthesized = output.partition("synthesize: kept")[2].partition("\n├── judge")[0]
    for line in ("candidates: 4", "accepted: 2", f"seed: {seeded(2**31, 0, sampled.ids['gaps'], 3)}"):
        assert line in synthesized
    assert "have changed since" not in output
    never = sampled.workspace.explained(sampled.ids["never"], show_text=False)
    assert "synthesize: rejected: too_few_accepted" in never
    assert never.count("reason: think_tags") == 2 * CANDIDATES  # in the evidence and in the row


def test_a_replay_samples_the_same(sampled: Sampled, tmp_path: Path) -> None:
    again = sampled.workspace.copied(tmp_path / "again")
    again.project(teacher="ledger")
    again.quick("synthesize")
    for part in ("rows", "rejected"):
        path = Path("processed/safechain/synthesize") / part / "default"
        assert lines(again.root / path) == lines(sampled.workspace.root / path)


def test_a_row_without_a_reply_is_asked_for_again_by_the_next_run_and_no_other(sampled: Sampled, tmp_path: Path) -> None:
    """What too few replies were accepted for stays rejected: its replies are in the ledger."""
    again = sampled.workspace.copied(tmp_path / "again")
    with serving(lambda _: Answer(good(0))) as server:
        [line] = again.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert line == "synthesize safechain/default: in 6, out 4, rejected 2 (too_few_accepted 2)"
        assert {asked.text for asked in server.asked} == {"How do I bake deaf bread?", "How do I bake late bread?"}
        assert len(server.asked) == 2 + 1
    rows = {row["id"]: row["data"]["replies"] for row in again.rows("synthesize")}
    assert [reply["index"] for reply in rows[sampled.ids["deaf"]]] == [0, 1]
