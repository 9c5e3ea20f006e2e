"""A JSON list of any size is read row by row, the same rows as if it were read whole."""

import io
import json
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.sources import streaming
from builders.sources.settling import settled, tamed

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_ROWS = st.lists(st.dictionaries(st.text(max_size=4), _VALUES, max_size=4), max_size=5)


@settings(derandomize=True, max_examples=150)
@given(_ROWS, st.integers(1, 40), st.sampled_from([None, 1]), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_rows_are_those_of_the_whole_file_whatever_is_read_at_once(
    rows: list[dict[str, Any]], piece: int, indent: int | None, mark: bytes
) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=False).encode(errors="surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    stream = io.BytesIO(mark + data)
    assert list(streaming.values(stream, "a.json", piece)) == rows


@pytest.mark.parametrize(
    "data", [b'[{"a": 1}', b'[{"a": 1} {"b": 2}]', b'[{"a": 1},]', b'[{"a": 1}]x', b'[{"a": NAN}]', b'[{"a": }]']
)
def test_what_is_broken_or_cut_off_is_one_clear_line(data: bytes) -> None:
    with pytest.raises(BuildError, match=r"broken JSON in or behind row [12]"):
        list(streaming.values(io.BytesIO(data), "a.json", 4))


@pytest.mark.parametrize("data", [b"", b'{"a": 1}', b"null"])
def test_what_is_no_list_says_so(data: bytes) -> None:
    with pytest.raises(BuildError, match="not a list of rows"):
        list(streaming.values(io.BytesIO(data), "a.json", 4))


@pytest.mark.parametrize("data", [b'[{"a": "\xff"}]', b'[{"a": "\xc3"}]', b'[{"a": 1}] \xc3'])
def test_bytes_that_are_not_utf_8_are_one_line_also_half_a_character_at_the_very_end(data: bytes) -> None:
    for piece in (1, 3, 100):
        with pytest.raises(BuildError, match="not UTF-8"):
            list(streaming.values(io.BytesIO(data), "a.json", piece))


def test_only_large_lists_are_streamed() -> None:
    assert streaming.is_large_list(b"\xef\xbb\xbf [" + b" " * 100, whole=10)
    assert streaming.is_large_list(b"  [" + b" " * 100, whole=10)
    assert not streaming.is_large_list(b"  {" + b" " * 100, whole=10)
    assert not streaming.is_large_list(b"[]", whole=10)
    assert not streaming.is_large_list(b"[ab", whole=3)
    assert streaming.is_large_list(b"[abc", whole=3)
    assert streaming.is_large_list(b" " * 4095 + b"[ab", whole=3)
    assert not streaming.is_large_list(b" " * 4096 + b"[ab", whole=3)


@pytest.mark.parametrize(
    ("data", "rows"), [(b"[]", []), (b" [ ] ", []), (b"[1]", [1]), (b"[[1], [2]]", [[1], [2]]), (b'["]", null]', ["]", None])]
)
def test_items_of_any_kind_are_given(data: bytes, rows: list[Any]) -> None:
    for piece in (1, 4, 100):
        assert list(streaming.values(io.BytesIO(data), "a.json", piece)) == rows
        assert list(streaming.values(io.BytesIO(data[3:]), "a.json", piece, data[:3])) == rows


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b"[", 1),
        (b"[1", 1),
        (b"[1,", 2),
        (b"[,1]", 1),
        (b"[1,,2]", 2),
        (b"[1 2]", 1),
        (b"[1]]", 1),
        (b"[1],", 1),
        (b"[1,]", 2),
        (b"[" + b"[" * 3000 + b"]", 1),
        (b"[[" + b"[" * 3000 + b"]" * 3000 + b" 1]]", 1),
    ],
    ids=range(11),
)
def test_a_broken_list_names_the_row(data: bytes, row: int) -> None:
    with pytest.raises(BuildError) as caught:
        list(streaming.values(io.BytesIO(data), "a.json", 4))
    assert str(caught.value) == f"a.json: broken JSON in or behind row {row}; fetch or write the file again"


def test_a_row_of_as_many_characters_as_it_may_have_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'["' + b"x" * 98 + b'"]'
    for longest in (98, 99):
        monkeypatch.setattr(streaming, "LONGEST", longest)
        window = io.BytesIO(data[:100])
        rest = streaming.values(cast("BinaryIO", _Pieces(window, data[100:])), "a.json", 1)
        if longest == 99:
            assert list(rest) == ["x" * 98]
        else:
            with pytest.raises(BuildError, match="in or behind row 1"):
                list(rest)


class _Pieces(io.RawIOBase):
    """A stream whose first piece is as long as somebody says, whatever is asked for."""

    def __init__(self, first: BinaryIO, rest: bytes) -> None:
        self._left = [first.read(), rest]

    def read(self, size: int = -1) -> bytes:
        return self._left.pop(0) if size and self._left else b""


ODD: dict[str, tuple[bytes, Any]] = {
    "not a number": (b"NaN", None),
    "half a character": (b'"\\ud800"', "\\ud800"),
    "five thousand digits": (b"9" * 5000, "9" * 5000),
    "an integer of more than 64 bits": (b"9" * 30, "9" * 30),
    "too deep": (b"[" * 3000 + b'"]"' + b"]" * 3000, None),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_value_that_json_cannot_hold_costs_its_row_at_most(kind: str) -> None:
    spelt, kept = ODD[kind]
    rows = list(streaming.values(io.BytesIO(b'[{"a": 1}, {"a": ' + spelt + b', "b": "x"}, {"a": 2}]'), "a.json", 7))
    found = [settled(value["a"]).value for value in map(tamed, rows)]
    assert found == [1, kept, 2]
    assert rows[1]["b"] == "x"


def test_a_row_that_does_not_end_is_looked_at_a_few_times_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LONGEST", 100_000)
    read = _Counting(0)
    read._left = b'[{"a": "'  # noqa: SLF001
    read._parts = iter([b"x" * 1000] * 10**4)  # noqa: SLF001
    with pytest.raises(BuildError, match="in or behind row 1"):
        list(streaming.values(cast("BinaryIO", read), "a.json", 100))
    assert sum(1 for _ in read._parts) > 10**4 - 1000  # noqa: SLF001


class _Counting(io.RawIOBase):
    """A list of so many rows that is made while it is read."""

    def __init__(self, rows: int) -> None:
        self._parts = iter([b"[", *[b'{"text": "' + b"a" * 1000 + b'"},'] * rows, b'{"text": ""}]'])
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size and (part := next(self._parts, None)) is not None:
            self._left += part
        found, self._left = self._left[:size], self._left[size:]
        return found


def test_no_more_than_a_piece_and_a_row_is_held() -> None:
    window = streaming._Window(cast("BinaryIO", _Counting(2000)), "a.json", 10_000)  # noqa: SLF001  (how much it holds is what is looked at)
    assert window.next() == "["
    longest = 0
    for number in range(2000):
        window.value(None if number else window.peek() and None, number + 1)
        window.next()
        window.peek()
        longest = max(longest, len(window._text))  # noqa: SLF001
    assert longest < 25_000
