"""Files of every format, layout and packing with odd rows in them, some of them damaged: is every row accounted for?

    python -m benchmarks.files [--rows N] [--seed N]

Written from fixed seeds are so many rows (10,000) in files of up to forty, which are then read as a source is. A file that is
whole must give exactly its rows, in their order, each kept with the prompt that was written or rejected because that is none,
and fit to be written; one that is damaged must end in a line or in rows, never in anything else. Printed is what came of each
format; exit code 1 where a row is unaccounted for or anything else was raised.
"""

import argparse
import bz2
import csv
import gzip
import io
import json
import lzma
import math
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
import zstandard
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from builders import records
from builders.contracts import Collecting
from builders.errors import BuildError
from builders.params import sections
from builders.sources.tables import Source
from builders.stages import collect

ROWS = 10_000
_MOST_IN_A_FILE = 40
_DAMAGED, _HALF, _PLAIN = 0.3, 0.5, 0.6
_FAMILY = "fuzz"
Row = dict[str, Any]

TEXTS = (
    *(
        "What is it?",
        " ",
        "",
        "a,b;c|d\te",
        'a "quoted" one',
        '"',
        "'",
        "\ufeffmark",
        "caf\u00e9 \U0001f600",
        "NaN",
        "null",
        "[1]",
    ),
    *("{{ 7 * 7 }}", "<b>&amp;</b>", "line\nbreak", "\u2028", "-", "=1+1", "x" * 5000, "\u202eright", "\x85", "A) 1 B) 2"),
)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32")
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    float("nan"),
    float("inf"),
    [],
    ["a", None],
    {},
    {"a": {"b": [2**65]}},
    "\ud800",
    "a\udc00",
)


class Made(NamedTuple):
    """A file: its bytes, what params say of it, and the prompts of its rows."""

    content: bytes
    entry: dict[str, Any]
    prompts: list[Any]


class Read(NamedTuple):
    """What became of a row: why it was rejected, if it was, and the prompt that it has."""

    reason: str | None
    prompt: Any


Written = tuple[bytes, list[Any]]
"""A file's content, and the prompts in it."""


def _value(draw: random.Random, *, texts: bool) -> Any:  # noqa: ANN401
    return draw.choice(TEXTS) if texts or draw.random() < _PLAIN else draw.choice(ODD)


def _rows(draw: random.Random, count: int, *, texts: bool = False) -> list[Row]:
    names = ("prompt", "key", "other")
    return [{name: _value(draw, texts=texts) for name in names} for _ in range(count)]


def _prompts(rows: list[Row]) -> list[Any]:
    return [row["prompt"] for row in rows]


def _encoded(draw: random.Random, text: str) -> bytes:
    return text.encode(draw.choice(ENCODINGS))


def _jsonl(draw: random.Random, count: int) -> Written:
    rows = _rows(draw, count)
    return _encoded(draw, "".join(json.dumps(row) + "\n" for row in rows)), _prompts(rows)


def _json(draw: random.Random, count: int) -> Written:
    rows = _rows(draw, count)
    layouts: list[Callable[[], Any]] = [
        lambda: rows,
        lambda: {f"row{number}": row for number, row in enumerate(rows)},
        lambda: {"version": 1, "data": rows},
        lambda: {name: [row[name] for row in rows] for name in rows[0]},
        lambda: {name: {str(number): row[name] for number, row in enumerate(rows)} for name in rows[0]},
        lambda: {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]},
        lambda: [list(rows[0]), *(list(row.values()) for row in rows)],
    ]
    return _encoded(draw, json.dumps(draw.choice(layouts)())), _prompts(rows)


def _yaml(draw: random.Random, count: int) -> Written:
    rows = [{name: None if "\x85" in str(value) else value for name, value in row.items()} for row in _rows(draw, count)]
    if draw.random() < _HALF:  # as JSON, whose NaN is a word in YAML
        return json.dumps(rows).encode(), [_word(prompt) for prompt in _prompts(rows)]
    sound = [{name: None if "\\ud" in json.dumps(value) else value for name, value in row.items()} for row in rows]
    return yaml.safe_dump(sound, allow_unicode=True).encode(), _prompts(sound)


def _word(value: Any) -> Any:  # noqa: ANN401
    return json.dumps(value) if isinstance(value, float) and not math.isfinite(value) else value


def _delimited(delimiter: str) -> Callable[[random.Random, int], Written]:
    def made(draw: random.Random, count: int) -> Written:
        sink = io.StringIO(newline="")
        rows = _rows(draw, count, texts=True)
        csv.writer(sink, delimiter=delimiter).writerows([["prompt", "key", "other"], *(list(row.values()) for row in rows)])
        return _encoded(draw, sink.getvalue()), _prompts(rows)

    return made


def _text(draw: random.Random, count: int) -> Written:
    lines = [" ".join(draw.choice(TEXTS).replace("\ufeff", "").split()) or "x" for _ in range(count)]
    return _encoded(draw, "\n".join(lines)), list(lines)


def _xlsx(draw: random.Random, count: int) -> Written:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["prompt", "key", "other"])
    rows = [
        {name: ILLEGAL_CHARACTERS_RE.sub("", value).lstrip("=") or "x" for name, value in row.items()}
        for row in _rows(draw, count, texts=True)
    ]
    for row in rows:
        page.append(list(row.values()))
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue(), _prompts(rows)


