"""Files of every format, layout and packing with odd rows in them, some of them damaged: is every row accounted for?

    python -m benchmarks.files [ROWS]

Written from fixed seeds are so many rows (10,000) in files of up to forty, which are then read as a source is. A file that is
whole must give exactly its rows, each kept or rejected and fit to be written; one that is damaged must end in a line or in
rows, never in anything else. Printed is what came of each format; exit code 1 where a row is unaccounted for or anything
else was raised.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
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
    """A file: its bytes, what params say of it, and how many rows it has."""

    content: bytes
    entry: dict[str, Any]
    rows: int


def _value(draw: random.Random, *, texts: bool) -> Any:  # noqa: ANN401
    return draw.choice(TEXTS) if texts or draw.random() < _PLAIN else draw.choice(ODD)


def _rows(draw: random.Random, count: int, *, texts: bool = False) -> list[Row]:
    names = ("prompt", "key", "other")
    return [{name: _value(draw, texts=texts) for name in names} for _ in range(count)]


def _jsonl(draw: random.Random, count: int) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in _rows(draw, count))


def _json(draw: random.Random, count: int) -> bytes:
    rows = _rows(draw, count)
    layouts: list[Callable[[], Any]] = [
        lambda: rows,
        lambda: {f"row{number}": row for number, row in enumerate(rows)},
        lambda: {"version": 1, "data": rows},
        lambda: {name: [row[name] for row in rows] for name in rows[0]},
        lambda: {name: {str(number): row[name] for number, row in enumerate(rows)} for name in rows[0]},
    ]
    return json.dumps(draw.choice(layouts)()).encode()


def _yaml(draw: random.Random, count: int) -> bytes:
    rows = [{name: value for name, value in row.items() if "\x85" not in str(value)} for row in _rows(draw, count)]
    return json.dumps([{"prompt": None, **row} for row in rows]).encode() if draw.random() < _HALF else _plain_yaml(rows)


def _plain_yaml(rows: list[Row]) -> bytes:
    sound = [{name: None if "\\ud" in json.dumps(value) else value for name, value in row.items()} for row in rows]
    return yaml.safe_dump([{"prompt": None, **row} for row in sound], allow_unicode=True).encode()


def _delimited(delimiter: str) -> Callable[[random.Random, int], bytes]:
    def made(draw: random.Random, count: int) -> bytes:
        sink = io.StringIO(newline="")
        rows = [list(row.values()) for row in _rows(draw, count, texts=True)]
        csv.writer(sink, delimiter=delimiter).writerows([["prompt", "key", "other"], *rows])
        return sink.getvalue().encode()

    return made


def _text(draw: random.Random, count: int) -> bytes:
    lines = [" ".join(draw.choice(TEXTS).split()) or "x" for _ in range(count)]
    return "\n".join(lines).encode()


def _xlsx(draw: random.Random, count: int) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["prompt", "key", "other"])
    for row in _rows(draw, count, texts=True):
        page.append([ILLEGAL_CHARACTERS_RE.sub("", value).lstrip("=") or "x" for value in row.values()])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _xml(draw: random.Random, count: int) -> bytes:
    rows = "".join(
        f"<row>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in row.items())}</row>"
        for row in _rows(draw, count, texts=True)
    )
    return f"<rows>{rows}</rows>".encode()


def _parquet(draw: random.Random, count: int) -> bytes:
    rows = _rows(draw, count, texts=True)
    data = {name: [row[name] for row in rows] for name in ("prompt", "key")}
    numbers = [draw.choice([None, 1.5, float("nan")]) for _ in rows]
    images = [draw.choice([None, {"bytes": b"\x89PNG", "path": "a"}]) for _ in rows]
    sink = io.BytesIO()
    pq.write_table(pa.table({**data, "other": numbers, "image": pa.array(images)}), sink)
    return sink.getvalue()


def _zip(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return sink.getvalue()


MAKERS: dict[str, Callable[[random.Random, int], bytes]] = {
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
    packed = draw.choice(PACKERS)(MAKERS[form](draw, count))
    column = "line" if form == "text" else "prompt"
    entry = {
        "format": form,
        "columns": {"prompt": column, **({"key": "key"} if form != "text" and draw.random() < _HALF else {})},
    }
    return Made(packed, {**entry, **({"record": "row"} if form == "xml" else {})}, count)


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


def read(made_file: Made) -> Counter[str]:
    """Read a file as a source, in the working directory; count rows by what became of them.

    Raises:
        BuildError: the file cannot be read.
    """
    folder = Path("raw") / _FAMILY / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_bytes(made_file.content)
    source = Source(**{"id": "own", "file": "file", "license": "MIT", "subset": "default", **made_file.entry})
    own = Collecting(params=sections.Collect, prompt="prompt", columns={"prompt": True}, rules=lambda _: [])
    found = Counter[str]()
    for record, rejection in collect.seeds(_FAMILY, source, own):
        records.encode(record, rejection)
        found[rejection.reason if rejection else "kept"] += 1
    return found


def run(rows: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """Read so many rows; return what became of them by format, and what went wrong."""
    counts: dict[str, Counter[str]] = {form: Counter() for form in MAKERS}
    wrong: list[str] = []
    number = 0
    while (left := rows - sum(found["written"] for found in counts.values())) > 0:
        draw = random.Random(number)  # noqa: S311
        form = list(MAKERS)[number % len(MAKERS)]
        whole = made(draw, form, left)
        broken = draw.random() < _DAMAGED
        file = whole._replace(content=damaged(draw, whole.content)) if broken else whole
        counts[form].update({"files": 1, "written": whole.rows, "damaged": int(broken)})
        try:
            found = read(file)
        except BuildError as error:
            counts[form]["one line"] += 1
            if not broken or len(str(error).splitlines()) != 1:
                wrong.append(f"file {number}, {form}: {error}")
        except Exception as error:  # noqa: BLE001 - what must not be raised is what is looked for
            wrong.append(f"file {number}, {form}: {type(error).__name__}")
        else:
            counts[form].update(found)
            if not broken and found.total() != whole.rows:
                wrong.append(f"file {number}, {form}: {found.total()} of {whole.rows} rows")
        number += 1
    return counts, wrong


def main() -> int:
    """Run in a temporary folder and print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        Path("params.yaml").touch()
        counts, wrong = run(rows)
    names = ("files", "written", "damaged", "one line", "kept", "bad_prompt", "bad_text")
    print(f"{'format':<10}" + "".join(f"{name:>12}" for name in names))
    for form, found in counts.items():
        print(f"{form:<10}" + "".join(f"{found[name]:>12}" for name in names))
    print("\n".join(wrong) or "every row is accounted for, and nothing but lines was raised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
