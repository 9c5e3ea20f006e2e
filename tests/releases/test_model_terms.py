"""model_terms: which licence or terms a model's name stands for."""

import pytest

from builders.releases.model_terms import terms

WORDS = {
    "Apache-2.0": [
        "openai/gpt-oss-120b",
        "gpt-oss:20b",
        "Qwen/Qwen2-7B-Instruct",
        "Qwen/Qwen2.5-32B-Instruct",
        "Qwen/Qwen2.5-Math-7B-Instruct",
        "Qwen/Qwen2.5-VL-32B-Instruct",
        "Qwen/Qwen3-235B-A22B-Thinking-2507",
        "Qwen/Qwen3-8B",
        "qwen3:32b",
        "Qwen/QwQ-32B",
        "mistralai/Mistral-7B-Instruct-v0.3",
        "mistralai/Mixtral-8x22B-Instruct-v0.1",
        "mistralai/Mistral-Small-24B-Instruct-2501",
        "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
        "mistralai/Ministral-3-8B-Instruct-2512",
        "mistralai/Mamba-Codestral-7B-v0.1",
        "01-ai/Yi-1.5-34B-Chat",
        "allenai/OLMo-2-1124-13B-Instruct",
        "ibm-granite/granite-3.3-8b-instruct",
        "tiiuae/falcon-40b-instruct",
        "MiniMaxAI/MiniMax-M1-80k",
        "xai-org/grok-1",
        "google/gemma-4-31B-it",
        "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
        "OpenGVLab/InternVL3-8B",
    ],
    "MIT": [
        "deepseek-ai/DeepSeek-R1",
        "deepseek-ai/DeepSeek-R1-0528",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
        "deepseek-ai/DeepSeek-V3-0324",
        "deepseek-ai/DeepSeek-V3.1",
        "microsoft/phi-4",
        "microsoft/Phi-3.5-mini-instruct",
        "zai-org/GLM-4.6",
        "THUDM/GLM-Z1-32B-0414",
        "moonshotai/Kimi-K2-Instruct",
    ],
    "training other models on what it writes is allowed": ["deepseek-reasoner", "deepseek-ai/DeepSeek-R1-Zero"],
    "NVIDIA's open model licence": ["nvidia/Nemotron-4-340B-Instruct", "nvidia/NVIDIA-Nemotron-Nano-9B-v2"],
    "Llama licence, from 3.1 on": [
        "meta-llama/Meta-Llama-3.1-8B-Instruct",
        "meta-llama/Llama-3.1-405B-Instruct-FP8",
        "meta-llama/Llama-3.2-3B-Instruct",
        "meta-llama/Llama-3.3-70B-Instruct",
        "meta-llama/Llama-4-Scout-17B-16E-Instruct",
        "meta-llama/Llama-Guard-3-8B",
        "meta-llama/Llama-Guard-3-1B",
        "meta-llama/Llama-Guard-4-12B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        "nvidia/Llama-3_3-Nemotron-Super-49B-v1",
        "allenai/Llama-3.1-Tulu-3-70B",
        "llama3.1:8b",
        "meta.llama3-1-70b-instruct-v1:0",
        "accounts/fireworks/models/llama-v3p3-70b-instruct",
    ],
    "Llama 3 licence, of 3.0 alone": [
        "meta-llama/Meta-Llama-3-8B-Instruct",
        "meta-llama/Llama-3-70b-chat-hf",
        "meta-llama/Meta-Llama-Guard-2-8B",
        "OpenGVLab/InternVL2-Llama3-76B",
        "llama3:70b",
        "meta.llama3-8b-instruct-v1:0",
    ],
    "Llama 2 licence": [
        "meta-llama/Llama-2-70b-chat-hf",
        "meta-llama/LlamaGuard-7b",
        "codellama/CodeLlama-34b-Instruct-hf",
        "llama2:13b",
    ],
    "LLaMA licence of 2023": ["huggyllama/llama-7b"],
    "Qwen licence": [
        "Qwen/Qwen2.5-72B-Instruct",
        "Qwen/Qwen2.5-VL-72B-Instruct",
        "Qwen/QVQ-72B-Preview",
        "qwen2.5:72b",
        "OpenGVLab/InternVL2_5-78B",
    ],
    "Qwen research licence": [
        "Qwen/Qwen2.5-3B-Instruct",
        "Qwen/Qwen2.5-VL-3B-Instruct",
        "Qwen/Qwen2.5-Coder-3B",
        "OpenGVLab/InternVL2_5-4B",
    ],
    "Tongyi Qianwen licence": [
        "Qwen/Qwen2-72B-Instruct",
        "Qwen/Qwen1.5-14B-Chat",
        "Qwen/Qwen-7B-Chat",
        "Qwen/Qwen2-VL-72B-Instruct",
    ],
    "DeepSeek model licence": ["deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-V2.5", "deepseek-ai/deepseek-math-7b-instruct"],
    "Gemma terms": ["google/gemma-2-27b-it", "google/gemma-3-12b-it", "google/medgemma-27b-it"],
    "Mistral research licence": [
        "mistralai/Mistral-Large-Instruct-2411",
        "mistral-large-2407",
        "mistralai/Mistral-Small-Instruct-2409",
        "mistralai/Ministral-8B-Instruct-2410",
        "mistralai/Pixtral-Large-Instruct-2411",
    ],
    "Mistral non-production licence": ["mistralai/Codestral-22B-v0.1"],
    "CC-BY-NC-4.0": ["CohereForAI/c4ai-command-r-plus", "CohereLabs/c4ai-command-a-03-2025", "CohereForAI/aya-expanse-32b"],
    "compete with its own": [
        "gpt-4o-2024-08-06",
        "gpt-4.1-mini",
        "gpt-5",
        "o3",
        "openai/o4-mini",
        "chatgpt-4o-latest",
        "claude-3-7-sonnet-20250219",
        "anthropic/claude-opus-4",
        "gemini-1.5-flash-002",
    ],
    "xAI's terms": ["grok-4", "xai-org/grok-2"],
    "TII Falcon licence": ["tiiuae/falcon-180B-chat", "tiiuae/Falcon3-10B-Instruct"],
    "not in our table": [
        "some/model",
        "qwen-max",
        "qwen3-max",
        "Qwen/Qwen3.8-2.4T-A95B",
        "mistral-medium-latest",
        "AIDC-AI/Marco-o1",
        "MiniMaxAI/MiniMax-M2.7",
        "moonshotai/Kimi-K3",
        "zai-org/glm-4-9b-chat",
    ],
}
FREE = {"Apache-2.0", "MIT", "training other models on what it writes is allowed", "NVIDIA's open model licence"}


@pytest.mark.parametrize(("words", "model"), [(words, model) for words, models in WORDS.items() for model in models])
def test_a_model_has_the_terms_of_its_version_and_size(words: str, model: str) -> None:
    found = terms("vllm", model)
    assert words in found.reason
    assert found.restricted == (words not in FREE)


@pytest.mark.parametrize("server", ["recorded", "symbolic"])
def test_what_no_model_wrote_is_ours(server: str) -> None:
    assert not terms(server, "gpt-4o").restricted
