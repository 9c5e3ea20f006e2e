"""Who answers: what is asked of a model, what comes back, and the two kinds of teacher.

`recorded` answers from files in `raw/<family>/replies/`, `endpoint` from any OpenAI-compatible server. A role's params
say what is asked for; the environment says where.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from builders.records import digest
from builders.sections import Role


@dataclass(frozen=True, slots=True)
class Request:
    """One reply wanted from one role.

    Args:
        stage: the stage that asks.
        row: id of the row it asks for.
        index: which of the row's samples this is.
        body: what the server is sent, model left out: messages or prompt, sampling, seed.
    """

    stage: str
    row: str
    index: int
    body: dict[str, Any]


class Reply(NamedTuple):
    """What a model answered.

    Args:
        text: the reply with its think block, as one text.
        finish_reason: `stop`, or `length` where the reply was cut off, or what the server calls it.
        key: sha256 over the whole request, see `key`.
    """

    text: str
    finish_reason: str
    key: str


class Identity(NamedTuple):
    """Who answers for a role: `recorded`, or the server's label or address, and the model there."""

    server: str
    model: str
    revision: str | None


class NoReplyError(Exception):
    """Raised when a request got no usable reply, however often it was sent; the row is rejected, the build goes on.

    Args:
        evidence: what came instead: status, error, number of attempts; never text.
    """

    def __init__(self, evidence: dict[str, Any]) -> None:
        """Keep the evidence for the row."""
        self.evidence = evidence
        super().__init__(str(evidence))


class Teacher(Protocol):
    """Answers the requests of one role."""

    async def identity(self) -> Identity:
        """Return who answers."""

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the ledger if it was ever given.

        Raises:
            NoReplyError: this request cannot be answered.
            BuildError: no request can be answered.
        """


def key(identity: Identity, api: str, request: Request) -> str:
    """Return the sha256 that a reply is stored under: the whole request, who is asked, and the sample index."""
    return digest([*identity, api, request.body, request.index])


def chat(role: Role, messages: list[dict[str, str]], **more: object) -> dict[str, Any]:
    """Return the body of a chat request."""
    return {"messages": messages, **role.sampling.model_dump(), **more}


def completion(role: Role, prompt: str, **more: object) -> dict[str, Any]:
    """Return the body of a completion request."""
    return {"prompt": prompt, **role.sampling.model_dump(), **more}
