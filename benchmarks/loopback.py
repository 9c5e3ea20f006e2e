"""A server of the OpenAI chat API that is fast enough not to be what is measured.

    python -m benchmarks.loopback [--latency 0.02] [--words 75] [--replies FILE]

Prints its base URL once it listens and ends with its standard input. Every reply is English-like text of its own, drawn
from the request's hash, so that compression is not flattered; or the one that a file has for that hash. `GET /counts` returns
how many requests came, how many different ones, and when the first of them came, in seconds since 1970.
"""

import argparse
import asyncio
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httptools
import orjson
import uvloop

_VOCABULARY_WORDS = 20_000
_LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
_TEXT_WORDS = 4_000_000
_PHRASES = 20_000


class Texts:
    """Replies of so many words: word frequencies fall with their rank as in English (Zipf-Mandelbrot)."""

    def __init__(self, words: int, before: str = "", after: str = "") -> None:
        """Draw the words; every reply begins and ends with texts that are given."""
        self._before, self._after = before, after
        chance = random.Random(0)  # noqa: S311  (drawing words)
        weights = [1 / (1 + rank) for rank in range(len(_LETTERS))]
        vocabulary = [
            "".join(chance.choices(_LETTERS, weights, k=chance.randint(2, 3) + rank.bit_length() // 3))
            for rank in range(_VOCABULARY_WORDS)
        ]
        frequencies = [1 / (2.7 + rank) for rank in range(_VOCABULARY_WORDS)]
        words_drawn = chance.choices(vocabulary, frequencies, k=_TEXT_WORDS)
        phrases = [words_drawn[-6 * (number + 1) :][:6] for number in range(_PHRASES)]
        starts = chance.choices(range(_PHRASES), [1 / (2.7 + rank) for rank in range(_PHRASES)], k=_TEXT_WORDS // 8)
        for place, start in enumerate(starts):  # half of the words are in phrases of two to six words that come again
            length = 2 + start % 5
            words_drawn[place * 8 : place * 8 + length] = phrases[start][:length]
        self._words, self._drawn = words, words_drawn

    def of(self, body: bytes) -> bytes:
        """Return the reply to a request as a JSON string, the same one each time."""
        start = int.from_bytes(hashlib.blake2b(body, digest_size=8).digest()) % (_TEXT_WORDS - self._words)
        return orjson.dumps(self._before + " ".join(self._drawn[start : start + self._words]) + self._after)


class Noted:
    """Replies of a file: the hash of a request → its reply."""

    def __init__(self, file: str) -> None:
        """Read the file, a JSON object."""
        self._replies = {name: orjson.dumps(text) for name, text in orjson.loads(Path(file).read_bytes()).items()}

    def of(self, body: bytes) -> bytes:
        """Return the reply to a request as a JSON string."""
        return self._replies[hashlib.blake2b(body, digest_size=8).hexdigest()]


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    seen: set[bytes]
    asked = 0
    first_seconds = 0.0

    def __init__(self, texts: Texts | Noted, latency_seconds: float, seen: set[bytes]) -> None:
        self._texts, self._latency, self._seen = texts, latency_seconds, seen
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""
        self._url = b""
        self._kept = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url, self._body = url, b""

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        self._kept = self._parser.should_keep_alive()
        if self._url.endswith(b"/counts"):
            counts = {"requests": _Connection.asked, "different": len(self._seen), "first_seconds": _Connection.first_seconds}
            self._send(orjson.dumps(counts))
        elif self._url.endswith(b"/models"):
            self._send(b'{"object":"list","data":[{"id":"loopback","object":"model"}]}')
        elif not self._body:
            self._send(b"{}")  # a page that vLLM would have
        else:
            _Connection.asked += 1
            _Connection.first_seconds = _Connection.first_seconds or time.time()
            self._seen.add(hashlib.blake2b(self._body, digest_size=8).digest())
            self._loop.call_later(self._latency, self._send, self._reply(self._body))

    def _reply(self, body: bytes) -> bytes:
        return (
            b'{"id":"chatcmpl-1","object":"chat.completion","created":0,"model":"loopback","choices":[{"index":0,"message":'
            b'{"role":"assistant","content":%b},"finish_reason":"stop"}],'
            b'"usage":{"prompt_tokens":%d,"completion_tokens":100,"total_tokens":%d}}'
        ) % (self._texts.of(body), len(body) // 4, len(body) // 4 + 100)

    def _send(self, body: bytes) -> None:
        if not self._transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self._transport.write(head + body)
        if not self._kept:
            self._transport.close()


async def _serve(latency_seconds: float, texts: Texts | Noted) -> None:
    loop = asyncio.get_running_loop()
    seen = set[bytes]()
    server = await loop.create_server(lambda: _Connection(texts, latency_seconds, seen), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)  # until whoever started us closes it or dies


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run the server in a process of its own for the length of the block, and give its base URL."""
    command = [sys.executable, "-m", "benchmarks.loopback", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def bodies(count: int) -> Iterator[dict[str, Any]]:
    """Yield request bodies, each with a prompt of its own of about 300 characters."""
    for number in range(count):
        text = f"Question {number}: " + " ".join(f"word{(number * 7919 + place) % 5000}" for place in range(30))
        yield {"model": "loopback", "messages": [{"role": "user", "content": text}], "temperature": 0.6, "seed": number}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds from request to reply")
    parser.add_argument("--words", type=int, default=75, help="words in a reply (75 are about 450 bytes)")
    parser.add_argument("--before", default="", help="what every reply begins with")
    parser.add_argument("--after", default="", help="what every reply ends with")
    parser.add_argument("--replies", default="", help="a JSON object: hash of a request to its reply")
    arguments = parser.parse_args()
    replies = Noted(arguments.replies) if arguments.replies else Texts(arguments.words, arguments.before, arguments.after)
    uvloop.run(_serve(arguments.latency, replies))
