"""ZeroThink, LessThink, MoreThink: what is asked, in which order, and what chat templates make of it."""

import asyncio
import copy
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.evaluation import decoding
from builders.evaluation.decoding import LESS_THOUGHT, Completion, MoreThink
from builders.texts import think
from tests import chat_templates
from tests.chat_templates import NAMES, STARTS, mark
from tests.doubles.teacher import Answer, Received, serving

QUESTION = "How do I keep basil alive in winter?"
SAMPLING = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 16_000, "seed": 7}
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": QUESTION}], **SAMPLING}
COMPLETION: dict[str, Any] = {"prompt": f"User: {QUESTION}\nAssistant: ", **SAMPLING}
OPENED: dict[str, Any] = {"prompt": f"User: {QUESTION}\nAssistant: <think>\n", **SAMPLING}
Transform = Callable[[dict[str, Any]], dict[str, Any]]
_SAID = st.builds(
    Completion,
    st.sampled_from(["hm.\n", "so so\n", "well</think>\n\nno", ""]),
    st.just("stop") | st.just("length"),
    st.integers(0, 4000),
)


def more_think(body: dict[str, Any]) -> dict[str, Any]:
    """Return MoreThink's first request."""
    return decoding.more_think(body, [], MoreThink()).body or {}


_TRANSFORMS: list[Transform] = [decoding.zero_think, decoding.less_think, more_think]


def begun(body: dict[str, Any]) -> str:
    """Return the text that a request puts before the reply."""
    if "prompt" in body:
        return str(body["prompt"]).removeprefix(f"User: {QUESTION}\nAssistant: ")
    return str(body["messages"][-1]["content"])


@pytest.mark.parametrize("body", [CHAT, COMPLETION, OPENED])
def test_zero_think_puts_an_empty_think_block_before_the_reply(body: dict[str, Any]) -> None:
    assert begun(decoding.zero_think(body)) == "<think>\n\n</think>\n\n"


@pytest.mark.parametrize("body", [CHAT, COMPLETION, OPENED])
def test_less_think_puts_one_sentence_into_it(body: dict[str, Any]) -> None:
    text = begun(decoding.less_think(body))
    assert think.split(text + "Keep it warm.") == (LESS_THOUGHT, "Keep it warm.", True)
    assert begun(decoding.less_think(body, "Easy.")) == "<think>\nEasy.\n</think>\n\n"


@pytest.mark.parametrize("transform", _TRANSFORMS)
@pytest.mark.parametrize("body", [CHAT, COMPLETION, OPENED])
def test_a_request_keeps_its_sampling_and_is_not_changed_in_place(body: dict[str, Any], transform: Transform) -> None:
    before = copy.deepcopy(body)
    made = transform(body)
    assert body == before
    kept = {"temperature": 0.6, "top_p": 0.95, "seed": 7}
    assert {name: made[name] for name in kept} == kept
    assert begun(made).count("<think>") == 1


def test_a_chat_request_asks_the_server_to_go_on_with_the_assistants_message() -> None:
    made = decoding.zero_think(CHAT)
    assert [message["role"] for message in made["messages"]] == ["user", "assistant"]
    assert (made["continue_final_message"], made["add_generation_prompt"]) == (True, False)
    with pytest.raises(ValueError, match="has a beginning already"):
        decoding.less_think(made)


# MoreThink.


def walked(body: dict[str, Any], more: MoreThink, *completions: Completion) -> list[dict[str, Any] | None]:
    """Return what is asked before each reply and after the last one."""
    return [decoding.more_think(body, completions[:count], more).body for count in range(len(completions) + 1)]


