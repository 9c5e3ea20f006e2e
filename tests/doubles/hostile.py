"""Rows that nobody would write, in every format, and files with bytes that are wrong: each from a seed.

A file has so many rows, whatever is in them; that is what has to come out of it, kept or rejected.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

FORMATS = ("jsonl", "json", "yaml", "csv", "tsv", "parquet")
MARK = "Marmalade ferries leave at dawn"
"""Stands in every prompt: what an error or a count shows of it was leaked."""

_WORDS = ("why", "does", "the", "old", "harbour", "clock", "run", "slow", "after", "rain", "and", "who", "winds", "it", "daily")
_TAGS = ("!!timestamp x", "!!bool x", "!!int ''", "!!float y", "!!binary '@'", "!!null z", "!!python/name:os ''", "!odd {a: 1}")
_SIGNS = (
    "\x1b]0;x\x07",
    "\x1b[2J",
    "\u202e",
    "\x9b31m",
    "\0",
    "\r",
    "\u2028",
    "\ufeff",
    "\U0001f600",
    "{{ 7 * 7 }}",
    "<b>|`*_[x](y)",
)
_ODD = ("", " ", "\n", "NA", "null", "None", "-", "0", "=1+1", "@x", "../../etc/passwd", "x" * 300)
VALUES: tuple[Any, ...] = (
    *("../../x.png", "x" * 300, "a\0b", "embedded/x", "A", "(B)", "[1,2]", "{'a': 1}", "\\boxed{", "$", "1" * 5000, ""),
    *(7, -1, 10**30, 1.5, True, None, [7], [[]], [None], {"a": 1}, {"": ""}, {"bytes": "x", "path": 7}, {"bytes": None}),
    *({"facts": 1}, {"facts": {}, "told": []}, [["a", "b"]], [{"label": "A", "text": 7}], ["a", None], [{"bytes": 1}]),
)
"""What no column of a family is meant for."""
_BYTES = (b"[" * 500, b"\xff\xfe", b"\0", b'"', b"\n\n", b"&a [*a]", b"\xed\xa0\x80", b"{" * 50)
_DEEP = "@deep@"
_DEEPEST = 1000
_OFTEN = 0.5


def prompt(chance: random.Random) -> str:
    """Return a question, the mark in it."""
    return f"{MARK}: {' '.join(chance.choices(_WORDS, k=chance.randrange(4, 30)))} {chance.randrange(10**6)}?"


def deep(depth: int, within: object = "x") -> Any:  # noqa: ANN401
    """Return lists inside each other."""
    for number in range(depth):
        within = [within] if number % 2 else {"a": within}
    return within


def text(chance: random.Random) -> str:
    """Return a text of any kind."""
    kinds: tuple[Callable[[], str], ...] = (
        lambda: prompt(chance),
        lambda: prompt(chance) + chance.choice(_SIGNS) + prompt(chance),
        lambda: chance.choice(_ODD),
        lambda: prompt(chance) * chance.randrange(2, 40),
        lambda: "".join(chr(chance.randrange(32, 0xD7FF)) for _ in range(30)),
    )
    return chance.choices(kinds, (6, 2, 2, 1, 1))[0]()


def value(chance: random.Random) -> Any:  # noqa: ANN401
    """Return a value that JSON can spell."""
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: text(chance),
        lambda: chance.choice((None, True, False, 0, -1, 10**18, 0.5, 1e308, [], {}, [None], {"": ""})),
        lambda: chance.choice((deep(1), deep(63), deep(64), deep(65), deep(200), _DEEP)),
        lambda: [text(chance) for _ in range(chance.randrange(5))],
        lambda: {text(chance)[:100]: text(chance)},
    )
    return chance.choices(kinds, (5, 2, 1, 1, 1))[0]()


def row(chance: random.Random) -> dict[str, Any]:
    """Return a row whose prompt, key or other columns are anything."""
    found: dict[str, Any] = {"key": f"{chance.randrange(10**9)}", "prompt": prompt(chance), "topic": chance.choice(("a", "b"))}
    for column in chance.sample(("key", "prompt", "topic"), chance.randrange(3)):
        found[column] = value(chance)
    if chance.random() < 0.2:
        found[chance.choice(("other", "", "x" * 400, "a\x1b[31mb", "prompt ", "{{ x }}"))] = value(chance)
    return found


def columns(names: Sequence[str], count: int, seed: int) -> bytes:
    """Return rows as lines of JSON in whose columns anything may stand."""
    chance = random.Random(f"columns {seed}")  # noqa: S311
    made = []
    for number in range(count):
        found = {name: chance.choice(VALUES) if chance.random() < _OFTEN else f"{prompt(chance)} {number}" for name in names}
        made.append({"key": str(number), **{name: found[name] for name in names if number == 0 or chance.random() < 0.9}})
    return "".join(f"{_json(one)}\n" for one in made).encode()


def rows(kind: str, count: int, seed: int) -> bytes:
    """Return a file of so many rows."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311
    made = [row(chance) for _ in range(count)]
    if kind == "jsonl":
        return "".join(f"{_json(one, ascii_only=chance.random() < _OFTEN)}\n" for one in made).encode()
    if kind == "json":
        return f"[{', '.join(map(_json, made))}]".encode()
    if kind == "yaml":
        return "".join(f"- {_tagged(chance) if number % 10 == 0 else _json(one)}\n" for number, one in enumerate(made)).encode()
    texts = [{name: _spelt(one.get(name, "")) for name in ("key", "prompt", "topic")} for one in made]
    return _table(kind, texts, chance)


def _json(value: object, *, ascii_only: bool = True) -> str:
    return json.dumps(value, ensure_ascii=ascii_only).replace(f'"{_DEEP}"', "[" * _DEEPEST + "]" * _DEEPEST).replace("\x7f", "")


def _tagged(chance: random.Random) -> str:
    return f"{{key: {chance.choice(_TAGS)}, prompt: {chance.choice(_TAGS)}}}"


def _spelt(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _table(kind: str, texts: list[dict[str, str]], chance: random.Random) -> bytes:
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, list[Any]] = {name: [one[name] for one in texts] for name in ("key", "prompt", "topic")}
        keys = columns["key"]
        columns["key"] = chance.choice((keys, [key.encode() for key in keys], [[key] for key in keys]))
        columns["prompt"] = [None if chance.random() < 0.1 else one for one in columns["prompt"]]
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        return sink.getvalue()
    written = io.StringIO(newline="")
    lines = csv.writer(written, delimiter="," if kind == "csv" else "\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    lines.writerows([["key", "prompt", "topic"], *([one[name].replace("\0", "") for name in one] for one in texts)])
    return written.getvalue().encode()


def spoilt(data: bytes, seed: int) -> bytes:
    """Return a file some bytes of which are others, gone, or twice there."""
    chance = random.Random(f"spoilt {seed}")  # noqa: S311
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        place = chance.randrange(max(len(found), 1))
        how = chance.randrange(4)
        if how == 0 and found:
            found[place] = chance.randrange(256)
        elif how == 1:
            del found[place : place + chance.randrange(1, 200)]
        elif how == 2:
            found[place:place] = found[place : place + chance.randrange(1, 200)]
        else:
            found[place:place] = chance.choice(_BYTES)
    return bytes(found)
