"""Source files: every format is read as it is, and whatever cannot be read is one line with its place."""

import contextlib
import csv
import io
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.errors import BuildError
from builders.sources import reading
from builders.sources.entries import ByValue, Template
from builders.sources.reading import Row
from builders.sources.tables import Format, Source
from tests.harness import FAMILY, declared, jsonl

pytestmark = pytest.mark.usefixtures("toys")

BOM = "\ufeff"


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The least that counts as a checkout, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    return tmp_path


def place(kind: Format) -> Path:
    return Path("raw") / FAMILY / "sources" / f"own.{kind}"


def read(content: str | bytes | None, kind: Format, **entry: Any) -> list[Row]:  # noqa: ANN401
    """Write a source file, unless it shall be missing, and return its rows."""
    file = place(kind)
    file.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(reading.rows(FAMILY, Source(**declared(file, **entry))))


def fault(content: str | bytes | None, kind: Format, **entry: Any) -> str:  # noqa: ANN401
    """Return the one line that reading such a file ends with, its path taken off."""
    with pytest.raises(BuildError) as caught:
        read(content, kind, **entry)
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    assert line.startswith(str(place(kind)))
    return line.removeprefix(str(place(kind)))


def parquet(**columns: Any) -> bytes:  # noqa: ANN401
    """Return a Parquet file with these columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def delimited(header: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    """Return rows as the standard library writes them."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter).writerows([header, *rows])
    return sink.getvalue()


# What is read.


def test_jsonl_keeps_values_and_counts_lines() -> None:
    assert read('{"prompt": "a", "n": 1}\n{"prompt": null, "n": [2]}\n', "jsonl") == [
        Row(1, {"prompt": "a", "n": 1}),
        Row(2, {"prompt": None, "n": [2]}),
    ]


def test_jsonl_passes_over_blank_lines_but_counts_them() -> None:
    assert read('\n{"prompt": "a"}\n \t\n\n{"prompt": "b"}', "jsonl") == [Row(2, {"prompt": "a"}), Row(5, {"prompt": "b"})]


def test_jsonl_takes_crlf_and_a_byte_order_mark() -> None:
    assert read(f'{BOM}{{"prompt": "a"}}\r\n\r\n{{"prompt": "b"}}\r\n', "jsonl") == [
        Row(1, {"prompt": "a"}),
        Row(3, {"prompt": "b"}),
    ]


def test_jsonl_rows_end_at_line_feeds_only() -> None:
    """Other characters that Python calls line ends may stand in a JSON string."""
    assert read('{"prompt": "a\u2028b\u0085c"}\n', "jsonl") == [Row(1, {"prompt": "a\u2028b\u0085c"})]


def test_json_list_counts_rows() -> None:
    assert read('[\n\n {"prompt": "a"},\n {"prompt": "b"}\n]\n', "json") == [Row(1, {"prompt": "a"}), Row(2, {"prompt": "b"})]


def test_json_mapping_gives_its_keys_as_a_column() -> None:
    assert read('{"x1": {"prompt": "a"}, "x2": {"prompt": "b"}}', "json") == [
        Row(1, {"key": "x1", "prompt": "a"}),
        Row(2, {"key": "x2", "prompt": "b"}),
    ]


def test_json_takes_crlf_and_a_byte_order_mark() -> None:
    assert read(f'{BOM}[\r\n{{"prompt": "a"}}\r\n]\r\n', "json") == [Row(1, {"prompt": "a"})]


def test_yaml_list_counts_rows() -> None:
    assert read(f"{BOM}- prompt: a\r\n- prompt: |\r\n    two\r\n    lines\r\n  n: NA\r\n", "yaml") == [
        Row(1, {"prompt": "a"}),
        Row(2, {"prompt": "two\nlines\n", "n": "NA"}),
    ]


@pytest.mark.parametrize(("kind", "mark"), [("csv", ","), ("tsv", "\t")])
def test_delimited_values_stay_the_strings_they_are(kind: Format, mark: str) -> None:
    """No `NA`, no empty field, no number and no white space becomes anything else."""
    rows = [["NA", "", " a "], ["null", "1.0", "TRUE"], ["", "", ""]]
    content = "".join(mark.join(fields) + "\n" for fields in [["prompt", "b", "c"], *rows])
    assert [list(row.values.values()) for row in read(content, kind)] == rows


