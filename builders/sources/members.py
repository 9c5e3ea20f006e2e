"""The files that a table's `file` means: one, those of a folder, or those that a pattern fits, always in the same order."""

from pathlib import Path

from builders import paths
from builders.errors import BuildError
from builders.sources.tables import EXTENSIONS, GLOB, STREAMS, AnyTable, Format, ending


def files(family: str, table: AnyTable, name: str) -> list[Path]:
    """Return the files in the order of their paths.

    Raises:
        BuildError: there is none.
    """
    homes = (
        [paths.raw(family, "own"), paths.raw(family, "sources")] if table.folder == "own" else [paths.raw(family, "sources")]
    )
    for home in homes:
        if files := _below(home, table, name):
            return files
    what = "has no file" if not (homes[0] / name).is_dir() else f"has no file of the format {table.format} in it"
    fix = "put it there or take it out of params.yaml (README.md in that folder may say where from)"
    if table.fetch:
        fix = f"fetch it: {table.fetch}"
    raise BuildError(f"{table.label} {what}", where=homes[0] / name, fix=fix)


def several(name: str, files: list[Path]) -> bool:
    """Tell whether a name means files rather than a file."""
    return len(files) > 1 or files[0].name != Path(name).name


def below(family: str, file: Path) -> str:
    """Return a file's path below the folder of what came from outside."""
    for kind in ("own", "sources"):
        home = paths.raw(family, kind)
        if file.is_relative_to(home):
            return file.relative_to(home).as_posix()
    return file.name


def _below(home: Path, table: AnyTable, name: str) -> list[Path]:
    if (home / name).is_file():
        return [home / name]
    if (home / name).is_dir():
        return [file for file in _files(home, f"{name}/**/*") if _has_format(file, table.format)]
    return _files(home, name) if GLOB.intersection(name) else []


def _has_format(file: Path, form: Format) -> bool:
    """Tell whether the name of a file in a folder ends as those of a format do, or, like `part-00000.gz`, names no format."""
    named = ending(file.name)
    return form in EXTENSIONS.get(named, ()) or (not named and file.suffix.lower() in STREAMS)


def _files(home: Path, pattern: str) -> list[Path]:
    files = {file for file in home.glob(pattern) if file.is_file()}
    return sorted(file for file in files if not any(part.startswith(".") for part in file.relative_to(home).parts))
