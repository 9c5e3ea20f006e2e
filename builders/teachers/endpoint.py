"""Any server that speaks the OpenAI API, or Anthropic's: requests over HTTP, each reply in the ledger before it counts.

A request to a server that fails is retried with back-off that frees its slot; if the server is down, the stage waits; one
that refuses us stops the build; a single request that it cannot take costs only its row. So does a reply that cannot be used:
it was paid for, is kept in the ledger as what it is, and is not asked for again.
"""

import asyncio
import time
from typing import Any, NamedTuple

import orjson
import tenacity

from builders.ledger import fitting
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.params.roles import Role
from builders.records import canonical
from builders.teachers import budget, counting, reading, shapes, stops, vectors
from builders.teachers.api import AHEAD, Identity, NoReplyError, Reply, Request, asker, key, sent, with_images
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.faults import BrokenError, DoubtfulError, RefusedError, RetryError
from builders.teachers.listing import only_model
from builders.teachers.reading import UnusableError
from builders.teachers.redacting import Redactor
from builders.teachers.replicas import Replicas
from builders.teachers.retrying import Patience, wait
from builders.teachers.server import address
from builders.texts import finish
from builders.texts.think import CLOSING, OPENING

PROBES = 3

_PATHS = {"chat": "chat/completions", "completions": "completions", "messages": "messages", "embeddings": "embeddings"}
_OWN = {"messages", "prompt", "input", "seed"}


class Tally:
    """What was asked and what it cost: requests found in the ledger of earlier runs, or sent, and then answered or failed.

    `counted` are those answered without token counts, which were counted by their length.
    """

    def __init__(self) -> None:
        """Start from nothing."""
        self.found = self.sent = self.answered = self.failed = self.counted = 0
        self.prompt_tokens = self.completion_tokens = 0
        self.cost = 0.0
        self.last_error = ""


class RunContext(NamedTuple):
    """What the teachers of one run share: whose rows are asked about, where replies are, and what may be spent."""

    family: str
    profile: str
    ledger: Ledger
    budget: Budget