def _xml(draw: random.Random, count: int) -> Written:
    rows = _rows(draw, count, texts=True)
    elements = "".join(
        f"<row>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in row.items())}</row>" for row in rows
    )
    return f"<rows>{elements}</rows>".encode(), [row["prompt"].strip() for row in rows]


def _parquet(draw: random.Random, count: int) -> Written:
    rows = _rows(draw, count, texts=True)
    data = {name: [row[name] for row in rows] for name in ("prompt", "key")}
    numbers = [draw.choice([None, 1.5, float("nan")]) for _ in rows]
    images = [draw.choice([None, {"bytes": b"\x89PNG", "path": "a"}]) for _ in rows]
    sink = io.BytesIO()
    pq.write_table(pa.table({**data, "other": numbers, "image": pa.array(images)}), sink)
    return sink.getvalue(), _prompts(rows)


def _zip(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return sink.getvalue()


MAKERS: dict[str, Callable[[random.Random, int], Written]] = {
    "jsonl": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "text": _text,
    "xlsx": _xlsx,
    "xml": _xml,
    "parquet": _parquet,
}
PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    gzip.compress,
    bz2.compress,
    lzma.compress,
    zstandard.ZstdCompressor().compress,
    _zip,
)


def made(draw: random.Random, form: str, most: int) -> Made:
    """Return a file of a format, whole."""
    count = draw.randint(1, min(most, _MOST_IN_A_FILE))
    content, prompts = MAKERS[form](draw, count)
    column = "line" if form == "text" else "prompt"
    entry = {
        "format": form,
        "columns": {"prompt": column, **({"key": "key"} if form != "text" and draw.random() < _HALF else {})},
    }
    return Made(draw.choice(PACKERS)(content), {**entry, **({"record": "row"} if form == "xml" else {})}, prompts)


def damaged(draw: random.Random, data: bytes) -> bytes:
    """Return bytes of which some are others, are gone, or stand twice."""
    place, length = draw.randrange(len(data)), draw.randint(1, 20)
    ways = (
        data[:place],
        data[:place] + draw.randbytes(length) + data[place + length :],
        data[:place] + data[place + length :],
        data[:place] + data[place : place + length] + data[place:],
    )
    return draw.choice(ways)


def read(made_file: Made) -> list[Read]:
    """Read a file as a source, in the working directory; return what became of its rows.

    Raises:
        BuildError: the file cannot be read.
    """
    folder = Path("raw") / _FAMILY / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_bytes(made_file.content)
    source = Source(**{"id": "own", "file": "file", "license": "MIT", "subset": "default", **made_file.entry})
    own = Collecting(params=sections.Collect, prompt="prompt", columns={"prompt": True}, rules=lambda _: [])
    found = []
    for record, rejection in collect.seeds(_FAMILY, source, own):
        records.encode(record, rejection)
        found.append(Read(rejection.reason if rejection else None, record.data["prompt"]))
    return found


def lost(file: Made, found: list[Read]) -> str:
    """Say which rows of a whole file are not what was written; empty where all are."""
    if len(found) != len(file.prompts):
        return f"{len(found)} of {len(file.prompts)} rows"
    for number, (row, prompt) in enumerate(zip(found, file.prompts, strict=True), 1):
        usable = isinstance(prompt, str) and bool(prompt.strip()) and records.plain(prompt) == prompt
        if (row.reason is None and row.prompt != prompt) or (row.reason == "bad_prompt") == usable:
            return f"row {number} is another"
    return ""


def run(rows: int, seed: int = 0) -> tuple[dict[str, Counter[str]], list[str]]:
    """Read so many rows; return what became of them by format, and what went wrong."""
    counts: dict[str, Counter[str]] = {form: Counter() for form in MAKERS}
    wrong: list[str] = []
    number = 0
    while (left := rows - sum(found["written"] for found in counts.values())) > 0:
        draw = random.Random(f"{seed} {number}")  # noqa: S311
        form = list(MAKERS)[number % len(MAKERS)]
        whole = made(draw, form, left)
        broken = draw.random() < _DAMAGED
        file = whole._replace(content=damaged(draw, whole.content)) if broken else whole
        counts[form].update({"files": 1, "written": len(whole.prompts), "damaged": int(broken)})
        try:
            found = read(file)
        except BuildError as error:
            counts[form]["one line"] += 1
            if not broken or len(str(error).splitlines()) != 1:
                wrong.append(f"file {number}, {form}: {error}")
        except Exception as error:  # noqa: BLE001 - what must not be raised is what is looked for
            wrong.append(f"file {number}, {form}: {type(error).__name__}")
        else:
            counts[form].update(row.reason or "kept" for row in found)
            if not broken and (what := lost(whole, found)):
                wrong.append(f"file {number}, {form}: {what}")
        number += 1
    return counts, wrong


def main() -> int:
    """Run in a temporary folder and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.files", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        Path("params.yaml").touch()
        counts, wrong = run(options.rows, options.seed)
    names = ("files", "written", "damaged", "one line", "kept", "bad_prompt", "bad_text")
    print(f"{'format':<10}" + "".join(f"{name:>12}" for name in names))
    for form, found in counts.items():
        print(f"{form:<10}" + "".join(f"{found[name]:>12}" for name in names))
    print("\n".join(wrong) or "every row is accounted for, and nothing but lines was raised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
