"""What differs between two releases, and which version the newer one is: pure functions of both.

    major   a row, a column or a config is gone, or a column's type is another one
    minor   a row, a column or a config is new
    patch   values, the card or another file have changed

Rows are told apart by id. A row counts as changed if it differs in a column that both releases have.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

REMOVALS_SHARE = 0.01
"""From more than this share of a config's rows on, removals have to be allowed."""

_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")


class Version(NamedTuple):
    """A semantic version."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parsed(cls, text: str) -> Self | None:
        """Return the version that a text such as `v1.0.0` names; None if it names none."""
        found = _VERSION.fullmatch(text)
        return cls(*map(int, found.groups())) if found else None

    @classmethod
    def tagged(cls, text: str) -> Self | None:
        """Return the version that is called just so at a destination; None if none is, as of `1.0.0` and `v01.0.0`."""
        found = cls.parsed(text)
        return found if found and found.tag == text else None

    @property
    def tag(self) -> str:
        """What the version is called at a destination."""
        return f"v{self}"

    def __str__(self) -> str:
        """Return it as text."""
        return ".".join(map(str, self))


FIRST = Version(1, 0, 0)


class Table(NamedTuple):
    """One config of a release.

    Args:
        columns: type by dotted path.
        rows: a digest of each row's values, by id.
    """

    columns: Mapping[str, str]
    rows: Mapping[str, bytes]


class Rows(NamedTuple):
    """How the rows of one config differ.

    Args:
        before: how many there were.
        added: how many are new.
        removed: how many are gone.
        changed: how many have other values.
    """

    before: int
    added: int
    removed: int
    changed: int


class Difference(NamedTuple):
    """How a release differs from the one before.

    Args:
        rows: by config, of those whose rows differ at all, so of new and dropped configs too.
        new_columns: `config.column`, of configs that both have.
        gone_columns: the same.
        retyped: the same, for columns of another type.
        files: other files that differ, by path.
    """

    rows: Mapping[str, Rows]
    new_columns: tuple[str, ...]
    gone_columns: tuple[str, ...]
    retyped: tuple[str, ...]
    files: tuple[str, ...]


def difference(old: Mapping[str, Table], new: Mapping[str, Table], files: tuple[str, ...] = ()) -> Difference:
    """Compare two releases.

    Args:
        old: the earlier one, by config.
        new: the later one.
        files: the other files in which they differ.
    """
    nothing = Table({}, {})
    rows = {config: _rows(old.get(config, nothing), new.get(config, nothing)) for config in sorted({*old, *new})}
    fresh, gone, retyped = [], [], []
    for config in sorted({*old} & {*new}):
        before, after = old[config].columns, new[config].columns
        fresh += [f"{config}.{column}" for column in after if column not in before]
        gone += [f"{config}.{column}" for column in before if column not in after]
        retyped += [f"{config}.{column}" for column in after if before.get(column, after[column]) != after[column]]
    kept = {config: counts for config, counts in rows.items() if any(counts[1:])}
    return Difference(kept, tuple(fresh), tuple(gone), tuple(retyped), tuple(sorted(files)))


def following(latest: Version | None, difference: Difference) -> Version | None:
    """Return the version of a release that differs so from the latest one; None if it does not differ."""
    if latest is None:
        return FIRST
    rows = difference.rows.values()
    if difference.gone_columns or difference.retyped or any(counts.removed for counts in rows):
        return Version(latest.major + 1, 0, 0)
    if difference.new_columns or any(counts.added for counts in rows):
        return Version(latest.major, latest.minor + 1, 0)
    if difference.files or any(counts.changed for counts in rows):
        return Version(latest.major, latest.minor, latest.patch + 1)
    return None


def removals(difference: Difference) -> dict[str, Rows]:
    """Return the configs that lose more of their rows than may go unasked."""
    return {config: rows for config, rows in difference.rows.items() if rows.removed > REMOVALS_SHARE * rows.before}


def described(difference: Difference) -> list[str]:
    """Word a difference for people, one fact a line, without a value of any row."""
    lines = []
    for config, rows in difference.rows.items():
        counts = [f"{count} {word}" for count, word in zip(rows[1:], ("added", "removed", "changed"), strict=True) if count]
        lines.append(f"`{config}`: rows {', '.join(counts)}, of {rows.before}")
    for word, columns in (("new", difference.new_columns), ("gone", difference.gone_columns), ("retyped", difference.retyped)):
        if columns:
            lines.append(f"columns {word}: {', '.join(f'`{column}`' for column in columns)}")
    if difference.files:
        lines.append(f"files: {', '.join(f'`{path}`' for path in difference.files)}")
    return lines


def _rows(old: Table, new: Table) -> Rows:
    both = old.rows.keys() & new.rows.keys()
    changed = sum(old.rows[row] != new.rows[row] for row in both)
    return Rows(len(old.rows), len(new.rows) - len(both), len(old.rows) - len(both), changed)
