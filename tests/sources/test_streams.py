"""What archives hold, and which of them are broken; the beginning of a stream."""

import io
import zipfile

import pytest

from builders.errors import BuildError
from builders.sources import streams

LINE = b'{"a": 1}\n'
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


def zipped(*names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in names:
            archive.writestr(name, b"" if name.endswith("/") else LINE)
    return sink.getvalue()


def parts(data: bytes) -> list[tuple[str, bytes]]:
    with streams.parts(io.BytesIO(data), "f", "jsonl") as found:
        return [(part.name, part.stream.read()) for part in found]


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (["d/", "d/x.jsonl"], ["d/x.jsonl"]),
        (["d.jsonl/", "d.jsonl/b.jsonl", "d.jsonl/a.json"], ["d.jsonl/a.json", "d.jsonl/b.jsonl"]),
        (["x"], ["x"]),
        ([".x.jsonl", "__MACOSX/a.jsonl", "b.jsonl", "d/.h/c.jsonl"], ["b.jsonl"]),
        (["content.xml", "a.jsonl"], ["a.jsonl"]),
        (["mimetype", "a.jsonl"], ["a.jsonl"]),
    ],
    ids=range(6),
)
def test_an_archive_holds_the_files_of_a_format_that_are_not_hidden(names: list[str], held: list[str]) -> None:
    assert parts(zipped(*names)) == [(name, LINE) for name in held]


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["x", "y"], "f: the archive holds no jsonl file; name another format, or unpack it"),
        ([".x.jsonl"], "f: the archive holds no jsonl file; name another format, or unpack it"),
        (["content.xml", "mimetype"], "f: it is an OpenDocument file; save it as .xlsx, or as CSV"),
    ],
)
def test_an_archive_without_such_files_is_one_line(names: list[str], line: str) -> None:
    with pytest.raises(BuildError) as caught:
        parts(zipped(*names))
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("mark", "place", "written", "error"),
    [
        (CENTRAL, 9, b"\x08", "BadZipFile"),
        (LOCAL, 7, b"\x08", "BadZipFile"),
        (CENTRAL, 42, b"\xff\xff\xff\x7f", "BadZipFile"),
        (END, 16, b"\xff\xff\xff\x7f", "BadZipFile"),
        (CENTRAL, 10, b"\x63", "NotImplementedError"),
    ],
    ids=["name in UTF-8", "name of a file", "place of a file", "place of the list", "method"],
)
def test_a_broken_archive_is_one_line(mark: bytes, place: int, written: bytes, error: str) -> None:
    data = bytearray(zipped("a.jsonl").replace(b"a.jsonl", b"\xff.jsonl"))
    start = data.index(mark) + place
    data[start : start + len(written)] = written
    with pytest.raises(BuildError) as caught:
        parts(bytes(data))
    assert str(caught.value) == f"f: cannot be unpacked: {error}; fetch or pack it again"


def test_a_beginning_is_looked_at_and_not_taken() -> None:
    for stream in (io.BytesIO(b"abcdefgh"), io.BufferedReader(io.BytesIO(b"abcdefgh"))):
        assert streams.begins(stream) == b"abcdef"
        assert streams.head(stream) == b"abcdefgh"
        assert stream.read() == b"abcdefgh"
    assert streams.head(io.BytesIO(b"x" * 70_000)) == b"x" * 65_536
    with io.FileIO(__file__) as file:
        assert streams.head(file) == b""
    assert streams.whole(io.BytesIO(b"x")).read() == b"x"


def test_what_this_machine_cannot_do_is_no_fault_of_the_file() -> None:
    for error in (OSError(5, "no such device"), RuntimeError("another")):
        with pytest.raises(type(error)) as caught, streams.parts(io.BytesIO(b""), "f", "jsonl"):
            raise error
        assert caught.value is error
    for odd in (OSError("no number"), OSError(22, "no such place")):
        with pytest.raises(BuildError, match=r"^f: cannot be unpacked: OSError"), streams.parts(io.BytesIO(b""), "f", "jsonl"):
            raise odd
