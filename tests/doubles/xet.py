"""The Xet storage of the Hub on the loopback: as much of its protocol as hf_xet needs to upload and download files.

A file is cut into chunks by the client; chunks lie in xorbs, and a shard says which chunks of which xorbs make a file. What a
shard completes becomes a large file of the Hub, as one that was put as a whole does. Formats: huggingface.co/docs/xet.
"""

import hashlib
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from aiohttp import web

if TYPE_CHECKING:
    from tests.doubles.hub import Hub

_EXPIRES = 2**33
_HEADER_BYTES = _ENTRY_BYTES = 48
_BOOKEND = b"\xff" * 32
_WITH_VERIFICATION, _WITH_METADATA = 1 << 31, 1 << 30
_FOOTER = b"XETBLOB"
_PLAIN, _LZ4, _GROUPED_LZ4 = range(3)


class Chunk(NamedTuple):
    """A chunk in a xorb.

    Args:
        start: where it begins.
        stop: where the next one does.
        content: what it holds.
    """

    start: int
    stop: int
    content: bytes


class Term(NamedTuple):
    """A part of a file.

    Args:
        xorb: the name of the xorb it lies in.
        size: how many bytes it has.
        first: the number of its first chunk.
        after: the number of the first chunk behind it.
    """

    xorb: str
    size: int
    first: int
    after: int


class Storage:
    """What was sent, and which file is where."""

    def __init__(self) -> None:
        self.xorbs: dict[str, list[Chunk]] = {}
        self.raw: dict[str, bytes] = {}
        self.files: dict[str, list[Term]] = {}
        self.names: dict[str, str] = {}
        """The name here of the file with a sha256."""
        self.sent_bytes = 0

    def clear(self) -> None:
        """Forget it."""
        for held in (self.xorbs, self.raw, self.files, self.names):
            held.clear()
        self.sent_bytes = 0


def routes(hub: "Hub") -> list[web.RouteDef]:
    """Return what the storage answers, and the Hub about it."""
    storage = hub.xet

    async def token(request: web.Request) -> web.Response:
        hub.revision(request)
        if request.match_info["kind"] == "write":
            hub.owned(request, request.match_info["namespace"])
        headers = {"X-Xet-Cas-Url": hub.url, "X-Xet-Access-Token": "any", "X-Xet-Token-Expiration": str(_EXPIRES)}
        return web.json_response({"casUrl": hub.url, "accessToken": "any", "exp": _EXPIRES}, headers=headers)

    async def xorb(request: web.Request) -> web.Response:
        name, content = request.match_info["name"], await request.read()
        fresh = name not in storage.xorbs
        storage.xorbs[name], storage.raw[name] = list(_chunks(content)), content
        storage.sent_bytes += len(content)
        return web.json_response({"was_inserted": fresh})

    async def shard(request: web.Request) -> web.Response:
        for name, sha256, terms in _files(await request.read()):
            content = b"".join(chunk.content for term in terms for chunk in storage.xorbs[term.xorb][term.first : term.after])
            if hashlib.sha256(content).hexdigest() != sha256:
                return web.Response(status=400)
            hub.blobs[sha256] = content
            hub.uploads.append(sha256)
            storage.files[name], storage.names[sha256] = terms, name
        return web.json_response({"result": 1})

    async def reconstruction(request: web.Request) -> web.Response:
        return _reconstruction(hub, request)

    async def part(request: web.Request) -> web.Response:
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        assert found
        return web.Response(status=206, body=storage.raw[request.match_info["name"]][int(found[1]) : int(found[2]) + 1])

    async def unknown(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=404)

    return [
        web.get("/api/datasets/{namespace}/{name}/xet-{kind}-token/{revision:.+}", token),
        web.post("/v1/xorbs/default/{name}", xorb),
        web.post("/v1/shards", shard),
        web.post("/shards", shard),
        web.get("/v1/reconstructions/{name}", reconstruction),
        web.get("/xorbs/{name}", part),
        web.get("/v1/chunks/default/{name}", unknown),
        web.get("/v2/reconstructions/{name}", unknown),
        web.post("/v2/shards", unknown),
    ]


def _reconstruction(hub: "Hub", request: web.Request) -> web.Response:
    """Say of which parts a file, or the range of it that is asked for, is made, and where they lie."""
    storage = hub.xet
    terms = storage.files.get(request.match_info["name"])
    if terms is None:
        return web.Response(status=404)
    size = sum(term.size for term in terms)
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    start, stop = (int(asked[1]), min(int(asked[2] or size) + 1, size)) if asked else (0, size)
    if start >= size:
        return web.Response(status=416)
    parts, offset, at = [], None, 0
    places: dict[str, list[dict[str, Any]]] = {}
    for term in terms:
        if at < stop and at + term.size > start:
            offset = start - at if offset is None else offset
            chunks = storage.xorbs[term.xorb]
            span = {"start": term.first, "end": term.after}
            parts.append({"hash": term.xorb, "unpacked_length": term.size, "range": span})
            where = {"start": chunks[term.first].start, "end": chunks[term.after - 1].stop - 1}
            places.setdefault(term.xorb, []).append({"range": span, "url": f"{hub.url}/xorbs/{term.xorb}", "url_range": where})
        at += term.size
    return web.json_response({"offset_into_first_range": offset, "terms": parts, "fetch_info": places})


def _chunks(xorb: bytes) -> Iterator[Chunk]:
    at = 0
    while at < len(xorb) and not xorb.startswith(_FOOTER, at):
        packed, scheme = int.from_bytes(xorb[at + 1 : at + 4], "little"), xorb[at + 4]
        size = int.from_bytes(xorb[at + 5 : at + 8], "little")
        stop = at + 8 + packed
        yield Chunk(at, stop, _unpacked(xorb[at + 8 : stop], scheme, size))
        at = stop


def _unpacked(content: bytes, scheme: int, size: int) -> bytes:
    if scheme == _PLAIN:
        return content
    found: bytes = pa.decompress(content, decompressed_size=size, codec="lz4", asbytes=True)
    if scheme == _LZ4:
        return found
    assert scheme == _GROUPED_LZ4
    whole = np.empty(size, np.uint8)
    at = 0
    for group in range(4):
        count = len(whole[group::4])
        whole[group::4] = np.frombuffer(found, np.uint8, count, at)
        at += count
    return whole.tobytes()


def _files(shard: bytes) -> Iterator[tuple[str, str, list[Term]]]:
    """Yield name, sha256 and parts of each file that a shard tells of."""
    at = _HEADER_BYTES
    while (name := shard[at : at + 32]) != _BOOKEND:
        flags, count = struct.unpack_from("<II", shard, at + 32)
        entries = [shard[at + _ENTRY_BYTES * number :][:_ENTRY_BYTES] for number in range(1, count + 1)]
        terms = [Term(_spelled(entry[:32]), *struct.unpack("<III", entry[36:])) for entry in entries]
        at += _ENTRY_BYTES * (1 + count * (2 if flags & _WITH_VERIFICATION else 1))
        assert flags & _WITH_METADATA
        yield _spelled(name), _spelled(shard[at : at + 32]), terms
        at += _ENTRY_BYTES


def _spelled(name: bytes) -> str:
    """Return a hash as the protocol writes it: each eight bytes as one little-endian number."""
    return "".join(name[at : at + 8][::-1].hex() for at in range(0, 32, 8))
