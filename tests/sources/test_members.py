"""The files that a name means: one, those of a folder, or those that a pattern fits."""

from pathlib import Path

import pytest

from builders.sources import members


@pytest.mark.parametrize(
    ("name", "files", "several"),
    [
        ("a/rows.csv", ["a/rows.csv"], False),
        ("a", ["a/rows.csv"], True),
        ("a/*.csv", ["a/rows.csv"], True),
        ("a/*.csv", ["a/rows.csv", "a/more.csv"], True),
        ("rows.csv", ["rows.csv/rows.csv", "rows.csv/more.csv"], True),  # a folder that is called like a file of it
    ],
)
def test_a_name_means_files_or_a_file(name: str, files: list[str], *, several: bool) -> None:
    assert members.several(name, list(map(Path, files))) == several
