r"""ZeroThink, LessThink and MoreThink: requests that make a reasoning model think not at all, hardly, or for long.

They are the decoding strategies of SafeChain (Jiang et al., arXiv 2502.12025, section 4.2; the strings and limits are those
of the authors' code, uw-nsl/safechain at 2353fca). A request is a body as `builders.teachers` makes it, and is never changed
in place. The reply as a whole, which a judge should see, is the text put before it and then what the server sent.

    ZeroThink   `zero_think(body)`         an empty think block stands before the reply
    LessThink   `less_think(body)`         a think block of one fixed sentence does
    MoreThink   `thought(ask, body, more)` each end of thinking is replaced by a word such as "Wait", for up to so many times
                                           and tokens: a request for each, so `more_think` says what to ask next

With `api: completions` the text is put behind the chat markup, which may end in an opening think tag of its own. With `api:
chat` it travels as the assistant's message that the server is to go on with (vLLM: `continue_final_message`). There the chat
template has the last word, and some rewrite that message:

    template              ZeroThink, LessThink    MoreThink
    DeepSeek-R1-Distill   refused                 refused when it comes to the answer
    QwQ                   fine                    fine
    Qwen3                 fine                    wrong: an empty think block is put before the open one
    Qwen3.5               fine, with a sentence   wrong, likewise
                          that ends in no blank
    Llama 3, Mistral      fine                    fine

so use completions, as the authors did, where it says anything but fine. The server must hand the text back as it is: start
it without a reasoning parser.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from builders.records import seeded
from builders.teachers import shapes
from builders.texts import finish
from builders.texts.think import CLOSING, OPENING

Body = dict[str, Any]

NO_THOUGHT = f"{OPENING}\n\n{CLOSING}\n\n"
LESS_THOUGHT = "This can be answered straight away, it needs little thought."
"""A sentence of ours to the effect of the authors'; for their very words, give `less_think` what their Figure 1 prints."""


class Completion(NamedTuple):
    """What a server sent.

    Args:
        text: the text, without what stood before it.
        finish_reason: `stop`, or `length` where it was cut off.
        tokens: its length, as the server's usage has it (`completion_tokens`).
    """

    text: str
    finish_reason: str
    tokens: int


class Step(NamedTuple):
    """How far a MoreThink reply is.

    Args:
        body: what to ask next; None when the reply is whole.
        text: the reply so far, from the opening think tag on.
    """

    body: Body | None
    text: str


@dataclass(frozen=True, slots=True)
class MoreThink:
    """How long thinking is kept up; the authors' limits, of 16,000 tokens in all.

    Args:
        times: how often the end of thinking is replaced, at most.
        thinking_tokens: most tokens of thinking, over all requests.
        answer_tokens: most tokens of the answer.
        words: what the end of thinking is replaced by, one drawn each time.
        seed: base of the draws, together with the request.
    """

    times: int = 10
    thinking_tokens: int = 10_000
    answer_tokens: int = 6_000
    words: tuple[str, ...] = ("Wait", "Let me think again")
    seed: int = 0


def zero_think(body: Body) -> Body:
    """Return the request with an empty think block before the reply."""
    return prefilled(body, NO_THOUGHT)


def less_think(body: Body, sentence: str = LESS_THOUGHT) -> Body:
    """Return the request with a think block of one sentence before the reply."""
    return prefilled(body, f"{OPENING}\n{sentence}\n{CLOSING}\n\n")


def more_think(body: Body, completions: Sequence[Completion], more: MoreThink) -> Step:
    """Return what to ask next, given the plain request and all that was said so far.

    Depends on nothing else, so a run that was broken off goes on from the replies it has.
    """
    text, tokens_left = f"{OPENING}\n", more.thinking_tokens
    for index, reply in enumerate(completions):
        text += reply.text.partition(CLOSING)[0]
        tokens_left -= reply.tokens
        if index == more.times or tokens_left <= 0 or finish.fault(reply.finish_reason):
            text += f"{CLOSING}\n\n"
            if answer := completions[index + 1 :]:
                return Step(None, text + answer[0].text)
            return Step(_until_closed(body, text, more.answer_tokens), text)
        text += more.words[seeded(len(more.words), "more think", more.seed, body, index)]
    return Step(_until_closed(body, text, tokens_left), text)


async def thought(ask: Callable[[Body], Awaitable[Completion]], body: Body, more: MoreThink) -> str:
    """Ask until the reply is whole, and return it from its opening think tag on.

    Args:
        ask: sends one request.
        body: the plain request.
        more: how long thinking is kept up.
    """
    completions: list[Completion] = []
    step = more_think(body, completions, more)
    while step.body is not None:
        completions.append(await ask(step.body))
        step = more_think(body, completions, more)
    return step.text


def prefilled(body: Body, text: str) -> Body:
    """Return the request with the beginning of the reply given.

    Args:
        body: a chat request that ends in the user's message, or a completion request that ends where the reply begins.
        text: the beginning, from the opening think tag on; a prompt that ends in that tag does not get a second one.
    """
    if "prompt" in body:
        markup = body["prompt"]
        if markup.rstrip().endswith(OPENING):
            markup = markup.rstrip().removesuffix(OPENING)
        return {**body, "prompt": markup + text}
    if body["messages"][-1]["role"] == "assistant":
        message = "the reply has a beginning already"
        raise ValueError(message)
    messages = [*body["messages"], {"role": "assistant", "content": text}]
    return {**body, "messages": messages, "add_generation_prompt": False, "continue_final_message": True}


def _until_closed(body: Body, text: str, max_tokens: int) -> Body:
    return {**shapes.limited(prefilled(body, text), max_tokens), "stop": [CLOSING]}
