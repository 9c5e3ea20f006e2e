"""A server of the OpenAI chat API that breaks in the ways in which servers break.

    python -m benchmarks.stormy [--latency 0.2] [--capacity 64] [--faults 429=0.05 …] [--outage <after> <seconds>]

Prints its base URL once it listens and ends with its standard input. It answers so many requests at once and lets the others
wait. A share of the requests meets a fault, drawn from their hash and from how often they came, so that two runs meet the
same ones: `429` with Retry-After, `500`, `hung` (never answered), `reset`, or `garbled` (a body that is cut off, or no
JSON). In an outage, so many seconds after the first request, nobody listens for so many seconds, and whoever is connected is
reset. `GET /counts` returns how many requests came, how many different ones, how many met which fault, and how many an
outage dropped.
"""

import argparse
import asyncio
import hashlib
import random
import socket
import struct
import subprocess
import sys
import urllib.request
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import httptools
import orjson
import uvloop

KINDS = ("429", "500", "hung", "reset", "garbled")
RETRY_AFTER_SECONDS = 1

_HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_REPLY = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":0,"model":"stormy","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"Thinking about %b for a while.\\n</think>\\n\\nAn answer to it."},'
    b'"finish_reason":"stop"}],"usage":{"prompt_tokens":%d,"completion_tokens":20,"total_tokens":%d}}'
)
_ABORT = struct.pack("ii", 1, 0)


class _Desk:
    """What the connections share: who is answered, who waits, what has come so far."""

    def __init__(self, latency_seconds: float, capacity: int, shares: dict[str, float]) -> None:
        self.latency_seconds, self._capacity, self._shares = latency_seconds, capacity, shares
        self._loop = asyncio.get_running_loop()
        self._busy = 0
        self._waiting: deque[tuple[_Connection, bytes]] = deque()
        self.open: set[_Connection] = set()
        self.came = Counter[bytes]()
        self.met = Counter[str]()
        self.first = asyncio.Event()

    def counts(self) -> bytes:
        """Return what has come so far, as JSON."""
        return orjson.dumps({"requests": self.came.total(), "different": len(self.came), "met": dict(self.met)})

    def fault(self, body: bytes) -> str | None:
        """Count a request and return the fault it meets."""
        digest = hashlib.blake2b(body, digest_size=8).digest()
        self.came[digest] += 1
        self.first.set()
        draw = random.Random(b"%b %d" % (digest, self.came[digest])).random()  # noqa: S311  (drawing faults)
        for kind, share in self._shares.items():
            if draw < share:
                self.met[kind] += 1
                return kind
            draw -= share
        return None

    def answer(self, connection: "_Connection", reply: bytes) -> None:
        """Answer as soon as there is room, and then after the usual time."""
        if self._busy < self._capacity:
            self._busy += 1
            self._loop.call_later(self.latency_seconds, self._answered, connection, reply)
        else:
            self._waiting.append((connection, reply))

    def _answered(self, connection: "_Connection", reply: bytes) -> None:
        self._busy -= 1
        connection.send(b"200 OK", reply)
        while self._waiting and self._busy < self._capacity:
            following = self._waiting.popleft()
            if following[0] in self.open:
                self.answer(*following)


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._url = self._body = b""
        self.asking = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._desk.open.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._desk.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url, self._body = url, b""

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        if self._url.endswith(b"/counts"):
            self.send(b"200 OK", self._desk.counts())
        elif not self._url.endswith(b"/chat/completions"):
            self.send(b"200 OK", b'{"object":"list","data":[{"id":"stormy","object":"model"}]}')
        elif kind := self._desk.fault(self._body):
            self._fail(kind)
        else:
            self.asking = True
            self._desk.answer(self, self._reply())

    def send(self, status: bytes, body: bytes, *more: bytes) -> None:
        """Write a response."""
        self.asking = False
        if not self._transport.is_closing():
            head = (_HEAD % (status, len(body))).removesuffix(b"\r\n")
            self._transport.write(b"".join([head, *(b"%b\r\n" % line for line in more), b"\r\n", body]))

    def reset(self) -> None:
        """End the connection with a reset."""
        if not self._transport.is_closing():
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            self._transport.abort()

    def _reply(self) -> bytes:
        tokens = len(self._body) // 4
        return _REPLY % (hashlib.blake2b(self._body, digest_size=8).hexdigest().encode(), tokens, tokens + 20)

    def _fail(self, kind: str) -> None:
        later = self._desk.latency_seconds
        if kind == "429":
            self.send(b"429 Too Many Requests", b"{}", b"Retry-After: %d" % RETRY_AFTER_SECONDS)
        elif kind == "500":
            self._loop.call_later(later, self.send, b"500 Internal Server Error", b"{}")
        elif kind == "reset":
            self._loop.call_later(later / 2, self.reset)
        elif kind == "garbled":
            self._loop.call_later(later, self._garble)

    def _garble(self) -> None:
        """Promise more than comes, or send half a reply, or a page."""
        reply = self._reply()
        draw = random.Random(self._body).randrange(3)  # noqa: S311  (drawing faults)
        if draw == 0 and not self._transport.is_closing():
            self._transport.write(_HEAD % (b"200 OK", len(reply)) + reply[: len(reply) // 2])
            self._transport.close()
        else:
            self.send(b"200 OK", reply[: len(reply) // 2] if draw == 1 else b"<html><body>Bad gateway</body></html>")


async def _serve(desk: _Desk, outage: tuple[float, float] | None) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(desk), "127.0.0.1", 0, backlog=4096)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    over = loop.run_in_executor(None, sys.stdin.buffer.read)  # until whoever started us closes it or dies
    if outage:
        await desk.first.wait()
        await asyncio.sleep(outage[0])
        if not any(connection.asking for connection in desk.open):  # an outage that nobody meets is none
            desk.first.clear()
            asked = asyncio.ensure_future(desk.first.wait())
            await asyncio.wait({asked, over}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
        server.close()
        for connection in list(desk.open):
            desk.met["dropped"] += connection.asking
            connection.reset()
        await asyncio.sleep(outage[1])
        server = await loop.create_server(lambda: _Connection(desk), "127.0.0.1", port, backlog=4096)
    await over


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run the server in a process of its own for the length of the block, and give its base URL."""
    command = [sys.executable, "-m", "benchmarks.stormy", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def counts(url: str) -> dict[str, Any]:
    """Return what a server has seen so far."""
    seen: dict[str, Any] = orjson.loads(urllib.request.urlopen(f"{url}/counts").read())  # noqa: S310  (http)
    return seen


def _share(text: str) -> tuple[str, float]:
    kind, _, share = text.partition("=")
    if kind not in KINDS:
        raise argparse.ArgumentTypeError(f"{kind} is none of {', '.join(KINDS)}")
    return kind, float(share)


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that an answer takes")
    parser.add_argument("--capacity", type=int, default=64, help="requests that are answered at once")
    parser.add_argument("--faults", type=_share, nargs="*", default=[], metavar="KIND=SHARE", help="what goes wrong, how often")
    parser.add_argument("--outage", type=float, nargs=2, metavar=("AFTER", "SECONDS"), help="be gone for a while")
    arguments = parser.parse_args()
    desk = _Desk(arguments.latency, arguments.capacity, dict(arguments.faults))
    await _serve(desk, (arguments.outage[0], arguments.outage[1]) if arguments.outage else None)


if __name__ == "__main__":
    uvloop.run(_main())
