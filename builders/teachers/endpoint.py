"""Any server that speaks the OpenAI API: requests over HTTP, each reply in the ledger before it counts.

A server that fails is asked again, with growing pauses; one that refuses us stops the build; a single request that it
cannot take costs only its row.
"""

import asyncio
from typing import Any, Self

import aiohttp
import orjson
import tenacity

from builders.errors import BuildError
from builders.ledger import Entry, Ledger
from builders.records import canonical
from builders.sections import Role
from builders.teachers import Identity, NoReplyError, Reply, Request, key
from builders.teachers.server import Server, address, concurrency
from builders.think import CLOSING, OPENING

ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 30.0
CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 1800.0
PROBES = 3

_PATHS = {"chat": "chat/completions", "completions": "completions"}


class _RetryError(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, error: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(error)


class _AbsentError(_RetryError):
    """Nothing answers at the server's address."""


class EndpointTeacher:
    """Answers one role from its server; use as an async context manager."""

    def __init__(self, name: str, role: Role, ledger: Ledger) -> None:
        """Look up the role's server.

        Raises:
            BuildError: the environment does not name one.
        """
        self._name, self._role, self._ledger = name, role, ledger
        self._server = Server.of(name)
        self._slots = asyncio.Semaphore(concurrency())
        self._identity: Identity | None = None
        self._identifying = asyncio.Lock()
        self._reaching, self._reached = asyncio.Lock(), False
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._answered_before: bytes | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        headers = {"Content-Type": "application/json"}
        if self._server.api_key:
            headers["Authorization"] = f"Bearer {self._server.api_key}"
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS, sock_connect=CONNECT_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection pool."""
        await self._session.close()

    async def identity(self) -> Identity:
        """Return the server's label or address and the model, asking the server where params name none."""
        async with self._identifying:
            if self._identity is None:
                model = self._role.model or await self._only_model()
                self._identity = Identity(self._role.server or address(self._server.url), model, self._role.revision)
        return self._identity

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the ledger if it is there; else send the request and store what comes back.

        Raises:
            NoReplyError: the server refuses this request, or fails on it again and again.
            BuildError: the server is not there, refuses us, or fails on every request.
        """
        identity = await self.identity()
        name = key(identity, self._role.api, request)
        body = canonical({"model": identity.model, **request.body})
        if found := self._ledger.get(name):
            self._answered_before = self._answered_before or body
            return _reply(orjson.loads(found.reply), name)
        if waiting := self._waiting.get(name):
            return await asyncio.shield(waiting)
        self._waiting[name] = asyncio.get_running_loop().create_future()
        try:
            reply = await self._answered(identity, request, name, body)
        except BaseException as error:
            self._waiting[name].set_exception(error)
            self._waiting[name].exception()
            raise
        else:
            self._waiting[name].set_result(reply)
            return reply
        finally:
            del self._waiting[name]

    async def _answered(self, identity: Identity, request: Request, name: str, body: bytes) -> Reply:
        message = await self._sent(_PATHS[self._role.api], body)
        asked = {"stage": request.stage, "row": request.row, "index": request.index, "role": self._name}
        about = canonical({**asked, **identity._asdict(), "api": self._role.api, "body": request.body})
        await self._ledger.put(name, Entry(about, canonical(message)))
        return _reply(message, name)

    async def _sent(self, path: str, body: bytes) -> dict[str, Any]:
        """Send until a usable reply comes; back off between attempts without holding a slot."""
        await self._reach()
        attempts = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(_RetryError),
        )
        try:
            message: dict[str, Any] = await attempts(self._attempt, path, body)
        except tenacity.RetryError as error:
            last = error.last_attempt.exception()
            if isinstance(last, _AbsentError):
                raise self._absent(last) from None
            if not await self._healthy(path):
                what = f"the server of {self._name} answers no request any more ({last})"
                fix = "look at the server and run again; every reply so far is in the ledger"
                raise BuildError(what, where=address(self._server.url), fix=fix) from None
            raise NoReplyError({"error": str(last), "attempts": ATTEMPTS}) from None
        self._answered_before = body
        return message

    async def _healthy(self, path: str) -> bool:
        """Tell a server that is down from a request it cannot take: send one it answered before, for a single token."""
        if self._answered_before is None:
            return False
        probe = canonical({**orjson.loads(self._answered_before), "max_tokens": 1})
        for _ in range(PROBES):
            try:
                await self._attempt(path, probe)
            except _RetryError:
                continue
            except NoReplyError:
                return True  # it refuses a reply of one token, but it answers
            return True
        return False

    async def _attempt(self, path: str, body: bytes) -> dict[str, Any]:
        url = f"{self._server.url}/{path}"
        try:
            async with self._slots, self._session.post(url, data=body) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _AbsentError(_why(error)) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _RetryError(_why(error)) from None
        if response.status == 200:  # noqa: PLR2004
            return _message(content, self._role.api)
        self._raise_for(response)
        raise AssertionError

    def _raise_for(self, response: aiohttp.ClientResponse) -> None:
        error = f"HTTP {response.status}"
        if response.status in {401, 403, 404, 405}:
            fix = {401: "check the role's _API_KEY variable", 403: "check the role's _API_KEY variable"}
            raise BuildError(
                f"the server of {self._name} answers {error}",
                where=address(str(response.url)),
                fix=fix.get(response.status, "check the URL and the model's name in params.yaml"),
            )
        if response.status in {408, 409, 425, 429} or response.status >= 500:  # noqa: PLR2004
            raise _RetryError(error, _seconds(response.headers.get("Retry-After")))
        raise NoReplyError({"error": error, "attempts": 1})

    async def _only_model(self) -> str:
        where = f"{address(self._server.url)}/models"
        try:
            async with self._session.get(f"{self._server.url}/models") as response:
                if response.status != 200:  # noqa: PLR2004
                    self._raise_for(response)
                models = [model["id"] for model in orjson.loads(await response.read())["data"]]
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._absent(error) from None
        except (_RetryError, NoReplyError, orjson.JSONDecodeError, KeyError, TypeError):
            raise BuildError("the server lists no models", where=where, fix=f"name {self._name}'s model in params") from None
        if len(models) != 1:
            what = f"the server lists {len(models)} models"
            raise BuildError(what, where=where, fix=f"name {self._name}'s model in params: {', '.join(models)}")
        return str(models[0])

    async def _reach(self) -> None:
        """Fail at once, not after many attempts, if nothing answers at the address when the first request goes out."""
        async with self._reaching:
            if self._reached:
                return
            try:
                async with self._session.get(f"{self._server.url}/models"):
                    self._reached = True
            except (aiohttp.ClientError, TimeoutError) as error:
                raise self._absent(error) from None

    def _absent(self, error: Exception) -> BuildError:
        what = f"the server of {self._name} is not there ({_why(error)})"
        return BuildError(what, where=address(self._server.url), fix="start the server or correct the URL")


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, _RetryError) else None
    jittered = tenacity.wait_random_exponential(multiplier=0.2, max=LONGEST_WAIT_SECONDS)(state)
    return jittered if asked is None else min(asked, LONGEST_WAIT_SECONDS) + jittered / 10


def _why(error: Exception) -> str:
    if isinstance(error, _RetryError):
        return str(error)
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.replace(".", "", 1).isdecimal() else None


def _message(content: bytes, api: str) -> dict[str, Any]:
    """Take from a response what is worth keeping: the text's parts, the finish reason, the token counts."""
    try:
        body = orjson.loads(content)
        choice = body["choices"][0]
        message = choice["message"] if api == "chat" else {"content": choice["text"]}
        content_text = message.get("content")
        reasoning = message.get("reasoning_content") or message.get("reasoning")
        if not isinstance(content_text, str | None) or not isinstance(reasoning, str | None):
            raise _RetryError("a reply that is not text")
        finish_reason, usage = choice.get("finish_reason"), body.get("usage")
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
        raise _RetryError("a body that is not an OpenAI reply") from None
    return {"content": content_text, "reasoning": reasoning, "finish_reason": finish_reason, "usage": usage}


def _reply(message: dict[str, Any], name: str) -> Reply:
    text = message["content"] or ""
    if message["reasoning"]:
        cut_off = not text and message["finish_reason"] == "length"
        text = f"{OPENING}\n{message['reasoning']}" + ("" if cut_off else f"\n{CLOSING}\n\n{text}")
    return Reply(text, message["finish_reason"] or "stop", name)