class EndpointTeacher:
    """Answers one role from its server."""

    def __init__(
        self, name: str, role: Role, connection: Connection | Replicas, books: RunContext, label: str | None = None
    ) -> None:
        """Answer a role.

        Args:
            name: the role's name.
            role: its params.
            connection: to its server, or to several that answer in each other's place.
            books: where replies are, and what may be spent.
            label: what stands for the server in keys, where params name none; None: its address.
        """
        self.tally = Tally()
        self._name, self._role, self._connection, self._books = name, role, connection, books
        self._ledger = books.ledger
        self._label = role.server or label or address(connection.server.url)
        self._identity: Identity | None = None
        self._identifying = asyncio.Lock()
        self._asker = b""
        self._who: dict[str, Any] = {}
        self._answered_before: bytes | None = None
        self._redactor = Redactor(name, connection.server.secrets)
        self._ahead: set[str] = set()
        self._failed: dict[str, dict[str, Any]] = {}  # in this run, in which they are not sent again

    async def identity(self) -> Identity:
        """Return the server's label or address and the model, asking the server where params name none."""
        if self._identity:
            return self._identity  # a finished row does not queue behind those that have just begun to ask
        async with self._identifying:
            if self._identity is None:
                model = self._role.model or await only_model(self._name, self._connection)
                self._identity = Identity(self._label, model, self._role.revision)
                self._asker = asker(self._identity, self._role)
                named = {"family": self._books.family, "role": self._name, "api": self._role.api}
                self._who = {**named, **self._identity._asdict()}
                note, answerer = (
                    answerer_note(self._books.family, self._books.profile, self._name),
                    canonical(list(self._identity)),
                )
                if self._ledger.noted(note).get(note) != answerer:
                    self._ledger.note(note, answerer)
        return self._identity

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the ledger if it is there; else send the request and store what comes back.

        Raises:
            NoReplyError: the server refuses this request, or fails on it again and again.
            BuildError: the server is not there, refuses us, or fails on every request; or the budget is spent.
        """
        identity = self._identity or await self.identity()
        body = sent(identity, request)
        name = key(self._asker, request.index, body)
        if name in self._failed:
            raise NoReplyError(self._failed[name])
        found = await self._ledger.claim(name)
        if found:
            if not AHEAD.get():
                self.tally.found += name not in self._ahead
                self._ahead.discard(name)
            return reply_of(found, name)
        if AHEAD.get():
            self._ahead.add(name)
        try:
            message, paid = await self._paid(body, request)
        except BaseException as error:
            if isinstance(error, NoReplyError):
                error.evidence = self._redactor.bare(error.evidence)
            self._ledger.release(name, error)
            if isinstance(error, NoReplyError):
                self._note_failure(name, error.evidence)
            raise
        message = self._redactor.bare(message)
        entry = Entry(self._about(request), _own(request), canonical(message))
        if fault := fitting.unfit(entry, None):
            message = UnusableError(f"a reply that cannot be kept: {fault}", message["tokens"]).message
            entry = entry._replace(reply=canonical(message))
        await self._ledger.put(name, entry, paid)
        if "unusable" in message:
            self.tally.failed += 1
            self.tally.last_error = message["unusable"]
        return _reply(message, name)

    def _note_failure(self, name: str, evidence: dict[str, Any]) -> None:
        """Note that a request got no reply, for this run and for a replay of it."""
        self.tally.failed += 1
        self.tally.last_error = str(evidence.get("error"))
        self._failed[name] = evidence
        self._ledger.note(failure_note(name), orjson.dumps(evidence))  # in its order, in which a replay writes it

    async def _paid(self, body: bytes, request: Request) -> tuple[dict[str, Any], Paid]:
        """Send a request within the budget, and book what it cost."""
        prices, tally = self._role.prices, self.tally
        tally.sent += 1
        most_prompt, longest = budget.most_prompt_tokens(body, len(request.images)), shapes.longest(request.body)
        most = await self._books.budget.set_aside(self._name, prices, most_prompt, longest)
        paid = Paid(0, 0, 0.0)
        try:
            whole = with_images(body, request.images) if request.images else body
            message = await self._answered(_PATHS[self._role.api], whole, most)
            if None in message["tokens"]:
                counting.count(message, most_prompt, longest)
                tally.counted += 1
            prompt_tokens, completion_tokens = message["tokens"]
            paid = Paid(prompt_tokens, completion_tokens, budget.cost(prices, prompt_tokens, completion_tokens))
        finally:
            self._books.budget.settle(most, paid.cost)
        tally.answered += 1
        tally.prompt_tokens += paid.prompt_tokens
        tally.completion_tokens += paid.completion_tokens
        tally.cost += paid.cost
        self._answered_before = body if not request.images else self._answered_before
        return message, paid

    def _about(self, request: Request) -> bytes:
        """Return what this request has in common with many others."""
        body = request.body
        shared: dict[str, Any] = {name: value for name, value in body.items() if name not in _OWN}
        messages = body.get("messages")
        if messages and messages[0]["role"] == "system":
            shared["system"] = messages[0]["content"]
        return canonical({**self._who, "stage": request.stage, "body": shared})

    async def _answered(self, path: str, body: bytes, most: float) -> dict[str, Any]:
        """Send until a usable reply comes; each attempt may cost so much at most."""
        try:
            return await self._attempt(path, body, 1, most)
        except RetryError as error:
            return await self._persist(path, body, most, error)

    async def _persist(self, path: str, body: bytes, most: float, first: RetryError) -> dict[str, Any]:
        """Send again and again after a first failure; pauses hold no slot."""
        since, failures = time.monotonic(), [first]
        patience = Patience()
        attempts = tenacity.AsyncRetrying(stop=patience.spent, wait=wait, retry=tenacity.retry_if_exception_type(RetryError))

        async def attempt() -> dict[str, Any]:
            if failures:
                raise failures.pop()
            return await self._attempt(path, body, 2 ** min(patience.faults, 6), most)

        try:
            message: dict[str, Any] = await attempts(attempt)
        except tenacity.RetryError as error:
            last = error.last_attempt.exception()
            if self._connection.answered_at < since and not await self._healthy(path):
                raise stops.silent_to_all(self._name, self._connection.server, last) from None
            raise NoReplyError({"error": str(last), "attempts": patience.faults + patience.refusals}) from None
        return message

    async def _healthy(self, path: str) -> bool:
        """Tell a server that is down from a request it cannot take: send one it answered before, for a single token."""
        if self._answered_before is None:
            return False
        probe = canonical(shapes.limited(orjson.loads(self._answered_before), 1))
        for _ in range(PROBES):
            try:
                await self._tried(path, probe, 1, 0.0)
            except RetryError:
                continue
            except NoReplyError:
                return True  # it refuses a reply of one token, but it answers
            except DoubtfulError:
                return False
            return True
        return False

    async def _attempt(self, path: str, body: bytes, patience: int, most: float) -> dict[str, Any]:
        """Send once, and find out whom a refusal is about that does not say so."""
        try:
            return await self._tried(path, body, patience, most)
        except DoubtfulError as error:
            if await self._healthy(path):
                raise NoReplyError({**error.fault._replace(kind="request").evidence(), "attempts": 1}) from None
            raise self._connection.end(stops.key(self._name, self._connection.server, error.fault)) from None

    async def _tried(self, path: str, body: bytes, patience: int, most: float) -> dict[str, Any]:
        try:
            return await self._connection.post(path, body, self._read, patience)
        except UnusableError as error:
            return error.message
        except RefusedError as error:
            raise NoReplyError({**error.fault.evidence(), "attempts": 1}) from None
        except BrokenError:
            await self._books.budget.lose(most)
            raise

    def _read(self, content: bytes) -> dict[str, Any]:
        return vectors.read(content) if self._role.api == "embeddings" else reading.read(content, self._role.api)


def answerer_note(family: str, profile: str, role: str) -> str:
    """Return the name under which the ledger keeps who answers for a role."""
    return f"answerer/{family}/{profile}/{role}"


def failure_note(key: str) -> str:
    """Return the name under which the ledger keeps why a request got no reply."""
    return f"failure/{key}"


def reply_of(entry: Entry, key: str) -> Reply:
    """Return the reply that an entry of the ledger holds.

    Raises:
        NoReplyError: it holds one that could not be used.
    """
    return _reply(orjson.loads(entry.reply), key)


def _own(request: Request) -> bytes:
    """Return what no other request has: a reference to its row and sample, not its text."""
    own: list[Any] = [request.row, request.index, request.body.get("seed")]
    if request.turn or request.images:
        own += [request.turn, [name for name, _ in request.images]]
    return canonical(own)


def _reply(message: dict[str, Any], name: str) -> Reply:
    """Return the reply that is kept as a message.

    Raises:
        NoReplyError: what came could not be used.
    """
    if "unusable" in message:
        raise NoReplyError({"error": message["unusable"], "attempts": 1, "key": name})
    text = message["content"] or ""
    reasoning = message.get("reasoning")
    if reasoning is not None:
        cut_off = not text and finish.meaning(message["finish_reason"]) != finish.STOP
        text = f"{OPENING}\n{reasoning}" + ("" if cut_off else f"\n{CLOSING}\n\n{text}")
    return Reply(text, message["finish_reason"] or "stop", name, logprobs=message.get("logprobs"))
