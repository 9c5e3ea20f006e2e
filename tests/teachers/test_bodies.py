"""The body of a response is no larger than we can hold, before it is decompressed and after."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.teachers import bodies
from builders.teachers.bodies import TooLargeError, UnknownEncodingError


def _raw(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


@given(content=st.binary(max_size=3000))
def test_what_was_compressed_comes_back(content: bytes) -> None:
    assert bodies.decompressed(gzip.compress(content, mtime=0), "gzip", 4000) == content
    assert bodies.decompressed(zlib.compress(content), "deflate", 4000) == content
    assert bodies.decompressed(_raw(content), "deflate", 4000) == content


def test_a_small_body_that_grows_without_end_is_given_up_as_soon_as_it_is_too_large() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeError):
        bodies.decompressed(bomb, "gzip", 1 << 20)


@pytest.mark.parametrize(
    ("content", "encoding"), [(b"plain", "gzip"), (gzip.compress(b"whole", mtime=0)[:-9], "gzip"), (b"x", "br"), (b"", "gzip")]
)
def test_what_cannot_be_decompressed_is_no_body(content: bytes, encoding: str) -> None:
    with pytest.raises(UnknownEncodingError):
        bodies.decompressed(content, encoding, 4000)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_a_body_of_just_the_size_is_taken_and_what_follows_it_is_not(encoding: str) -> None:
    packed = gzip.compress(bytes(4000), mtime=0)
    assert bodies.decompressed(packed + b"more", encoding, 4000) == bytes(4000)
    with pytest.raises(TooLargeError):
        bodies.decompressed(packed, encoding, 3999)


def _response(content: bytes, *, declared: bool = True, status: int = 200, encoding: str = "") -> Any:  # noqa: ANN401
    """Return what a response has that is read of it."""

    async def pieces() -> AsyncIterator[bytes]:
        yield content[:2]
        yield content[2:]

    async def read() -> bytes:
        return content

    length, headers = len(content) if declared else None, {"Content-Encoding": encoding} if encoding else {}
    stream = SimpleNamespace(iter_any=pieces)
    return SimpleNamespace(status=status, content_length=length, headers=headers, content=stream, read=read)


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_is_read_up_to_its_most_bytes_whether_or_not_it_says_its_length(*, declared: bool) -> None:
    plain, packed = b"a body", gzip.compress(b"a body", mtime=0)
    assert asyncio.run(bodies.whole(_response(plain, declared=declared), 6)) == plain
    assert asyncio.run(bodies.whole(_response(plain, declared=declared, encoding=" Identity "), 6)) == plain
    assert asyncio.run(bodies.whole(_response(packed, declared=declared, encoding=" GZIP"), 99)) == plain
    with pytest.raises(TooLargeError):
        asyncio.run(bodies.whole(_response(plain, declared=declared), 5))


@pytest.mark.parametrize(
    ("status", "size", "read"),
    [
        (199, 2, b"xx"),
        (200, 2, b"xx"),
        (299, 2, b"xx"),
        (300, 2, b"xx"),
        (400, 1 << 20, b"x" * (1 << 20)),
        (400, (1 << 20) + 1, b""),
        (199, (1 << 20) + 1, b""),
        (300, (1 << 20) + 1, b""),
        (200, (64 << 20) + 1, None),
    ],
    ids=range(9),
)
def test_an_error_that_is_too_large_says_nothing_and_a_reply_that_is_is_none(
    status: int, size: int, read: bytes | None
) -> None:
    assert asyncio.run(bodies.either(_response(b"x" * size, status=status))) == read


def test_an_error_in_an_unknown_encoding_says_nothing_and_a_reply_in_one_is_no_body() -> None:
    assert asyncio.run(bodies.either(_response(b"x", status=500, encoding="br"))) == b""
    with pytest.raises(UnknownEncodingError):
        asyncio.run(bodies.either(_response(b"x", encoding="br")))
