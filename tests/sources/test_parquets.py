"""Columns of Parquet files that are read, and values that Python cannot hold."""

import io
import struct
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.errors import BuildError
from builders.sources import parquets


def read(columns: dict[str, Any], *wanted: str, alone: bool = False) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    found = list(parquets.rows(sink, "f", wanted, alone=alone))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    return [row for _, row in found]


def odd(kind: "pa.DataType") -> "pa.Array[Any]":
    """Return two texts, the first of which is not in UTF-8."""
    places = struct.pack("<3i" if kind == pa.string() else "<3q", 0, 2, 3)
    return pa.Array.from_buffers(kind, 2, [None, pa.py_buffer(places), pa.py_buffer(b"\xff\xfea")])


def test_columns_that_are_wanted_are_read_alone_if_all_are_there() -> None:
    columns = {"a": ["x"], "b": [1]}
    assert read(columns, "a", alone=True) == [{"a": "x", "b": None}]
    assert read(columns, "a", "z", alone=True) == [{"a": "x", "b": 1}]
    assert read(columns, "a") == [{"a": "x", "b": 1}]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_a_text_that_is_not_utf_8_is_marked_as_broken(kind: "pa.DataType") -> None:
    assert read({"a": odd(kind)}) == [{"a": "\udcff\udcfe"}, {"a": "a"}]
    assert read({"a": pa.StructArray.from_arrays([odd(kind)], ["q"])}) == [{"a": "\ud800"}, {"a": {"q": "a"}}]


def test_a_date_beyond_those_of_python_is_a_text() -> None:
    days = read({"a": pa.array([2**30, 0], pa.date32())})
    assert days[0] == {"a": "<value out of range: 1073741824>"}
    assert str(days[1]["a"]) == "1970-01-01"


def test_a_row_may_have_as_many_values_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquets, "MOST_VALUES", 3)
    assert read({"a": [[1, 2, 3]]}) == [{"a": [1, 2, 3]}]
    assert read({"a": [[1, 2, 3], [1, 2, 3, 4], [5]]}) == [{"a": [1, 2, 3]}, {"a": None}, {"a": [5]}]


def test_a_broken_file_says_why_unless_its_names_may_be_texts() -> None:
    for guarded, why in ((True, "ArrowInvalid"), (False, "Parquet file size is 4 bytes.*")):
        with pytest.raises(BuildError, match=rf"^f: cannot be read as Parquet behind row 0: {why}; write the file again$"):
            list(parquets.rows(io.BytesIO(b"PAR1"), "f", (), guarded=guarded))
