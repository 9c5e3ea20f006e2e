"""What a file seems to be, where it is not what params say: for the message, never to guess at rows."""

import json
import re
from collections.abc import Callable

_HEAD = 65_536
_MAGIC = (
    (b"PAR1", "it is a Parquet file: write format: parquet"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel file (.xls): save it as .xlsx"),
    (b"version https://git-lfs", "it is a Git LFS pointer, not the file itself: fetch that (git lfs pull)"),
    (b"%PDF", "it is a PDF file: rows have to be in a table or in lines of JSON"),
    (b"ARROW1", "it is an Arrow file: save it as Parquet"),
    (b"\xff\xff\xff\xff", "it is an Arrow file: save it as Parquet"),
    (b"FEA1", "it is an Arrow file: save it as Parquet"),
    (b"ORC", "it is an ORC file: save it as Parquet"),
    (b"Obj\x01", "it is an Avro file: save it as Parquet"),
    (b"SQLite format 3", "it is an SQLite database: export the table as CSV"),
    (b"\x93NUMPY", "it is an array of NumPy: save its rows as JSON Lines"),
    (b"\x89HDF", "it is an HDF5 file: save its rows as JSON Lines or Parquet"),
    (b"\x1f\x8b", "it is packed twice: unpack it once"),
    (b"BZh", "it is packed twice: unpack it once"),
    (b"\xfd7zXZ", "it is packed twice: unpack it once"),
    (b"\x28\xb5\x2f\xfd", "it is packed twice: unpack it once"),
    (b"PK\x05\x06", "it is an archive without files"),
    (b"\x1f\x9d", "it is packed with compress: unpack it, or pack it with gzip, bzip2, xz or Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it, or pack it as zip"),
    (b"Rar!", "it is a RAR archive: unpack it, or pack it as zip"),
    (b"\x04\x22\x4d\x18", "it is packed with LZ4: unpack it, or pack it with gzip, bzip2, xz or Zstandard"),
    (b"{\\rtf", "it is a text document (RTF): save it as CSV"),
)
_TAR = 257
"""Where a tar archive says that it is one."""
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_PAGE = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)
_MANY, _FEW = 0.8, 0.1
"""Shares of NUL among every other byte: what is in UTF-16 and mostly Latin has many in one half, and few in the other."""


def _is_tar(head: bytes) -> bool:
    return head[_TAR:].startswith(b"ustar")


def _is_unmarked(head: bytes) -> bool:
    """Tell whether a text is in UTF-16 and does not say so."""
    shares = sorted(half.count(b"\0") / max(len(half), 1) for half in (head[:_HEAD:2], head[1:_HEAD:2]))
    return shares[0] < _FEW and shares[1] > _MANY


_SIGNS: tuple[tuple[Callable[[bytes], object], str], ...] = (
    (_is_tar, "it is a tar archive: unpack it and name the folder, or pack its files as zip"),
    (_PICKLE.match, "it is a pickle of Python, which is not opened: save its rows as JSON Lines"),
    (_is_unmarked, "it looks like UTF-16 without its mark: save it as UTF-8"),
    (
        _PAGE.match,
        "it is a web page, not data: download the file itself (on the Hub or GitHub, its raw or resolve address)",
    ),
)


def hint(head: bytes, form: str) -> str | None:
    """Return what to do about a file that is in another format than params say; None where nothing speaks for one.

    Args:
        head: its first bytes, unpacked.
        form: the format that params say.
    """
    for magic, advice in _MAGIC:
        if head.startswith(magic):
            return None if f"format: {form}" in advice else advice
    if head.startswith(b"PK\x03\x04"):
        return None if form == "xlsx" else "it is an Excel workbook: write format: xlsx"
    if sign := next((advice for is_one, advice in _SIGNS if is_one(head)), None):
        return sign
    found = _text(head[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip())
    if found is None or found in {form, f"{form}'"}:
        return None
    return found if " " in found else f"it looks like {found}: write format: {found}"


def _text(head: bytes) -> str | None:
    if head.startswith((b"{", b"[")):
        return _json(head)
    if head.startswith(b"|"):
        return "it looks like a table of Markdown: save it as CSV"
    for begins, found in ((b"<", "xml"), (b"- ", "yaml"), (b"---", "yaml")):
        if head.startswith(begins):
            return found
    first = head.partition(b"\n")[0]
    counts = {mark: first.count(mark) for mark in (b"\t", b",", b";", b"|")}
    mark = max(counts, key=lambda one: counts[one])
    if not counts[mark]:
        return None
    written = mark.decode()
    plain = {"\t": "tsv", ",": "csv"}
    return plain.get(written, f"its columns are set apart by {written}: write format: csv and delimiter: '{written}'")


def _json(head: bytes) -> str | None:
    """Tell of which kind something is that begins like JSON: a list or an object, objects a line, or neither quite."""
    text = head.decode(errors="replace")
    try:
        first, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return _unlike(head) or "json"
    rest = text[end:]
    if rest.lstrip().startswith(","):
        return "its objects have commas between them and no brackets around: take the commas out, or put brackets around"
    if not rest.strip():
        objects = isinstance(first, list) or any(isinstance(value, dict | list) for value in first.values())
        return "json" if objects or "\n" in text.strip() else None
    if not rest.lstrip().startswith(("{", "[")):
        return "json"
    if "\n" in text[:end] or "\n" not in rest[: len(rest) - len(rest.lstrip())]:
        return "its objects do not stand a line each: write each into a line of its own, and format: jsonl"
    return "jsonl"


def _unlike(head: bytes) -> str | None:
    """Tell what is like JSON, and is not."""
    if head.startswith((b"{'", b"[{'")):
        return "it is written as Python writes values, not as JSON: write it with json.dumps"
    return None
