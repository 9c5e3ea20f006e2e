"""Images of sources and evaluation sets: where they lie, whether they are sound, and what they look like.

An image is in a folder below `raw/mmathcot/sources/`. What a row calls it need not be what its archive calls it: of the
published set's six archives one unpacks to `data_images/` and one to `RGB_images/`, while the rows say `MathV-360k/` and
`Multimath/RGB_images/`. So a source says which beginnings of its paths stand for which of ours.

A figure that the engine made is sound by construction and looked at by nobody here: see `made`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from pydantic import Field, field_validator

from builders import images, paths, records
from builders.errors import BuildError
from builders.images import MOST_BITS_APART, Look, Looks
from builders.records import Record, Rejection, Rule
from builders.sources import naming, pictures, reading, tables
from builders.sources.section import Section
from builders.sources.tables import Column

FAMILY = "mmathcot"
IMAGE = "image"
MOST_BYTES = 64 << 20
"""Of an image's file; a larger one is `image_too_large` unread."""
_OWN = "own:"

Facts = dict[str, Any]
"""What is known of a row's image: `path`, and `sha256`, `width`, `height`, `look`, or `fault`."""


class Images(Section):
    """Where the images of a table lie.

    Args:
        folder: inside `raw/mmathcot/sources/`.
        prefixes: how a row's path begins → how it begins below the folder; the longest that fits is taken, and a path that
            begins with none of them stays as it is.
        archive: what has to be unpacked into the folder, for the message where it is missing; null where nothing.
    """

    folder: str = Field(pattern=r"^[^/\\]+$")
    prefixes: dict[str, str]
    archive: str | None


class Source(tables.Source):
    """A source whose rows may have images.

    Args:
        images: where they lie, one for each row; null for a source without.
    """

    images: Images | None = None


class EvaluationSet(tables.EvaluationSet):
    """An evaluation set whose prompts may have images.

    Args:
        images: where they lie; null where the column `image` holds their bytes, or there are none.
    """

    images: Images | None = None

    @field_validator("columns")
    @classmethod
    def _prompt_and_key(cls, columns: dict[str, Column]) -> dict[str, Column]:
        if "prompt" not in columns or set(columns) - {"prompt", "key", IMAGE}:
            message = "map prompt, and key and image if there are, and nothing else"
            raise ValueError(message)
        return columns


class Bounds(Section):
    """What an image must keep.

    Args:
        least_side: pixels of its shorter side.
        most_pixels: width times height.
        least_ink: share of its pixels that differ from the background.
        same_look_bits: images are taken for the same if their looks differ in no more bits of 256.
    """

    least_side: int = Field(ge=1)
    most_pixels: int = Field(ge=1)
    least_ink: float = Field(ge=0, le=1)
    same_look_bits: int = Field(ge=0, le=MOST_BITS_APART)

    @property
    def sound(self) -> images.Bounds:
        """The bounds of a sound image."""
        return images.Bounds(self.least_side, self.most_pixels, self.least_ink)


class EvaluationImages(NamedTuple):
    """The images of an evaluation set: their looks, and the row that each is in."""

    name: str
    looks: Looks
    rows: list[str]


def file(table: Source | EvaluationSet, name: str) -> Path | None:
    """Return the file that a row means: by its exact name, else by the only one that differs in case or separators; or None."""
    where = table.images
    if where is None:
        return None
    for theirs in sorted(where.prefixes, key=len, reverse=True):
        if name.startswith(theirs):
            name = where.prefixes[theirs] + name.removeprefix(theirs)
            break
    return next((path for home in _homes(table) if (path := naming.found(home / where.folder, name))), None)


def place(path: str) -> Path:
    """Return the file of an image, given the path that a row has."""
    if path.startswith(pictures.PREFIX):
        return pictures.place(FAMILY, path)
    own = paths.raw(FAMILY, "own") / path.removeprefix(_OWN)
    return own if path.startswith(_OWN) else paths.raw(FAMILY, "sources") / path


def below(path: Path) -> str:
    """Return a file's path below `raw/mmathcot/sources/`, or what stands for one of your own."""
    own = paths.raw(FAMILY, "own")
    if path.is_relative_to(own):
        return f"{_OWN}{path.relative_to(own).as_posix()}"
    return path.relative_to(paths.raw(FAMILY, "sources")).as_posix()


def check(table: Source | EvaluationSet) -> None:
    """Find out whether a table's images are there at all.

    Raises:
        BuildError: their folder is not.
    """
    if table.images and not any((home / table.images.folder).is_dir() for home in _homes(table)):
        fix = f"unpack {table.images.archive} there" if table.images.archive else "put them there"
        folder = _homes(table)[0] / table.images.folder
        raise BuildError(f"the images of {table.label} are not there", where=folder, fix=fix)