def test_more_think_replaces_the_end_of_thinking_so_many_times_then_asks_for_the_answer() -> None:
    more = MoreThink(times=2, thinking_tokens=100, answer_tokens=50, words=("Wait",))
    completions = [
        Completion("One.\n", "stop", 10),
        Completion(" two.\n", "stop", 20),
        Completion(" three.\n", "stop", 30),
        Completion("Warmth.", "stop", 5),
    ]
    first, second, third, answer, nothing = walked(COMPLETION, more, *completions)
    assert first
    assert second
    assert third
    assert answer
    assert nothing is None
    assert begun(first) == "<think>\n"
    assert begun(second) == "<think>\nOne.\nWait"
    assert begun(third) == "<think>\nOne.\nWait two.\nWait"
    assert begun(answer) == "<think>\nOne.\nWait two.\nWait three.\n</think>\n\n"
    assert [body["max_tokens"] for body in (first, second, third, answer)] == [100, 90, 70, 50]
    assert all(body["stop"] == ["</think>"] for body in (first, second, third, answer))
    assert decoding.more_think(COMPLETION, completions, more).text == begun(answer) + "Warmth."


@pytest.mark.parametrize(
    "last", [Completion("two", "length", 90), Completion("two", "stop", 90), Completion("two", "length", 3)]
)
def test_when_the_tokens_of_thinking_are_used_up_the_answer_comes_next(last: Completion) -> None:
    more = MoreThink(times=10, thinking_tokens=100, answer_tokens=50, words=("Wait",))
    body = walked(COMPLETION, more, Completion("One.", "stop", 10), last)[-1]
    assert body
    assert begun(body) == "<think>\nOne.Waittwo</think>\n\n"
    assert body["max_tokens"] == 50


def test_the_authors_limits_are_the_defaults() -> None:
    asked = walked(COMPLETION, MoreThink(), *[Completion("So.\n", "stop", 100)] * 11)
    assert [body["max_tokens"] for body in asked if body] == [*range(10_000, 8_900, -100), 6_000]
    text = begun(asked[-1] or {})
    assert text.count("Wait") + text.count("Let me think again") == 10


def test_words_are_drawn_from_the_seed_and_the_request_alone() -> None:
    completions = [Completion("So.\n", "stop", 1)] * 10
    texts = {seed: decoding.more_think(COMPLETION, completions, MoreThink(seed=seed)).text for seed in range(20)}
    assert texts[3] == decoding.more_think(copy.deepcopy(COMPLETION), completions, MoreThink(seed=3)).text
    assert len(set(texts.values())) == 20
    assert decoding.more_think({**COMPLETION, "seed": 8}, completions, MoreThink()).text != texts[0]
    drawn = Counter(word for text in texts.values() for word in ("Wait", "Let me think again") for _ in range(text.count(word)))
    assert all(70 <= count <= 130 for count in drawn.values())
    assert sum(drawn.values()) == 200


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(_SAID, max_size=14), st.sampled_from([CHAT, COMPLETION, OPENED]), st.integers(0, 12))
def test_thinking_ends_in_time_and_in_one_well_formed_block(
    completions: list[Completion], body: dict[str, Any], times: int
) -> None:
    more = MoreThink(times=times)
    asked = [made for made in walked(body, more, *completions) if made]
    assert 1 <= len(asked) <= times + 2
    thinking = [made for made in asked if not begun(made).endswith("</think>\n\n")]
    assert all(0 < made["max_tokens"] <= more.thinking_tokens for made in thinking)
    assert all(later["max_tokens"] <= made["max_tokens"] for made, later in pairwise(thinking))
    assert all(begun(later).startswith(begun(made)) for made, later in pairwise(asked))
    step = decoding.more_think(body, completions, more)
    if step.body is None:
        assert step.text.startswith(begun(asked[-1]))
        assert step.text.count("<think>") == 1
        assert think.split(begun(asked[-1])).well_formed


def test_a_whole_more_think_reply_over_http() -> None:
    lines = iter(["First the light.\n", " Then the water.\n", " Then the heat.\n", "Keep it on the sill."])

    def script(request: Received) -> Answer:
        assert request.path == "completions"
        return Answer(next(lines))

    with serving(script) as server:
        text = asyncio.run(_over_http(server.url, MoreThink(times=2, thinking_tokens=40, answer_tokens=20)))
        bodies = [asked.body for asked in server.asked]
    assert [body["max_tokens"] for body in bodies] == [40, 37, 34, 20]
    parts = think.split(text)
    assert parts.well_formed
    assert parts.answer == "Keep it on the sill."
    assert parts.reasoning.startswith("First the light.\n")
    assert str(bodies[-1]["prompt"]).endswith(f"{parts.reasoning}\n</think>\n\n")


