"""Names on the command line: a family, or one of its subsets; anything else is one line with a suggestion."""

import pytest

from builders import family as families
from builders.errors import BuildError
from tests.harness import FAMILY, Workspace, one_line

pytestmark = pytest.mark.usefixtures("toys")


def refused(name: str) -> str:
    with pytest.raises(BuildError) as caught:
        families.select(name)
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    return line


def test_a_family_means_all_its_pools() -> None:
    assert families.select(FAMILY) == (FAMILY, families.pools(FAMILY))


def test_a_subset_means_its_pool_alone() -> None:
    assert families.select(f"{FAMILY}/default") == (FAMILY, ("default",))


def test_every_family_there_is_can_be_selected() -> None:
    assert FAMILY in families.names()
    assert families.names() == sorted(families.names())
    for name in families.names():
        assert families.select(name) == (name, families.pools(name))
        assert families.pools(name)
        assert families.subsets(name)


@pytest.mark.parametrize("name", ["quizz", "qu_iz", f"{FAMILY}2", "Quiz", f" {FAMILY}"])
def test_a_misspelt_family_suggests_the_close_one(name: str) -> None:
    assert refused(name) == f"{name.strip()}: no such family; did you mean {FAMILY}?"


@pytest.mark.parametrize("name", ["stages", "xyzzy", "..", f"{FAMILY}.collect"])
def test_an_unknown_family_lists_those_there_are(name: str) -> None:
    line = refused(name)
    assert line.startswith(f"{name}: no such family; ")
    assert FAMILY in line.partition("; ")[2]


@pytest.mark.parametrize("name", ["", "/default"])
def test_an_empty_family_is_named_as_such(name: str) -> None:
    assert refused(name) == f"(empty): no such family; choose one of {', '.join(families.names())}"


def test_a_misspelt_subset_suggests_the_close_one() -> None:
    assert refused(f"{FAMILY}/defualt") == f"{FAMILY}/defualt: no such subset; did you mean default?"


@pytest.mark.parametrize("name", [f"{FAMILY}/", f"{FAMILY}/xyzzy", f"{FAMILY}/default/more", f"{FAMILY}//default"])
def test_an_unknown_subset_is_named(name: str) -> None:
    line = refused(name)
    assert line.startswith(f"{name}: no such subset; ")
    assert "default" in line.partition("; ")[2]


def test_a_subset_that_filter_decides_names_the_pools_to_run(workspace: Workspace) -> None:
    line = one_line(workspace.run("collect", f"{FAMILY}/hard"))
    assert line == f"error: {FAMILY}/hard: decided by filter, not collected by itself; run {FAMILY}/default"


def test_a_module_that_does_not_give_a_stage_what_it_wants_is_a_slip_of_ours() -> None:
    with pytest.raises(TypeError, match=r"^builders\.families\.mmathcot\.judge\.STAGE is not a str$"):
        families.part("mmathcot", "judge", str)
    assert families.part("mmathcot", "calibration", object) is None
