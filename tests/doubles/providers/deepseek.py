"""DeepSeek's API: `reasoning_content` beside the content, no JSON Schema, blank lines while it is busy.

api-docs.deepseek.com/quick_start/error_codes (stored page): 400, 401, 402 Insufficient Balance, 422, 429, 500, 503
opensolon/solon, solon-ai/src/test/java/features/ai/DeepSeek.md (stored excerpt): a response of deepseek-reasoner, with
reasoning_content, completion_tokens_details and prompt_cache_hit_tokens
Portkey-AI/gateway, src/providers/deepseek/types.ts, 56b62e1f923ebb7cdbbefbdd2156508dff027c52: the finish reasons stop, length,
tool_calls, content_filter and insufficient_system_resource
bespokelabsai/curator#650: a response_format of json_schema is refused
That blank lines come while a request waits is what its page on rate limits says; unverified here.
"""

import json
from typing import Any

from tests.doubles.teacher import Answer, Received

ROLE: dict[str, Any] = {"structured": "object"}


def answered(request: Received, thought: str | None, text: str, *, cut: bool = False) -> Answer:
    """Return the response, or the refusal of a format that it does not have."""
    format_ = request.body.get("response_format", {"type": "text"})["type"]
    if format_ not in {"text", "json_object"}:
        message = f"This response_format type is unavailable now: {format_}"
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}
        return Answer(status=400, raw=json.dumps({"error": error}).encode())
    turn = {"role": "assistant", "content": text, **({} if thought is None else {"reasoning_content": thought})}
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 20,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 5},
        "prompt_cache_hit_tokens": 0,
        "prompt_cache_miss_tokens": 9,
    }
    choice = {"index": 0, "message": turn, "logprobs": None, "finish_reason": "length" if cut else "stop"}
    body = {"id": "0", "object": "chat.completion", "model": request.body["model"], "choices": [choice], "usage": usage}
    return Answer(raw=b"\n\n\n" + json.dumps({**body, "system_fingerprint": "fp"}).encode())
