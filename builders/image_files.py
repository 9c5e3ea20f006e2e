"""An image's file without what is not the image: further frames, EXIF, comments and other side data, bytes behind its end.

PNG and JPEG files lose the parts that are none of the picture, and keep every byte of those that are. One that is not upright
without its EXIF, and any other format, is written anew as PNG, pixel by pixel. What was bare already stays as it is.
"""

import io
import struct
from collections.abc import Iterator

from PIL import Image, ImageOps

from builders.images import FORMATS

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_PNG_PARTS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
_ORIENTATION = 0x0112
_UPRIGHT = 1
_JFIF, _ADOBE, _APPS, _COMMENT, _SCAN, _END = 0xE0, 0xEE, range(0xE0, 0xF0), 0xFE, 0xDA, 0xD9
_BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
_JFIF_BYTES, _ADOBE_BYTES = 16, 14
_MODES = {"I": "I;16"}
"""What PNG has for a mode of Pillow that it has not; for any other it is RGB."""


def bare(data: bytes) -> bytes:
    """Return the file of an image, which `builders.images.checked` has found sound, with nothing in it but the image."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT and image.format in _READERS:
            try:
                return b"".join(_READERS[image.format](data))
            except (ValueError, IndexError, struct.error):
                pass  # a decoder forgives more than the rules of the format do
        image.seek(0)
        upright = ImageOps.exif_transpose(image)
        upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
        return _written(upright)


def _written(image: Image.Image) -> bytes:
    sink = io.BytesIO()
    kept = image if image.mode in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"} else image.convert(_MODES.get(image.mode, "RGB"))
    kept.save(sink, "PNG", exif=b"")
    return sink.getvalue()


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG
    place, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if end > len(data):
            raise ValueError("a part is cut off")
        if kind in _PNG_PARTS:
            yield data[place:end]
        place = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield _JPEG
    place = len(_JPEG)
    while True:
        if data[place] != 0xFF:  # noqa: PLR2004
            raise ValueError("no marker")
        while data[place + 1] == 0xFF:  # noqa: PLR2004
            place += 1  # padding
        marker = data[place + 1]
        if marker == _END:
            yield data[place : place + 2]
            return
        part = _part(data, place, marker)
        if not _beside(marker, part):
            yield part
        place += len(part)


def _part(data: bytes, place: int, marker: int) -> bytes:
    """Return the part of a JPEG that starts at a place, with the image data that follow it."""
    end = place + 2 if marker in _BARE_MARKERS else place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    if end > len(data):
        raise ValueError("a part is cut off")
    return data[place : _scanned(data, end) if marker == _SCAN else end]


def _beside(marker: int, part: bytes) -> bool:
    """Tell whether a part is none of the picture; what an application may write is short and begins with its name."""
    if marker == _JFIF:
        return not (part[4:9] == b"JFIF\0" and len(part) == 2 + _JFIF_BYTES)
    if marker == _ADOBE:
        return not (part[4:9] == b"Adobe" and len(part) == 2 + _ADOBE_BYTES)
    return marker in _APPS or marker == _COMMENT


def _scanned(data: bytes, place: int) -> int:
    """Return where the pixels that begin here end: at the next marker that is none of theirs."""
    while True:
        place = data.index(b"\xff", place)
        following = data[place + 1]
        if following and following not in _BARE_MARKERS:
            return place
        place += 2


_READERS = {"PNG": _png, "JPEG": _jpeg}
