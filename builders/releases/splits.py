"""The splits of a release: which rows each has, and that no group of rows is in two of them."""

from collections.abc import Sequence

from builders.contracts import Row, Splitting
from builders.errors import BuildError
from builders.records import SPLITS, text_digest

_ONLY = "train"


class Divided:
    """Says of each row of a config which split it is in; no group may be in two, whatever config its rows are in."""

    def __init__(self, family: str, splitting: Splitting | None, config: str, groups: dict[bytes, str]) -> None:
        """Take how rows are divided.

        Args:
            family: its name.
            splitting: the family's; None puts all rows into one split.
            config: the config.
            groups: the split of each group of the configs before; it grows.
        """
        self._family, self._splitting, self._config, self._groups = family, splitting, config, groups
        self.splits: Sequence[str] = tuple(SPLITS) if splitting else (_ONLY,)

    def of(self, row: Row) -> str:
        """Return the split of a row.

        Raises:
            BuildError: it is in no split, or others of its group are in another.
        """
        if self._splitting is None:
            return _ONLY
        split = self._splitting.of(row)
        if self._splitting.split is None:
            return split  # by a hash of the group alone
        where = f"builders/families/{self._family}/release.py"
        if split not in SPLITS:
            what = f"{row['id']} of {self._config} is in the split {split!r}"
            raise BuildError(what, where=where, fix=f"choose one of {', '.join(SPLITS)}")
        group = bytes.fromhex(text_digest(self._splitting.group(row)))[:16]
        if self._groups.setdefault(group, split) != split:
            what = f"the group of {row['id']} of {self._config} is in {split} and in {self._groups[group]}"
            raise BuildError(what, where=where, fix="let the group alone decide about the split")
        return split
