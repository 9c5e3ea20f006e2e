"""Files that were made to harm: no message shows a name of theirs that may be a row's text, and no parsing outlives SIGTERM."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.errors import BuildError
from builders.sources import parquets, reading
from builders.sources.tables import Source
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


def said(family: str, name: str, content: bytes, **entry: Any) -> str:  # noqa: ANN401
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
    guarded = said(FAMILY, name, content, **entry)
    assert TEXT not in guarded
    assert f"(a name of {len(TEXT)} characters)" in guarded
    assert TEXT in said(PLAIN, name, content, **entry, subset="default")


def test_what_columns_are_usually_called_is_shown() -> None:
    line = said(FAMILY, "own.csv", f"id,Question,{TEXT}\n1,a,b\n".encode())
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
        opened = formats.Opened(stream, name, record="q" if name.endswith("xml") else None)
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
