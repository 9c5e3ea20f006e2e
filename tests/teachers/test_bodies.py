"""The body of a response is no larger than we can hold, before it is decompressed and after."""

import gzip
import zlib

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
    assert bodies.decompressed(gzip.compress(content), "gzip", 4000) == content
    assert bodies.decompressed(zlib.compress(content), "deflate", 4000) == content
    assert bodies.decompressed(_raw(content), "deflate", 4000) == content


def test_a_small_body_that_grows_without_end_is_given_up_as_soon_as_it_is_too_large() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeError):
        bodies.decompressed(bomb, "gzip", 1 << 20)


@pytest.mark.parametrize(
    ("content", "encoding"), [(b"plain", "gzip"), (gzip.compress(b"whole")[:-9], "gzip"), (b"x", "br"), (b"", "gzip")]
)
def test_what_cannot_be_decompressed_is_no_body(content: bytes, encoding: str) -> None:
    with pytest.raises(UnknownEncodingError):
        bodies.decompressed(content, encoding, 4000)