async def _over_http(url: str, more: MoreThink) -> str:
    async with aiohttp.ClientSession() as session:

        async def ask(body: dict[str, Any]) -> Completion:
            async with session.post(f"{url}/completions", json={"model": "double", **body}) as response:
                reply = await response.json()
            [choice] = reply["choices"]
            return Completion(choice["text"], choice["finish_reason"], reply["usage"]["completion_tokens"])

        return await decoding.thought(ask, OPENED, more)


# What chat templates make of it.

FINE = ("llama3", "mistral", "qwq", "deepseek_r1_distill_training")
REFUSED = ("deepseek_r1_distill",)
DOUBLED = ("qwen3", "qwen3_5")
"""As the table in the module's docstring has it."""


def seen(template: str, body: dict[str, Any]) -> str:
    """Return what a server that runs this chat template puts before the reply: the text behind the assistant's mark."""
    text = chat_templates.continued(template, body["messages"])
    return text.rpartition(mark(STARTS, template))[2]


def test_every_template_is_tried() -> None:
    assert sorted(FINE + REFUSED + DOUBLED) == sorted(NAMES)


@pytest.mark.parametrize("template", NAMES)
def test_completions_get_one_think_block_behind_any_templates_generation_prompt(template: str) -> None:
    messages = [{"role": "user", "content": QUESTION}]
    prompt = chat_templates.rendered(template, messages, add_generation_prompt=True)
    start = mark(STARTS, template)
    for transform in _TRANSFORMS:
        made = transform({"prompt": prompt, **SAMPLING})
        before, _, text = made["prompt"].rpartition(start)
        assert text == begun(transform(COMPLETION))
        assert before + start == prompt.removesuffix("<think>\n")


@pytest.mark.parametrize("template", [*FINE, *DOUBLED])
def test_a_closed_block_gets_through_most_chat_templates(template: str) -> None:
    """A template may trim the white space behind it."""
    for body in (decoding.zero_think(CHAT), decoding.less_think(CHAT, LESS_THOUGHT)):
        assert seen(template, body).rstrip() == begun(body).rstrip()


def test_a_sentence_that_ends_in_a_blank_as_the_authors_does_is_too_much_for_qwen3_5() -> None:
    for template in {*FINE, *DOUBLED} - {"qwen3_5"}:
        assert seen(template, decoding.less_think(CHAT)).rstrip() == begun(decoding.less_think(CHAT)).rstrip()
    with pytest.raises(ValueError, match="does not appear"):
        seen("qwen3_5", decoding.less_think(CHAT, f"{LESS_THOUGHT} "))


@pytest.mark.parametrize("template", REFUSED)
def test_a_closed_block_is_refused_where_the_template_drops_it(template: str) -> None:
    answer = walked(CHAT, MoreThink(times=0), Completion("So.\n", "stop", 1))[-1]
    for body in (decoding.zero_think(CHAT), decoding.less_think(CHAT), answer):
        assert body
        with pytest.raises(ValueError, match="does not appear"):
            seen(template, body)


@pytest.mark.parametrize("template", [*FINE, *REFUSED])
def test_an_open_block_gets_through_templates_that_leave_it_alone(template: str) -> None:
    body = walked(CHAT, MoreThink(words=("Wait",)), Completion("So.\n", "stop", 1))[-1]
    assert body
    assert seen(template, body) == "<think>\nSo.\nWait"


@pytest.mark.parametrize("template", DOUBLED)
def test_an_open_block_gets_an_empty_one_before_it_from_qwens_newer_templates(template: str) -> None:
    body = walked(CHAT, MoreThink(words=("Wait",)), Completion("So.\n", "stop", 1))[-1]
    assert body
    assert seen(template, body) == "<think>\n\n</think>\n\n<think>\nSo.\nWait"
