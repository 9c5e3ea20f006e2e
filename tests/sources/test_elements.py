"""Elements of XML that make rows, and what is a column of them."""

import io
from typing import Any

import pytest

from builders.errors import BuildError
from builders.sources import elements


@pytest.mark.parametrize(
    ("data", "record", "rows"),
    [
        (b"<a><b>1</b><b/></a>", "b", [{"text": "1"}, {"text": ""}]),
        (b"<a><b> 1 </b></a>", "/a/b/", [{"text": "1"}]),
        (b"<a><b>1</b></a>", "a", [{"text": "1", "b": "1"}]),
        (b"<b><b>1</b></b>", "b", [{"text": "1"}, {"text": "1", "b": "1"}]),
        (b"<a><b><text>i</text>o</b></a>", "b", [{"text": "i"}]),
        (b'<a xmlns:n="u"><n:b n:q="1">x</n:b></a>', "b", [{"text": "x", "@q": "1"}]),
        (
            b'<a x="1"><t>T</t><t>S</t><b y="2">q<c z="3">w</c><c>v</c><c/></b><t>U</t><b/></a>',
            "b",
            [
                {"/a/@x": "1", "/a/t": "T", "text": "qwv", "@y": "2", "c": ["w", "v", ""], "c/@z": "3"},
                {"/a/@x": "1", "/a/t": "T", "text": ""},
            ],
        ),
        (b"<a>" * 199 + b"<b>1</b>" + b"</a>" * 199, "b", [{"text": "1"}]),
        (b"<a>" * 200 + b"<b>1</b>" + b"</a>" * 200, "b", []),
    ],
    ids=range(9),
)
def test_an_element_is_a_row_with_what_is_in_it_and_around_it(data: bytes, record: str, rows: list[dict[str, Any]]) -> None:
    assert list(elements.rows(io.BytesIO(data), "f", record)) == list(enumerate(rows, 1))


@pytest.mark.parametrize(
    ("data", "record", "line"),
    [
        (b"<a><b>1</b>\n<b>2", "b", "f:2: broken XML behind row 1; fix that line"),
        (b'<?xml version="1.0" encoding="nope"?><a/>', "a", "f: broken XML behind row 0: LookupError; fix it"),
        *(
            (
                b"<a/>",
                record,
                "f: xml needs to be told what a row is; write record: and the element that makes a row, such as QAPairs/QAPair",
            )
            for record in ("", None)
        ),
    ],
)
def test_xml_without_rows_is_one_line(data: bytes, record: str | None, line: str) -> None:
    with pytest.raises(BuildError) as caught:
        list(elements.rows(io.BytesIO(data), "f", record))
    assert str(caught.value) == line
