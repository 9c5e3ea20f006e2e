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
        (b"\xff\xff\xff\xff\x10", "parquet", "it is an Arrow file: save it as Parquet"),
        (b"FEA1", "csv", "it is an Arrow file: save it as Parquet"),
        (b"ORC", "parquet", "it is an ORC file: save it as Parquet"),
        (b"Obj\x01", "jsonl", "it is an Avro file: save it as Parquet"),
        (b"\x93NUMPY\x01", "jsonl", "it is an array of NumPy: save its rows as JSON Lines"),
        (b"\x89HDF\r\n", "json", "it is an HDF5 file: save its rows as JSON Lines or Parquet"),
        (b"7z\xbc\xaf\x27\x1c", "jsonl", "it is a 7z archive: unpack it, or pack it as zip"),
        (b"\x1f\x8b\x08", "jsonl", "it is packed twice: unpack it once"),
        (b"PK\x05\x06\0", "jsonl", "it is an archive without files"),
        (b"BZh9", "jsonl", "it is packed twice: unpack it once"),
        (b"\xfd7zXZ\0", "jsonl", "it is packed twice: unpack it once"),
        (b"\x28\xb5\x2f\xfd", "jsonl", "it is packed twice: unpack it once"),
        (
            b"\x1f\x9d\x90",
            "jsonl",
            "it is packed with compress: unpack it, or pack it with gzip, bzip2, xz or Zstandard",
        ),
        (b"Rar!\x1a", "jsonl", "it is a RAR archive: unpack it, or pack it as zip"),
        (
            b"\x04\x22\x4d\x18",
            "jsonl",
            "it is packed with LZ4: unpack it, or pack it with gzip, bzip2, xz or Zstandard",
        ),
        (b"{\\rtf1", "jsonl", "it is a text document (RTF): save it as CSV"),
        (
            b"rows.jsonl".ljust(257, b"\0") + b"ustar\x0000",
            "jsonl",
            "it is a tar archive: unpack it and name the folder, or pack its files as zip",
        ),
        (b"\x80\x04\x95", "jsonl", "it is a pickle of Python, which is not opened: save its rows as JSON Lines"),
        ("prompt,b\nx,1\n".encode("utf-16-le"), "csv", "it looks like UTF-16 without its mark: save it as UTF-8"),
        ("prompt,b\nx,1\n".encode("utf-16-be"), "csv", "it looks like UTF-16 without its mark: save it as UTF-8"),
        (b"\0" * 40, "csv", None),
        (b"\0" * 40 + b"ab", "csv", None),
        (b"ab" + b"\0" * 2, "csv", None),
        (b"a\0" * 9 + b"ab" * 2, "csv", "it looks like UTF-16 without its mark: save it as UTF-8"),
        (b"a\0" * 8 + b"ab" * 2, "csv", None),
        (b"a\0" * 9 + b"\0\0", "csv", None),
        (b"a\0" * 10 + b"\0\0", "csv", "it looks like UTF-16 without its mark: save it as UTF-8"),
        (b"x" * 258 + b"ustar", "csv", None),
        (b"\x80\x05", "csv", "it is a pickle of Python, which is not opened: save its rows as JSON Lines"),
        (b"\x80\x02", "csv", "it is a pickle of Python, which is not opened: save its rows as JSON Lines"),
        (b"\x80\x06", "csv", None),
        (b"| a | b |\n|---|---|\n", "csv", "it looks like a table of Markdown: save it as CSV"),
        (
            b"{'a': 1}\n{'a': 2}\n",
            "jsonl",
            "it is written as Python writes values, not as JSON: write it with json.dumps",
        ),
        (b"[{'a': 1}]", "json", "it is written as Python writes values, not as JSON: write it with json.dumps"),
        (
            b'{"a": 1},\n{"a": 2},\n',
            "jsonl",
            "its objects have commas between them and no brackets around: take the commas out, or put brackets around",
        ),
        (
            b'{"a": 1}{"a": 2}',
            "jsonl",
            "its objects do not stand a line each: write each into a line of its own, and format: jsonl",
        ),
        (
            b'{\n"a": 1\n}\n{\n"a": 2\n}\n',
            "json",
            "its objects do not stand a line each: write each into a line of its own, and format: jsonl",
        ),
        (
            b'{"a": 1}\r{"a": 2}\r',
            "jsonl",
            "its objects do not stand a line each: write each into a line of its own, and format: jsonl",
        ),
        (b'{\n"a": 1\n}\n', "jsonl", "it looks like json: write format: json"),
        (b'{"a": ' + b"9" * 5000 + b"}\n{}", "csv", "it looks like json: write format: json"),
        (b"[" * 9000, "csv", "it looks like json: write format: json"),
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
