"""Sealed files that nobody exported: flipped bits under an old seal, and lines of any kind under a good one.

What is read of one is what a sealed file may hold, in bounded time and memory; else it is one line.
"""

import base64
import random
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from builders.ledger.store import Entry
from builders.records import canonical, digest
from builders.sealed import sealing, unsealing
from builders.sealed.form import Failure, SealedReply, SourceFile
from tests.sealed.test_form import ABOUT, HEADER, OPENING, REPLY, SOURCE, write_frames

if TYPE_CHECKING:
    from benchmarks.attack import Line

MOST_MEGABYTES = 400
_FORBIDDEN = ("/", "\\", "\0", "\n", "\x1b")


def attack(line: "Line", root: Path, files: int, seed: int) -> None:
    """Read so many forged files."""
    chance = random.Random(seed)  # noqa: S311
    whole, stored = root / "whole.zst", _stored()
    with sealing.writing(whole, HEADER) as pen:
        for reply in stored:
            pen.reply(reply.key, reply.entry)
    content, path = whole.read_bytes(), root / "forged.zst"
    line.lost += _replies(whole) != stored
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(files):
        line.made += 1
        if number % 2:
            write_frames(path, zstandard.compress(b"".join(_lines(chance))))
        else:
            bits = bytearray(content)
            bits[chance.randrange(len(bits))] ^= 1 << chance.randrange(8)
            path.write_bytes(bits)
        with line.refusing():
            found = _replies(path)
            line.lost += not number % 2 and found != stored
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    line.bug += grown > MOST_MEGABYTES


def _stored() -> list[SealedReply]:
    reply = canonical(REPLY["said"])
    return [
        SealedReply(digest(number), Entry(canonical({"n": number % 5}), canonical([number]), reply)) for number in range(200)
    ]


def _replies(path: Path) -> list[SealedReply]:
    with unsealing.opened(path) as (_, contents):
        found = list(contents())
    for one in found:
        if isinstance(one, SourceFile) and (one.source.startswith(".") or any(sign in one.source for sign in _FORBIDDEN)):
            raise AssertionError("a source's name that is none")
        if isinstance(one, Failure):
            orjson.loads(one.evidence)
    return [one for one in found if isinstance(one, SealedReply)]


def _lines(chance: random.Random) -> list[bytes]:
    """Return lines of which the first is a good one, mostly."""
    first = OPENING if chance.random() < 0.9 else {"format": chance.choice(("7", "", "x" * 9999)), "header": {}}  # noqa: PLR2004
    return [orjson.dumps(first) + b"\n", *(_line(chance) for _ in range(chance.randrange(8)))]


def _line(chance: random.Random) -> bytes:
    kinds: tuple[Any, ...] = (
        ABOUT,
        REPLY,
        {**ABOUT, "body": [[[]]] * 3},
        {**REPLY, "about": chance.choice((1, -1, 10**9, "0"))},
        {**REPLY, "said": chance.choice(({}, {"content": 7}, {"content": None, "finish_reason": "\x1b[2J"}))},
        {**REPLY, "reply": chance.choice(("0", "g" * 64, "7"))},
        {"failure": digest("x"), "evidence": chance.choice(({}, [], {"error": "\x1b]0;x\x07"}))},
        {**SOURCE, "source": chance.choice(("../x", ".bashrc", "a/b", "", "x\0", "a\nb", "\x1b[2J", "ok.csv", ".", "x" * 300))},
        {**SOURCE, "inside": chance.choice((0, -1, 10**18, None))},
        {"part": chance.choice((base64.b64encode(b"abc").decode(), "@", "x" * 10**6))},
    )
    if chance.random() < 0.2:  # noqa: PLR2004
        deep = b"[" * 900 + b"]" * 900
        flood = b"0" * chance.choice((10, 10**6, 40_000_000))
        return chance.choice(
            (b"\n", b"{}\n", b'{"about":0,"body":' + deep + b"}\n", flood + b"\n", b"\xff\n", b"[" * 10**5 + b"\n")
        )
    return orjson.dumps(chance.choice(kinds)) + b"\n"