def test_the_other_format_s_delimiter_is_text() -> None:
    assert read("prompt,b\na\tb,c\n", "csv") == [Row(2, {"prompt": "a\tb", "b": "c"})]
    assert read("prompt\tb\na,b\tc\n", "tsv") == [Row(2, {"prompt": "a,b", "b": "c"})]


def test_csv_takes_quoted_line_ends_quotes_and_delimiters() -> None:
    """A row's position is the line where it ends."""
    assert read('prompt,b\n"one\ntwo","a ""word"""\n"x,y",z\n', "csv") == [
        Row(3, {"prompt": "one\ntwo", "b": 'a "word"'}),
        Row(4, {"prompt": "x,y", "b": "z"}),
    ]


def test_csv_takes_crlf_and_a_byte_order_mark_and_keeps_quoted_crlf() -> None:
    assert read(f'{BOM}prompt,b\r\n"one\r\ntwo",x\r\n\r\ny,z\r\n', "csv") == [
        Row(3, {"prompt": "one\r\ntwo", "b": "x"}),
        Row(5, {"prompt": "y", "b": "z"}),
    ]


def test_csv_takes_a_byte_order_mark_before_a_quoted_header() -> None:
    assert read(f'{BOM}"prompt"\na\n', "csv") == [Row(2, {"prompt": "a"})]


def test_csv_takes_a_field_longer_than_the_library_s_limit() -> None:
    long = "x" * 200_000
    assert read(f"prompt\n{long}\n", "csv") == [Row(2, {"prompt": long})]


def test_parquet_counts_rows_and_keeps_nulls() -> None:
    columns = {"instruction": "prompt", "label": "n"}
    assert read(parquet(prompt=["a", None], n=[1, 2]), "parquet", columns=columns) == [
        Row(1, {"prompt": "a", "n": 1}),
        Row(2, {"prompt": None, "n": 2}),
    ]


def test_of_parquet_no_column_is_read_that_params_do_not_name_unless_a_draw_depends_on_it() -> None:
    """It may have images in it, or a text that is spelt once and stands in every row."""
    content = parquet(prompt=["a", "b"], n=[1, 2])
    assert [row.values for row in read(content, "parquet")] == [{"prompt": "a", "n": None}, {"prompt": "b", "n": None}]
    whole = read(content, "parquet", limit={"rows": 2, "over": "prompt", "seed": 0})
    assert [row.values["n"] for row in whole] == [1, 2]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("jsonl", '{"prompt": "a"}\n{"prompt": "b"}\nbroken\n'),
        ("json", '[{"prompt": "a"}, {"prompt": "b"}, {"prompt": "c"}]'),
        ("yaml", "[{prompt: a}, {prompt: b}, {prompt: c}]"),
        ("csv", "prompt\na\nb\nc,ragged\n"),
        ("tsv", "prompt\na\nb\nc\tragged\n"),
        ("parquet", None),
    ],
)
def test_limit_takes_the_first_rows_and_reads_no_further(kind: Format, content: str | None) -> None:
    rows = read(content or parquet(prompt=["a", "b", "c"]), kind, limit=2)
    assert [row.values["prompt"] for row in rows] == ["a", "b"]


def test_a_column_may_be_missing_from_some_rows() -> None:
    assert len(read('{"prompt": "a"}\n{"other": "b"}\n', "jsonl")) == 2


TEXTS = st.lists(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2), min_size=1, max_size=8
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows=TEXTS)
def test_texts_written_as_jsonl_csv_and_tsv_read_back_equal(rows: list[list[str]]) -> None:
    header = ["prompt", "other"]
    wanted = [dict(zip(header, row, strict=True)) for row in rows]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("params.yaml").touch()
        assert [row.values for row in read(jsonl(*wanted), "jsonl")] == wanted
        assert [row.values for row in read(delimited(header, rows), "csv")] == wanted
        assert [row.values for row in read(delimited(header, rows, "\t"), "tsv")] == wanted


