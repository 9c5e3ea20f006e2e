"""The file that a name means: with either separator, and whatever its case where one file alone is alike."""

import unicodedata
from functools import lru_cache
from pathlib import Path, PureWindowsPath


def found(home: Path, name: object) -> Path | None:
    """Return the file below a folder that a name means, if there is one alone; a name that leads out of it means none."""
    if not isinstance(name, str) or _leads_out(name):
        return None
    if "\\" not in name and _inside(home, home / name):
        return home / name
    place = home
    for part in PureWindowsPath(name).parts:  # which takes both separators
        alike = [part] if _is_there(place / part) else _alike(place, _folded(part))
        if len(alike) != 1:
            return None
        place /= alike[0]
    return place if _inside(home, place) else None


def _leads_out(name: str) -> bool:
    path = PureWindowsPath(name)  # which takes both separators
    return name.startswith("/") or bool(path.drive) or ".." in path.parts


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is none, or too long
        return False


def _inside(home: Path, path: Path) -> bool:
    """Tell whether a file is there, and is in its table's folder whatever links lead to it."""
    try:
        lies = ".." not in path.parts and path.is_relative_to(home) and path.resolve(strict=True).is_relative_to(home.resolve())
        return lies and path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name that is none, or too long; a link that leads to itself
        return False


@lru_cache(maxsize=1024)
def _names(folder: Path) -> dict[str, list[str]]:
    """Return the names in a folder by how they look without case."""
    found: dict[str, list[str]] = {}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        found.setdefault(_folded(entry.name), []).append(entry.name)
    return found


def _alike(folder: Path, name: str) -> list[str]:
    return _names(folder.absolute()).get(name, [])


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
