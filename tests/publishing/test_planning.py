"""planning: what a change of a release does to its version, on files as they lie at a destination."""

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import records
from builders.publishing import contents, notes, planning
from builders.publishing.checks import Release
from builders.publishing.folder import Folder
from builders.publishing.notes import PublishedNote
from builders.publishing.versions import FIRST, Version, removals
from builders.releases import croissant

Row = dict[str, Any]
Config = list[Row]


class Made(NamedTuple):
    """A release to be.

    Args:
        configs: rows by config, all with the same keys.
        files: other files.
        per_shard: rows in a file.
    """

    configs: dict[str, Config]
    files: dict[str, str]
    per_shard: int = 100


_VALUES = st.fixed_dictionaries(
    {"text": st.text(max_size=3), "count": st.integers(0, 9), "nested": st.fixed_dictionaries({"a": st.integers(0, 9)})}
)
_CONFIGS = st.lists(_VALUES, min_size=3, max_size=5).map(
    lambda rows: [{"id": f"family:{number}", **row} for number, row in enumerate(rows)]
)
_RELEASES = st.builds(
    Made,
    st.fixed_dictionaries({"default": _CONFIGS, "hard": _CONFIGS}),
    st.just({"README.md": "A card.\n", "family.schema.json": "{}", croissant.FILE: "{}"}),
    st.just(100),
)


def written(made: Made, folder: Path) -> Release:
    """Write a release as the stage of that name lays it out."""
    folder.mkdir()
    for config, rows in made.configs.items():
        (folder / config).mkdir()
        parts = [rows[start : start + made.per_shard] for start in range(0, len(rows), made.per_shard)]
        for number, part in enumerate(parts):
            pq.write_table(pa.Table.from_pylist(part), folder / config / f"train-{number:05d}-of-{len(parts):05d}.parquet")
    for name, text in made.files.items():
        (folder / name).write_text(text)
    sums = {path.relative_to(folder).as_posix(): records.file_digest(path) for path in folder.rglob("*") if path.is_file()}
    (folder / notes.SUMS).write_text("".join(f"{digest}  {path}\n" for path, digest in sums.items()))
    found = {config: contents.contents(contents.batches(shards)) for config, shards in contents.configs(folder).items()}
    about = {"code": "c" * 40, "code_date": "2026-01-01", "dvc_lock": "d" * 64, "digest": "e" * 64}
    return Release("family", folder, hazard="none", sample=False, **about, sums=sums, contents=found)


def planned(old: Made, new: Made, root: Path, *, others: tuple[str, ...] = ()) -> planning.Plan:
    """Let the old one lie at a destination as v1.0.0, and plan the new one."""
    before, place = written(old, root / "old"), Folder(root / "shelf/family")
    facts = {"family": "family", "sample": False, "version": str(FIRST), "code": before.code, "code_date": before.code_date}
    hashes = {"dvc_lock": before.dvc_lock, "release": before.digest, "contents": before.contents, "changelog": []}
    published = PublishedNote.model_validate({**facts, **hashes})
    notes.staged(before.folder, place.root / FIRST.tag, published, place.where(FIRST))
    for name in others:
        (place.root / name).mkdir()
    return planning.planned(written(new, root / "new"), place, place.look(), root / "scratch")


def _columns(made: Made, change: Callable[[Row], Row]) -> None:
    made.configs["default"][:] = [change(row) for row in made.configs["default"]]


def _renamed_config(made: Made) -> None:
    made.configs["easy"] = made.configs.pop("default")


def _moved(made: Made) -> None:
    """Move the first row: the last may be one that another change has added."""
    made.configs["hard"].append({**made.configs["default"].pop(0), "id": "family:moved"})


def _value(made: Made) -> None:
    made.configs["default"][1]["count"] += 1


