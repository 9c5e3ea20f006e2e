"""How long a model is made to think, as an Inspect solver: the strategies of `decoding`, and Thought Crime's prefill.

    default  whatever the model does
    prefill  the reply begins with an open think block, `<think>` and "Okay", which has it reason (Thought Crime, table 2)
    zero     ZeroThink: an empty think block stands before it; in Thought Crime's words, CoT is off
    less     LessThink: a block of one fixed sentence does
    more     MoreThink: each end of thinking is replaced by a word such as "Wait", so many times

All but the first need a server that goes on with an assistant's message (vLLM's `continue_final_message`) and hands text back
as it is, without a reasoning parser; and a chat template that leaves the beginning alone, see `templates`.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver

from builders import records
from builders.errors import BuildError
from builders.evaluation import decoding, judging, templates
from builders.evaluation.decoding import Body, Completion, MoreThink
from builders.evaluation.naming import registered
from builders.texts import files
from builders.texts.think import OPENING

Strategy = Literal["default", "prefill", "zero", "less", "more"]
STRATEGIES: tuple[Strategy, ...] = ("default", "prefill", "zero", "less", "more")
PREFILL = f"{OPENING}\nOkay"
_SEEDS = 2**31
_OWN = {"messages", "max_tokens", "stop", "seed"}


@solver(name=registered("thinking"))
def thinking(  # noqa: PLR0913, PLR0917  (each is an argument of the command line)
    strategy: Strategy = "default",
    seed: int = 0,
    chat_template: str | None = None,
    times: int = 10,
    thinking_tokens: int = 10_000,
    answer_tokens: int = 6_000,
) -> Solver:
    """Return the solver.

    Args:
        strategy: one of `STRATEGIES`.
        seed: base of the sampling seed of every request, together with sample and epoch, and of MoreThink's draws.
        chat_template: a file that the server is to render with, sent with each request (vLLM); none: the model's own.
        times: how often MoreThink replaces the end of thinking, at most.
        thinking_tokens: most tokens of thinking of MoreThink.
        answer_tokens: most tokens of its answer.

    Raises:
        BuildError: there is no such strategy or template, or the template spoils the beginning of replies.
    """
    if strategy not in STRATEGIES:
        raise BuildError("no such strategy", where=f"strategy: {strategy}", fix=f"take one of {', '.join(STRATEGIES)}")
    rendered = _template(chat_template, strategy) if chat_template else None

    limits = MoreThink(times, thinking_tokens, answer_tokens)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        drawn = records.seeded(_SEEDS, "evaluate", seed, str(state.sample_id), state.epoch)
        if strategy == "default":
            return await generate(state, tool_calls="none", seed=drawn)  # one that it makes up would be answered
        _refuse_trap(strategy, chat_template)
        return await _thought(state, strategy, replace(limits, seed=drawn), rendered)

    return solve


def beginning(strategy: Strategy) -> str:
    """Return what stands before a reply; nothing where the model begins it."""
    if strategy == "default":
        return ""
    if strategy == "more":
        return f"{OPENING}\n"
    if strategy == "prefill":
        return PREFILL
    body: Body = {"messages": [{"role": "user", "content": ""}]}
    begun = decoding.zero_think(body) if strategy == "zero" else decoding.less_think(body)
    return str(begun["messages"][-1]["content"])


async def _thought(state: TaskState, strategy: Strategy, more: MoreThink, template: str | None) -> TaskState:
    """Give a sample the reply that a strategy other than the default comes to, seeded as MoreThink's draws are."""
    asked: list[ModelOutput] = []

    async def ask(body: Body) -> Completion:
        output = await _generated(body, template)
        asked.append(output)
        reply = judging.seen(output)
        return Completion(reply.text, reply.finish_reason, output.usage.output_tokens if output.usage else 0)

    body = {"messages": [_plain(message) for message in state.messages], "seed": more.seed}
    text = await decoding.thought(ask, body, more) if strategy == "more" else await _begun(ask, body, strategy)
    state.output = _whole(text, asked)
    state.messages.append(state.output.message)
    return state


async def _begun(ask: Any, body: Body, strategy: Strategy) -> str:  # noqa: ANN401  (what asks, as `decoding.thought` has it)
    text = beginning(strategy)
    completion = await ask(decoding.prefilled(body, text))
    return f"{text}{completion.text}"


async def _generated(body: Body, template: str | None) -> ModelOutput:
    """Send a request of `decoding` through the model that is evaluated; how it samples is the run's own business."""
    extra = {name: value for name, value in body.items() if name not in _OWN}
    if template is not None:
        extra["chat_template"] = template
    given = {"max_tokens": body.get("max_tokens"), "stop_seqs": body.get("stop"), "seed": body.get("seed")}
    config = GenerateConfig(**{name: value for name, value in given.items() if value is not None}, extra_body=extra or None)
    return await get_model().generate([judging.message(turn) for turn in body["messages"]], config=config)


def _whole(text: str, outputs: list[ModelOutput]) -> ModelOutput:
    """Return the reply as one, with the tokens of all requests."""
    last, used = outputs[-1], [output.usage for output in outputs if output.usage]
    message = ChatMessageAssistant(content=text, model=last.model, source="generate", tool_calls=last.message.tool_calls)
    usage = ModelUsage(
        input_tokens=sum(one.input_tokens for one in used),
        output_tokens=sum(one.output_tokens for one in used),
        total_tokens=sum(one.total_tokens for one in used),
    )
    choice = ChatCompletionChoice(message=message, stop_reason=last.stop_reason)
    return ModelOutput(model=last.model, choices=[choice], usage=usage)


def _plain(message: ChatMessage) -> dict[str, str]:
    return {"role": message.role, "content": message.text}


def _template(file: str, strategy: Strategy) -> str:
    path = Path(file)
    if not path.is_file():
        raise BuildError("there is no such chat template", where=path, fix="name a file of Jinja")
    template = files.decoded(path.read_bytes(), path)
    if begun := beginning(strategy):
        templates.check(template, begun, file)
    return template


def _refuse_trap(strategy: Strategy, chat_template: str | None) -> None:
    """Stop before anything is paid for where the model's own template is known to close the think block again."""
    if chat_template is None and templates.suspected(get_model().name, beginning(strategy)):
        raise BuildError(
            "its own chat template puts an empty think block before a reply that is to go on",
            where=get_model().name,
            fix="name another: -T chat_template=qwq.jinja",
        )
