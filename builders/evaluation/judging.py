"""Judges: Inspect's model role, asked with a family's template, each reply in the ledger before it counts.

    --model-role judge=openai/gpt-4.1
    --model-role 'judge={model: openai-api/local/qwen3-32b, temperature: 0, max_tokens: 512}'

Whoever is asked beside the evaluated model is one: what labels steps, too. What a judge said once about the same text it is not
asked again: not in a run that is resumed, not when a log is scored anew.
The ledger is that of builds (`BUILDERS_LEDGER`, or `.ledger/` in the checkout); its key is the judge's name, how it samples,
and the messages. A judge that the role does not set to anything else samples at temperature 0.
"""

import asyncio
import atexit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    get_model,
    model_roles,
)

from builders import prompts
from builders.asking import structured
from builders.errors import BuildError
from builders.evaluation import kinship, replies
from builders.evaluation.measures import AKIN
from builders.evaluation.replies import RawReply
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.records import canonical
from builders.teachers import api, thoughts
from builders.teachers.api import NoReplyError, Reply, Request
from builders.teachers.endpoint import reply_of
from builders.texts import think
from builders.work import Answer

JUDGE = "judge"
STAGE = "evaluate"
MOST_TOKENS = 2048
_REPAIRS = 1
_HOW_SENT = {
    "max_retries",
    "timeout",
    "attempt_timeout",
    "stream_idle_timeout",
    "max_connections",
    "adaptive_connections",
    "extra_headers",
    "cache",
    "cache_prompt",
    "batch",
}
"""How a request is sent, which is not part of what is asked, and so not of the key."""
_KINDS: Mapping[str, Callable[..., ChatMessage]] = {
    "system": ChatMessageSystem,
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}


@dataclass(frozen=True, slots=True)
class Judge:
    """A role that is asked about answers.

    Args:
        family: whose templates it is asked with.
        role: its name.
        most_tokens: of a reply, unless the role sets another number.
        logprobs: whether the log probabilities of its tokens are asked for; see `Reply.logprobs`.
    """

    family: str
    role: str = JUDGE
    most_tokens: int = MOST_TOKENS
    logprobs: bool = False

    @property
    def model(self) -> Model:
        """The model that has the role."""
        return get_model(role=self.role, required=True)

    def description(self, evaluated: str, template: str) -> dict[str, Any]:
        """Return what a score says of its judge: its name, whether it is of the evaluated model's family, and its template.

        Args:
            evaluated: the name of the model that is evaluated.
            template: of the folder `evaluate` or `judge`, given as `<folder>/<name>`.
        """
        folder, _, name = template.partition("/")
        sha256 = prompts.template_sha256(self.family, folder, name)
        who = str(self.model)
        return {"judge": who, AKIN: kinship.akin(evaluated, who), "template": template, "template_sha256": sha256}

    async def ask(self, sample: str, prompt: str, schema: Mapping[str, Any] | None = None) -> Answer:
        """Return what the judge says, or why it says nothing that can be used.

        Args:
            sample: the id of the sample that is judged.
            prompt: the whole question.
            schema: what the reply has to fit; it may fix a reply that does not once.
        """
        return await self.ask_turns(sample, [{"role": "user", "content": prompt}], schema)

    async def ask_turns(self, sample: str, turns: list[dict[str, str]], schema: Mapping[str, Any] | None = None) -> Answer:
        """Return the same, given a conversation instead of a question; a guard puts it into its own frame."""
        request = Request(STAGE, self.role, sample, 0, {"messages": turns}, schema=dict(schema) if schema else None)
        try:
            return await (structured.repaired(self._ask, request, _REPAIRS) if schema else self._ask(request))
        except NoReplyError as error:
            return error

    async def _ask(self, request: Request) -> Reply:
        model = self.model
        config = self._config(model)
        set_up = {"config": config.model_dump(exclude_none=True, exclude=_HOW_SENT), "base_url": model.api.base_url}
        key = api.key(canonical(["inspect", str(model), set_up]), request.index, canonical(request.body))
        ledger = _ledger()
        if found := await ledger.claim(key):
            return reply_of(found, key)
        try:
            output = await model.generate([message(turn) for turn in request.body["messages"]], config=config)
        except BaseException as error:
            ledger.release(key, error)
            raise
        asked = {"family": self.family, "stage": STAGE, "role": self.role}
        about = {**asked, "model": str(model), "api": "inspect", "body": set_up}
        own = [request.row, request.index, None, *([request.turn, []] if request.turn else [])]
        entry = Entry(canonical(about), canonical(own), canonical(_message(output)))
        await ledger.put(key, entry, _paid(output))
        return reply_of(entry, key)

    def _config(self, model: Model) -> GenerateConfig:
        """Return how the role samples: as it was set, and as this judge has it where nothing was."""
        own = model.config
        found = {
            "temperature": 0.0 if own.temperature is None else own.temperature,
            "max_tokens": self.most_tokens if own.max_tokens is None else own.max_tokens,
        }
        if self.logprobs and own.logprobs is None:
            found["logprobs"] = True
        return own.model_copy(update=found)


