"""Files that were made to harm: no message shows a name of theirs that may be a row's text, and no parsing outlives SIGTERM."""

import bz2
import gzip
import io
import json
import lzma
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard

from builders import hazards
from builders.errors import BuildError
from builders.sources import bounds, choices, elements, formats, parquets, reading, sheets, streaming, streams
from builders.sources.tables import Source
from builders.texts import files
from tests.harness import FAMILY, PROJECT, declared

pytestmark = pytest.mark.usefixtures("toys")

PLAIN = "toy"
"""A family without hazard."""
TEXT = "a ferry leaves at dawn"
"""What a file without a header has where names are looked for; short enough for a name."""


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The least that counts as a checkout, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    return tmp_path


def message(family: str, name: str, content: bytes, **entry: Any) -> str:  # noqa: ANN401
    """Return the line that reading a file ends with."""
    file = Path("raw") / family / "sources" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    with pytest.raises(BuildError) as caught:
        list(reading.rows(family, Source(**declared(file, **entry))))
    return str(caught.value)


def sheet() -> bytes:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].title = TEXT
    book.save(sink)
    return sink.getvalue()


def packed() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(TEXT, "prompt\na,b,c\n")
    return sink.getvalue()


NAMED: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "a header that is a row": ("own.csv", f"{TEXT}\nanother row of words\n".encode(), {}),
    "a header that is two columns of a row": ("own.tsv", f"{TEXT}\tno\nanother row\tno\n".encode(), {}),
    "columns of an object": ("own.jsonl", json.dumps({TEXT: 1}).encode(), {}),
    "keys that lead nowhere": ("own.json", json.dumps({TEXT: []}).encode(), {"record": "rows"}),
    "rows under several keys": ("own.json", json.dumps({TEXT: [{"a": 1}], "data": [{"a": 1}], "n": 7}).encode(), {}),
    "a sheet": ("own.xlsx", sheet(), {"sheet": "first"}),
    "a file in an archive": ("own.csv", packed(), {}),
}


@pytest.mark.parametrize("kind", NAMED)
def test_names_of_a_hazard_familys_files_are_shown_nowhere(kind: str) -> None:
    name, content, entry = NAMED[kind]
    guarded = message(FAMILY, name, content, **entry)
    assert TEXT not in guarded
    assert f"(a name of {len(TEXT)} characters)" in guarded
    assert TEXT in message(PLAIN, name, content, **entry, subset="default")


def test_a_family_whose_pinned_hazard_was_hidden_shows_no_name_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hazards.PINNED, PLAIN, hazards.Pin("harmful-text", "", {}))
    assert TEXT not in message(PLAIN, "own.csv", f"{TEXT}\nanother row of words\n".encode(), subset="default")


def test_what_columns_are_usually_called_is_shown() -> None:
    line = message(FAMILY, "own.csv", f"id,Question,{TEXT}\n1,a,b\n".encode())
    assert line.endswith(f"map one of its columns instead: (a name of {len(TEXT)} characters), Question, id")


def test_a_row_whose_lists_are_too_long_loses_them_and_no_other_row_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow makes a list in one go: two thousand million values would take minutes, in which no signal is heeded."""
    assert parquets.MOST_VALUES <= 10_000_000
    monkeypatch.setattr(parquets, "MOST_VALUES", 1000)
    short = pa.array([[1], [2, 3], None], pa.list_(pa.int8()))
    flood = pa.array([0] * 11, pa.int8()).take(pa.array([0] * (parquets.MOST_VALUES + 1), pa.int32()))
    long = pa.ListArray.from_arrays(pa.array([0, len(flood)], pa.int32()), flood)
    column = pa.chunked_array([short, long, short])
    sink = io.BytesIO()
    pq.write_table(pa.table({"prompt": [str(number) for number in range(7)], "n": column}), sink)
    found = [row["n"] for _, row in parquets.rows(sink, "x", ())]
    assert found == [[1], [2, 3], None, None, [1], [2, 3], None]


@pytest.mark.parametrize("inside", ["struct", "map"])
def test_lists_inside_of_others_count_too(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquets, "MOST_VALUES", 5)
    values: list[Any] = [[1, 2], [1, 2, 3, 4, 5, 6], [7]]
    found: list[Any] = [{"a": one} for one in values] if inside == "struct" else [[("a", one)] for one in values]
    kind = pa.list_(pa.int64())
    column = pa.array(found, pa.struct([("a", kind)]) if inside == "struct" else pa.map_(pa.string(), kind))
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": column}), sink)
    assert [row["n"] for _, row in parquets.rows(sink, "x", ())] == [found[0], None, found[2]]


# Sizes. What is small on disk may stand for more than there is memory for.


def zst(*pieces: bytes) -> bytes:
    sink = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(sink, closefd=False) as packed:
        for piece in pieces:
            packed.write(piece)
    return sink.getvalue()


def archive(*contents: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for number, content in enumerate(contents):
            made.writestr(f"{number}.jsonl", content)
    return sink.getvalue()


LONG = b'{"prompt": "' + b"a" * 3_000_000 + b'"}\n'
PACKED: dict[str, bytes] = {
    "gz": gzip.compress(LONG),
    "bz2": bz2.compress(LONG),
    "xz": lzma.compress(LONG),
    "zst": zst(LONG),
    "zip": archive(LONG, LONG),
}


@pytest.mark.parametrize("kind", PACKED)
def test_what_unpacks_to_far_more_than_it_is_ends_as_one_line(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files of an archive count together."""
    assert bounds.UNPACKED_BYTES <= 1 << 28
    monkeypatch.setattr(bounds.Room.__init__, "__defaults__", (1 << 20, 200))
    line = message(PLAIN, "own.jsonl", PACKED[kind], subset="default")
    assert "unpacks to more than 1,048,576 bytes and 200 times its own size; unpack it yourself" in line
    monkeypatch.setattr(bounds.Room.__init__, "__defaults__", (1 << 28, 200))
    assert "unpacks" not in message(PLAIN, "own.jsonl", PACKED[kind], subset="default", columns={"instruction": "absent"})