@settings(derandomize=True, deadline=None, max_examples=100)
@given(prompts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=8))
def test_a_csv_of_one_column_loses_no_row(prompts: list[str]) -> None:
    """An empty field is then written as two quotes, which is a row, unlike a blank line."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("params.yaml").touch()
        content = delimited(["prompt"], [[prompt] for prompt in prompts])
        assert [row.values["prompt"] for row in read(content, "csv")] == prompts


# What is drawn.


def drawn(rows: list[dict[str, str]], number: int, seed: int = 0) -> list[str]:
    """Return what a sample of so many rows, evenly over the column `t`, holds."""
    limit = {"rows": number, "over": "t", "seed": seed}
    return [row.values["prompt"] for row in read(jsonl(*rows), "jsonl", limit=limit)]


def kinds(prompts: list[str]) -> dict[str, int]:
    return dict(Counter(prompt[0] for prompt in prompts))


def typed(**counts: int) -> list[dict[str, str]]:
    """Return so many rows of each type, in turn as long as they last."""
    rows = [(number, kind) for kind, count in counts.items() for number in range(count)]
    return [{"prompt": f"{kind}{number}", "t": kind} for number, kind in sorted(rows)]


def test_a_sample_takes_equally_many_rows_of_each_value() -> None:
    assert kinds(drawn(typed(a=50, b=90, c=70), 60)) == {"a": 20, "b": 20, "c": 20}


def test_a_value_with_too_few_rows_gives_all_and_the_others_more() -> None:
    assert kinds(drawn(typed(a=4, b=90, c=70), 60)) == {"a": 4, "b": 28, "c": 28}


def test_a_sample_larger_than_the_file_is_the_file() -> None:
    rows = typed(a=4, b=9)
    assert drawn(rows, 100) == [row["prompt"] for row in rows]


def test_a_sample_keeps_the_order_of_the_file_and_is_drawn_from_all_of_it() -> None:
    rows = typed(a=500, b=500)
    places = [[row["prompt"] for row in rows].index(prompt) for prompt in drawn(rows, 60)]
    assert places == sorted(places)
    assert sum(place >= 500 for place in places) in range(15, 46), "one half of the file gives nearly everything"


def test_every_row_is_as_likely_as_another() -> None:
    """Over many seeds: 20 of 100 rows are drawn 400 times, so each 80 times, give or take 4.5 standard deviations of 8."""
    rows = typed(a=50, b=50)
    hits = Counter(prompt for seed in range(400) for prompt in drawn(rows, 20, seed))
    assert hits.total() == 8000
    assert len(hits) == 100
    assert all(44 <= count <= 116 for count in hits.values())


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    counts=st.dictionaries(st.sampled_from("abcde"), st.integers(1, 30), min_size=1),
    sizes=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    seed=st.integers(0, 5),
    order=st.randoms(use_true_random=False),
)
def test_a_sample_is_fair_nested_and_free_of_order(
    counts: dict[str, int], sizes: tuple[int, int], seed: int, order: random.Random
) -> None:
    rows = typed(**counts)
    shuffled = order.sample(rows, len(rows))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("params.yaml").touch()
        small, large = (drawn(rows, size, seed) for size in sorted(sizes))
        assert set(drawn(shuffled, max(sizes), seed)) == set(large)
    assert len(large) == len(set(large)) == min(max(sizes), len(rows))
    assert set(small) <= set(large)
    shares = {kind: kinds(large).get(kind, 0) for kind in counts}
    cut = [share for kind, share in shares.items() if share < counts[kind]]
    assert not cut or max(shares.values()) - min(cut) <= 1, "a value gave less than its share, and another more"


def test_equal_rows_are_drawn_together() -> None:
    rows = [{"prompt": "a same", "t": "a"}] * 3 + typed(a=9)
    assert drawn(rows, 12).count("a same") == 3


def test_a_sample_over_a_column_that_some_rows_lack_has_them_as_a_value() -> None:
    rows = [{"prompt": "x"} for _ in range(9)] + typed(a=9)
    assert kinds(drawn(rows, 4)) == {"x": 2, "a": 2}


def test_a_column_chosen_by_another_ones_value() -> None:
    column = ByValue(by="t", columns={"a": "one", "7": "two"})
    rows: list[dict[str, Any]] = [
        {"t": "a", "one": 1, "two": 2},
        {"t": 7, "one": 1, "two": 2},
        {"t": "b", "one": 1},
        {"one": 1},
        {"t": "a"},
    ]
    assert [reading.value(column, row) for row in rows] == [1, 2, None, None, None]
    assert reading.value("one", rows[0]) == 1


@pytest.mark.parametrize("missing", ["t", "one", "two"])
def test_every_column_that_a_choice_names_must_be_there(missing: str) -> None:
    row = {name: "x" for name in ("t", "one", "two") if name != missing}
    column = {"by": "t", "columns": {"a": "one", "b": "two"}}
    line = fault(jsonl(row), "jsonl", columns={"instruction": column})
    assert f"source own has no column '{missing}'; " in line


# Templates, lists, and rows picked by a value.


def template(text: str) -> dict[str, str]:
    return {"template": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ input[0].content }}", "Is it?"),
        ("{{ context }} {{ question }}", "Given this. Why?"),
        ("{% for turn in input %}{{ turn.role }}: {{ turn.content }}{% endfor %}", "user: Is it?"),
        ("{{ question | upper }} {{ 'yes' if flag else 'no' }}", "WHY? yes"),
        ("{{ range(3) | join('-') }} {{ question }}", "0-1-2 Why?"),
        ("<{{ question }}> & {{ context }}", "<Why?> & Given this."),
        ("plain", "plain"),
    ],
)
def test_a_template_is_filled_from_a_row(text: str, expected: str) -> None:
    row = {"input": [{"role": "user", "content": "Is it?"}], "context": "Given this.", "question": "Why?", "flag": True}
    column = Source(**declared(place("jsonl"), columns={"instruction": template(text)})).columns["instruction"]
    assert reading.value(column, row) == expected
    assert [found.values for found in read(jsonl(row), "jsonl", columns={"instruction": template(text)})] == [row]


@pytest.mark.parametrize(
    "row",
    [{}, {"input": []}, {"input": None}, {"input": "text"}, {"input": [{}]}, {"input": 7}, {"input": {"0": 1}}],
)
def test_a_row_that_cannot_fill_a_template_gets_nothing_there(row: dict[str, Any]) -> None:
    assert reading.value(Template(template="{{ input[0].content }}"), row) is None


@pytest.mark.parametrize("text", ["{{ 1 // n }}", "{{ n.x.y }}", "{{ n['a']['b'] }}", "{{ n | int + 'a' }}", "{{ n() }}"])
def test_whatever_a_template_stumbles_over_is_nothing(text: str) -> None:
    assert reading.value(Template(template=text), {"n": 0}) is None


@pytest.mark.parametrize(
    "text", ["{{ ''.__class__.__mro__ }}", "{{ cycler.__init__.__globals__ }}", "{{ n.__class__.__name__ }}"]
)
def test_a_template_reaches_nothing_but_the_row(text: str) -> None:
    assert reading.value(Template(template=text), {"n": "x"}) in {None, ""}


@pytest.mark.parametrize("text", ["{{ question", "{% if %}", "{{ question | no_such_filter }}", "{% for %}", "{{ 'a }}"])
def test_a_template_that_is_none_is_refused_when_params_are_read(text: str) -> None:
    with pytest.raises(ValidationError, match="no Jinja template"):
        Source(**declared(place("jsonl"), columns={"instruction": template(text)}))


def test_every_column_that_a_template_names_must_be_there() -> None:
    line = fault(jsonl({"question": "Why?"}), "jsonl", columns={"instruction": template("{{ context }} {{ question }}")})
    assert "source own has no column 'context'; " in line


@settings(max_examples=50)
@given(st.text(), st.text())
def test_a_template_takes_texts_as_they_are(context: str, question: str) -> None:
    row = {"context": context, "question": question}
    assert reading.value(Template(template="{{ context }}|{{ question }}"), row) == f"{context}|{question}"


LISTED = [
    {"id": "one", "texts": ["A?"], "kind": "x"},
    {"id": "two", "texts": ["B?", "C?"], "kind": "y"},
    {"id": "none", "texts": [], "kind": "x"},
    {"id": "null", "texts": None, "kind": "x"},
    {"id": "text", "texts": "D?", "kind": "y"},
]


def test_each_item_of_a_list_makes_a_row_of_its_own_and_an_empty_list_one_without_a_value() -> None:
    rows = read(jsonl(*LISTED), "jsonl", columns={"instruction": "texts", "key": "id"}, each="texts")
    found = [(row.values["id"], row.values["texts"], row.item) for row in rows]
    without = [("none", None, None), ("null", None, None)]
    assert found == [("one", "A?", None), ("two", "B?", 0), ("two", "C?", 1), *without, ("text", "D?", None)]
    assert [row.position for row in rows] == [1, 2, 2, 3, 4, 5]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_a_limit_counts_items_and_larger_ones_hold_smaller_ones(limit: int) -> None:
    entry = {"columns": {"instruction": "texts"}, "each": "texts"}
    whole = read(jsonl(*LISTED), "jsonl", **entry)
    assert read(jsonl(*LISTED), "jsonl", limit=limit, **entry) == whole[:limit]


def test_a_column_of_lists_that_is_not_there_is_named() -> None:
    assert "source own has no column 'texts'; " in fault(jsonl({"prompt": "A?"}), "jsonl", each="texts")


@pytest.mark.parametrize(
    ("only", "ids"),
    [
        ({"kind": ["x"]}, ["one", "none", "null"]),
        ({"kind": ["x", "y"]}, ["one", "two", "none", "null", "text"]),
        ({"kind": ["y"], "id": ["text", "one"]}, ["text"]),
    ],
)
def test_rows_are_picked_by_their_values(only: dict[str, list[str]], ids: list[str]) -> None:
    rows = read(jsonl(*LISTED), "jsonl", columns={"instruction": "id"}, only=only)
    assert [row.values["id"] for row in rows] == ids


@pytest.mark.parametrize(
    ("value", "written"), [(True, "true"), (None, "null"), (3, "3"), (0.5, "0.5"), ("3", "3"), ("é", "é"), (["a"], '["a"]')]
)
def test_values_are_compared_as_a_person_writes_them(value: object, written: str) -> None:
    rows = [{"prompt": "A?", "mark": "other"}, {"prompt": "B?", "mark": value}]
    assert [row.values["prompt"] for row in read(jsonl(*rows), "jsonl", only={"mark": [written]})] == ["B?"]


def test_values_that_no_row_has_are_said() -> None:
    with pytest.raises(
        BuildError, match="source own: no row is what `only` asks for; write the values of kind as they are in the file"
    ):
        read(jsonl(*LISTED), "jsonl", columns={"instruction": "id"}, only={"kind": ["z"]})


def test_picking_comes_before_items_and_limit() -> None:
    entry = {"columns": {"instruction": "texts"}, "each": "texts", "only": {"kind": ["y"]}, "limit": 2}
    assert [row.values["texts"] for row in read(jsonl(*LISTED), "jsonl", **entry)] == ["B?", "C?"]


def test_a_generated_file_goes_with_its_format_and_a_family_that_has_a_generator() -> None:
    made = {"generator": "sums", "rows": 3, "seed": 0, "settings": {}}
    entry = declared(place("jsonl"))
    for changed in ({"file": made}, {"format": "generated"}):
        with pytest.raises(ValidationError, match="format: generated goes with a file that names a generator"):
            Source(**{**entry, **changed})
    with pytest.raises(BuildError, match=f"source own: {FAMILY} has no generator"):
        reading.check(FAMILY, Source(**{**entry, "file": made, "format": "generated"}))


# What is refused.

ALL: list[Format] = ["jsonl", "json", "yaml", "csv", "tsv", "parquet"]


@pytest.mark.parametrize("kind", ALL)
def test_a_missing_file_is_named(kind: Format) -> None:
    assert fault(None, kind).startswith(": source own has no file; ")


def test_a_folder_is_no_file() -> None:
    place("jsonl").mkdir(parents=True)
    assert "has no file" in fault(None, "jsonl")


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_file_is_named(kind: Format) -> None:
    assert fault("", kind).startswith(": the file of source own is empty; ")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("jsonl", "\n \n"),
        ("json", "[]"),
        ("json", "{}"),
        ("yaml", "[]\n"),
        ("csv", "prompt,b\n"),
        ("csv", "\n\n"),
        ("tsv", "prompt\tb\r\n\r\n"),
        ("parquet", None),
    ],
)
def test_a_file_without_rows_is_named(kind: Format, content: str | None) -> None:
    assert fault(parquet(prompt=[]) if content is None else content, kind).startswith(": source own holds no row; ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('{"prompt": }\n', 1),
        ('{"prompt": "a"}\n\n{"prompt": "b"} {"prompt": "c"}\n{"prompt": "d"}\n', 3),
        ('{"prompt": "a"}\n{"prompt": "b', 2),
        (BOM, 1),
    ],
)
def test_broken_jsonl_names_its_line(content: str, line: int) -> None:
    assert fault(content, "jsonl").startswith(f":{line}: broken JSON: ")


def test_a_jsonl_line_that_breaks_off_is_named_not_the_one_behind_it() -> None:
    assert fault('{"prompt": "a"\n{"prompt": "b"}\n', "jsonl").startswith(":1: broken JSON: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('[\n {"prompt": "a"},\n {"prompt": },\n {"prompt": "c"}\n]\n', 3),
        ('[\r\n {"prompt": "a"},\r\n {"prompt": "b"\r\n', 4),
        ("not json", 1),
        ("[" * 100_000, 1),
    ],
)
def test_broken_json_names_its_line(content: str, line: int) -> None:
    assert fault(content, "json").startswith(f":{line}: broken JSON: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("- {prompt: a}\n- {prompt: [}\n", 2),
        ("- prompt: a\n- b\n c: d\n", 3),
        ("- prompt: a\n\t- prompt: b\n", 2),
        ("---\n- prompt: a\n---\n- prompt: b\n", 3),
    ],
)
def test_broken_yaml_names_its_line(content: str, line: int) -> None:
    assert fault(content, "yaml").startswith(f":{line}: broken YAML: ")


@pytest.mark.parametrize("deep", [65, 1023, 3000])
def test_a_value_too_deep_costs_no_other_row(deep: int) -> None:
    nested = "[" * deep + "]" * deep
    rows = read('{"prompt": "a"}\n{"prompt": ' + nested + '}\n{"prompt": "b", "key": ' + nested + "}\n", "jsonl")
    assert [row.values.get("prompt") for row in rows][:2] == ["a", None]
    assert [row.position for row in rows] == [1, 2, 3]


def test_a_hundred_thousand_columns_are_read_in_linear_time() -> None:
    names = [f"c{number}" for number in range(100_000)]
    start = time.process_time()
    assert len(read(f"prompt,{','.join(names)}\n" + "x," * 100_000 + "y\n", "csv")[0].values) == 100_001
    assert "stands twice" in fault(f"prompt,{','.join([*names, 'prompt'])}\n", "csv")
    assert time.process_time() - start < 5


def test_only_compares_what_json_cannot_write() -> None:
    found = read("- {prompt: a, day: 2024-01-02}\n- {prompt: b, day: 2024-01-03}\n", "yaml", only={"day": ["2024-01-02"]})
    assert [row.values["prompt"] for row in found] == ["a"]


def test_yaml_with_a_control_character_names_its_line() -> None:
    assert fault('- prompt: a\n- prompt: "b\x07"\n', "yaml").startswith(":2: ")


@pytest.mark.parametrize("value", ["2024-13-45", '!!int "x"', '!!float "x"'])
def test_yaml_with_an_impossible_value_has_none_there(value: str) -> None:
    assert [row.values for row in read(f"- prompt: a\n- prompt: {value}\n", "yaml")] == [{"prompt": "a"}, {"prompt": None}]


def test_yaml_nested_too_deeply_names_the_file() -> None:
    assert "YAML" in fault("[" * 1500, "yaml")


@pytest.mark.parametrize("row", ["{1: a}", "{1: a, b: c}", "{null: a}"])
def test_yaml_whose_column_names_are_no_text_is_refused(row: str) -> None:
    assert fault(f"- {row}\n", "yaml").startswith(":")


@pytest.mark.parametrize(
    ("kind", "content", "line"),
    [
        ("jsonl", b'{"prompt": "a"}\n{"prompt": "\xff"}\n', 2),
        ("json", b'[\n {"prompt": "a"},\n {"prompt": "\xe9"}\n]\n', 3),
        ("yaml", b"- prompt: a\n- prompt: \xe9\n", 2),
        ("csv", b"prompt,b\na,b\nc,\xe9\n", 3),
        ("csv", b'prompt,b\r\n"a\r\nb",b\r\nc,\xe9\r\n', 4),
        ("tsv", b"prompt\tb\na\t\xe9\n", 2),
        ("csv", "prompt\na\n".encode("utf-16") + b"\0", 1),
    ],
)
def test_bytes_that_are_not_utf_8_name_their_line(kind: Format, content: bytes, line: int) -> None:
    assert fault(content, kind).startswith(f":{line}: bytes that are not UTF-8; ")


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("prompt,b\na,b\nc\n", 3, "1 fields where the header has 2"),
        ("prompt,b\na,b,c\n", 2, "3 fields where the header has 2"),
        ('prompt,b\n"a\nb",c\nd,e,f\n', 4, "3 fields where the header has 2"),
        ('prompt,b\na,"b\nc,d\n', 2, "broken row: unexpected end of data, read up to line 3; if quotation marks are letters"),
        ('prompt,b\n"a"x,b\n', 2, "broken row: "),
        ("prompt,b,prompt\na,b,c\n", 1, "the column prompt stands twice"),
    ],
)
def test_a_broken_csv_names_its_line(content: str, line: int, what: str) -> None:
    assert fault(content, "csv").startswith(f":{line}: {what}")


@pytest.mark.parametrize(
    ("kind", "content", "what"),
    [
        ("jsonl", '{"prompt": "a"}\n["b"]\n', "row 2 is list, not an object"),
        ("jsonl", '{"prompt": "a"}\n{"prompt": "b"}\nnull\n', "row 3 is NoneType, not an object"),
        ("json", '[{"prompt": "a"}, "b"]', "row 2 is str, not an object"),
        ("json", '{"x": {"prompt": "a"}, "y": 3}', "row 2 is int, not an object"),
        ("yaml", "- prompt: a\n- b\n", "row 2 is str, not an object"),
        ("json", '"text"', "neither a list nor a mapping of rows"),
        ("yaml", "a\n", "not a list of rows"),
        ("yaml", "# nothing\n", "not a list of rows"),
    ],
)
def test_a_row_that_is_no_object_is_named(kind: Format, content: str, what: str) -> None:
    assert what in fault(content, kind)


def test_a_broken_parquet_file_is_named() -> None:
    whole = parquet(prompt=["abc" * 1000] * 100)
    for content in (b"PAR1", b"no parquet at all", whole[: len(whole) // 2], whole[:20] + b"\xff" * 40 + whole[60:]):
        assert "cannot be read as Parquet behind row 0" in fault(content, "parquet")


def test_parquet_text_that_is_not_utf_8_costs_its_row() -> None:
    import pyarrow as pa

    broken = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"\xff\xfea"))
    rows = read(parquet(prompt=broken), "parquet")
    assert [row.values["prompt"] for row in rows] == ["\udcff\udcfe", "a"]


def test_a_parquet_date_beyond_python_s_is_a_text() -> None:
    import pyarrow as pa

    content = parquet(prompt=["a"], day=pa.array([2**30], pa.date32()))
    [row] = read(content, "parquet")
    assert row.values["prompt"] == "a"


def test_a_parquet_column_that_stands_twice_is_named() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["prompt", "prompt"]), sink)
    assert "the column prompt stands twice" in fault(sink.getvalue(), "parquet")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("jsonl", '{"text": "a"}\n{"text": "b", "id": 1}\n'),
        ("json", '[{"text": "a", "id": 1}]'),
        ("yaml", "- {text: a, id: 1}\n"),
        ("csv", "text,id\na,1\n"),
        ("tsv", "text\tid\na\t1\n"),
        ("parquet", None),
    ],
)
def test_an_unknown_column_names_those_there_are(kind: Format, content: str | None) -> None:
    line = fault(parquet(text=["a"], id=[1]) if content is None else content, kind)
    assert line == ": source own has no column 'prompt'; map one of its columns instead: id, text"


def test_an_unknown_key_column_is_named_too() -> None:
    line = fault(json.dumps({"prompt": "a"}), "jsonl", columns={"key": "uid", "instruction": "prompt"})
    assert line == ": source own has no column 'uid'; map one of its columns instead: prompt"


def test_json_keys_that_stand_twice_lose_no_row() -> None:
    """Either both rows are read or the file is refused: never one row dropped in silence."""
    content = '{"x": {"prompt": "a"}, "x": {"prompt": "b"}}'
    try:
        rows = read(content, "json")
    except BuildError as error:
        assert "key" in str(error)  # noqa: PT017
    else:
        assert [row.values["prompt"] for row in rows] == ["a", "b"]
