"""The splits of a release: which rows each has, and that no group of rows is in two of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from builders.contracts import Row, Splitting
from builders.errors import BuildError
from builders.records import SPLITS, text_digest

Rows = Callable[[], Iterable[Row]]

_ONLY = "train"


def parts(splitting: Splitting | None, rows: Rows) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield each split with its rows in their order, which are read anew for each.

    Args:
        splitting: how rows are divided; None puts all into one split.
        rows: returns the rows of a config.
    """
    if splitting is None:
        yield _ONLY, rows()
        return
    for split in SPLITS:
        yield split, _of(splitting, rows, split)


def _of(splitting: Splitting, rows: Rows, split: str) -> Iterator[Row]:
    return (row for row in rows() if splitting.of(row) == split)


def check(family: str, splitting: Splitting, configs: Mapping[str, Rows]) -> None:
    """See that every row is in a split that there is, and that all rows of a group are in the same one.

    Args:
        family: its name.
        splitting: how its rows are divided.
        configs: config → what returns its rows.

    Raises:
        BuildError: a row is in no split, or a group in two.
    """
    where = f"builders/families/{family}/release.py"
    found: dict[str, str] = {}
    for config, rows in configs.items():
        for row in rows():
            split = splitting.of(row)
            if split not in SPLITS:
                what = f"{row['id']} of {config} is in the split {split!r}"
                raise BuildError(what, where=where, fix=f"choose one of {', '.join(SPLITS)}")
            group = text_digest(splitting.group(row))
            if found.setdefault(group, split) != split:
                what = f"the group of {row['id']} of {config} is in {split} and in {found[group]}"
                raise BuildError(what, where=where, fix="let the group alone decide about the split")
