"""Images that are in the rows of a source themselves: as bytes, as the Hub has them, or as base64; one or several.

They are kept beside the rows that collect writes, under their hash. Several images of one row become one, below each other in
their order: a row has one figure.
"""

import base64
import re
from pathlib import Path

from builders import atomic, images, paths, records

PREFIX = "embedded/"
"""How the name begins by which a row speaks of such an image."""
_BASE64 = ("/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "Qk0")
"""How JPEG, PNG, GIF, WebP and BMP begin in base64."""
_LEAST = 64


def kept(family: str, value: object) -> object:
    """Return what a row says of its images, having put aside what it holds of them.

    Args:
        family: whose row it is.
        value: the name of a file, an image, or a list of these.

    Returns:
        a name, a list of names, or the value, where there is no image in it.
    """
    given = [one for one in value if one is not None] if isinstance(value, list | tuple) else [value]
    found = [held(one) for one in given]
    data = [one for one in found if one is not None]
    if given and len(data) == len(given):
        return put(family, data)
    names = [one.get("path") if isinstance(one, dict) and set(one) <= {"bytes", "path"} else one for one in given]
    if not isinstance(value, list | tuple):
        return names[0]
    return (names[0] if len(names) == 1 else names) if names else None


def put(family: str, data: list[bytes]) -> str | None:
    """Keep images, several as one; return the name, or None where several cannot be opened."""
    whole = data[0] if len(data) == 1 else images.stacked(data)
    if whole is None:
        return None
    name = f"{PREFIX}{records.bytes_digest(whole)}"
    target = place(family, name)
    if not target.is_file():
        with atomic.whole(target) as file:
            file.write(whole)
    return name


def place(family: str, name: str) -> Path:
    """Return the file of an image that was kept, given its name."""
    digest = name.removeprefix(PREFIX)
    return paths.processed(family) / "collect" / "images" / digest[:2] / digest


def found(family: str, name: str) -> Path | None:
    """Return the file of an image that was kept, given what a row calls it; None where that is the name of none."""
    if not re.fullmatch(f"{PREFIX}[0-9a-f]{{64}}", name):
        return None
    path = place(family, name)
    return path if path.is_file() else None


def held(value: object) -> bytes | None:
    """Return the bytes of an image that a value is; None where it is none."""
    if isinstance(value, dict):
        value = value.get("bytes")
    if isinstance(value, bytes):
        return value or None
    if not isinstance(value, str) or len(value) < _LEAST:
        return None
    head, comma, rest = value.partition(";base64,")
    text = rest if comma and head.startswith("data:image/") else value if value.startswith(_BASE64) else ""
    try:
        return base64.b64decode(text, validate=False) or None
    except ValueError:  # characters that base64 has not, or too few
        return None
