"""Who answers: what is asked of a model, what comes back, and the kinds of teacher.

`recorded` answers from files in `raw/<family>/replies/`, `endpoint` from any OpenAI-compatible server, `vllm` from one that
we start, `ledger` from the replies of an earlier build. A role's params say what is asked for; the environment says where.
"""

import base64
import hashlib
import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from builders.errors import BuildError
from builders.params.roles import Role
from builders.records import canonical
from builders.teachers import shapes

VLLM = "vllm"
"""What stands for the server in keys, where it is a vLLM that we start."""
AHEAD: ContextVar[bool] = ContextVar("ahead", default=False)
"""Whether what is asked is about a row whose turn has not come: it is asked again then, and that counts as finding nothing."""
_IMAGE = "sha256:"
_SIGNATURES = {
    re.compile(rb"\x89PNG\r\n\x1a\n"): "png",
    re.compile(rb"\xff\xd8\xff"): "jpeg",
    re.compile(rb"GIF8[79]a"): "gif",
    re.compile(rb"RIFF.{4}WEBP", re.DOTALL): "webp",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One reply wanted from one role.

    Args:
        stage: the stage whose question it is; another one may ask it first.
        role: who is asked.
        row: id of the row it asks for.
        index: which of the row's samples this is.
        body: what the server is sent, model left out: messages or prompt, sampling, seed. Images are in it by hash.
        images: the files of these images, by what is in the body for them.
        schema: the JSON Schema that the reply has to fit, which the body asks for; None for free text.
        turn: 0, or which attempt at fixing a reply that did not fit its schema.
    """

    stage: str
    role: str
    row: str
    index: int
    body: dict[str, Any]
    images: tuple[tuple[str, Path], ...] = ()
    schema: dict[str, Any] | None = None
    turn: int = 0


class Reply(NamedTuple):
    """What a model answered.

    Args:
        text: the reply with its think block, as one text.
        finish_reason: `stop`, or what else it means, by `builders.texts.finish`.
        key: sha256 over the whole request, see `key`.
        value: the reply as a JSON value, where the request has a schema.
        logprobs: as the server gave them, where the body asks for them.
    """

    text: str
    finish_reason: str
    key: str
    value: Any = None
    logprobs: Any = None


class Identity(NamedTuple):
    """Who answers for a role: `recorded`, `vllm`, or the server's label or address, and the model there."""

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


def asker(identity: Identity, role: Role) -> bytes:
    """Return the part of a key that all requests to a role share: server, revision, API, and how the engine is set."""
    engine = role.engine if identity.server == VLLM else None  # somebody else's server is set as it is
    return canonical([identity.server, identity.revision, role.api, engine])


def sent(identity: Identity, request: Request) -> bytes:
    """Return the body as it is sent, but for images, which are in it by hash."""
    return canonical({"model": identity.model, **request.body})


def key(asker: bytes, index: int, sent: bytes) -> str:
    """Return the sha256 that a reply is stored under: who is asked, the sample index, and the whole request."""
    name = hashlib.sha256(asker)
    name.update(b"%d" % index)
    name.update(sent)
    return name.hexdigest()


def chat(role: Role, messages: list[dict[str, Any]], schema: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    """Return the body of a chat request; with a schema, one whose reply is decoded to fit it, or told to."""
    return shapes.body(role, {"messages": shapes.instructed(role, messages, schema)}, schema, more)


def completion(role: Role, prompt: str, schema: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    """Return the body of a completion request; with a schema, one whose reply is decoded to fit it, or told to."""
    return shapes.body(role, {"prompt": shapes.with_schema(role, prompt, schema)}, schema, more)


def embedding(role: Role, text: str) -> dict[str, Any]:
    """Return the body of a request for a text's embedding (OpenAI's embeddings API, which vLLM serves too)."""
    return {"input": text, "encoding_format": "float", **role.extra}


def image(file: Path) -> tuple[dict[str, Any], tuple[str, Path]]:
    """Return an image as a part of a chat message, and what `Request.images` needs to know of it.

    Raises:
        BuildError: the file cannot be read, or is not a PNG, JPEG, GIF or WebP.
    """
    try:
        name = _name(file, file.stat().st_mtime_ns)
    except OSError as error:
        raise _unreadable(file, error) from None
    return {"type": "image_url", "image_url": {"url": name}}, (name, file)


def with_images(sent: bytes, images: tuple[tuple[str, Path], ...]) -> bytes:
    """Return the body with each image's bytes in the place of its hash.

    Raises:
        BuildError: a file cannot be read, or is no longer the image that the hash names.
    """
    for name, file in images:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise _unreadable(file, error) from None
        if _IMAGE + hashlib.sha256(content).hexdigest() != name:
            raise BuildError("the image has changed since the stage began", where=file, fix="run the stage again")
        kind, data = _media_type(file, content).encode(), base64.b64encode(content)
        there = b'{"type":"url","url":"%b"}' % name.encode()  # as Anthropic's own API has it, see `shapes`
        sent = sent.replace(there, b'{"data":"%b","media_type":"%b","type":"base64"}' % (data, kind))
        sent = sent.replace(b'"url":"%b"' % name.encode(), b'"url":"data:%b;base64,%b"' % (kind, data))
    return sent


@lru_cache(maxsize=4096)
def _name(file: Path, _changed: int) -> str:
    content = file.read_bytes()
    _media_type(file, content)
    return _IMAGE + hashlib.sha256(content).hexdigest()


def _media_type(file: Path, content: bytes) -> str:
    """Tell from its first bytes what an image is: a name may say anything, and is not part of the key."""
    for signature, kind in _SIGNATURES.items():
        if signature.match(content):
            return f"image/{kind}"
    raise BuildError("no PNG, JPEG, GIF or WebP", where=file, fix="convert the image")


def _unreadable(file: Path, error: OSError) -> BuildError:
    return BuildError(f"the image cannot be read: {error.strerror}", where=file, fix="restore the file")
