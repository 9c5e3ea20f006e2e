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


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 18446744073709551617}', {"a": 18446744073709551617}),
        (b'[-9223372036854775809, "12345678901234567890"]', [-9223372036854775809, "12345678901234567890"]),
        (b"1" * 999, int("1" * 999)),
        (b"1" * 1000, "1" * 1000),
        (b'{"a": Infinity}', {"a": float("inf")}),
        (b'"\\ud800"', "\ud800"),
    ],
)
def test_what_json_cannot_hold_is_read_exactly(data: bytes, value: object) -> None:
    assert files.leniently_parsed_json(data, "some.jsonl", 7) == value


def test_lenient_json_that_is_broken_is_named_with_its_line() -> None:
    with pytest.raises(BuildError, match=r"^some\.jsonl:8: broken JSON: .+ in column \d+; fix that line$"):
        files.leniently_parsed_json(b'{"a": 1,\n"b": x}', "some.jsonl", 7)
    with pytest.raises(BuildError, match=r"^some\.jsonl:9: "):
        files.leniently_parsed_json(b'{"a":\n\n"\xff"}', "some.jsonl", 7)


def test_blank_lines_are_counted_and_left_out() -> None:
    lines = [b"1\n", b" \n", b"\xef\xbb\xbf2\r\n", b"\n", b"[3]"]
    assert list(files.parsed_lines(lines, "some.jsonl")) == [(1, 1), (3, 2), (5, [3])]
    with pytest.raises(BuildError, match=r"^some\.jsonl:3: broken JSON"):
        list(files.parsed_lines([b"1\n", b"\n", b"x\n"], "some.jsonl"))
    with pytest.raises(BuildError, match=r"^some\.jsonl:2: broken JSON: unexpected end of data in column 7; fix that line$"):
        list(files.parsed_lines([b"1\n", b'{"a": \r\n', b"3\n"], "some.jsonl"))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"[1,\n2,\nx]", "f:5: broken JSON: unexpected character, expected a JSON value in column 1; fix that line"),
        (b"[1]]", "f:3: broken JSON: unexpected content after document in column 4; fix that line"),
        (b'"\xff"', "f:3: bytes that are not UTF-8; save the file as UTF-8"),
        (b'[\n\n"\xff"]', "f:5: bytes that are not UTF-8; save the file as UTF-8"),
    ],
)
def test_json_that_is_broken_is_named_with_its_line_and_column(data: bytes, what: str) -> None:
    for parsed in (files.parsed_json, files.leniently_parsed_json):
        with pytest.raises(BuildError) as caught:
            parsed(data, "f", 3)
        assert str(caught.value) == what


@pytest.mark.parametrize("data", [b"1e999", b'{"a": NaN}'])
def test_what_json_has_not_is_read_leniently_only(data: bytes) -> None:
    assert files.leniently_parsed_json(data, "f", 1)
    with pytest.raises(BuildError, match="broken JSON"):
        files.parsed_json(data, "f", 1)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"abc\nx", [b"abc\n", b"x"]),
        (b"abcd\nefgh\n", [None, None]),
        (b"abcdefgh\nx", [None, b"x"]),
        (b"abcdefgh", [None]),
        (b"abc", [b"abc"]),
    ],
)
def test_a_line_is_whole_where_it_ends_within_the_bound(data: bytes, found: list[bytes | None]) -> None:
    assert list(files.lines(io.BytesIO(data), 4)) == found


def test_the_bound_of_a_line_is_said() -> None:
    with pytest.raises(BuildError) as caught:
        list(files.decoded_lines([None], "some.csv"))
    assert str(caught.value) == "some.csv:1: a line of more than 134,217,728 bytes; end the line, or take it out"
