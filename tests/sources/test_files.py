"""Files of every kind: packed, in folders, as workbooks and XML, in any layout; what is odd in a row costs that row."""

import bz2
import codecs
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from builders import records
from builders.errors import BuildError
from builders.sources import reading, streaming
from builders.sources.reading import Row
from builders.sources.settling import settled
from builders.sources.tables import Source
from tests.harness import FAMILY, declared

HOME = Path("raw") / FAMILY / "sources"
LINES = b'{"prompt": "a"}\n{"prompt": "b"}\n'


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that counts as a checkout, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    (tmp_path / HOME).mkdir(parents=True)


def put(name: str, content: bytes | str, kind: str = "sources") -> None:
    file = HOME.parent / kind / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def source(file: str, **entry: Any) -> Source:  # noqa: ANN401
    given = {**declared(Path("own.jsonl")), "file": file, **entry}
    if "format" not in entry:
        del given["format"]
    return Source(**given)


def rows(file: str, **entry: Any) -> list[Row]:  # noqa: ANN401
    return list(reading.rows(FAMILY, source(file, **entry)))


def prompts(file: str, **entry: Any) -> list[Any]:  # noqa: ANN401
    return [row.values.get("prompt") for row in rows(file, **entry)]


def fault(file: str, **entry: Any) -> str:  # noqa: ANN401
    with pytest.raises(BuildError) as raised:
        rows(file, **entry)
    assert len(str(raised.value).splitlines()) == 1
    return str(raised.value)


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def parquet(**columns: Any) -> bytes:  # noqa: ANN401
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def workbook(*table: list[Any], sheet: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("Second").append(["prompt"])
    book["Second"].append(["of the second"])
    page = book.active
    assert page is not None
    page.title = sheet
    for line in table:
        page.append(line)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


# Packed.

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "zip": lambda data: zipped(inside=data),
}


@pytest.mark.parametrize("packed", PACKERS)
def test_a_packed_file_is_read_by_its_content_whatever_it_is_called(packed: str) -> None:
    for name in (f"a.jsonl.{packed}", "plain.jsonl"):
        put(name, PACKERS[packed](LINES))
        assert prompts(name) == ["a", "b"]
    put(f"not_packed.jsonl.{packed}", LINES)
    assert prompts(f"not_packed.jsonl.{packed}") == ["a", "b"]


@pytest.mark.parametrize("packed", PACKERS)
def test_what_is_packed_may_be_any_format(packed: str) -> None:
    contents = {"csv": b"prompt\na\n", "json": b'[{"prompt": "a"}]', "parquet": parquet(prompt=["a"]), "yaml": b"- prompt: a\n"}
    for kind, content in contents.items():
        put(f"a.{kind}.{packed}", PACKERS[packed](content))
        assert prompts(f"a.{kind}.{packed}") == ["a"]


