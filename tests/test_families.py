"""Names on the command line: a family, or one of its subsets; anything else is one line with a suggestion."""

import pytest

from builders import family as families
from builders.errors import BuildError
from tests.harness import Workspace, one_line


def refused(name: str) -> str:
    with pytest.raises(BuildError) as caught:
        families.select(name)
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    return line


def test_a_family_means_all_its_pools() -> None:
    assert families.select("safechain") == ("safechain", families.pools("safechain"))


def test_a_subset_means_its_pool_alone() -> None:
    assert families.select("safechain/default") == ("safechain", ("default",))


def test_every_family_there_is_can_be_selected() -> None:
    assert "safechain" in families.names()
    assert families.names() == sorted(families.names())
    for name in families.names():
        assert families.select(name) == (name, families.pools(name))
        assert families.pools(name)
        assert families.subsets(name)


@pytest.mark.parametrize("name", ["safechian", "safe_chain", "safechain2", "SafeChain", " safechain"])
def test_a_misspelt_family_suggests_the_close_one(name: str) -> None:
    assert refused(name) == f"{name.strip()}: no such family; did you mean safechain?"


@pytest.mark.parametrize("name", ["stages", "xyzzy", "..", "safechain.collect"])
def test_an_unknown_family_lists_those_there_are(name: str) -> None:
    line = refused(name)
    assert line.startswith(f"{name}: no such family; ")
    assert "safechain" in line.partition("; ")[2]


@pytest.mark.parametrize("name", ["", "/default"])
def test_an_empty_family_is_named_as_such(name: str) -> None:
    assert refused(name) == f"(empty): no such family; choose one of {', '.join(families.names())}"


def test_a_misspelt_subset_suggests_the_close_one() -> None:
    assert refused("safechain/defualt") == "safechain/defualt: no such subset; did you mean default?"


@pytest.mark.parametrize("name", ["safechain/", "safechain/xyzzy", "safechain/default/more", "safechain//default"])
def test_an_unknown_subset_is_named(name: str) -> None:
    line = refused(name)
    assert line.startswith(f"{name}: no such subset; ")
    assert "default" in line.partition("; ")[2]


def test_a_subset_that_filter_decides_names_the_pools_to_run(workspace: Workspace) -> None:
    package = workspace.root / "builders" / "families" / "safechain" / "__init__.py"
    package.write_text(package.read_text().replace('SUBSETS = ("default",)', 'SUBSETS = ("default", "hard")'))
    line = one_line(workspace.run("collect", "safechain/hard"))
    assert line == "error: safechain/hard: decided by filter, not collected by itself; run safechain/default"