def described(table: Source, name: object, bounds: images.Bounds) -> Facts | None:
    """Say what is known of the image that a row names or holds; null for a row without one, of a source without images."""
    if table.images is None and not name:
        return None
    path = _meant(table, name)
    if path is None and (table.images is None or not name or not isinstance(name, str) or not name.strip()):
        return {"path": None, "fault": ["no_image", {"named": bool(name)}]}
    if path is None:
        folder = table.images.folder if table.images else ""
        missing = PurePosixPath(folder, str(name)).as_posix()
        return {"path": missing, "fault": ["image_missing", {"file": PurePosixPath(missing).name[-80:]}]}
    facts: Facts = {"path": below(path) if not _is_kept(path) else f"{pictures.PREFIX}{path.name}", "fault": None}
    if (size := path.stat().st_size) > MOST_BYTES:
        return {**facts, "fault": ["image_too_large", {"bytes": size}]}
    data = path.read_bytes()
    found = images.checked(data, bounds)
    if isinstance(found, images.Fault):
        return {**facts, "fault": list(found)}
    seen = images.look(found)
    return {
        "path": facts["path"],
        "sha256": records.bytes_digest(data),
        "width": found.width,
        "height": found.height,
        "look": [f"{part:064x}" for part in seen],
        "fault": None,
    }


def _meant(table: Source, name: object) -> Path | None:
    """Return the file of a row's image, or of its images below each other; None where there is none."""
    if isinstance(name, list):
        files = [file(table, one) if isinstance(one, str) else None for one in name[: images.MOST_STACKED + 1]]
        data = [one.read_bytes() for one in files if one and one.stat().st_size <= MOST_BYTES]
        kept = pictures.put(FAMILY, data) if data and len(data) == len(name) else None
        return pictures.place(FAMILY, kept) if kept else None
    if not isinstance(name, str) or not name.strip():
        return None
    return pictures.found(FAMILY, name) if name.startswith(pictures.PREFIX) else file(table, name)


def _is_kept(path: Path) -> bool:
    return path == pictures.place(FAMILY, f"{pictures.PREFIX}{path.name}")


def _homes(table: Source | EvaluationSet) -> list[Path]:
    """Return where a table's folders may be, the first of them first."""
    kinds = ("own", "sources") if table.folder == "own" else ("sources",)
    return [paths.raw(FAMILY, kind) for kind in kinds]


def fault(record: Record) -> Rejection | None:
    """Reject a row whose image is missing, cannot be opened, is too small or too large, or blank."""
    facts = record.data.get("picture")
    return Rejection(*facts["fault"]) if facts and facts["fault"] else None


def seen(look: list[str]) -> Look:
    """Return the look that `described` wrote."""
    return Look(*(int(part, 16) for part in look))


def evaluation_images(sets: Sequence[EvaluationSet], bounds: images.Bounds) -> list[EvaluationImages]:
    """Look at the images of the evaluation sets that have some; those that cannot be opened are passed over."""
    return [_known(table, bounds) for table in sets if IMAGE in table.columns]


def contaminated(sets: list[EvaluationImages], reason: str, kind: str, most_bits: int) -> Rule:
    """Return the check that rejects a row whose image looks like one of an evaluation set."""

    def contaminated_image(record: Record) -> Rejection | None:
        facts = record.data.get("picture")
        if not facts or not facts.get("look"):
            return None
        own = seen(facts["look"])
        hits = [(one, near[0]) for one in sets if (near := one.looks.near(own, most_bits))]
        entries = [{"set": one.name, "kind": kind, "row": one.rows[near.number], "bits": near.bits} for one, near in hits]
        if not entries:
            return None
        return Rejection(reason, {**entries[0], **({"also": entries[1:]} if entries[1:] else {})})

    return contaminated_image


def _known(table: EvaluationSet, bounds: images.Bounds) -> EvaluationImages:
    one = EvaluationImages(table.name, Looks(), [])
    for key, data in _images(table):
        grey = images.checked(data, bounds)
        if not isinstance(grey, images.Fault):
            one.looks.add(images.look(grey))
            one.rows.append(key)
    return one


def _images(table: EvaluationSet) -> Iterator[tuple[str, bytes]]:
    """Yield key and bytes of each image of an evaluation set."""
    for row in reading.rows(FAMILY, table):
        given = reading.value(table.columns[IMAGE], row.values)
        key = reading.value(table.columns["key"], row.values) if "key" in table.columns else row.position
        for one in given if isinstance(given, list) else [given]:
            if data := pictures.held(one):
                yield str(key), data
            elif isinstance(one, str) and one and (path := file(table, one)):
                yield str(key), path.read_bytes()


def read(path: str, sha256: str) -> bytes:
    """Return the bytes of a source's image, given its path below `raw/mmathcot/sources/`.

    Raises:
        BuildError: it is not there, or no longer the one that collect saw.
    """
    where = place(path)
    try:
        data = where.read_bytes()
    except OSError as error:
        raise BuildError(f"the image cannot be read: {error.strerror}", where=where, fix="restore the file") from None
    if records.bytes_digest(data) != sha256:
        raise BuildError("the image has changed since collect", where=where, fix="run collect again")
    return data
