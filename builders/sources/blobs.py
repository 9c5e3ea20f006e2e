"""Images that lie in a table itself, as bytes: put into files beside collect's rows, each under the hash of its content.

A row is JSON and holds no bytes. The image of one of `datasets`' image columns, `{"bytes": …, "path": …}`, becomes
`{"stored": "inside/<pool>/<hash>", "path": …}`.
"""

import shutil
from pathlib import Path
from typing import Any

from builders import paths, records

FOLDER = "inside"
STORED = "stored"
_DIGITS = 32


def kept(family: str, pool: str, value: object) -> object:
    """Return a value as a row can hold it: an image with its bytes in a file, anything else as JSON."""
    if not isinstance(value, dict) or not isinstance(value.get("bytes"), bytes):
        return records.plain(value)
    data: bytes = value["bytes"]
    name = f"{FOLDER}/{pool}/{records.bytes_digest(data)[:_DIGITS]}"
    place = file(family, name)
    if not place.is_file():
        with records.whole(place) as target:
            target.write(data)
    found: dict[str, Any] = {STORED: name, "path": value.get("path")}
    return found


def forget(family: str, pool: str) -> None:
    """Take away what an earlier run of collect stored of a pool."""
    shutil.rmtree(file(family, f"{FOLDER}/{pool}"), ignore_errors=True)


def file(family: str, name: str) -> Path:
    """Return the file of a stored image, given its name in a row."""
    return paths.processed(family) / "collect" / name