def test_zstandard_is_unpacked_a_little_at_a_time_in_linear_time(checkout: Path) -> None:
    """Thirty thousand times its size in one go, and each piece of it copied for each that was taken, were 60 s and 2 GB."""
    (checkout / "x").write_bytes(zst(*[b"a" * (1 << 20)] * 128))
    start, longest = time.process_time(), 0
    with (checkout / "x").open("rb") as stream, streams.parts(stream, "x", "jsonl") as parts:
        [part] = parts
        unpacked: Any = part.stream
        while unpacked.read(1 << 16):
            longest = max(longest, unpacked.raw._stream._ready.getbuffer().nbytes)  # noqa: SLF001  (what is held is looked at)
    assert longest <= 40 << 20
    assert time.process_time() - start < 3


def test_a_line_that_is_too_long_costs_its_row_where_lines_are_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"prompt": "a"}\n{"prompt": "' + b"b" * 5000 + b'"}\n{"prompt": "c"}\n{"prompt": "' + b"d" * 2000
    assert list(files.lines(io.BytesIO(lines), 1000)) == [lines[:16], None, b'{"prompt": "c"}\n', None]
    monkeypatch.setattr(files.lines, "__defaults__", (1000,))
    assert [row.values.get("prompt") for row in read_rows("own.jsonl", lines)] == ["a", None, "c", None]
    assert "own.csv:2: a line of more than" in message(PLAIN, "own.csv", b"prompt\n" + b"x" * 5000 + b"\n", subset="default")


def read_rows(name: str, content: bytes, **entry: Any) -> list[reading.Row]:  # noqa: ANN401
    file = Path("raw") / PLAIN / "sources" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return list(reading.rows(PLAIN, Source(**declared(file, **{"subset": "default", **entry}))))


@pytest.mark.parametrize(("name", "bound"), [("own.json", "MOST_JSON"), ("own.yaml", "MOST_YAML")])
def test_what_is_read_as_a_whole_has_a_bound(name: str, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (formats.MOST_JSON, formats.MOST_YAML) == (2**29, 2**26)
    monkeypatch.setattr(formats, bound, 50)
    monkeypatch.setattr(streaming, "WHOLE", 20)
    rows = {f"k{number}": {"prompt": "a"} for number in range(9)}
    content = json.dumps(rows).encode() if name.endswith("json") else yaml.safe_dump(rows).encode()
    assert "more than 50 bytes that are one value; write it as jsonl" in message(PLAIN, name, content, subset="default")


def test_a_large_list_is_streamed_however_it_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_JSON", 50)
    monkeypatch.setattr(streaming, "WHOLE", 20)
    rows = json.dumps([{"prompt": str(number)} for number in range(100)]).encode()
    for content in (rows, gzip.compress(rows), zst(rows)):
        assert [row.values["prompt"] for row in read_rows("own.json", content)] == [str(number) for number in range(100)]


def test_a_text_that_is_spelt_once_and_in_every_row_takes_the_room_of_a_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquets, "ROOM_BYTES", 1 << 28)
    prompts = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["p" * (1 << 20)]))
    sink = io.BytesIO()
    pq.write_table(pa.table({"prompt": prompts}), sink, store_schema=False)
    assert len(sink.getvalue()) < 100_000
    found = parquets.rows(sink, "x", ())
    assert [len(next(found)[1]["prompt"]) for _ in range(40)] == [1 << 20] * 40
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["p" * (1 << 25)]))
    pq.write_table(pa.table({"prompt": long}), sink := io.BytesIO(), store_schema=False)
    with pytest.raises(BuildError, match="stands for more than there is room for behind row 0"):
        next(parquets.rows(sink, "x", ()))


