"""The rows of a pool are in a folder as files of 10,000 lines, compressed, in order.

There is always a first one, of a pool without rows too: a folder without files is nothing that dvc keeps.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import zstandard

from builders.atomic import whole
from builders.errors import BuildError

ROWS = 10_000
"""Lines of a file. Which row is in which file decides what is computed together, and nothing else."""
SUFFIX = ".jsonl.zst"
_LEVEL = 1
_CHUNK = 1 << 20

Append = Callable[[bytes], object]
"""Takes one line, its line break included."""


def file(place: Path, number: int) -> Path:
    """Return a pool's file by its number, from 0 on."""
    return place / f"{number:05d}{SUFFIX}"


def files(place: Path) -> list[Path]:
    """Return a pool's files in order; none where there is no such folder."""
    return sorted(place.glob(f"[0-9]*{SUFFIX}"))


def lines(place: Path) -> Iterator[bytes]:
    """Yield the lines of a pool in order; none where there is no such folder.

    Raises:
        BuildError: a file cannot be read, or ends too early.
    """
    for path in files(place):
        yield from of(path)


def of(path: Path) -> Iterator[bytes]:
    """Yield the lines of one file of a pool.

    Raises:
        BuildError: it cannot be read, or ends too early.
    """
    left = b""
    for text in _texts(path):
        found = (left + text).split(b"\n")
        left = found.pop()
        for line in found:
            yield line + b"\n"


def _texts(path: Path) -> Iterator[bytes]:
    """Yield the text of one file of a pool, many lines at once, cut anywhere."""
    stream = zstandard.ZstdDecompressor().decompressobj()
    last = b""
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            try:
                text = stream.decompress(chunk)
            except zstandard.ZstdError:
                raise _broken(path, "is not compressed as it was written") from None
            yield text
            last = text[-1:] or last
    if not stream.eof or last not in {b"", b"\n"}:
        raise _broken(path, "ends too early")


def _broken(path: Path, what: str) -> BuildError:
    fix = "it was changed or cut off: run the stage that writes it again (dvc repro --force)"
    return BuildError(f"the file {what}", where=path, fix=fix)


def digest(place: Path) -> str:
    """Return the sha256 of all lines of a pool, in hex: how they are compressed does not count."""
    whole = hashlib.sha256()
    for path in files(place):
        for text in _texts(path):
            whole.update(text)
    return whole.hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[Append]:
    """Give a function that appends a line to one file of a pool, which appears when it is complete.

    Raises:
        BuildError: the disk is full.
    """
    with whole(path) as target, zstandard.ZstdCompressor(_LEVEL).stream_writer(target, closefd=False) as stream:
        yield stream.write


@contextmanager
def anew(place: Path) -> Iterator[Append]:
    """Give a function that appends a line to a pool, which takes the place of what lies there when it is complete.

    Raises:
        BuildError: the disk is full.
    """
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        yield from _appended(partial)
        replace(partial, place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _appended(place: Path) -> Iterator[Append]:
    with ExitStack() as stack:
        count, write = 0, stack.enter_context(writing(file(place, 0)))

        def append(line: bytes) -> None:
            nonlocal count, write
            if count and not count % ROWS:
                stack.close()
                write = stack.enter_context(writing(file(place, count // ROWS)))
            write(line)
            count += 1

        yield append


def replace(folder: Path, place: Path) -> None:
    """Put a folder in the place of another."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    folder.replace(place)


def joined(places: Iterable[Path], place: Path) -> None:
    """Write the lines of several pools, one after another, as those of one.

    Raises:
        BuildError: a file cannot be read, or the disk is full.
    """
    with anew(place) as append:
        for one in places:
            for line in lines(one):
                append(line)


def linked(files: Sequence[Path], place: Path) -> None:
    """Put files in the place of a pool, in this order, without taking them away from where they are."""
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for number, one in enumerate(files):
        link(one, file(partial, number))
    replace(partial, place)


def link(one: Path, other: Path) -> None:
    """Give a file a second name."""
    try:
        other.hardlink_to(one)
    except OSError:  # there are file systems without links
        shutil.copyfile(one, other)


def copied(place: Path, copy: Path, *, empty: bool = False) -> None:
    """Copy a pool file by file, or only how many files it has, with nothing in them.

    Raises:
        BuildError: the disk is full.
    """
    partial = copy.with_name(f".{copy.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for one in files(place):
            if empty:
                with writing(partial / one.name):
                    pass
            else:
                with whole(partial / one.name) as target, one.open("rb") as source:
                    shutil.copyfileobj(source, target)
        replace(partial, copy)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
