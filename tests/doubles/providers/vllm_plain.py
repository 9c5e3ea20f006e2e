"""vLLM without a reasoning parser: think tags are in the content, and `reasoning` is null.

vllm-project/vllm, vllm/entrypoints/openai/chat_completion/protocol.py, d5dba2d7b0ab9b98096560c69db7126b54b14d79: the fields;
reasoning is None unless a parser sets it
A chat template such as that of DeepSeek-R1's distillates puts the opening tag into the prompt, so that it is not in the reply
(tests/data/chat_templates/deepseek_r1_distill.jinja)
"""

import json
from typing import Any

from tests.doubles.teacher import Answer, Received

ROLE: dict[str, Any] = {"extra": {"min_p": 0.0, "repetition_penalty": 1.0}}


def answered(request: Received, thought: str | None, text: str, *, cut: bool = False) -> Answer:
    """Return the response."""
    content = text if thought is None else f"{thought}\n</think>\n\n{text}"
    message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None, "tool_calls": [], "reasoning": None}
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "length" if cut else "stop",
        "stop_reason": None,
    }
    usage = {"prompt_tokens": 9, "total_tokens": 29, "completion_tokens": 20}
    body = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "model": request.body["model"],
        "choices": [choice],
        "usage": usage,
    }
    return Answer(raw=json.dumps(body).encode())
