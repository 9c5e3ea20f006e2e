"""OpenRouter: the reasoning twice, `native_finish_reason` beside the normal one, late errors with status 200 at first.

OpenRouterTeam/docs, api/reference/errors-and-debugging.mdx, 1c9b4627a18dc9e5e17d7a793c36a7cf260fcf0b (its page was read): the
shape of errors, and status 200 for those that come while the model writes
OpenRouterTeam/docs, guides/best-practices/reasoning-tokens.mdx, 8af04e6785df79b8406b25280f34966ac1ce7102: reasoning and
reasoning_details, of type reasoning.text, reasoning.summary and reasoning.encrypted
aixplain/aiXplain#1012: the text only in reasoning_details
"""

import json
from typing import Any

from tests.doubles.teacher import Answer, Received

ROLE: dict[str, Any] = {"extra": {"provider": {"allow_fallbacks": False}, "reasoning": {"effort": "high"}}}


def answered(request: Received, thought: str | None, text: str, *, cut: bool = False) -> Answer:
    """Return the response; to every fifth question or so, at first, an error in its place."""
    if request.attempt == 1 and len(request.text) % 5 == 0:
        error = {"code": 502, "message": "Provider returned error", "metadata": {"provider_name": "Any", "raw": request.text}}
        return Answer(raw=json.dumps({"error": error, "user_id": "0"}).encode())
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "reasoning": None}
    if thought is not None:
        half = len(thought) // 2
        message["reasoning_details"] = [
            {"type": "reasoning.text", "text": thought[:half], "format": "unknown", "index": 0},
            {"type": "reasoning.encrypted", "data": "b3BhcXVl", "format": "unknown", "index": 1},
            {"type": "reasoning.text", "text": thought[half:], "format": "unknown", "index": 2},
        ]
        message["reasoning"] = thought if len(request.text) % 2 else None
    ended = {"finish_reason": "length", "native_finish_reason": "MAX_TOKENS"} if cut else {"finish_reason": "stop"}
    choice = {"index": 0, "message": message, "logprobs": None, "native_finish_reason": "STOP", **ended}
    usage = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29, "cost": 0.0001}
    body = {"id": "gen-0", "provider": "Any", "model": request.body["model"], "object": "chat.completion", "choices": [choice]}
    return Answer(raw=json.dumps({**body, "usage": usage}).encode())
