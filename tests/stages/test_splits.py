"""Splits of a release: a family divides its rows by group, and everything that lists files knows of it."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders import contracts, records
from builders.contracts import Releasing, Row, Splitting
from builders.errors import BuildError
from builders.params.sections import Release
from builders.publishing import contents, verifying
from builders.releases.splits import Divided
from tests.harness import Workspace

RELEASE = "processed/toy/release"
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


def rows(*groups: str) -> list[Row]:
    return [{"id": f"toy:{place}", "group": group} for place, group in enumerate(groups)]


def by_group(row: Row) -> str:
    return str(row["group"])


@given(some.text())
def test_a_groups_split_follows_from_its_name_alone(group: str) -> None:
    assert records.split(group) in records.SPLITS
    assert Splitting(group=lambda _: group).of({}) == records.split(group)


def test_groups_are_shared_out_as_the_shares_say() -> None:
    found = [records.split(f"group {number}") for number in range(5000)]
    assert [round(found.count(split) / 50) for split in records.SPLITS] == pytest.approx([80, 10, 10], abs=2)


def test_no_group_is_in_two_splits_across_configs_and_families() -> None:
    """The same group, whichever family has it, is in the same split, since nothing but its name decides."""
    one, other = Splitting(group=by_group), Splitting(group=lambda row: str(row["topic"]))
    for number in range(50):
        assert one.of({"group": f"topic {number}"}) == other.of({"topic": f"topic {number}", "text": "else"})


def _splits(
    splitting: Splitting | None, found: list[Row], config: str = "default", groups: dict[bytes, str] | None = None
) -> list[str]:
    divided = Divided("toy", splitting, config, {} if groups is None else groups)
    return [divided.of(row) for row in found]


def test_rows_are_divided_by_a_hash_of_their_group_or_not_at_all() -> None:
    found = rows(*(f"group {number}" for number in range(60)))
    assert _splits(Splitting(group=by_group), found) == [records.split(str(row["group"])) for row in found]
    assert set(_splits(None, found)) == {"train"}


def test_a_group_in_two_splits_stops_the_release_wherever_its_rows_are() -> None:
    apart = Splitting(group=by_group, split=lambda row: "train" if row["id"] == "toy:0" else "test")
    groups: dict[bytes, str] = {}
    assert _splits(apart, rows("a", "b"), groups=groups) == ["train", "test"]
    with pytest.raises(BuildError, match="the group of toy:0 of other is in train and in test"):
        _splits(apart, [{"id": "toy:0", "group": "b"}], "other", groups=groups)


def test_a_split_that_there_is_not_stops_the_release() -> None:
    with pytest.raises(BuildError, match="toy:0 of default is in the split 'dev'"):
        _splits(Splitting(group=by_group, split=lambda _: "dev"), rows("a"))


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The toy family, its rows up to validate."""
    made = Workspace.make(tmp_path_factory.mktemp("toy") / "project").adopt("toy")
    made.quick(*STAGES[:-1], family="toy")
    return made


@pytest.fixture
def by_label(toy: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The toy family where the label decides about the split."""
    places = {"drink": "test", "place": "validation"}
    divided(
        monkeypatch, Splitting(group=lambda row: row["label"] or row["id"], split=lambda row: places.get(row["label"], "train"))
    )
    return toy.copied(tmp_path / "project")


def divided(patch: pytest.MonkeyPatch, splitting: Splitting) -> None:
    """Let every family's rows be divided so."""
    patch.setattr(contracts, "releasing", lambda _: Releasing(params=Release, splitting=splitting))


def test_a_family_with_splits_has_files_front_matter_and_metadata_for_each(by_label: Workspace, tmp_path: Path) -> None:
    from datasets import load_dataset

    by_label.quick("release", family="toy")
    folder = by_label.root / RELEASE
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")) == [
        "default/test-00000-of-00001.parquet",
        "default/train-00000-of-00001.parquet",
        "long/train-00000-of-00001.parquet",
        "long/validation-00000-of-00001.parquet",
    ]
    loaded = load_dataset(str(folder), "default", cache_dir=str(tmp_path / "cache"))
    assert {name: set(part["label"]) for name, part in loaded.items()} == {"train": {None}, "test": {"drink"}}
    files = json.loads((folder / "croissant.json").read_text())["distribution"]
    assert [file["includes"] for file in files if "includes" in file] == ["default/*.parquet", "long/*.parquet"]
    manifest = json.loads((folder / "manifest.json").read_text())
    found = contents.configs(folder)
    assert {name: sum(len(pq.read_table(shard)) for shard in shards) for name, shards in found.items()} == manifest["rows"]


def test_a_family_with_splits_is_read_back_split_by_split_as_it_was_written(by_label: Workspace, tmp_path: Path) -> None:
    by_label.quick("release", family="toy")
    folder = by_label.root / RELEASE
    for config, shards in contents.configs(folder).items():
        wanted = contents.contents(contents.batches(shards))
        assert verifying._loaded(str(folder), None, config, tmp_path) == wanted  # noqa: SLF001


def test_without_splits_every_row_is_in_train(toy: Workspace, tmp_path: Path) -> None:
    plain = toy.copied(tmp_path / "project")
    plain.quick("release", family="toy")
    names = sorted(path.name for path in (plain.root / RELEASE).rglob("*.parquet"))
    assert names == ["train-00000-of-00001.parquet"] * 2


def test_a_group_in_two_splits_is_no_release(toy: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    divided(monkeypatch, Splitting(group=lambda _: "all", split=lambda row: "test" if row["words"] > 9 else "train"))
    torn = toy.copied(tmp_path / "project")
    with pytest.raises(BuildError, match="the group of toy:"):
        torn.quick("release", family="toy")
    assert not (torn.root / RELEASE).exists()
