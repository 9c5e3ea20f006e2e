"""An image's file without side data: no EXIF, no comment, no further frame, no byte behind the end; the same picture."""

import io
import struct
import zlib
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
        "TIFF": {"exif": exif, "icc_profile": SECRET * 9},
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


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:  # noqa: ANN401
    sink = io.BytesIO()
    image.save(sink, kind, **more)
    return sink.getvalue()


JPEG, PNG = written("JPEG", plain=True), written("PNG", plain=True)
AFTER_JFIF, END = 20, 2
HEADER = JPEG[:AFTER_JFIF], JPEG[AFTER_JFIF:]
CUT = JPEG[:-END]


@pytest.mark.parametrize(
    "data",
    [
        PNG[:-12],
        PNG[:-12] + struct.pack(">I4s", 5, b"IEND"),
        HEADER[0] + b"\0" + HEADER[1],
        CUT + b"\0" * 50,
        CUT + b"\0" * 50 + b"\xff",
        CUT + b"\xff\xfe",
        CUT + b"\xff\xfe\0",
        CUT + b"\xff\xfe\0\x07ab",
        CUT + b"\xff\xfe\0\x05abc\xff",
    ],
    ids=["no end", "long end", "no marker", "endless", "half a marker", "no length", "half a length", "cut off", "odd end"],
)
def test_a_file_that_a_decoder_forgives_is_written_anew(data: bytes) -> None:
    found = bare(data)
    with Image.open(io.BytesIO(found)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (40, 30))
    assert found.endswith(b"IEND\xaeB`\x82")
    assert pixels(found) == pixels(data)


@pytest.mark.parametrize(
    ("beside", "left"),
    [
        (b"\xff\xff\xff", b""),
        (b"\xff\xd0", b"\xff\xd0"),
        (b"\xff\xd7", b"\xff\xd7"),
        (b"\xff\xe0\0\x0aJFXX\0abc", b""),
        (b"\xff\xe0\0\x10JFXX\0" + b"a" * 9, b""),
        (b"\xff\xe0\0\x11JFIF\0" + b"a" * 10, b""),
        (b"\xff\xee\0\x10Adobe" + b"0" * 9, b""),
        (b"\xff\xee\0\x0eOther" + b"0" * 7, b""),
        (b"\xff\xef\0\x04ab", b""),
        (b"\xff\xfe\0\x04ab", b""),
    ],
)
def test_what_stands_beside_a_jpegs_picture_goes_and_what_is_of_it_stays(beside: bytes, left: bytes) -> None:
    assert bare(HEADER[0] + beside + HEADER[1]) == HEADER[0] + left + HEADER[1]


def test_a_jpeg_of_four_colours_and_one_that_can_be_taken_up_within_stay_as_they_are() -> None:
    inks, restarting = saved(painted().convert("CMYK"), "JPEG"), saved(painted(), "JPEG", restart_marker_blocks=1)
    assert b"\xff\xee\0\x0eAdobe" in inks
    assert b"\xff\xd0" in restarting
    assert (bare(inks), bare(restarting)) == (inks, restarting)


def test_a_png_keeps_what_shows_its_colours_and_no_text() -> None:
    whole = saved(painted().convert("P"), "PNG", transparency=0, dpi=(72, 72))
    assert b"tRNS" in whole
    assert b"pHYs" in whole
    end = whole.index(b"IDAT") - 4
    assert bare(whole[:end] + struct.pack(">I5sI", 1, b"prVta", zlib.crc32(b"prVta")) + whole[end:]) == whole


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        *((mode, mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        ("I", "I;16"),
        ("CMYK", "RGB"),
        ("F", "RGB"),
    ],
)
def test_a_picture_that_is_written_anew_keeps_its_levels(mode: str, kept: str) -> None:
    grey = painted().convert("L")
    image = (
        grey.convert("I").point(lambda level: level * 200).convert(mode) if mode.startswith("I") else painted().convert(mode)
    )
    with Image.open(io.BytesIO(bare(saved(image, "TIFF")))) as found:
        assert (found.format, found.mode) == ("PNG", kept)
        assert found.tobytes() == image.convert(kept).tobytes()


