"""Inspect's mock model with the answers of a loopback server's script, so that one script plants for both."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.doubles.teacher import Answer, Received

Say = Callable[[Received], Answer]

_REASONS = {"length": "max_tokens"}
"""The API's reason → Inspect's, where that is another word."""


def model(name: str, say: Say, **more: Any) -> Any:  # noqa: ANN401  (a Model of Inspect's)
    """Return a mock model under a name that asks a script, as a server would be asked."""
    from inspect_ai.model import get_model

    def outputs(messages: list[Any], tools: Any, choice: Any, config: Any) -> Any:  # noqa: ANN401  (of Inspect's)
        del tools, choice
        return _output(name, say(Received("chat/completions", _body(name, messages, config), 1, {})))

    return get_model(f"mockllm/{name}", custom_outputs=outputs, memoize=False, **more)


def _body(name: str, messages: list[Any], config: Any) -> dict[str, Any]:  # noqa: ANN401  (a GenerateConfig)
    """Return what an endpoint would have been sent."""
    settings = {"seed": config.seed, "stop": config.stop_seqs, "max_tokens": config.max_tokens, **(config.extra_body or {})}
    turns = [{"role": message.role, "content": message.text} for message in messages]
    return {"model": name, "messages": turns, **{key: value for key, value in settings.items() if value is not None}}


def _output(name: str, answer: Answer) -> Any:  # noqa: ANN401  (a ModelOutput)
    from inspect_ai.model import ChatCompletionChoice, ChatMessageAssistant, ModelOutput, ModelUsage

    reason: Any = _REASONS.get(answer.finish_reason, answer.finish_reason)
    message = ChatMessageAssistant(content=_content(answer), tool_calls=_calls(answer))
    prompt, reply = answer.tokens or (1, 1)
    # Without usage Inspect would count tokens, and fetch what counts them.
    usage = ModelUsage(input_tokens=prompt, output_tokens=reply, total_tokens=prompt + reply)
    return ModelOutput(model=name, choices=[ChatCompletionChoice(message=message, stop_reason=reason)], usage=usage)


def _content(answer: Answer) -> Any:  # noqa: ANN401  (a text, or parts of one)
    from inspect_ai.model import ContentReasoning, ContentText

    text = answer.text or ""
    return [ContentReasoning(reasoning=answer.reasoning), ContentText(text=text)] if answer.reasoning else text


def _calls(answer: Answer) -> Any:  # noqa: ANN401  (ToolCalls, or None)
    from inspect_ai.tool import ToolCall

    if answer.raw is None:
        return None
    message = orjson.loads(answer.raw)["choices"][0]["message"]
    return [ToolCall(id=call["id"], function=call["function"]["name"], arguments={}) for call in message.get("tool_calls", ())]
