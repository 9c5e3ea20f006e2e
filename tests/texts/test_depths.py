"""What is too deep in JSON is null; all else is as it was written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.texts import depths, files

_VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | st.text('[]{}"\\ab', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]"\\a', max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(derandomize=True, max_examples=150)
@given(st.lists(_VALUES, max_size=3), st.text("]}[ x", max_size=5))
def test_what_is_not_too_deep_stays_and_its_end_is_found(value: object, behind: str) -> None:
    text = json.dumps(value)
    assert depths.shallow(f"  {text}{behind}", 2) == depths.Shallow(text, len(text) + 2)
    assert depths.shallow(text[:-1]) is None


@pytest.mark.parametrize("more", [0, 1, 2, 3000])
def test_what_is_deeper_is_null(more: int) -> None:
    deep = depths.MOST_DEEP - 1 + more
    text = f'[{"[" * deep}"]"{"]" * deep}, 7]'
    kept = depths.MOST_DEEP - 1
    expected = f"[{'[' * kept}{'null' if more else chr(34) + ']' + chr(34)}{']' * kept}, 7]"
    found = depths.shallow(text)
    assert found == depths.Shallow(expected, len(text))


@pytest.mark.parametrize("text", ['["a', '{"a": [', '["\\"]', ""])
def test_what_does_not_end_is_none(text: str) -> None:
    assert depths.shallow(text) is None


def test_a_file_is_read_without_what_is_too_deep() -> None:
    data = b'[{"a": 1, "b": ' + b"[" * 9000 + b"]" * 9000 + b'}, {"a": 2}]'
    assert [row["a"] for row in files.leniently_parsed_json(data, "x", 1)] == [1, 2]
