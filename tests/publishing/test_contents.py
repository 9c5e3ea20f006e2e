"""contents: hashes and digests that depend on the values alone, and a text in which all of them stand."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.publishing import contents

KIND = pa.schema(
    {
        "id": pa.string(),
        "answer": pa.string(),
        "image": pa.struct({"bytes": pa.binary(), "path": pa.string()}),
        "steps": pa.list_(pa.struct({"number": pa.int64(), "text": pa.string()})),
    }
)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
STEPS = st.lists(st.fixed_dictionaries({"number": st.integers(0, 9), "text": st.none() | WORDS}), max_size=3)
IMAGES = st.fixed_dictionaries({"bytes": st.none() | st.binary(max_size=8), "path": WORDS})
ROWS = st.lists(st.fixed_dictionaries({"answer": st.none() | WORDS, "image": st.none() | IMAGES, "steps": st.none() | STEPS}))


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{"id": str(number), **row} for number, row in enumerate(rows)], schema=KIND)


@given(ROWS.filter(bool), st.data())
@settings(max_examples=50)
def test_neither_parts_nor_the_order_of_keys_count(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = table(rows)
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4))), len(rows)]
    parts = [whole.slice(start, stop - start) for start, stop in pairwise(cuts)]
    assert contents.contents(parts) == contents.contents([whole])
    assert contents.contents([whole.select(whole.column_names[::-1])]) == contents.contents([whole])


@given(ROWS.filter(lambda rows: len(rows) > 1), st.data())
@settings(max_examples=50)
def test_two_rows_that_change_places_count(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 2))
    other = [*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]]
    before, after = (contents.contents([table(found)]).columns for found in (rows, other))
    changed = [name for name in ("answer", "image", "steps") if rows[place][name] != rows[place + 1][name]]
    assert [name for name in ("answer", "image", "steps") if before[name] != after[name]] == changed


@given(ROWS.filter(bool))
@settings(max_examples=50)
def test_every_text_stands_in_the_text_of_its_column(rows: list[dict[str, Any]]) -> None:
    found = {name: set(contents.text(table(rows).column(name)).split("\0")) for name in ("answer", "image", "steps")}
    assert {row["answer"] or "" for row in rows} - {""} <= found["answer"]
    assert {row["image"]["path"] for row in rows if row["image"]} - {""} <= found["image"]
    assert {step["text"] or "" for row in rows for step in row["steps"] or ()} - {""} <= found["steps"]


def test_a_row_differs_where_a_shared_column_does(tmp_path: Path) -> None:
    rows = [{"answer": word, "image": None, "steps": [{"number": 1, "text": word}]} for word in "abc"]
    files = [tmp_path / f"{name}.parquet" for name in "xyz"]
    pq.write_table(table(rows), files[0])
    pq.write_table(table([rows[0], {**rows[1], "answer": "d"}, rows[2]]), files[1])
    pq.write_table(pa.concat_tables([table(rows), table(rows)]), files[2])
    here, there = (contents.table("x", [file], ["answer", "steps"]).rows for file in files[:2])
    assert [row for row in here if here[row] != there[row]] == ["1"]
    assert contents.table("x", [files[0]], ["steps"]).rows == contents.table("x", [files[1]], ["steps"]).rows
    with pytest.raises(BuildError, match="3 rows of x have the id of another one"):
        contents.table("x", [files[2]], ["answer"])


def test_the_text_of_a_column_is_found_however_arrow_keeps_it() -> None:
    words = ["a", None, "", "b"]
    for kind in (pa.string(), pa.large_string()):
        assert contents.text(pa.chunked_array([pa.array(words, kind), pa.array(["c"], kind)])) == "a\0b\0c"
    for kind in (pa.list_(pa.string()), pa.large_list(pa.large_string())):
        assert contents.text(pa.chunked_array([pa.array([["a"], None, ["b", "c"]], kind)])) == "a\0b\0c"
    assert contents.text(pa.chunked_array([pa.array([b"a\xff", b"b"])])) == "a\ufffd\0b"
    assert contents.text(pa.chunked_array([pa.array([1, 2])])) == ""


def test_a_value_has_one_spelling_and_what_json_has_no_word_for_none() -> None:
    assert contents.canonical({"b": 1, "a": [None, "\u00e9"]}) == '{"a":[null,"\u00e9"],"b":1}'.encode()
    assert contents.canonical(b"png") == b'"8f8cbb7dcf46e0bc7d53265749a6c17d116093a6ba95e442764060c76fd4a86c"'
    with pytest.raises(TypeError):
        contents.canonical({1, 2})


def test_the_columns_of_a_config_are_named_by_path(tmp_path: Path) -> None:
    kind = pa.schema([*KIND, pa.field("tags", pa.large_list(pa.list_(pa.string())))])
    pq.write_table(kind.empty_table(), tmp_path / "x.parquet")
    assert contents.columns([tmp_path / "x.parquet"]) == {
        "id": "string",
        "answer": "string",
        "image.bytes": "binary",
        "image.path": "string",
        "steps[].number": "int64",
        "steps[].text": "string",
        "tags[][]": "string",
    }
    assert contents.names([tmp_path / "x.parquet"]) == {"id", "answer", "image", "steps", "tags"}


def test_shards_are_found_by_config_and_a_broken_one_is_named(tmp_path: Path) -> None:
    for name in ("b/train-1.parquet", "b/train-0.parquet", "a/test-0.parquet", "a/notes.txt", "other.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("PAR1")
    found = contents.configs(tmp_path)
    assert {config: [path.name for path in shards] for config, shards in found.items()} == {
        "a": ["test-0.parquet"],
        "b": ["train-0.parquet", "train-1.parquet"],
    }
    with pytest.raises(BuildError, match=r"a/test-0.parquet: no Parquet file, or a broken one"):
        list(contents.batches(found["a"]))


def test_a_config_without_rows_has_no_hashes_and_each_part_is_seen_once() -> None:
    seen: list[tuple[str, int]] = []
    parts = [table([]), table([{"answer": "a", "image": None, "steps": None}])]
    found = contents.contents(parts, lambda config, part: seen.append((config, len(part))), "hard")
    assert (found.rows, sorted(found.columns)) == (1, ["answer", "id", "image", "steps"])
    assert seen == [("hard", 0), ("hard", 1)]
    assert contents.contents([table([])]) == contents.Contents(0, {})
    assert found.columns["answer"] == "a1d4ee6e7483d0de4126b55959caa58b7a92bc537126c7df1f4b2f71e1e201d0"
