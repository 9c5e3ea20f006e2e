"""Which judge is of the evaluated model's own family."""

import pytest

from builders.evaluation import kinship


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
        ("local/tuned", "local/tuned", True),
        ("local/tuned", "local/other", False),
    ],
)
def test_kinship_is_told_from_names(model: str, judge: str, akin: bool) -> None:  # noqa: FBT001
    assert kinship.akin(model, judge) is akin
    assert kinship.akin(judge, model) is akin