def test_no_row_is_read_twice_where_rows_have_no_room_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"prompt": [str(number) for number in range(100)]}), sink)
    read, tried = parquets._read, []  # noqa: SLF001

    def short(parquet: Any, names: list[str], rows_at_once: int, given: int) -> Iterator[list[tuple[Any, ...]]]:  # noqa: ANN401
        tried.append((rows_at_once, given))
        for number, values in enumerate(read(parquet, names, rows_at_once, given)):
            if rows_at_once == 10 and number == 3:
                raise pa.ArrowMemoryError
            yield values

    monkeypatch.setattr(parquets, "_read", short)
    monkeypatch.setattr(parquets, "ROWS_AT_ONCE", (10, 7))
    assert [row["prompt"] for _, row in parquets.rows(sink, "x", ())] == [str(number) for number in range(100)]
    assert tried == [(10, 0), (7, 30)]


def test_fifteen_thousand_columns_of_parquet_are_read_in_linear_time() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": [number] for number in range(15_000)}), sink)
    start = time.process_time()
    [(_, row)] = parquets.rows(sink, "x", ())
    assert row["c14999"] == 14_999
    assert time.process_time() - start < 6


def workbook(**parts: tuple[bytes, bytes]) -> bytes:
    """Return a workbook of one row; in a part of it one text is another."""
    book, plain, sink = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.worksheets[0].append(["prompt"])
    book.worksheets[0].append(["a"])
    book.save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            old, new = next((change for name, change in parts.items() if name in entry.filename), (b"", b""))
            content = before.read(entry)
            after.writestr(entry.filename, content.replace(old, new) if old else content)
    return sink.getvalue()


def test_a_sheet_is_as_large_as_its_cells_not_as_it_says() -> None:
    """17 thousand million cells that are empty; and rows beyond those that a sheet has."""
    cell = b'<c r="XFD%d" t="inlineStr"><is><t>b</t></is></c></row></sheetData>'
    far = workbook(sheet1=(b"</sheetData>", b'<row r="1048576">' + cell % 1048576))
    start = time.process_time()
    assert [row.values["prompt"] for row in read_rows("own.xlsx", far)] == ["a", None]
    beyond = workbook(sheet1=(b"</sheetData>", b'<row r="999999999">' + cell % 999999999))
    assert [row.values["prompt"] for row in read_rows("own.xlsx", beyond)] == ["a"]
    assert time.process_time() - start < 10


def test_a_workbook_whose_parts_unpack_to_too_much_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sheets.UNPACKED_BYTES, sheets.UNPACKED_TIMES) == (2**27, 50)
    monkeypatch.setattr(sheets, "UNPACKED_BYTES", 1 << 20)
    content = workbook(sheet1=(b"<t>a</t>", b"<t>" + b"a" * (1 << 21) + b"</t>"))
    assert "unpacks to more than 1,048,576 bytes" in message(PLAIN, "own.xlsx", content, subset="default")


XML: dict[str, tuple[bytes, int]] = {
    "siblings": (b"<r><row><prompt>x</prompt>" + b"<a>1</a>" * 100_000 + b"</row></r>", 1),
    "depth before a row": (b"<r>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"<row><prompt>x</prompt></row></r>", 1),
    "depth in a row": (b"<r><row><prompt>x</prompt>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</row></r>", 1),
    "rows in rows": (b"<r>" + b"<row><prompt>x</prompt>" * 20_000 + b"</row>" * 20_000 + b"</r>", elements.MOST_DEEP - 1),
}


@pytest.mark.parametrize("kind", XML)
def test_xml_is_read_in_linear_time_however_deep_or_wide(kind: str) -> None:
    content, count = XML[kind]
    start = time.process_time()
    rows = read_rows("own.xml", content, record="row")
    assert (len(rows), rows[-1].values["prompt"]) == (count, "x")
    assert time.process_time() - start < 4


def test_an_element_that_does_not_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "MOST_LINE", 1 << 18)
    content = b"<r><row><prompt>" + b"x" * (1 << 20) + b"</prompt></row></r>"
    assert "broken XML behind row 0" in message(PLAIN, "own.xml", content, subset="default", record="row")


