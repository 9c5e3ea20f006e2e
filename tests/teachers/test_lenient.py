"""JSON as servers write it: what is no number is null, what is half a character is marked, what is too deep is null."""

import pytest

from builders.teachers import lenient


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
        (b'\xef\xbb\xbf{"a": NaN}', {"a": None}),
        (b"[Infinity, -Infinity, 1e999, -1e999]", [None, None, None, None]),
        (b"[NaN, 123456789012345678, 1234567890123456789]", [None, 123456789012345678, 1234567890123456789.0]),
        (b"[NaN, " + b"9" * 400 + b"]", [None, None]),
        (b'["\\ud800", "a\xffb", "a\nb"]', ["\ufffd", "a\ufffdb", "a\nb"]),
        (b'{"\\udfffx": {"y": ["\\ud800"]}, "z": NaN}', {"\ufffdx": {"y": ["\ufffd"]}, "z": None}),
        (b'["[{", NaN]', ["[{", None]),
        (b"", None),
        (b"{", None),
        (b"[1, 2", None),
        (b"[NaN, nothing]", None),
        (b"]]]", None),
    ],
)
def test_what_a_server_writes_is_read_for_what_it_says(content: bytes, value: object) -> None:
    assert lenient.parsed(content) == value


def nested(depth: int) -> bytes:
    """Return lists in lists that only a lenient reader takes, since the innermost holds no number."""
    return b"[" * depth + b"NaN" + b"]" * depth


def test_what_is_nested_too_deeply_is_null_and_the_rest_is_there() -> None:
    for depth in (31, 32, 33):
        value = lenient.parsed(b"[" + nested(depth - 1) + b', "beside"]')
        assert isinstance(value, list)
        assert value[1] == "beside"
        found, levels = value, 1
        while isinstance(found[0], list):
            found, levels = found[0], levels + 1
        assert (levels, found[0]) == (min(depth, 32), None)
    assert lenient.parsed(b"[" * 100_000) is None
    assert lenient.parsed(nested(100_000)) is not None


def test_what_can_be_written_again_can_be_stored() -> None:
    deep: object = 1
    for _ in range(2000):
        deep = [deep]
    assert lenient.storable({"a": [1]})
    assert not lenient.storable(deep)
