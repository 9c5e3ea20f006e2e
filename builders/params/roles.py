"""A model that a stage asks, as `params.yaml` has it: which, in what words of a server's, how it samples, what it costs.

Changes no byte of a row.
"""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, model_validator

from builders.params import flags
from builders.sources.section import Section


class Sampling(Section):
    """How a model samples; sent with every request and part of its key. What is left out is not sent.

    Args:
        temperature: 0 is greedy.
        top_p: nucleus sampling mass.
        max_tokens: most tokens of one reply.
        seed: `omit` it, where a server refuses one, or `send` it.
    """

    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: Literal["send", "omit"] = "send"

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The keys of a request's body."""
        return self.model_dump(exclude={"seed"}, exclude_none=True)


class Prices(Section):
    """What a model's tokens cost, for a million, in one currency for all roles.

    Args:
        prompt: price of the tokens it is sent.
        completion: price of the tokens it answers.
    """

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)


OURS = {
    *("input", "encoding_format"),
    *("model", "messages", "prompt", "system", "stream", "stream_options", "n", "best_of", "response_format", "output_config"),
    *("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed"),
}
"""Keys of a request's body that follow from other params, or that no reply could be read with."""


def _further(extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if ours := [name for name in extra if name in OURS]:
        message = f"{ours[0]} follows from other keys of the role, or cannot be asked for"
        raise ValueError(message)
    return extra


class Role(Section):
    """A model that is asked something.

    Args:
        model: its name on the server; null takes the only one the server lists.
        revision: the weights' revision, for the record and the key; null where unknown.
        server: a label that stands for the server in the key; null means scheme, host, port and path.
        api: `chat` sends messages; `completions` sends a prompt whose chat markup is in the template; `messages` is
            Anthropic's own, to which a chat is put in its words; `embeddings` sends a text and gets a vector.
        engine: for a vLLM of our own (`teacher: vllm`), its flags that change replies, by their long names without the
            dashes, such as `max-model-len: 8192`; part of the key; null leaves them all at vLLM's defaults.
        sampling: how it samples.
        prices: what its tokens cost; null where it is not paid by the token.
        repairs: how often it may fix a reply that does not fit the JSON Schema it was asked for.
        extra: further keys of the request's body, such as `top_k` or `chat_template_kwargs`; part of the key.
        token_limit: what the body calls `sampling.max_tokens`.
        structured: how JSON is asked for: by the `schema`; as an `object`, the schema in the prompt; or in the `prompt` alone.
    """

    model: str | None = None
    revision: str | None = None
    server: str | None = None
    api: Literal["chat", "completions", "messages", "embeddings"]
    engine: Annotated[dict[str, JsonValue], AfterValidator(flags.checked)] | None = None
    sampling: Sampling
    prices: Prices | None = None
    repairs: int = Field(ge=0)
    extra: Annotated[dict[str, JsonValue], AfterValidator(_further)] = Field(default_factory=dict)
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105
    structured: Literal["schema", "object", "prompt"] = "schema"

    @model_validator(mode="after")
    def _of_one_api(self) -> "Role":
        if self.api == "messages" and self.sampling.max_tokens is None:
            message = "api: messages wants sampling.max_tokens"
            raise ValueError(message)
        if self.api == "messages" and (self.token_limit != "max_tokens" or self.structured == "object"):  # noqa: S105
            message = "api: messages has no max_completion_tokens and no structured: object"
            raise ValueError(message)
        return self
