"""Files of ours that list what was measured elsewhere: entries that all have the same keys."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from builders.errors import BuildError
from builders.texts import files


def read(file: Path, keys: set[str], sound: Callable[[Mapping[str, Any]], bool], fix: str) -> list[dict[str, Any]]:
    """Return the entries of a YAML file.

    Args:
        file: the file.
        keys: what each entry has, and nothing else.
        sound: tells whether the values of one are what they should be.
        fix: how these should be.

    Raises:
        BuildError: one lacks a key, or its values are not sound.
    """
    found: list[Any] = files.parsed_yaml(file.read_bytes(), file)
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, dict) or set(entry) != keys or not sound(entry):
            raise BuildError(f"entry {number} is none", where=file, fix=f"give each {', '.join(sorted(keys))}, {fix}")
    return found
