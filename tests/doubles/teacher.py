"""An OpenAI-compatible server on the loopback whose answers are scripted.

    with serving(script) as server:
        ...  # BUILDERS_TEACHER_URL=server.url

The script is asked for every request, and sees how often the same body came before. Nothing is slept for: a test waits
for `server.wait_for(n)`, and an answer can be held back until `server.release()`.
"""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from tests.doubles import loops


class Received(NamedTuple):
    """A request as it came in.

    Args:
        path: its path below the base URL, such as `chat/completions`.
        body: its JSON.
        attempt: 1 for the first time this very body came, 2 for the second.
        headers: its headers.
        query: what stands behind the question mark of its address.
    """

    path: str
    body: dict[str, Any]
    attempt: int
    headers: dict[str, str]
    query: str = ""

    @property
    def text(self) -> str:
        """The prompt, or the last message."""
        return str(self.body["prompt"] if "prompt" in self.body else self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Answer:
    """What the server answers.

    Args:
        text: the reply's text.
        status: HTTP status.
        raw: the whole response body, instead of an OpenAI reply.
        reasoning: goes into `reasoning_content`, as with a reasoning parser.
        finish_reason: as the API has it.
        headers: further response headers.
        held: wait for `release` before answering.
        dropped: close the connection instead of answering.
        tokens: of prompt and reply, as the server reports them; None counts words.
    """

    text: str | None = ""
    status: int = 200
    raw: bytes | None = None
    reasoning: str | None = None
    finish_reason: str = "stop"
    headers: dict[str, str] = field(default_factory=dict)
    held: bool = False
    dropped: bool = False
    tokens: tuple[int, int] | None = None


Script = Callable[[Received], Answer]


class Server:
    """A running server: where it is, and what it was asked."""

    def __init__(self, script: Script, models: list[str], tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.script, self.models = script, models
        self._tls, self._port = tls, port
        self.url = ""
        self.page = b""  # of models, instead of theirs
        self.listing = ""  # how GET /models fails: slow, dropped, forbidden
        self.asked: list[Received] = []
        self.answered = 0
        self.headers: list[dict[str, str]] = []  # of every request, those for lists and metrics included
        self._bodies: Counter[bytes] = Counter()
        self._news = threading.Condition()
        self._released = asyncio.Event()
        self._gone = threading.Event()
        self._loop = loops.Loop()

    def wait_for(self, requests: int, seconds: float = 600) -> None:
        """Wait until so many requests have come in."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.asked) >= requests, seconds), f"only {len(self.asked)} requests came"

    def release(self) -> None:
        """Let the answers that are held back go, and hold no more."""
        self._loop.call_soon_threadsafe(self._released.set)

    def resent(self) -> int:
        """Return how many requests came that had come before."""
        return sum(count - 1 for count in self._bodies.values())

    async def list_models(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        if self.listing == "slow":
            await self._released.wait()
        if self.listing == "dropped":
            assert request.transport
            request.transport.close()
        if self.listing == "forbidden":
            return web.Response(status=403)
        if self.page:
            return web.Response(body=self.page, content_type="application/json")
        return web.json_response({"data": [{"id": model} for model in self.models]})

    async def other(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        return web.Response(status=404)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        with self._news:
            self._bodies[content] += 1
            headers = dict(request.headers)
            path = request.path.removeprefix("/v1/")
            asked = Received(path, orjson.loads(content), self._bodies[content], headers, request.query_string)
            self.asked.append(asked)
            self.headers.append(headers)
            answer = self.script(asked)
            self._news.notify_all()
        if answer.held:
            await self._released.wait()
        if answer.dropped:
            assert request.transport
            request.transport.close()
        body = answer.raw if answer.raw is not None else orjson.dumps(_reply(asked, answer))
        self.answered += 1
        return web.Response(body=body, status=answer.status, headers=answer.headers, content_type="application/json")

    def run(self, ready: threading.Event) -> None:
        loops.run(self._loop, self._run(ready))

    async def _run(self, ready: threading.Event) -> None:
        app = web.Application(client_max_size=2**26)
        app.add_routes([web.get("/v1/models", self.list_models), web.post("/v1/{path:.*}", self.answer)])
        app.add_routes([web.route("*", "/{path:.*}", self.other)])
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port, ssl_context=self._tls)
        await site.start()
        self.url = f"http{'s' if self._tls else ''}://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._stopped = asyncio.Event()
        ready.set()
        await self._stopped.wait()
        await runner.cleanup()
        self._gone.set()

    def wait_until_gone(self) -> None:
        """Wait until nobody listens any more, after `stop`."""
        assert self._gone.wait(600)

    def stop(self) -> None:
        with suppress(RuntimeError):  # it has stopped before
            self._loop.call_soon_threadsafe(self._released.set)
            self._loop.call_soon_threadsafe(self._stopped.set)


@contextmanager
def serving(
    script: Script, models: tuple[str, ...] = ("double",), tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[Server]:
    """Run a server in a thread of this process for the length of the block; port 0 is any."""
    server = Server(script, list(models), tls, port)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(600)
    try:
        yield server
    finally:
        server.stop()
        thread.join(20)


def _reply(request: Received, answer: Answer) -> dict[str, Any]:
    prompt, completion = answer.tokens or (len(request.text.split()), len((answer.text or "").split()))
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    if request.path == "completions":
        choice: dict[str, Any] = {"index": 0, "text": answer.text, "finish_reason": answer.finish_reason}
    else:
        message = {"role": "assistant", "content": answer.text}
        if answer.reasoning is not None:
            message["reasoning_content"] = answer.reasoning
        choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return {"id": "double", "model": request.body.get("model"), "choices": [choice], "usage": usage}
