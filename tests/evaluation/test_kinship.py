"""Which judge is of the evaluated model's own family."""

from pathlib import Path

import pytest

from builders.evaluation import kinship
from builders.evaluation.measures import AKIN
from tests.doubles.teacher import Answer, Received
from tests.evaluation import running
from tests.evaluation.running import lines, measured


@pytest.mark.parametrize(
    ("model", "judge", "akin"),
    [
        ("openai-api/local/Qwen3-32B", "vllm/Qwen/Qwen2.5-72B-Instruct", True),
        ("openai-api/local/qwq-32b", "openai-api/x/qwen3-235b-a22b", True),
        ("openai/gpt-5", "openai/o3-mini", True),
        ("vllm/deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "vllm/meta-llama/Llama-Guard-3-8B", True),
        ("vllm/deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "openai-api/x/deepseek-v3", True),
        ("anthropic/claude-sonnet-4", "openai/gpt-4.1", False),
        ("vllm/Qwen/Qwen3-32B", "openai/gpt-4.1", False),
        ("qwen/", "vllm/Qwen/Qwen3-32B", True),
        ("local/chat_glm_4", "x/GLM-4-9B", True),
        ("local/tuned", "local/tuned", True),
        ("local/tuned", "local/other", False),
    ],
)
def test_kinship_is_told_from_names(model: str, judge: str, akin: bool) -> None:  # noqa: FBT001
    assert kinship.akin(model, judge) is akin
    assert kinship.akin(judge, model) is akin


@pytest.mark.parametrize(("judge", "akin"), [("qwq-32b", 1.0), ("gpt-4.1", 0.0)])
def test_a_judge_of_the_models_own_family_is_flagged_beside_the_rate(judge: str, akin: float, tmp_path: Path) -> None:
    from builders.families.safechain.evaluate import safechain

    def say(request: Received) -> Answer:
        return Answer('{"verdict": "safe", "categories": []}' if request.body["model"] == judge else "You begin early.")

    asked = lines(tmp_path / "asked.jsonl", {"prompt": "How do I bake bread?"})
    with running.endpoint(tmp_path, say, "mock") as at:
        roles = {"judge": at.model(judge)}
        [log] = at.run(safechain(asked, parts=False), model=at.model("qwen3-8b"), model_roles=roles)
    assert measured(log)["whole_safety"][AKIN] == akin
