"""Replies that have to fit a JSON Schema: checked whatever the server promises, fixed by the model, or given up.

A value among other words is read where it is the only one that fits.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from builders.records import canonical
from builders.teachers.api import NoReplyError, Reply, Request
from builders.texts import finish, think

Ask = Callable[[Request], Awaitable[Reply]]

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_TRIES = 64
_MEND = (
    "That reply is not what was asked for: {fault}. Answer again, with nothing but one JSON value that fits this JSON "
    "Schema:\n{schema}"
)


class Fault(NamedTuple):
    """What is wrong with a reply.

    Args:
        rule: the schema's rule that it breaks; quotes nothing of the reply.
        message: the same for the model, which may be shown its own words.
    """

    rule: str
    message: str


async def repaired(ask: Ask, request: Request, repairs: int) -> Reply:
    """Ask until the reply fits the request's schema, telling the model each time what was wrong.

    Args:
        ask: sends a request.
        request: a chat request with a schema.
        repairs: how many times the model may fix its reply.

    Returns:
        The first reply that fits, with its value.

    Raises:
        NoReplyError: none fits; the evidence names the fault and the keys of the replies, which are in the ledger.
    """
    keys: list[str] = []
    turn = request
    while True:
        reply = await ask(turn)
        keys.append(reply.key)
        value, fault = parsed(reply.text, canonical(request.schema))
        if fault is None:
            return reply._replace(value=value)
        if not _mendable(turn, repairs) or finish.meaning(reply.finish_reason) == finish.FILTERED:
            raise NoReplyError({"error": f"malformed: {fault.rule}", "attempts": len(keys), "keys": keys})
        turn = _next(turn, reply, fault.message)


def parsed(text: str, schema: bytes) -> tuple[Any, Fault | None]:
    """Return the JSON value of a reply, and what is wrong with it.

    Args:
        text: the reply; a think block before the value and a code fence around it are allowed, and so are other words where
            one value among them fits, and no other.
        schema: the JSON Schema, as JSON.
    """
    answer = think.closed(text)
    fenced = _FENCED.match(answer)
    try:
        value = orjson.loads(fenced[1] if fenced else answer)
    except orjson.JSONDecodeError:
        fitting = {canonical(value): value for value in _embedded(answer) if _fault(value, schema) is None}
        if len(fitting) == 1:
            return next(iter(fitting.values())), None
        return None, Fault("json", "it is not JSON")
    fault = _fault(value, schema)
    return (None if fault and fault.rule == "depth" else value), fault


def _fault(value: Any, schema: bytes) -> Fault | None:  # noqa: ANN401  (any JSON)
    try:
        error = next(_validator(schema).iter_errors(value), None)
    except ValueError:
        return Fault("depth", "it is nested too deeply")
    return None if error is None else Fault("/".join(map(str, error.schema_path)), error.message)


def _embedded(text: str) -> Iterator[Any]:
    """Yield the JSON objects and arrays that are in a text, none of which is part of another; of the first few at most."""
    decoder, place = json.JSONDecoder(), 0
    for _ in range(_TRIES):
        found = _OPENING.search(text, place)
        if found is None:
            return
        try:
            _, place = decoder.raw_decode(text, found.start())
            yield orjson.loads(text[found.start() : place])  # which is stricter about numbers and characters
        except (ValueError, RecursionError):
            place = max(place, found.start() + 1)


def _mendable(request: Request, repairs: int) -> bool:
    """Tell whether a model may try again: a completion has no turns."""
    return request.turn < repairs and "messages" in request.body


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema.decode())


def _next(request: Request, reply: Reply, message: str) -> Request:
    answer = think.split(reply.text).answer
    more = [
        {"role": "assistant", "content": answer},
        {"role": "user", "content": _MEND.format(fault=message, schema=json.dumps(request.schema))},
    ]
    return replace(request, turn=request.turn + 1, body={**request.body, "messages": [*request.body["messages"], *more]})
