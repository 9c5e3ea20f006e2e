"""What a file seems to be, where it is not what params say."""

import pytest

from builders.sources.hints import hint


@pytest.mark.parametrize(
    ("head", "form", "expected"),
    [
        (b"PAR1xx", "csv", "it is a Parquet file: write format: parquet"),
        (b"PAR1xx", "parquet", None),
        (b"\xd0\xcf\x11\xe0", "xlsx", "it is an old Excel file (.xls): save it as .xlsx"),
        (
            b"version https://git-lfs.github.com",
            "jsonl",
            "it is a Git LFS pointer, not the file itself: fetch that (git lfs pull)",
        ),
        (b"%PDF-1.7", "csv", "it is a PDF file: rows have to be in a table or in lines of JSON"),
        (b"ARROW1", "parquet", "it is an Arrow file: save it as Parquet"),
        (b"SQLite format 3\x00", "csv", "it is an SQLite database: export the table as CSV"),
        (b"PK\x03\x04", "csv", "it is an Excel workbook: write format: xlsx"),
        (b"PK\x03\x04", "xlsx", None),
        (b'{"a": 1}\n{"a": 2}', "json", "it looks like jsonl: write format: jsonl"),
        (b'{"a": 1}\n[2]', "json", "it looks like jsonl: write format: jsonl"),
        (b'{"a": 1}\n{"a": 2}', "jsonl", None),
        (b'{"a": 1}\n and more', "jsonl", "it looks like json: write format: json"),
        (b'{"a": [1]}\n', "jsonl", "it looks like json: write format: json"),
        (b'{"a": {}}', "jsonl", "it looks like json: write format: json"),
        (b'{"a": 1}', "csv", None),
        (b"{\n", "jsonl", "it looks like json: write format: json"),
        (b"[1]", "csv", "it looks like json: write format: json"),
        (b"\xef\xbb\xbf  <rows>", "csv", "it looks like xml: write format: xml"),
        (b"- a: 1", "csv", "it looks like yaml: write format: yaml"),
        (b"---\na: 1", "csv", "it looks like yaml: write format: yaml"),
        (b"a\tb,c\td\n", "csv", "it looks like tsv: write format: tsv"),
        (b"a,b;c,d\n;;;", "tsv", "it looks like csv: write format: csv"),
        (b"a;b\n,,,", "csv", "its columns are set apart by ;: write format: csv and delimiter: ';'"),
        (b"a|b", "tsv", "its columns are set apart by |: write format: csv and delimiter: '|'"),
        (b"a,b", "csv", None),
        (b"one word", "csv", None),
        (b"", "csv", None),
    ],
)
def test_a_file_in_another_format_says_which(head: bytes, form: str, expected: str | None) -> None:
    assert hint(head, form) == expected


@pytest.mark.parametrize("head", [b"<html>", b"  <!DOCTYPE html>", b"\n<HTML lang=en>"])
def test_a_web_page_is_told_from_data(head: bytes) -> None:
    found = hint(head, "xml")
    assert found
    assert found.startswith("it is a web page, not data: download the file itself")