@pytest.mark.parametrize("packed", PACKERS)
def test_a_packed_file_that_breaks_off_is_one_line(packed: str) -> None:
    data = PACKERS[packed](b"".join(b'{"prompt": "%d"}\n' % number for number in range(5000)))
    put("a.jsonl", data[: len(data) // 2])
    assert "cannot be unpacked" in fault("a.jsonl")


def test_an_archive_with_a_password_says_so() -> None:
    data = bytearray(zipped(inside=LINES))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1  # the flag of a member that is encrypted
    put("a.jsonl.zip", bytes(data))
    assert "the archive wants a password; pack it again without" in fault("a.jsonl.zip")


@pytest.mark.parametrize("packed", ["gz", "bz2", "xz", "zst"])
def test_what_is_packed_in_parts_behind_each_other_is_one_file(packed: str) -> None:
    one = PACKERS[packed](LINES)
    put("a.jsonl", one + one)
    assert prompts("a.jsonl") == ["a", "b", "a", "b"]
    for rest in (b"not packed", one[:-9], one[:9]):
        put("a.jsonl", one + rest)
        assert "cannot be unpacked" in fault("a.jsonl")


def test_xz_with_padding_lzma_alone_and_zstandard_with_frames_to_skip_are_read() -> None:
    xz, zst = PACKERS["xz"](LINES), PACKERS["zst"](LINES)
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
    for content in (
        xz + b"\0" * 4 + xz,
        xz + b"\0" * 4096 + xz + b"\0" * 4,
        zst + skipped + zst + skipped,
        skipped + zst + zst,
    ):
        put("a.jsonl", content)
        assert prompts("a.jsonl") == ["a", "b", "a", "b"]
    put("a.jsonl", lzma.compress(LINES, format=lzma.FORMAT_ALONE))
    assert prompts("a.jsonl") == ["a", "b"]


def test_what_is_packed_twice_says_so() -> None:
    put("a.jsonl.gz", gzip.compress(gzip.compress(LINES)))
    assert fault("a.jsonl.gz").endswith("it is packed twice: unpack it once")


def test_of_an_archive_the_files_of_the_format_are_read() -> None:
    put("a.zip", zipped(**{"b/2.jsonl": LINES, "a/1.jsonl": LINES, "README.md": b"no rows", "__MACOSX/x.jsonl": b"no"}))
    found = rows("a.zip", format="jsonl")
    assert [row.path for row in found] == ["a.zip/a/1.jsonl"] * 2 + ["a.zip/b/2.jsonl"] * 2
    put("c.zip", zipped(**{"1.jsonl.gz": gzip.compress(LINES), "2.jsonl": LINES}))
    assert prompts("c.zip", format="jsonl") == ["a", "b", "a", "b"]
    put("d.ods", zipped(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}))
    assert "it is an OpenDocument file; save it as .xlsx, or as CSV" in fault("d.ods", format="xlsx")
    put("b.zip", zipped(**{"a.txt": b"x", "b.txt": b"y"}))
    assert "the archive holds no jsonl file" in fault("b.zip", format="jsonl")


# Folders and patterns.


def test_folders_and_patterns_are_read_in_the_order_of_their_paths() -> None:
    for name in ("shards/2.jsonl", "shards/1.jsonl.gz", "shards/deep/3.jsonl", "shards/notes.md", "shards/.hidden.jsonl"):
        content = json.dumps({"prompt": name}).encode()
        put(name, gzip.compress(content) if name.endswith("gz") else content)
    everything = ["shards/1.jsonl.gz", "shards/2.jsonl", "shards/deep/3.jsonl"]
    assert prompts("shards", format="jsonl") == everything
    assert [row.path for row in rows("shards", format="jsonl")] == everything
    assert prompts("shards/*.jsonl") == ["shards/2.jsonl"]
    assert prompts("shards/**/*.jsonl*", format="jsonl") == everything
    assert prompts("shards/[12].*", limit=2, format="jsonl") == everything[:2]
    for name in ("parts/part-0.GZ", "parts/part-1.zst", "parts/images.zip", "parts/part-2", "parts/x.tar.gz"):
        put(name, gzip.compress(LINES))
    assert prompts("parts", format="jsonl") == ["a", "b"] * 2
    assert prompts("parts", format="jsonl", limit=3) == ["a", "b", "a"]


def test_a_folder_without_such_files_and_a_name_that_leaves_it_are_one_line() -> None:
    put("shards/notes.md", "x")
    assert "has no file of the format jsonl in it" in fault("shards", format="jsonl")
    assert "has no file; put it there or take it out of params.yaml" in fault("*.jsonl")
    assert fault("a.jsonl", fetch="hf download x").endswith("has no file; fetch it: hf download x")
    for name in ("../x.jsonl", "/etc/x.jsonl", "a/../../x.jsonl", "a\\b.jsonl", ""):
        with pytest.raises(ValueError, match="name a file, a folder or a pattern"):
            source(name, format="jsonl")


def test_what_pins_several_files_depends_on_all_of_them() -> None:
    put("shards/1.jsonl", LINES)
    put("shards/2.jsonl", LINES)
    before = reading.origin(FAMILY, source("shards/*.jsonl"))
    put("shards/2.jsonl", LINES + LINES)
    assert reading.origin(FAMILY, source("shards/*.jsonl")) != before
    assert before["files"] == 2
    assert "files" not in reading.origin(FAMILY, source("shards/1.jsonl"))


def test_a_template_may_name_the_row_s_file() -> None:
    put("shards/1.jsonl", LINES)
    entry = {"columns": {"instruction": {"template": "{{ _file }}: {{ prompt }}"}}}
    [first, _] = rows("shards/*.jsonl", **entry)
    assert reading.value(source("shards/*.jsonl", **entry).columns["instruction"], first.values) == "shards/1.jsonl: a"


def test_ones_own_files_come_first_and_those_in_git_are_found_too() -> None:
    put("a.jsonl", '{"prompt": "in git"}')
    assert prompts("a.jsonl", folder="own") == ["in git"]
    put("a.jsonl", '{"prompt": "own"}', "own")
    assert prompts("a.jsonl", folder="own") == ["own"]
    assert prompts("a.jsonl") == ["in git"]


# Workbooks, XML, lines of text.


def test_a_workbook_gives_the_rows_of_a_sheet() -> None:
    put("a.xlsx", workbook(["id", " prompt ", None], [], [1, "a", None], [2.5, "b"], [None, None, None], sheet="Questions"))
    assert [row.values for row in rows("a.xlsx")] == [{"id": 1, "prompt": "a"}, {"id": 2.5, "prompt": "b"}]
    assert prompts("a.xlsx", sheet="Questions") == ["a", "b"]
    assert prompts("a.xlsx", sheet="Second") == ["of the second"]
    assert "has no such sheet; write one of its sheets: Questions, Second" in fault("a.xlsx", sheet="Answers")


def made(*fill: Callable[[Any], None], titles: tuple[str, ...] = ("Sheet",)) -> bytes:
    """Return a workbook whose sheets are filled by functions."""
    book, sink = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for title, one in zip(titles, fill, strict=True):
        one(book.create_sheet(title))
    book.save(sink)
    return sink.getvalue()


def filled(*lines: list[Any]) -> Callable[[Any], None]:
    """Return what writes lines into a sheet."""

    def fill(page: Any) -> None:  # noqa: ANN401
        for line in lines:
            page.append(line)

    return fill


def test_of_several_sheets_the_first_that_has_the_columns_is_read() -> None:
    cover, data, more = filled(["About"]), filled(["prompt"], ["a"]), filled(["prompt"], ["b"])
    put("a.xlsx", made(cover, filled(), data, more, titles=("Cover", "Empty", "Data", "More")))
    assert prompts("a.xlsx") == ["a"]
    assert prompts("a.xlsx", sheet="More") == ["b"]
    put("b.xlsx", made(cover, filled(["question"], ["a"]), titles=("Cover", "Data")))
    assert "has no column 'prompt'" in fault("b.xlsx", sheet="Data")
    put("c.xlsx", made(*[filled(["x"], ["y"])] * 20, data, titles=tuple(map(str, range(21)))))
    assert "has no column 'prompt'" in fault("c.xlsx")  # as many sheets as are looked at


def test_a_title_above_the_names_of_columns_is_no_row_of_a_sheet() -> None:
    put("a.xlsx", made(filled(["All questions"], [], ["prompt", "n"], ["a", 1])))
    [row] = rows("a.xlsx")
    assert (row.position, row.values) == (4, {"prompt": "a", "n": 1})
    put("b.xlsx", made(filled(*[[None]] * 40, ["prompt"], ["a"])))
    assert [row.position for row in rows("b.xlsx")] == [42]


def test_a_merged_cell_is_what_the_cells_below_it_show_in_rows_that_have_anything() -> None:
    def merged(page: Any) -> None:  # noqa: ANN401
        filled(["prompt", "topic", "n"], ["a", "x", 1], ["b", None, 2], [None, None, None], ["c", None, None], ["d"])(page)
        page.merge_cells("B2:B5")
        page.merge_cells("A8:C8")

    put("a.xlsx", made(merged))
    assert [(row.values["prompt"], row.values["topic"]) for row in rows("a.xlsx")] == [
        ("a", "x"),
        ("b", "x"),
        ("c", "x"),
        ("d", None),
    ]


def test_errors_dates_and_times_of_a_workbook_are_nothing_and_texts() -> None:
    def odd(page: Any) -> None:  # noqa: ANN401
        filled(["prompt", "when"], ["#N/A", date(2024, 2, 29)], ["a", datetime(2024, 2, 29, 5)], ["b", time(5, 6)])(page)  # noqa: DTZ001
        filled(["not #N/A", True], ["=1+1", "#REF!"])(page)
        page.cell(2, 1).data_type = page.cell(6, 2).data_type = "e"

    put("a.xlsx", made(odd))
    found = [(row.values["prompt"], row.values["when"]) for row in rows("a.xlsx")]
    assert found == [
        (None, "2024-02-29T00:00:00"),
        ("a", "2024-02-29T05:00:00"),
        ("b", "05:06:00"),
        ("not #N/A", True),
        (None, None),
    ]


def test_every_error_of_excel_is_nothing() -> None:
    errors = [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
    ]
    put("a.xlsx", workbook(["prompt", "n"], *([error, number] for number, error in enumerate(errors)), ["#VALUE", 99]))
    assert [row.values["prompt"] for row in rows("a.xlsx")] == [*[None] * 11, "#VALUE"]


def test_a_row_of_empty_texts_is_none_and_a_column_that_stands_twice_has_no_name() -> None:
    book = workbook(["prompt", "n", "n"], ["a", 1, 2], ["x", "x", None], ["b", 3, 4])
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(sink, "w") as after:
        for entry in before.infolist():
            after.writestr(entry.filename, before.read(entry).replace(b"<t>x</t>", b"<t></t>"))
    put("a.xlsx", sink.getvalue())
    empty = [row.values for row in rows("a.xlsx")]
    assert empty == [{"prompt": "a"}, {"prompt": "b"}]
    assert "the column n stands twice" in fault("a.xlsx", columns={"instruction": "prompt", "label": "n"})


@pytest.mark.parametrize(("part", "error"), [("workbook.xml.rels", "KeyError"), ("worksheets", "IndexError")])
def test_a_workbook_that_lacks_a_part_is_one_line(part: str, error: str) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["prompt"], ["a"]))) as before, zipfile.ZipFile(sink, "w") as after:
        for entry in before.infolist():
            if part not in entry.filename:
                after.writestr(entry.filename, before.read(entry))
    put("a.xlsx", sink.getvalue())
    assert f"cannot be read as an Excel workbook behind row 0: {error}" in fault("a.xlsx")