def required(*roles: str) -> None:
    """Raise where a role has no model, before anything is paid for; outside a run, nobody can tell.

    Raises:
        BuildError: a role has none.
    """
    try:
        get_model()
    except ValueError:
        return
    given = model_roles()
    for role in roles:
        if role not in given:
            raise BuildError("has no model", where=f"the role {role}", fix=f"name one: --model-role {role}=<provider>/<model>")


def seen(output: ModelOutput) -> RawReply:
    """Return a reply of Inspect's as one text with its think block, as all our rules have it."""
    if output.empty:
        return RawReply("", "stop")
    message, parts = output.message, [] if isinstance(output.message.content, str) else output.message.content
    reasoning = "\n\n".join(part.reasoning for part in parts if part.type == "reasoning" and part.reasoning)
    # Where nothing follows a think block, Inspect leaves it in the text as well.
    thought, text = thoughts.together(reasoning or None, message.text)
    block = "" if thought is None else f"{think.OPENING}\n{thought}\n{think.CLOSING}\n\n"
    return RawReply(f"{block}{text or ''}", output.stop_reason, len(message.tool_calls or ()))


def tokens(output: ModelOutput) -> int | None:
    """Return how many tokens the model wrote, over all requests for the reply; None where the server does not say."""
    return output.usage.output_tokens if output.usage else None


def why(error: NoReplyError) -> str:
    """Return the fault of a judge that gave nothing that can be used, one of `replies.JUDGE_FAULTS`."""
    return "unparsed" if str(error.evidence.get("error", "")).startswith("malformed") else "no_verdict"


def close() -> None:
    """Close the ledger, if one is open."""
    for ledger in _open.values():
        ledger.__exit__(None)
    _open.clear()


_open: dict[asyncio.AbstractEventLoop, Ledger] = {}
"""The ledger of the loop that runs; one of a loop that is over is closed when the next begins."""
atexit.register(close)


def _ledger() -> Ledger:
    loop = asyncio.get_running_loop()
    if loop not in _open:
        close()
        _open[loop] = Ledger(Ledger.path())
    return _open[loop]


def message(turn: Mapping[str, str]) -> ChatMessage:
    """Return a turn of a conversation as Inspect has it."""
    return _KINDS[turn["role"]](content=turn["content"])


def _message(output: ModelOutput) -> dict[str, Any]:
    reply = seen(output)
    if replies.fault(reply, english=False) == "filtered" or output.empty:
        return {"unusable": "the judge's reply was filtered", "content": None, "finish_reason": None, "tokens": [0, 0]}
    kept = {"content": reply.text, "finish_reason": reply.finish_reason, "tokens": [*_paid(output)[:2]]}
    likely = output.choices[0].logprobs
    if likely is None:
        return kept
    return {**kept, "logprobs": {"content": [{"token": one.token, "logprob": one.logprob} for one in likely.content]}}


def _paid(output: ModelOutput) -> Paid:
    usage = output.usage
    return Paid(usage.input_tokens, usage.output_tokens, 0.0) if usage else Paid(0, 0, 0.0)
