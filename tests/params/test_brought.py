"""What params may hold at all, and where the files of somebody's own rows are."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.params import loading
from builders.sources.section import Section


class Line(Section):
    """A line that people write."""

    a: int


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"a": "x"}, "f:1: a: Input should be a valid integer; fix that line"),
        ({"a": True}, "f:1: a: Input should be a valid integer; fix that line"),
        ({}, "f:1: a: Field required; fix that line"),
        ({"a": 1, "x" * 30: 1}, f"f:1: {'x' * 30}: Extra inputs are not permitted; fix that line"),
        ({"a": 1, "x" * 31: 1}, "f:1: (a key of 31 characters): Extra inputs are not permitted; fix that line"),
        (3, "f:1: : Input should be a valid dictionary or instance of Line; fix that line"),
    ],
)
def test_a_line_that_does_not_fit_names_its_key(value: object, line: str) -> None:
    with pytest.raises(BuildError) as caught:
        loading.line(Line, value, "f:1")
    assert str(caught.value) == line
    assert loading.line(Line, {"a": 1}, "f:1") == Line(a=1)


@pytest.mark.parametrize(
    ("profile", "brought"),
    [
        ({}, {}),
        ({"collect": 3}, {"collect": 3}),
        ({"collect": {"sources": 3}}, {"collect": {"sources": 3, "decontamination": None}}),
        (
            {"collect": {"sources": [{"file": "x"}, {"file": {"hub": "a/b"}}, "y", {"n": 1}]}, "filter": {"n": 1}},
            {
                "collect": {
                    "sources": [{"folder": "own", "file": "x"}, {"file": {"hub": "a/b"}}, "y", {"n": 1}],
                    "decontamination": None,
                },
                "filter": {"n": 1},
            },
        ),
        ({"collect": {"decontamination": [1], "sources": []}}, {"collect": {"decontamination": [1], "sources": []}}),
        (
            {"collect": {"decontamination": {"n": 1, "sets": [{"file": "x"}, {"file": "y", "folder": "sources"}]}}},
            {
                "collect": {
                    "decontamination": {
                        "n": 1,
                        "sets": [{"folder": "own", "file": "x"}, {"folder": "sources", "file": "y"}],
                    },
                    "sources": None,
                }
            },
        ),
    ],
    ids=range(6),
)
def test_a_file_by_its_name_alone_is_in_the_folder_of_ones_own(profile: dict[str, Any], brought: dict[str, Any]) -> None:
    assert loading._brought(profile) == brought  # noqa: SLF001


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (2**63 - 1, ""),
        (1 - 2**63, ""),
        (2**63, "a number of more than 64 bits"),
        ([1, [2**63]], "a number of more than 64 bits"),
        ({2**63: 1}, "a number of more than 64 bits"),
        ({"a": 1, "b": {"c": "\ud800"}}, "a text with half a character"),
        ("a\0b", "a text with half a character"),
        (["x", {"\0": 1}], "a text with half a character"),
        ({"a": [True, 1.5, None, "x"]}, ""),
    ],
    ids=range(9),
)
def test_what_no_key_may_hold_is_said(value: object, what: str) -> None:
    assert loading._beyond(value) == what  # noqa: SLF001


def test_params_are_at_most_thirty_two_deep() -> None:
    deep: Any = 1
    for _ in range(32):
        deep = [deep]
    assert loading._beyond(deep) == ""  # noqa: SLF001
    assert loading._beyond({"a": deep}) == "values too deep inside each other"  # noqa: SLF001
