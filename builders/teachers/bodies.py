"""The body of a response, no larger than we can hold: before it is decompressed, and after."""

import zlib

import aiohttp

MOST_BYTES = 64 << 20
"""More than the text of any reply, and its log probabilities."""
ENCODINGS = "gzip, deflate"
"""What we ask for and can decompress piece by piece."""

_FINE = range(200, 300)
_PIECE = 1 << 20
_ERROR_BYTES = 1 << 20


class TooLargeError(Exception):
    """Raised when a body is larger than we read."""


class UnknownEncodingError(Exception):
    """Raised when a body is compressed in a way that we did not ask for."""


async def whole(response: aiohttp.ClientResponse, most: int = MOST_BYTES) -> bytes:
    """Return the body of a response from a session that does not decompress by itself.

    Raises:
        TooLargeError: it is larger than `most`; the rest of it is not read.
        UnknownEncodingError: it is compressed in another way than `ENCODINGS`, or not in the way that it says.
    """
    length = response.content_length
    if length is None:
        content = await _counted(response, most)
    elif length <= most:
        content = await response.read()
    else:
        raise TooLargeError
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    return decompressed(content, encoding, most) if encoding not in {"", "identity"} else content


def fine(response: aiohttp.ClientResponse) -> bool:
    """Tell a reply by its status: a gateway may answer 201 for what it made."""
    return response.status in _FINE


async def either(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body of a response, of a reply or of an error; None where it is a reply larger than we read."""
    if not fine(response):
        return await of_error(response)
    try:
        return await whole(response)
    except TooLargeError:
        return None


async def of_error(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of a response that says what went wrong; nothing where it is larger than that."""
    try:
        return await whole(response, _ERROR_BYTES)
    except (TooLargeError, UnknownEncodingError):
        return b""


async def _counted(response: aiohttp.ClientResponse, most: int) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > most:
            raise TooLargeError
        pieces.append(piece)
    return b"".join(pieces)


def decompressed(content: bytes, encoding: str, most: int) -> bytes:
    """Return a body as it was before it was compressed.

    Args:
        content: what came.
        encoding: `gzip` or `deflate`, the latter with or without the header of zlib.
        most: how large it may be.

    Raises:
        TooLargeError: it is larger.
        UnknownEncodingError: it cannot be decompressed.
    """
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise UnknownEncodingError
    headed = encoding != "deflate" or content[:1] == b"\x78"
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32 if headed else -zlib.MAX_WBITS)
    pieces, size = [], 0
    try:
        while content and not stream.eof:
            piece = stream.decompress(content, _PIECE)
            content, size = stream.unconsumed_tail, size + len(piece)
            if size > most:
                raise TooLargeError
            pieces.append(piece)
    except zlib.error:
        raise UnknownEncodingError from None
    if not stream.eof:
        raise UnknownEncodingError
    return b"".join(pieces)