def test_a_picture_that_is_written_anew_keeps_what_is_transparent_and_no_profile() -> None:
    few = painted().convert("P")
    with Image.open(io.BytesIO(bare(saved(few, "GIF", transparency=few.getpixel((0, 0)))))) as found:
        assert set(found.info) == {"transparency"}
        assert found.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 0)
    with Image.open(io.BytesIO(bare(saved(painted(), "TIFF", icc_profile=SECRET * 9, dpi=(72, 72))))) as found:
        assert found.info == {}


def test_a_picture_that_only_its_exif_sets_upright_is_upright_without() -> None:
    sink, exif = io.BytesIO(), Exif()
    exif[0x0112] = 6
    painted().save(sink, "JPEG", exif=exif, quality=95)
    with Image.open(io.BytesIO(bare(sink.getvalue()))) as image:
        assert image.size == (30, 40)


def part(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def within(data: bytes, place: int, more: bytes) -> bytes:
    return data[:place] + more + data[place:]


@pytest.mark.parametrize("cut", [1, 4, 9, 12])
def test_a_file_whose_end_is_missing_is_written_anew(cut: int) -> None:
    plain = written("PNG", plain=True)
    found = bare(plain[:-cut])
    assert found.endswith(b"\0\0\0\0IEND\xaeB`\x82")
    assert pixels(found) == pixels(plain)


@pytest.mark.parametrize("junk", [b"\0", SECRET, part(0xFE, SECRET)[:-1]], ids=["zero", "text", "half"])
def test_junk_that_a_decoder_passes_over_is_written_anew(junk: bytes) -> None:
    plain = written("JPEG", plain=True)
    end = len(plain) - 2
    data = within(plain, 20, junk) if junk[:1] != b"\xff" else plain[:end] + junk
    found = bare(data)
    assert found.startswith(b"\x89PNG")
    assert pixels(found) == pixels(plain)


@pytest.mark.parametrize(
    "beside",
    [
        part(0xE0, b"JFXX\0" + bytes(9)),
        part(0xE0, b"JFIF\0" + bytes(9) + SECRET),
        part(0xEE, b"Adobe" + bytes(7) + SECRET),
        part(0xEE, b"Other" + bytes(7)),
        part(0xE2, SECRET),
        part(0xEF, SECRET),
        part(0xFE, SECRET),
        b"\xff\xff",
    ],
    ids=["thumbnail", "long-jfif", "long-adobe", "other", "profile", "last", "comment", "padding"],
)
def test_a_part_beside_the_picture_is_left_out(beside: bytes) -> None:
    plain = written("JPEG", plain=True)
    assert bare(within(plain, 20, beside)) == plain


def test_what_an_image_s_colours_need_is_kept() -> None:
    sink = io.BytesIO()
    painted().convert("CMYK").save(sink, "JPEG", restart_marker_blocks=1)
    inks = sink.getvalue()
    assert b"\xff\xee\0\x0eAdobe" in inks
    assert b"\xff\xd0" in inks
    assert bare(within(inks, inks.index(b"\xff\xdb"), part(0xFE, SECRET))) == inks
    numbered = within(inks, inks.index(b"\xff\xdb"), b"\xff\xd0")
    assert bare(numbered) == numbered


def test_a_clear_colour_stays_clear_and_inks_become_colours() -> None:
    clear, inks = io.BytesIO(), io.BytesIO()
    few = painted().quantize(4)
    few.save(clear, "GIF", transparency=few.getpixel((0, 0)), comment=SECRET)
    with Image.open(io.BytesIO(clear.getvalue())) as before, Image.open(io.BytesIO(bare(clear.getvalue()))) as after:
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()
        assert after.info.keys() == {"transparency"}
    painted().convert("CMYK").save(inks, "TIFF")
    with Image.open(io.BytesIO(bare(inks.getvalue()))) as image:
        assert (image.mode, image.getpixel((0, 0)), image.getpixel((6, 6))) == ("RGB", (255, 255, 255), (200, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_picture_keeps_its_kind_of_colours(mode: str) -> None:
    sink = io.BytesIO()
    image = Image.new(mode, (4, 3)) if mode == "I;16" else painted(4, 3).convert(mode)
    exif = Exif()
    exif[0x0112] = 3
    image.save(sink, "PNG", exif=exif)
    with Image.open(io.BytesIO(bare(sink.getvalue()))) as found:
        assert (found.mode, found.size) == (mode, (4, 3))
