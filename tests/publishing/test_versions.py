"""versions: what the number says about any two releases."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from builders.publishing.versions import FIRST, Table, Version, described, difference, following, removals

_NAMES = st.sampled_from(["a", "b", "c", "d"])
_TABLES = st.builds(
    Table,
    columns=st.dictionaries(_NAMES, st.sampled_from(["string", "int64"]), min_size=1, max_size=3),
    rows=st.dictionaries(_NAMES, st.sampled_from([b"1", b"2"]), max_size=4),
)
_RELEASES = st.dictionaries(st.sampled_from(["default", "hard"]), _TABLES, min_size=1)
_VERSIONS = st.builds(Version, *[st.integers(0, 20)] * 3)


def gone(old: Mapping[str, Table], new: Mapping[str, Table]) -> bool:
    """Tell whether anything that a reader of the old one may rely on is missing or of another type in the new one."""
    return any(row not in new.get(config, Table({}, {})).rows for config, table in old.items() for row in table.rows) or any(
        new[config].columns.get(column) != kind
        for config, table in old.items()
        if config in new
        for column, kind in table.columns.items()
    )


@given(_RELEASES, _RELEASES, _VERSIONS)
def test_the_major_number_grows_exactly_if_something_is_gone(
    old: dict[str, Table], new: dict[str, Table], latest: Version
) -> None:
    version = following(latest, difference(old, new))
    assert (version is not None and version.major > latest.major) == gone(old, new)
    if version is not None:
        assert version > latest
        assert sum(after != before for after, before in zip(version, latest, strict=True)) >= 1


@given(_RELEASES, _RELEASES, _VERSIONS)
def test_the_way_back_of_a_minor_step_is_a_major_one(old: dict[str, Table], new: dict[str, Table], latest: Version) -> None:
    there = following(latest, difference(old, new))
    back = following(latest, difference(new, old))
    if there and there.minor > latest.minor:
        assert back
        assert back.major > latest.major


@given(_RELEASES, _VERSIONS)
def test_the_same_release_is_no_version(release: dict[str, Table], latest: Version) -> None:
    found = difference(release, release)
    assert following(latest, found) is None
    assert described(found) == []
    assert removals(found) == {}


@given(_RELEASES, _RELEASES)
def test_every_row_is_counted_once(old: dict[str, Table], new: dict[str, Table]) -> None:
    for config, rows in difference(old, new).rows.items():
        after = new[config].rows if config in new else {}
        assert rows.before + rows.added - rows.removed == len(after)
        assert rows.changed <= min(rows.before, len(after))


@given(_VERSIONS)
def test_a_version_is_read_back(version: Version) -> None:
    assert Version.parsed(version.tag) == Version.parsed(str(version)) == version


def test_other_files_alone_are_a_patch_and_the_first_version_is_one() -> None:
    assert following(Version(1, 2, 3), difference({}, {}, ("README.md",))) == Version(1, 2, 4)
    assert following(None, difference({}, {})) == FIRST
    assert Version.parsed("main") is Version.parsed("v1.0") is None


def test_removals_count_from_one_in_a_hundred_on() -> None:
    old = {"default": Table({"id": "string"}, {str(number): b"" for number in range(200)})}

    def without(count: int) -> dict[str, Table]:
        rows = dict(list(old["default"].rows.items())[count:])
        return {"default": Table({"id": "string"}, rows)}

    assert removals(difference(old, without(2))) == {}
    assert list(removals(difference(old, without(3)))) == ["default"]
    assert list(removals(difference(old, {}))) == ["default"]


def test_a_difference_is_told_in_counts_and_names() -> None:
    old = {"default": Table({"id": "string", "a": "string", "b": "string"}, {"1": b"x", "2": b"y"})}
    new = {"default": Table({"id": "string", "a": "int64", "c": "string"}, {"2": b"z", "3": b""})}
    assert described(difference(old, new, ("README.md",))) == [
        "`default`: rows 1 added, 1 removed, 1 changed, of 2",
        "columns new: `default.c`",
        "columns gone: `default.b`",
        "columns retyped: `default.a`",
        "files: `README.md`",
    ]