def test_a_workbook_whose_first_sheet_is_a_chart_is_one_line() -> None:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    filled(["prompt"], ["a"])(book.worksheets[0])
    book.create_chartsheet("Chart", 0)
    book.save(sink)
    put("a.xlsx", sink.getvalue())
    assert "cannot be read as an Excel workbook behind row 0" in fault("a.xlsx")


def test_a_broken_workbook_is_one_line() -> None:
    whole = workbook(["prompt"], ["a"])
    for content, message in (
        (whole[:200], "cannot be unpacked: BadZipFile; fetch or pack it again"),
        (b"PK\x03\x04 nothing", "cannot be unpacked: BadZipFile; fetch or pack it again"),
        (zipped(**{"[Content_Types].xml": b"<x/>"}), "Excel"),
    ):
        put("a.xlsx", content)
        assert message in fault("a.xlsx")


XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<Document id="7" url="https://example.org"><Focus>Caf\u00e9s</Focus>
<QAPairs><QAPair pid="1"><Question qtype="what">a <b>bold</b> one</Question><Answer>x</Answer></QAPair>
<!-- a note --><QAPair pid="2"><Question qtype="why">b</Question><Answer>y</Answer><Answer>z</Answer></QAPair></QAPairs>
</Document>
""".encode("latin-1")


def test_an_element_of_the_record_path_makes_a_row() -> None:
    put("a.xml", XML)
    first, second = (row.values for row in rows("a.xml", record="QAPairs/QAPair", columns={"instruction": "Question"}))
    around = {"/Document/@id": "7", "/Document/@url": "https://example.org", "/Document/Focus": "Caf\u00e9s"}
    assert first.items() >= {**around, "@pid": "1", "Question": "a bold one", "Question/@qtype": "what", "Answer": "x"}.items()
    assert second.items() >= {**around, "@pid": "2", "Question": "b"}.items()
    assert second["Answer"] == ["y", "z"]


def test_an_element_of_that_name_on_another_path_makes_none() -> None:
    put("a.xml", "<all><Draft><Pair><q>no</q></Pair></Draft><Pairs><Pair><q>yes</q></Pair></Pairs></all>")
    found = rows("a.xml", record="Pairs/Pair", columns={"instruction": "q"})
    assert [row.values["q"] for row in found] == ["yes"]


@pytest.mark.parametrize(("content", "record"), [(XML[:-30], "QAPair"), (XML, None), (b"<a>", "a"), (b"no xml", "a")])
def test_xml_that_is_broken_or_without_a_path_is_one_line(content: bytes, record: str | None) -> None:
    put("a.xml", content)
    assert "a.xml" in fault("a.xml", record=record, columns={"instruction": "Question"})


def test_columns_of_an_element_are_all_that_is_in_it_by_their_paths_without_namespaces() -> None:
    content = """<d:rows xmlns:d="urn:x" xmlns="urn:y"><d:row d:n="1"> <q>a</q><more><deep><x>1</x></deep></more>
        <note>i</note><note>ii</note><note>iii</note></d:row><d:row>only</d:row><d:row><text>inner</text></d:row></d:rows>"""
    put("a.xml", content)
    for record in ("rows/row", "/rows/row", "row/"):
        first, second, third = (row.values for row in rows("a.xml", record=record, columns={"instruction": "text"}))
    expected = {"@n": "1", "q": "a", "more/deep/x": "1", "more/deep": "1", "note": ["i", "ii", "iii"]}
    assert first.items() >= expected.items()
    assert (second["text"], third["text"]) == ("only", "inner")


def test_a_record_path_that_no_element_has_is_named() -> None:
    put("a.xml", "<rows><row><prompt>a</prompt></row></rows>")
    assert "no element is Pairs/Pair: write record: and the one that makes a row" in fault("a.xml", record="Pairs/Pair")


def test_a_bomb_of_entities_is_refused() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    put("a.xml", f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "{"x" * 10}">{levels}]><a><b>&a9;</b></a>')
    assert "broken XML" in fault("a.xml", record="b", columns={"instruction": "text"})


def test_a_line_of_text_is_a_row() -> None:
    put("a.txt", "one||two\n\nthree||four\r\n")
    found = rows("a.txt", columns={"instruction": {"template": "{{ line.split('||')[1] }}"}})
    assert [(row.position, row.values["line"]) for row in found] == [(1, "one||two"), (3, "three||four")]


# Layouts of JSON.


@pytest.mark.parametrize(
    "content",
    [
        {"version": 1, "data": [{"prompt": "a"}, {"prompt": "b"}]},
        {"prompt": ["a", "b"], "n": [1, 2]},
        {"prompt": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}},
        {"columns": ["prompt", "n"], "index": [0, 1], "data": [["a", 1], ["b", 2]]},
        {"x": {"prompt": "a"}, "y": {"prompt": "b"}},
        [{"prompt": "a"}, {"prompt": "b"}],
    ],
)
def test_every_layout_of_json_and_yaml_gives_its_rows(content: Any) -> None:  # noqa: ANN401
    for name in ("a.json", "a.yaml"):
        put(name, json.dumps(content))
        assert prompts(name) == ["a", "b"]


def test_columns_that_are_called_columns_and_data_are_columns() -> None:
    put("a.json", json.dumps({"columns": ["a", "b"], "data": ["first", "second"]}).encode())
    found = rows("a.json", columns={"instruction": "columns", "label": "data"})
    assert [row.values for row in found] == [{"columns": "a", "data": "first"}, {"columns": "b", "data": "second"}]


def test_an_object_by_itself_is_a_row_and_plain_values_under_keys_are_rows_of_two_columns() -> None:
    put("a.json", '{"prompt": "a", "n": 1}')
    assert prompts("a.json") == ["a"]
    put("b.json", '{"x": "yes", "y": "no"}')
    found = rows("b.json", columns={"instruction": "key", "label": "value"})
    assert [row.values for row in found] == [{"key": "x", "value": "yes"}, {"key": "y", "value": "no"}]


def test_rows_under_several_keys_are_named_and_a_path_of_keys_leads_to_them() -> None:
    put("a.json", '{"train": [{"prompt": "a"}], "test": [{"prompt": "b"}]}')
    assert "rows are under several keys: test, train; say under which key, such as record: train" in fault(
        "a.json", columns={"instruction": "question"}
    )
    assert prompts("a.json", record="test") == ["b"]
    put("b.json", '{"data": [{"pairs": [{"prompt": "a"}]}, {"pairs": [{"prompt": "b"}]}]}')
    assert prompts("b.json", record="data/pairs") == ["a", "b"]
    assert "nothing is under data/rows" in fault("b.json", record="data/rows")


def test_rows_deeper_in_a_file_are_named_by_the_keys_that_lead_to_them() -> None:
    deep = {"version": 1, "data": [{"title": "t", "paragraphs": [{"qas": [{"prompt": "a"}, {"prompt": "b"}]}]}]}
    viewer = {"features": [{"name": "prompt"}], "rows": [{"row_idx": 0, "row": {"prompt": "a"}}]}
    for content, path in (
        (deep, "data/paragraphs/qas"),
        (viewer, "rows/row"),
        ({"data": {"train": [{"prompt": "a"}]}}, "data/train"),
        ([{"row": {"prompt": "a"}}], "row"),
    ):
        put("a.json", json.dumps(content))
        assert fault("a.json").endswith(f"rows are under {path}; write record: {path}")
        assert prompts("a.json", record=path)[0] == "a"
    put("a.json", json.dumps({"a": {"b": {"c": {"d": {"e": [{"prompt": "too deep"}]}}}}}))
    assert "has no column 'prompt'" in fault("a.json")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.yaml", "large.json"])
def test_plain_values_are_rows_of_one_column_and_a_list_of_names_is_above_lists(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "large.json":
        monkeypatch.setattr(streaming, "WHOLE", 4)

    def lay(*values: object) -> None:
        lines = name.endswith("jsonl")
        put(name, "".join(json.dumps(value) + "\n" for value in values) if lines else json.dumps(values))

    entry = {"columns": {"instruction": "value"}}
    lay("a", 1, None, "b")
    assert [(row.position, row.values) for row in rows(name, **entry)] == [
        (1, {"value": "a"}),
        (2, {"value": 1}),
        (3, {"value": None}),
        (4, {"value": "b"}),
    ]
    lay("a", {"value": "b"}, ["c"])
    assert "row 3 is list, not an object" in fault(name, **entry)
    lay(["n", "prompt"], [1, "a"], [2], [None, "b"])
    assert [(row.position, row.values) for row in rows(name)] == [
        (2, {"n": 1, "prompt": "a"}),
        (3, {"n": 2}),
        (4, {"n": None, "prompt": "b"}),
    ]
    lay(["n", "prompt"], [1, "a", "more"])
    assert "row 2 is list, not an object" in fault(name)
    for odd in (["n", "question"], ["prompt", "prompt"], ["prompt", 1]):
        lay(odd, [1, "a"])
        assert "row 1 is list, not an object" in fault(name)


def test_lists_of_several_lengths_and_objects_of_other_keys_are_no_columns() -> None:
    for content in ({"prompt": ["a", "b"], "n": [1]}, {"prompt": {"0": "a", "1": "b"}, "n": {"0": 1}}):
        put("a.json", json.dumps(content))
        try:
            found = prompts("a.json")
        except BuildError:
            continue
        assert found == [content["prompt"]]  # one row, whose prompt is none


# A file in another format than params say.


@pytest.mark.parametrize(
    ("form", "content", "hint"),
    [
        ("jsonl", '[\n {"prompt": "a"}\n]', "it looks like json: write format: json"),
        ("jsonl", '[{"prompt": "a"}]', "it looks like json: write format: json"),
        ("jsonl", '{"data": [{"prompt": "a"}]}', "it looks like json: write format: json"),
        ("json", LINES.decode(), "it looks like jsonl: write format: jsonl"),
        ("jsonl", "prompt,b\na,b\n", "it looks like csv: write format: csv"),
        ("csv", "prompt\tb\na\tb\n", "it looks like tsv: write format: tsv"),
        ("tsv", "prompt,b\na,b\n", "it looks like csv: write format: csv"),
        ("csv", "prompt;b\na;b\n", "write format: csv and delimiter: ';'"),
        ("csv", LINES.decode(), "it looks like jsonl: write format: jsonl"),
        ("json", "- prompt: a\n", "it looks like yaml: write format: yaml"),
        ("jsonl", parquet(prompt=["a"]), "it is a Parquet file: write format: parquet"),
        ("csv", workbook(["prompt"], ["a"]), "it is an Excel workbook: write format: xlsx"),
        ("csv", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "it is an old Excel file (.xls): save it as .xlsx"),
        ("csv", "<!DOCTYPE html><html>", "it is a web page, not data"),
        ("jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "it is a Git LFS pointer"),
        ("jsonl", XML, "it looks like xml: write format: xml"),
    ],
)
def test_a_file_in_another_format_is_told_from_its_beginning(form: str, content: str | bytes, hint: str) -> None:
    put("a", content)
    assert hint in fault("a", format=form)
    put("packed", gzip.compress(content.encode() if isinstance(content, str) else content))
    assert hint in fault("packed", format=form)


def test_the_format_is_told_by_the_name_where_params_leave_it_out() -> None:
    names = {"a.jsonl": "jsonl", "a.csv.gz": "csv", "A.TSV": "tsv", "a.parquet": "parquet", "a.yml": "yaml", "a.xlsx": "xlsx"}
    names |= {"a.jl": "jsonl", "a.jsonlines.zst": "jsonl", "a.pq": "parquet", "a.ndjson": "jsonl", "a.txt": "text"}
    assert {name: source(name).format for name in names} == names
    with pytest.raises(ValueError, match="format"):
        source("a.dat")


# CSV and TSV.


def test_a_quotation_mark_is_a_letter_by_a_switch_and_the_line_named_is_the_one_with_the_mark() -> None:
    content = 'prompt\tb\n"a\t1\nb"c\t2\nd\t"\n'
    put("a.tsv", content)
    assert prompts("a.tsv", quoting="none") == ['"a', 'b"c', "d"]
    line = fault("a.tsv")
    assert "a.tsv:2: broken row" in line
    assert "write quoting: none" in line
    put("b.csv", 'prompt,b\na,1\nb,"2\nc,3\n')
    assert "b.csv:3: broken row" in fault("b.csv")


def test_empty_columns_at_the_end_and_names_that_stand_twice_are_ignored_unless_params_name_them() -> None:
    put("a.csv", "prompt,n,n,,\na,1,2,,\nb,3,4,,\nc,5,6,,,,\n")
    assert [row.values for row in rows("a.csv")] == [{"prompt": "a"}, {"prompt": "b"}, {"prompt": "c"}]
    assert "the column n stands twice" in fault("a.csv", columns={"instruction": "n"})
    put("b.csv", "prompt\na,b\n")
    assert "2 fields where the header has 1" in fault("b.csv")


def test_names_of_columns_are_stripped_and_another_delimiter_is_a_key() -> None:
    put("a.csv", "id,prompt \n1, a\n")
    assert prompts("a.csv") == [" a"]
    put("b.csv", "id;prompt\n1;a,b\n")
    assert prompts("b.csv", delimiter=";") == ["a,b"]
    put("c.csv", "id,\u200bprompt\u00a0\ufeff\n1,a\n")
    assert prompts("c.csv") == ["a"]


def test_a_name_of_which_one_does_not_see_all_is_shown_in_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_guarded", lambda _: False)
    put("a.jsonl", '{" prompt": "a", "pro\u200bmpt": "b", "prompts": "c"}\n')
    assert fault("a.jsonl").endswith("map one of its columns instead: ' prompt', 'pro\\u200bmpt', prompts")


def test_blanks_behind_all_commas_of_the_first_line_are_no_part_of_fields() -> None:
    put("a.csv", 'id, prompt\n1, "a, b"\n2, c\n')
    assert prompts("a.csv") == ["a, b", "c"]
    put("b.csv", "id,n, prompt\n1,2, a\n")
    assert prompts("b.csv") == [" a"]
    put("c.tsv", "id\tprompt\n1\t a\n")
    assert prompts("c.tsv") == [" a"]


def test_lines_above_the_names_of_columns_are_no_rows_where_they_have_fewer_fields() -> None:
    for above in ("\n\n", "# made by hand\n", "Questions,,\n", "My questions\n\n,,\n"):
        put("a.csv", f"{above}prompt,n,m\na,1,2\n")
        [row] = rows("a.csv")
        assert (row.values["prompt"], row.position) == ("a", above.count("\n") + 2)
    put("b.csv", "x,y,z\nprompt,n,m\na,1,2\n")  # as many: may be a row
    assert "has no column 'prompt'" in fault("b.csv")
    put("c.csv", "Questions\nquestion,n\na,1\n")
    assert "c.csv:2: 2 fields where the header has 1; the first line has to name the columns" in fault("c.csv")
    put("d.csv", "prompt,n\nprompt,n\na,1\n")
    assert prompts("d.csv") == ["prompt", "a"]
    put("e.csv", "x\n" * 19 + "prompt,n\na,1\n")
    assert prompts("e.csv") == ["a"]
    put("e.csv", "x\n" * 20 + "prompt,n\na,1\n")
    assert "has no column 'prompt'" in fault("e.csv")


def test_a_file_without_names_of_columns_gets_them_from_params() -> None:
    put("a.csv", '"What is 2 + 2, in words?",3,4,B\nWhy?,x,y,A\n')
    found = rows("a.csv", header=["prompt", "a", "b", "answer"])
    assert [(row.position, row.values["prompt"], row.values["answer"]) for row in found] == [
        (1, "What is 2 + 2, in words?", "B"),
        (2, "Why?", "A"),
    ]
    assert "4 fields where the header has 1" in fault("a.csv", header=["prompt"])
    put("b.xlsx", workbook(["Why?", 1], ["How?", 2]))
    assert prompts("b.xlsx", header=["prompt", "n"]) == ["Why?", "How?"]


def test_a_backslash_before_a_quotation_mark_is_a_switch_that_the_message_names() -> None:
    put("a.csv", 'prompt,n\n"He said \\"yes, please\\" twice.",1\nb,2\n')
    assert prompts("a.csv", quoting="backslash") == ['He said "yes, please" twice.', "b"]
    assert "if one within a field has a backslash before it, quoting: backslash" in fault("a.csv")
    put("b.csv", "prompt,n\n$\\alpha$,1\n")
    assert prompts("b.csv") == ["$\\alpha$"]


def test_a_first_line_for_excel_says_what_is_between_columns() -> None:
    put("excel.csv", "sep=;\r\nprompt;n\r\na,b;1\r\n")
    assert prompts("excel.csv") == ["a,b"]
    assert [row.position for row in rows("excel.csv")] == [3]
    put("broken.csv", "sep=;\nprompt;n\na;1;2\n")
    assert ":3: 3 fields where the header has 2" in fault("broken.csv")
    put("word.csv", "sep,n\na,1\n")
    assert [row.values for row in rows("word.csv", columns={"instruction": "sep"})] == [{"sep": "a", "n": "1"}]


# Values.


def test_numbers_texts_and_marks_that_json_cannot_hold_cost_at_most_their_row() -> None:
    big = 2**64 + 1
    put("b.jsonl", f'{{"prompt": "a", "id": {big}}}\n')
    assert rows("b.jsonl")[0].values["id"] == big
    put("a.jsonl", f'{{"prompt": "a", "n": NaN, "id": {big}}}\n{{"prompt": "\\ud800"}}\n\ufeff{{"prompt": "c", "n": 1e400}}\n')
    first, second, third = rows("a.jsonl")
    assert first.values["id"] == big
    assert settled(first.values["id"]) == (str(big), False)
    assert settled(first.values["n"]) == (None, False)
    assert settled(second.values["prompt"]).flawed
    assert third.values["prompt"] == "c"
    put("a.json", f'[{{"prompt": "a", "n": [NaN, {"9" * 5000}]}}]')
    assert settled(rows("a.json")[0].values["n"]).value == [None, "9" * 5000]
    put("a.yaml", f'- {{prompt: "a", n: .nan, id: {big}}}\n- {{prompt: "b\\ud800"}}\n')
    assert [settled(prompt).flawed for prompt in prompts("a.yaml")] == [False, True]


@pytest.mark.parametrize("value", [2**70, float("inf"), b"\xff", {"a": ["\udc00", float("nan")]}, [2**80], {1: {2: 3}}])
def test_a_settled_value_can_be_written_as_json(value: object) -> None:
    records.canonical(settled(value).value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_in_utf_16_or_32_with_its_mark_is_read(encoding: str) -> None:
    contents = {"a.csv": "prompt,b\na\u00e9,1\n", "a.jsonl": '{"prompt": "a\u00e9"}\n', "a.yaml": "- prompt: a\u00e9\n"}
    for name, content in contents.items():
        put(name, content.encode(encoding))
        assert prompts(name) == ["a\u00e9"]
    put("a.csv", codecs.BOM_UTF32_BE + "prompt,b\na,1\n".encode("utf-32-be"))
    assert prompts("a.csv") == ["a"]


def test_bytes_behind_a_mark_that_are_not_utf_16_are_one_line() -> None:
    for content in (b"\xff\xfeprompt\nab", b"\xff\xfe\x00\xd8", b"\xff\xfe\0\0\xff\xff\xff\xff"):
        put("a.csv", content)
        assert "bytes that are not UTF-8" in fault("a.csv")


# How much.


def test_a_limit_in_tokens_takes_rows_as_long_as_they_last() -> None:
    put("a.jsonl", "".join(json.dumps({"prompt": "x" * 40, "key": "y" * 400}) + "\n" for _ in range(20)))
    assert len(prompts("a.jsonl", limit={"tokens": 55})) == 5
    assert len(prompts("a.jsonl", limit={"tokens": 1})) == 1
    assert len(prompts("a.jsonl", limit={"tokens": 10_000})) == 20
    assert len(prompts("a.jsonl", limit={"tokens": 55, "rows": 3})) == 3
    put("b.jsonl", "".join(json.dumps({"prompt": "\u00e9" * 20}) + "\n" for _ in range(9)))
    assert len(prompts("b.jsonl", limit={"tokens": 30})) == 3  # of two bytes each
    put("c.jsonl", '{"prompt": "abc"}\n' * 9)
    assert len(prompts("c.jsonl", limit={"tokens": 4})) == 4  # a token, if not a whole one
    keyed = {"columns": {"key": "key", "instruction": "prompt"}}
    assert len(prompts("a.jsonl", limit={"tokens": 55}, **keyed)) == 5
