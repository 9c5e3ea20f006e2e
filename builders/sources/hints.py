"""What a file seems to be, where it is not what params say: for the message, never to guess at rows."""

import re

import orjson

_HEAD = 65_536
_MAGIC = (
    (b"PAR1", "it is a Parquet file: write format: parquet"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel file (.xls): save it as .xlsx"),
    (b"version https://git-lfs", "it is a Git LFS pointer, not the file itself: fetch that (git lfs pull)"),
    (b"%PDF", "it is a PDF file: rows have to be in a table or in lines of JSON"),
    (b"ARROW1", "it is an Arrow file: save it as Parquet"),
    (b"SQLite format 3", "it is an SQLite database: export the table as CSV"),
)
_PAGE = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)


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
    if _PAGE.match(head):
        return "it is a web page, not data: download the file itself (on the Hub or GitHub, its raw or resolve address)"
    found = _text(head[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip())
    if found is None or found in {form, f"{form}'"}:
        return None
    return found if " " in found else f"it looks like {found}: write format: {found}"


def _text(head: bytes) -> str | None:
    if head.startswith((b"{", b"[")):
        return _json(head)
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
    first, _, rest = head.partition(b"\n")
    if not first.startswith(b"{") or not _is_json(first):
        return "json"
    if rest.strip():
        return "jsonl" if rest.lstrip().startswith((b"{", b"[")) else "json"
    return "json" if any(isinstance(value, dict | list) for value in orjson.loads(first).values()) else None


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
