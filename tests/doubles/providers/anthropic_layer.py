"""Anthropic's layer for OpenAI's clients: no thinking comes back, response_format and seed are ignored, one system prompt.

    platform.claude.com/docs/en/api/openai-sdk and docs.claude.com/zh-CN/api/openai-sdk (stored pages): response_format, seed,
    logprobs and penalties are ignored, n must be 1, temperature is capped at 1, the thinking process is not returned
    anthropics/anthropic-sdk-python, src/anthropic/types/stop_reason.py, 3c15f94799d83c842dfe0a9dde768db0fd4f3506: the reasons
    that the layer puts into OpenAI's words

A model that writes its thoughts into the answer, in tags, as it was asked to, has them in the content. As the schema is
ignored, JSON comes with a sentence before it.
"""

import json
from typing import Any

from tests.doubles.teacher import Answer, Received

ROLE: dict[str, Any] = {"structured": "prompt"}


def answered(request: Received, thought: str | None, text: str, *, cut: bool = False) -> Answer:
    """Return the response."""
    content = text if thought is None else f"<think>\n{thought}\n</think>\n\n{text}"
    if text.startswith("{"):
        content = f"Here is the JSON that was asked for:\n\n{text}"
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "length" if cut else "stop"}
    body = {
        "id": "msg_0",
        "choices": [{**choice, "logprobs": None}],
        "created": 1,
        "model": request.body["model"],
        "object": "chat.completion",
        "usage": {"completion_tokens": 20, "prompt_tokens": 9, "total_tokens": 29},
    }
    return Answer(raw=json.dumps(body).encode())
