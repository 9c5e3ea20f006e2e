"""vLLM with a reasoning parser: the message has `reasoning`, empty where the model skipped thinking.

vllm-project/vllm, vllm/entrypoints/openai/chat_completion/protocol.py, d5dba2d7b0ab9b98096560c69db7126b54b14d79: ChatMessage
has content, refusal, annotations, audio, function_call, tool_calls and reasoning; a choice has finish_reason ("stop" unless
said otherwise), stop_reason and token_ids; the response has usage, prompt_logprobs and kv_transfer_params
vllm-project/vllm#13375: a parser that is on, and a reply without a thought, is an empty string in its field
"""

import json
from typing import Any

from tests.doubles.teacher import Answer, Received

ROLE: dict[str, Any] = {"extra": {"top_k": 20, "chat_template_kwargs": {"enable_thinking": True}}}


def answered(request: Received, thought: str | None, text: str, *, cut: bool = False) -> Answer:
    """Return the response."""
    message: dict[str, object] = {
        "role": "assistant",
        "content": text,
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
        "tool_calls": [],
        "reasoning": thought or "",
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "length" if cut else "stop",
        "stop_reason": None,
        "token_ids": None,
    }
    body = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 1,
        "model": request.body["model"],
        "choices": [choice],
        "service_tier": None,
        "system_fingerprint": None,
        "usage": {"prompt_tokens": 9, "total_tokens": 29, "completion_tokens": 20, "prompt_tokens_details": None},
        "prompt_logprobs": None,
        "prompt_token_ids": None,
        "kv_transfer_params": None,
    }
    return Answer(raw=json.dumps(body).encode())
