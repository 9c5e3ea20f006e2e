"""Lines of files, whatever ends them, and those that cannot be read."""

import io

import pytest

from builders.errors import BuildError
from builders.texts import files


def test_a_carriage_return_ends_a_line_alone_too() -> None:
    read = files.decoded_lines([b"a\rb\r\n", b"c\r", b"d"], "some.csv")
    assert list(read) == ["a\r", "b\r\n", "c\r", "d"]


def test_a_byte_order_mark_goes_from_the_start_and_from_nowhere_else() -> None:
    mark = b"\xef\xbb\xbf"
    assert list(files.decoded_lines([mark + b"a\n", mark + b"b\n"], "some.csv")) == ["a\n", "\ufeffb\n"]


@pytest.mark.parametrize(("line", "what"), [(None, "some.csv:2: a line of more than "), (b"\xff\n", "some.csv")])
def test_a_line_that_cannot_be_read_is_named(line: bytes | None, what: str) -> None:
    read = files.decoded_lines([b"a\n", line], "some.csv")
    assert next(read) == "a\n"
    with pytest.raises(BuildError) as caught:
        next(read)
    assert str(caught.value).startswith(what)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"abc\nd", [b"abc\n", b"d"]),
        (b"abcd\ne", [None, b"e"]),
        (b"abcdefghij\n\nk\n", [None, b"\n", b"k\n"]),
        (b"abcd", [b"abcd"]),
        (b"abcde", [None]),
        (b"", []),
    ],
)
def test_a_line_too_long_to_be_held_is_none_and_the_next_one_is_read(data: bytes, found: list[bytes | None]) -> None:
    assert list(files.lines(io.BytesIO(data), 4)) == found
