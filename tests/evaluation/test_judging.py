"""A judge's replies: paid for once, mended once, and without a model a clear line."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.evaluation import judging
from builders.evaluation.judging import Judge
from builders.evaluation.replies import RawReply
from builders.teachers.api import NoReplyError, Reply
from builders.work import Answer as Said
from tests.doubles.teacher import Answer, Received
from tests.evaluation import running
from tests.evaluation.running import Endpoint

SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["yes", "no"]}},
    "required": ["verdict"],
    "additionalProperties": False,
}


def say(request: Received) -> Answer:
    """Answer what the question asks for; a reply that has to be mended is right the second time, or never."""
    first = request.body["messages"][0]["content"]
    if first == "Out of order?":
        return Answer(status=400 if request.attempt == 1 else 200, text='{"verdict": "no"}')
    if first == "Nothing?":
        return Answer(raw=b'{"id": "a", "object": "chat.completion", "created": 0, "model": "judge", "choices": []}')
    if first == "Never?":
        return Answer("maybe")
    if first == "Filtered?":
        return Answer("", finish_reason="content_filter")
    return Answer("maybe" if first == "Mended?" and len(request.body["messages"]) == 1 else '{"verdict": "yes"}')


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Endpoint]:
    with running.endpoint(tmp_path, say) as started:
        yield started


def answers(
    at: Endpoint,
    *prompts: str,
    judge: Judge = Judge("safechain"),  # noqa: B008
    **settings: Any,  # noqa: ANN401  (whatever Inspect takes)
) -> list[Said]:
    """Return what the judge says to prompts, one after another, as within a run of Inspect."""
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.model._model import init_model_roles

    async def asked() -> list[Said]:
        config = GenerateConfig.model_validate({"max_retries": 0, **settings})
        given: dict[str, Any] = {"config": config, "base_url": at.server.url, "api_key": "none"}
        async with get_model("openai-api/local/judge", **given, memoize=False) as model:
            init_model_roles({"judge": model})
            return [await judge.ask("sample", prompt, SCHEMA) for prompt in prompts]

    with running.quiet():
        return asyncio.run(asked())


def test_a_reply_is_paid_for_once_even_in_another_run(at: Endpoint) -> None:
    first = answers(at, "Plain?", "Plain?")
    sent: dict[str, Any] = {"max_retries": 2, "timeout": 300, "attempt_timeout": 200, "stream_idle_timeout": 100}
    sent |= {"max_connections": 3, "adaptive_connections": False, "extra_headers": {"X-Asked": "twice"}}
    second = answers(at, "Plain?", **sent, cache=False, cache_prompt=False, batch=False)
    values = [reply.value for reply in (*first, *second) if isinstance(reply, Reply)]
    assert values == [{"verdict": "yes"}] * 3
    assert len(at.server.asked) == 1


def test_another_way_to_sample_is_another_question(at: Endpoint) -> None:
    answers(at, "Plain?")
    answers(at, "Plain?", temperature=0.5)
    answers(at, "Plain?", max_tokens=7)
    answers(at, "Plain?", judge=Judge("safechain", most_tokens=9))
    asked = [(asked.body["temperature"], asked.body["max_tokens"]) for asked in at.server.asked]
    assert asked == [(0.0, 2048), (0.5, 2048), (0.0, 7), (0.0, 9)]


def test_log_probabilities_are_asked_for_where_the_judge_needs_them_and_the_role_does_not_say(at: Endpoint) -> None:
    weighing = Judge("safechain", logprobs=True)
    answers(at, "Plain?")
    answers(at, "Plain?", judge=weighing)
    answers(at, "Plain?", judge=weighing, logprobs=False)
    assert [asked.body.get("logprobs") for asked in at.server.asked] == [None, True, False]


def test_a_reply_that_does_not_fit_is_mended_once(at: Endpoint) -> None:
    [mended] = answers(at, "Mended?")
    assert isinstance(mended, Reply)
    [never] = answers(at, "Never?")
    assert isinstance(never, NoReplyError)
    assert judging.why(never) == "unparsed"
    assert len(at.server.asked) == 4


def test_what_failed_may_be_asked_again_in_the_same_run(at: Endpoint) -> None:
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.model._model import init_model_roles

    async def twice() -> Said:
        config = GenerateConfig(max_retries=0)
        given: dict[str, Any] = {"config": config, "base_url": at.server.url, "api_key": "none", "memoize": False}
        async with get_model("openai-api/local/judge", **given) as model:
            init_model_roles({"judge": model})
            with pytest.raises(Exception, match="400"):
                await Judge("safechain").ask("sample", "Out of order?", SCHEMA)
            return await asyncio.wait_for(Judge("safechain").ask("sample", "Out of order?", SCHEMA), 60)

    with running.quiet():
        found = asyncio.run(twice())
    assert isinstance(found, Reply)
    assert found.value == {"verdict": "no"}


def test_a_reply_that_was_filtered_is_no_verdict(at: Endpoint) -> None:
    for found in answers(at, "Filtered?", "Nothing?"):
        assert isinstance(found, NoReplyError)
        assert judging.why(found) == "no_verdict"


@pytest.mark.parametrize("reasoning", [None, "hm"])
@pytest.mark.parametrize("text", ["", "Yes.", "<think>\nhm\n</think>\n\n", "<think>\nhm\n</think>\n\nYes."])
def test_a_reply_is_one_text_with_its_think_block_once(text: str, reasoning: str | None) -> None:
    from inspect_ai.model import ContentReasoning, ContentText, ModelOutput

    parts = [ContentReasoning(reasoning=reasoning)] if reasoning else []
    seen = judging.seen(ModelOutput.from_content("m", [*parts, ContentText(text=text)]))
    thoughts = "hm" if reasoning or "hm" in text else ""
    assert (seen.thoughts, seen.answer) == (thoughts, "Yes." if "Yes." in text else "")
    assert isinstance(seen, RawReply)


def test_an_output_without_any_choice_is_an_empty_reply_of_unknown_length() -> None:
    from inspect_ai.model import ModelOutput, ModelUsage

    output = ModelOutput(model="m", choices=[])
    assert judging.seen(output) == RawReply("", "stop", 0)
    assert judging.tokens(output) is None
    output.usage = ModelUsage(input_tokens=1, output_tokens=2, total_tokens=3)
    assert judging.tokens(output) == 2


def test_thoughts_in_several_parts_stand_in_one_block_and_calls_are_counted() -> None:
    from inspect_ai.model import ChatCompletionChoice, ChatMessageAssistant, ContentReasoning, ContentText, ModelOutput
    from inspect_ai.tool import ToolCall

    parts = [ContentReasoning(reasoning=reasoning) for reasoning in ("One.", "", "Two.")]
    calls = [ToolCall(id="1", function="shell", arguments={}), ToolCall(id="2", function="shell", arguments={})]
    message = ChatMessageAssistant(content=[*parts, ContentText(text="Yes.")], tool_calls=calls)
    output = ModelOutput(model="m", choices=[ChatCompletionChoice(message=message, stop_reason="max_tokens")])
    assert judging.seen(output) == RawReply("<think>\nOne.\n\nTwo.\n</think>\n\nYes.", "max_tokens", 2)


def test_a_task_without_its_judge_is_one_line_before_anything_is_paid_for(at: Endpoint) -> None:
    from inspect_ai import eval as evaluate
    from inspect_ai._util.error import PrerequisiteError

    with running.quiet(), pytest.raises(PrerequisiteError) as raised:
        evaluate("builders/emergent_misalignment", model=at.model("double"), display="none", log_dir=str(at.folder))
    assert "--model-role judge=" in str(raised.value.message)
    assert at.server.asked == []
