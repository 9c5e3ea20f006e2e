"""Images that stand in a row: what is one, and what is said of it in its place."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from builders import records
from builders.sources import pictures

_SINK = io.BytesIO()
Image.new("RGB", (60, 60), "red").save(_SINK, "PNG")
PNG = _SINK.getvalue()
TEXT = base64.b64encode(PNG).decode()
NAME = f"embedded/{records.bytes_digest(PNG)}"


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (PNG, PNG),
        ({"bytes": PNG}, PNG),
        (TEXT, PNG),
        (f"data:image/png;base64,{TEXT}", PNG),
        (TEXT[:64], PNG[:48]),
        ("/9j/" + "A" * 60, b"\xff\xd8\xff" + b"\0" * 45),
        (f"data:text/plain;base64,{TEXT}", None),
        (f";base64,{TEXT}", None),
        (f"data:image/png,{TEXT}", None),
        (TEXT[:60], None),
        (TEXT[:65], None),
        ("iVBORw0KGgo" + "\u00e9" * 70, None),
        ("data:image/png;base64," + "!" * 70, None),
        ("x" * 70, None),
        ("", None),
        (b"", None),
        ({"bytes": None, "path": "x"}, None),
        ({"path": TEXT}, None),
        (5, None),
        (None, None),
    ],
    ids=range(20),
)
def test_bytes_and_base64_are_an_image(value: object, data: bytes | None) -> None:
    assert pictures.held(value) == data


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (PNG, NAME),
        ([PNG], NAME),
        ([PNG, None], NAME),
        ({"bytes": PNG, "path": "x"}, NAME),
        ([PNG, "x.png"], [PNG, "x.png"]),
        ([b"no", b"image"], None),
        ("x.png", "x.png"),
        (["x.png"], "x.png"),
        ([None, "x.png"], "x.png"),
        (("x.png", "y.png"), ["x.png", "y.png"]),
        ({"path": "x"}, "x"),
        ([{"path": "x", "bytes": None}], "x"),
        ({"path": "x", "other": 1}, {"path": "x", "other": 1}),
        ([], None),
        ([None], None),
        (None, None),
        ({}, None),
        (5, 5),
    ],
    ids=range(18),
)
def test_a_row_names_its_images(value: object, kept: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    assert pictures.kept("toy", value) == kept


def test_several_images_are_kept_as_one_and_found_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    name = pictures.kept("toy", [PNG, PNG])
    assert isinstance(name, str)
    file = pictures.found("toy", name)
    digest = name.removeprefix("embedded/")
    assert file == Path("processed/toy/collect/images") / digest[:2] / digest
    with Image.open(file) as image:
        assert image.size == (60, 136)
    assert [pictures.found("toy", other) for other in (NAME, f"{name}0", digest, name.upper(), "x.png")] == [None] * 5