def test_choices_are_looked_for_in_the_end_of_a_question_and_not_everywhere() -> None:
    """2,000 labels in 12,000 characters took 23 s."""
    start = time.process_time()
    for question in ("x " + "(A) y " * 4000, "x (A) a (B) b " * 20_000, "x\n" + "A) y\n" * 4000):
        choices.problem(question, None, "A")
    assert time.process_time() - start < 6
    asked = "A long " + "story (A) " * 30_000 + "end. Which? (A) one (B) two"
    assert choices.problem(asked, None, "B").options == ["one", "two"]


# SIGTERM. A process imports what reads, and forks one for each file, which reads it again and again.

READER = """
import os, sys, threading, time
from pathlib import Path
from builders import locks
from builders.errors import BuildError
from builders.sealed import unsealing
from builders.sources import formats, parquets, sheets, elements, templates
from builders.texts import files

def read(name):
    if name.endswith(".zst"):
        with unsealing.opened(Path(name)) as (_, contents):
            return list(contents())
    if name.endswith(".jinja"):
        return templates.filled(Path(name).read_text(), {"x": "y" * 1000})
    with open(name, "rb") as stream:
        opened = formats.OpenFile(stream, name, record="q" if name.endswith("xml") else None)
        return sum(1 for _ in formats.READERS[name.split(".")[-1]](opened))

def busy():
    while time.process_time() - start < 0.2:
        time.sleep(0.01)
    print("ready", os.getpid(), flush=True)

for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        start = time.process_time()
        try:
            locks.stop_with_parent()
            threading.Thread(target=busy, daemon=True).start()
            while True:
                try:
                    read(name)
                except BuildError:
                    pass
        except KeyboardInterrupt:
            os._exit(130)
        os._exit(1)
    _, status, spent = os.wait4(child, 0)
    print("gone", os.waitstatus_to_exitcode(status), spent.ru_utime + spent.ru_stime, flush=True)
"""


def long_list() -> bytes:
    sink = io.BytesIO()
    flood = pa.array([0] * 11, pa.int8()).take(pa.array([0] * 8_000_000, pa.int32()))
    pq.write_table(pa.table({"n": pa.ListArray.from_arrays(pa.array([0, len(flood)], pa.int32()), flood)}), sink)
    return sink.getvalue()


def sealed() -> bytes:
    from tests.sealed.test_form import OPENING, write_lines

    write_lines(Path("x.zst"), OPENING, b'{"about":0,"body":[]}\n' * 3_000_000)
    return Path("x.zst").read_bytes()


def columns() -> bytes:
    return (",".join(f"c{number}" for number in range(100_000)) + "\n" + "x," * 99_999 + "x\n").encode()


def bomb() -> bytes:
    from tests.texts.test_yaml import BOMB

    return BOMB.encode()


PARSED: dict[str, Callable[[], bytes]] = {
    "bomb.yaml": bomb,
    "rows.yaml": lambda: b"- {prompt: x, a: [1, {b: c}]}\n" * 20_000,
    "deep.yaml": lambda: b"- prompt: " + b"[" * 300_000,
    "digits.json": lambda: b'[{"n": ' + b"9" * 4_000_000 + b"}]",
    "values.jsonl": lambda: b'{"b": [' + b"1.5," * 2_000_000 + b"1]}\n",
    "columns.csv": columns,
    "field.csv": lambda: b'prompt\n"' + b"x" * 20_000_000 + b'"\n',
    "deep.xml": lambda: b"<r>" + b"<a>" * 500_000,
    "lists.parquet": long_list,
    "loops.jinja": lambda: b"{% for a in x %}" * 4 + b"{% endfor %}" * 4,
    "lines.zst": sealed,
}


@pytest.fixture
def reader(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    for name, make in PARSED.items():
        (checkout / name).write_bytes(make())
    with subprocess.Popen(
        [sys.executable, "-c", READER, *PARSED],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def test_whatever_is_being_parsed_stops_within_five_seconds_of_sigterm(reader: subprocess.Popen[str]) -> None:
    assert reader.stdout
    for name in PARSED:
        word, pid = reader.stdout.readline().split()
        assert word == "ready", name
        os.kill(int(pid), signal.SIGTERM)
        word, code, spent = reader.stdout.readline().split()
        assert (word, code) == ("gone", "130"), name
        assert float(spent) < 5, name
