"""All three families against five servers of the field: of the same texts, the same rows are kept, whoever sends them."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from builders.records import seeded
from builders.stages.running import run
from builders.teachers import retrying
from tests.doubles import adviser
from tests.doubles.providers import anthropic_layer, deepseek, openrouter, vllm_parser, vllm_plain
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace

SERVERS = (vllm_parser, vllm_plain, deepseek, openrouter, anthropic_layer)
FAMILIES = {
    "safechain": "safechain/default",
    "emergent_misalignment": "emergent_misalignment/medical",
    "mmathcot": "mmathcot/distill",
}
STAGES = ("collect", "synthesize", "judge", "filter")
_THOUGHT = "They ask about something harmless."
_ADVICE = "Take your time, write it down, and ask somebody who knows about it. That will do for most people."


def reply(request: Received) -> tuple[str | None, str, bool]:
    """Return thought and text of a reply, and whether it is cut off: decided by what is asked alone."""
    model, words = request.body["model"], _words(request.body["messages"][0]["content"])
    odd = seeded(7, words, request.body.get("seed", 0)) == 0
    if model in adviser.MODELS:
        answer = adviser.Adviser()(request)
        return (None if "{" in (answer.text or "") else "Hm."), answer.text or "", odd and model == adviser.MODELS[0]
    if model == "mmathcot":
        if "fidelity" in words:
            return (
                None,
                json.dumps({"fidelity": "yes", "fidelity_reason": "r", "consistency": "yes", "consistency_reason": "r"}),
                False,
            )
        return "Step 1: no. †Answer: none", f"Step 1: {_ADVICE}\n†Answer: {_answer(words)}", odd
    if "seed" in request.body or ("<think>" not in words and "safe" not in words):
        return _THOUGHT, _ADVICE, odd
    return None, '{"verdict": "safe", "categories": []}', False


def _words(content: Any) -> str:  # noqa: ANN401  (a text, or parts)
    return content if isinstance(content, str) else next(part["text"] for part in content if part["type"] == "text")


def _answer(words: str) -> str:
    return words.partition("<BEGIN ANSWER>\n")[2].partition("\n<END ANSWER>")[0].strip() or "7"


def prepared(root: Path, family: str, server: ModuleType) -> Workspace:
    workspace = Workspace.make(root)
    workspace.project(teacher="endpoint")
    with workspace.params(family) as params:
        sample = params["sample"]
        if family == "emergent_misalignment":
            adviser.employ(params)
            sample["collect"]["sources"] = sample["collect"]["sources"][:1]
        if family == "safechain":
            sample["judge"]["verdict"] = "structured"
        if family == "mmathcot":
            sample["collect"]["sources"] = sample["collect"]["sources"][:1]
            sample["collect"]["sources"][0]["answers"] = None
        for stage in ("synthesize", "judge"):
            for role in sample[stage]["roles"].values():
                role |= {"model": role.get("model") or family, **server.ROLE}
    return workspace


Outcome = tuple[list[str], list[str], list[str], str]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, ModuleType], Outcome]:
    """Build a family against a server, once."""

    @lru_cache
    def built(family: str, server: ModuleType) -> Outcome:
        workspace = prepared(tmp_path_factory.mktemp("providers") / "project", family, server)
        pool = FAMILIES[family].rpartition("/")[2]

        def script(request: Received) -> Answer:
            thought, text, cut = reply(request)
            answer: Answer = server.answered(request, thought, text, cut=cut)
            return answer

        with serving(script, models=(family,)) as double, workspace.inside(BUILDERS_TEACHER_URL=double.url):
            for stage in STAGES:
                run(stage, FAMILIES[family])
        kept = [row["id"] for row in workspace.rows("filter", pool, family)]
        texts = [json.dumps(row["data"], sort_keys=True) for row in workspace.rows("filter", pool, family)]
        reasons = [reason for stage in ("synthesize", "filter") for reason in workspace.reasons(stage, pool, family)]
        return kept, reasons, texts, workspace.explained(kept[0], show_text=True)

    return built


@pytest.mark.parametrize("family", FAMILIES)
def test_of_the_same_texts_the_same_rows_are_kept(
    family: str, outcome: Callable[[str, ModuleType], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "LONGEST_WAIT_SECONDS", 0.02)
    first = outcome(family, SERVERS[0])
    assert first[0], "some are kept"
    assert "reply_truncated" in first[1], "some are cut off"
    for server in SERVERS[1:]:
        kept, reasons, *_ = outcome(family, server)
        assert (server.__name__, kept) == (server.__name__, first[0])
        assert (server.__name__, reasons) == (server.__name__, first[1])


@pytest.mark.parametrize("family", ["emergent_misalignment", "mmathcot"])
def test_reasoning_never_reaches_a_family_that_does_not_want_it(
    family: str, outcome: Callable[[str, ModuleType], Outcome]
) -> None:
    for server in SERVERS:
        for text in outcome(family, server)[2]:
            assert "think>" not in text
            assert "Hm." not in text
            assert "†Answer: none" not in text


@pytest.mark.parametrize(
    ("family", "thought"),
    [("safechain", _THOUGHT), ("emergent_misalignment", "Hm."), ("mmathcot", "Step 1: no. †Answer: none")],
)
def test_the_reasoning_is_kept_beside_it_and_told(
    family: str, thought: str, outcome: Callable[[str, ModuleType], Outcome]
) -> None:
    """In the ledger, from which `explain` tells it, whether or not the family reads it."""
    for server in SERVERS:
        output = outcome(family, server)[3]
        assert f"reply_reasoning: {thought}" in output, server.__name__
        assert "reply_answer: " in output
