"""The file that a name means, whatever its separators and case, and none that is outside."""

from pathlib import Path

import pytest

from builders.sources import naming


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "A").mkdir(parents=True)
    for name in ("A/Fig.PNG", "b.png", "B.PNG", "caf\u00e9.png", "x\\y.png", "../beside.png"):
        (home / name).touch()
    for link, target in (("loop", "loop"), ("out.png", "../beside.png"), ("in.png", "b.png")):
        (home / link).symlink_to(target)
    return home


@pytest.mark.parametrize(
    ("name", "file"),
    [
        *((name, "A/Fig.PNG") for name in ("A/Fig.PNG", "a/fig.png", "A\\Fig.PNG", "a\\FIG.png", "A//Fig.PNG")),
        *((name, name) for name in ("b.png", "B.PNG", "in.png", "caf\u00e9.png")),
        *((name, "caf\u00e9.png") for name in ("cafe\u0301.png", "CAF\u00c9.PNG")),
    ],
)
def test_a_name_means_the_one_file_that_is_alike(name: str, file: str, home: Path) -> None:
    assert naming.found(home, name) == home / file


@pytest.mark.parametrize(
    "name",
    [
        *(
            "B.png",
            "nothing.png",
            "A",
            "A/",
            ".",
            "",
            "b.png/x",
            "x\\y.png",
            "loop",
            "x" * 300,
            "a\0b",
            "a\0b/c",
            "x" * 300 + "/y",
        ),
        *(
            "out.png",
            "../beside.png",
            "..\\beside.png",
            "a/../b.png",
            "/b.png",
            "\\b.png",
            "C:b.png",
            "C:\\b.png",
            5,
            None,
            b"b.png",
        ),
    ],
    ids=range(24),
)
def test_a_name_that_fits_several_or_none_or_leads_out_means_no_file(name: object, home: Path) -> None:
    assert naming.found(home, name) is None


def test_a_file_beside_the_folder_is_reached_by_no_absolute_name(home: Path) -> None:
    assert naming.found(home, (home.parent / "beside.png").as_posix()) is None
    assert naming.found(home / "..", "beside.png") is None