NOTHING: dict[str, Callable[[Made], object]] = {"the same": lambda made: made}
PATCH: dict[str, Callable[[Made], object]] = {
    "a value": _value,
    "a nested value": lambda made: made.configs["default"][0]["nested"].update(a=10),
    "the order of rows": lambda made: made.configs["default"].reverse(),
    "the order of columns": lambda made: _columns(made, lambda row: dict(reversed(row.items()))),
    "the card": lambda made: made.files.update({"README.md": "Another card.\n"}),
    "the schema alone": lambda made: made.files.update({"family.schema.json": '{"title": "Rows"}'}),
    "a picture more": lambda made: made.files.update({"figure.png": "PNG"}),
}
MINOR: dict[str, Callable[[Made], object]] = {
    "a row more": lambda made: made.configs["default"].append({**made.configs["default"][0], "id": "family:new"}),
    "a column more": lambda made: _columns(made, lambda row: {**row, "more": "x"}),
    "a nested column more": lambda made: _columns(made, lambda row: {**row, "nested": {**row["nested"], "b": 1}}),
    "a config more": lambda made: made.configs.update(easy=copy.deepcopy(made.configs["default"])),
}
MAJOR: dict[str, Callable[[Made], object]] = {  # rows go from the front, where no other change adds one
    "a row less": lambda made: made.configs["default"].pop(0),
    "a row in the place of another": lambda made: made.configs["default"][0].update(id="family:other"),
    "a column less": lambda made: _columns(made, lambda row: {name: row[name] for name in row if name != "count"}),
    "a column of another name": lambda made: _columns(made, lambda row: {("n" if k == "count" else k): row[k] for k in row}),
    "a column of another type": lambda made: _columns(made, lambda row: {**row, "count": str(row["count"])}),
    "a column that is a list now": lambda made: _columns(made, lambda row: {**row, "count": [row["count"]]}),
    "a nested column of another type": lambda made: _columns(made, lambda row: {**row, "nested": {"a": "x"}}),
    "a config less": lambda made: made.configs.pop("hard"),
    "a config of another name": _renamed_config,
    "a row that is in another config now": _moved,
}
LEVELS = [NOTHING, PATCH, MINOR, MAJOR]
WHICH = [(level, name) for level, changes in enumerate(LEVELS) for name in changes]
EXPECTED = [None, Version(1, 0, 1), Version(1, 1, 0), Version(2, 0, 0)]


@pytest.mark.parametrize(("level", "name"), WHICH, ids=[name for _, name in WHICH])
@given(old=_RELEASES)
@settings(max_examples=5, deadline=None)
def test_a_change_is_of_its_level(level: int, name: str, old: Made) -> None:
    new = copy.deepcopy(old)
    LEVELS[level][name](new)
    with tempfile.TemporaryDirectory() as root:
        assert planned(old, new, Path(root)).version == EXPECTED[level]


@given(old=_RELEASES, picked=st.lists(st.sampled_from(WHICH), min_size=2, max_size=4, unique=True))
@settings(max_examples=40, deadline=None)
def test_of_several_changes_the_weightiest_counts(old: Made, picked: list[tuple[int, str]]) -> None:
    """Those that drop or turn what others change come last, and only one of them."""
    picked = [*(one for one in picked if one[0] < 3), *[one for one in picked if one[0] == 3][:1]]
    new = copy.deepcopy(old)
    for level, name in sorted(picked):
        LEVELS[level][name](new)
    highest = max(level for level, _ in picked)
    with tempfile.TemporaryDirectory() as root:
        assert planned(old, new, Path(root)).version == EXPECTED[highest]


@given(old=_RELEASES)
@settings(max_examples=5, deadline=None)
def test_other_shards_of_the_same_rows_are_a_patch(old: Made) -> None:
    with tempfile.TemporaryDirectory() as root:
        found = planned(old, old._replace(per_shard=2), Path(root))
    assert found.version == Version(1, 0, 1)
    assert found.difference.rows == {}


@given(old=_RELEASES)
@settings(max_examples=5, deadline=None)
def test_whoever_drops_or_renames_a_config_has_to_allow_it(old: Made) -> None:
    for change in (lambda made: made.configs.pop("hard"), _renamed_config):
        new = copy.deepcopy(old)
        change(new)
        with tempfile.TemporaryDirectory() as root:
            assert removals(planned(old, new, Path(root)).difference)


def test_what_is_not_called_as_a_version_of_ours_is_none(tmp_path: Path) -> None:
    old = Made({"default": [{"id": "family:1", "count": 1}]}, {"README.md": "Card.\n", croissant.FILE: "{}"})
    new = old._replace(files={**old.files, "README.md": "Another.\n"})
    assert planned(old, new, tmp_path, others=("2.0.0", "v03.0.0", "v4.0", "latest")).version == Version(1, 0, 1)
