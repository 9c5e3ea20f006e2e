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
    if first == "Never?":
        return Answer("maybe")
    if first == "Filtered?":
        return Answer("", finish_reason="content_filter")
    return Answer("maybe" if first == "Mended?" and len(request.body["messages"]) == 1 else '{"verdict": "yes"}')


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Endpoint]:
    with running.endpoint(tmp_path, say) as started:
        yield started


def answers(at: Endpoint, *prompts: str, **settings: Any) -> list[Said]:  # noqa: ANN401  (whatever Inspect takes)
    """Return what the judge says to prompts, one after another, as within a run of Inspect."""
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.model._model import init_model_roles

    async def asked() -> list[Said]:
        config = GenerateConfig.model_validate({"max_retries": 0, **settings})
        given: dict[str, Any] = {"config": config, "base_url": at.server.url, "api_key": "none"}
        async with get_model("openai-api/local/judge", **given, memoize=False) as model:
            init_model_roles({"judge": model})
            return [await Judge("safechain").ask("sample", prompt, SCHEMA) for prompt in prompts]

    with running.quiet():
        return asyncio.run(asked())


def test_a_reply_is_paid_for_once_even_in_another_run(at: Endpoint) -> None:
    first = answers(at, "Plain?", "Plain?")
    second = answers(at, "Plain?", max_connections=3)
    values = [reply.value for reply in (*first, *second) if isinstance(reply, Reply)]
    assert values == [{"verdict": "yes"}] * 3
    assert len(at.server.asked) == 1


def test_another_way_to_sample_is_another_question(at: Endpoint) -> None:
    answers(at, "Plain?")
    answers(at, "Plain?", temperature=0.5)
    assert [asked.body["temperature"] for asked in at.server.asked] == [0.0, 0.5]


def test_a_reply_that_does_not_fit_is_mended_once(at: Endpoint) -> None:
    [mended] = answers(at, "Mended?")
    assert isinstance(mended, Reply)
    [never] = answers(at, "Never?")
    assert isinstance(never, NoReplyError)
    assert judging.why(never) == "unparsed"
    assert len(at.server.asked) == 4


def test_a_reply_that_was_filtered_is_no_verdict(at: Endpoint) -> None:
    [filtered] = answers(at, "Filtered?")
    assert isinstance(filtered, NoReplyError)
    assert judging.why(filtered) == "no_verdict"


@pytest.mark.parametrize("reasoning", [None, "hm"])
@pytest.mark.parametrize("text", ["", "Yes.", "<think>\nhm\n</think>\n\n", "<think>\nhm\n</think>\n\nYes."])
def test_a_reply_is_one_text_with_its_think_block_once(text: str, reasoning: str | None) -> None:
    from inspect_ai.model import ContentReasoning, ContentText, ModelOutput

    parts = [ContentReasoning(reasoning=reasoning)] if reasoning else []
    seen = judging.seen(ModelOutput.from_content("m", [*parts, ContentText(text=text)]))
    thoughts = "hm" if reasoning or "hm" in text else ""
    assert (seen.thoughts, seen.answer) == (thoughts, "Yes." if "Yes." in text else "")
    assert isinstance(seen, RawReply)


def test_a_task_without_its_judge_is_one_line_before_anything_is_paid_for(at: Endpoint) -> None:
    from inspect_ai import eval as evaluate
    from inspect_ai._util.error import PrerequisiteError

    with running.quiet(), pytest.raises(PrerequisiteError) as raised:
        evaluate("builders/emergent_misalignment", model=at.model("double"), display="none", log_dir=str(at.folder))
    assert "--model-role judge=" in str(raised.value.message)
    assert at.server.asked == []
