"""An image's file without side data: no EXIF, no comment, no further frame, no byte behind the end; the same picture."""

import io
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PIL.Image import Exif

from builders.image_files import bare

SECRET = b"Marmalade behind the end"


def painted(width: int = 40, height: int = 30) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 0, 0), (5, 5, 20, 12))
    return image


def written(kind: str, *, plain: bool = False) -> bytes:
    """Return a file with everything in it that is not the picture, or with nothing of that."""
    sink, exif = io.BytesIO(), Exif()
    exif[0x010E] = SECRET.decode()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    more: dict[str, dict[str, Any]] = {
        "PNG": {"pnginfo": notes, "exif": exif, "save_all": True, "append_images": [painted()]},
        "JPEG": {"exif": exif, "comment": SECRET, "progressive": True},
        "WEBP": {"exif": exif, "save_all": True, "append_images": [painted().rotate(180)], "lossless": True},
        "GIF": {"comment": SECRET, "save_all": True, "append_images": [painted().rotate(180)]},
        "TIFF": {"exif": exif},
        "BMP": {},
    }
    painted().save(sink, kind, **({} if plain else more[kind]))
    return sink.getvalue() if plain else sink.getvalue() + SECRET * 3


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        assert getattr(image, "n_frames", 1) >= 1
        image.seek(0)
        return image.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    data = written(kind)
    found = bare(data)
    assert SECRET in data
    assert SECRET not in found
    assert pixels(found) == pixels(data)
    with Image.open(io.BytesIO(found)) as image:
        assert (getattr(image, "n_frames", 1), len(image.getexif())) == (1, 0)
    assert bare(found) == found


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_bare_file_stays_as_it_is(kind: str) -> None:
    data = written(kind, plain=True)
    assert bare(data) == data


def test_a_picture_that_only_its_exif_sets_upright_is_upright_without() -> None:
    sink, exif = io.BytesIO(), Exif()
    exif[0x0112] = 6
    painted().save(sink, "JPEG", exif=exif, quality=95)
    with Image.open(io.BytesIO(bare(sink.getvalue()))) as image:
        assert image.size == (30, 40)
