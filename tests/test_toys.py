"""The families for tests go the whole way: all stages, a sealed ledger, explain, funnel, publish to a folder."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import paths
from builders.commands import funnel
from builders.publishing import publish
from builders.releases import code
from builders.sealed import exporting, importing
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import PROJECT, TOYS, Workspace
from tests.publishing.conftest import committed

LINES = {"toy": 60, "bisection": 60, "quiz": 91}
"""The most lines of Python of each, blank ones left out."""
ROLLOUTS = 4


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A checkout in which the toy is built, each stage by the command."""
    made = Workspace.make(tmp_path_factory.mktemp("toy") / "project", "toy").adopt("toy")
    assert made.build() == [
        "collect toy/default: in 8, out 6, rejected 2 (bad_prompt 1, exact_duplicate 1)",
        "synthesize toy/default: in 6, out 6, rejected 0",
        "judge toy/default: in 6, out 6, rejected 0",
        "filter toy/default: in 6, out 5, rejected 1 (single_word 1)",
        "review toy/default: in 5, out 5, rejected 0",
        "validate toy/default: in 5, out 5, rejected 0",
        "release toy: default 2, long 3 rows in processed/toy/release",
    ]
    return made


def recovering(request: Received) -> Answer:
    """Continue a solution to its right answer as long as its wrong step has not come."""
    right, wrong = ("11", "18 minus 6 is 12.") if "3 times 4" in request.text else ("7", "6 plus 1 is 8.")
    return Answer("I am lost." if wrong in request.text else f"So it is {right}")


@pytest.fixture(scope="module")
def bisected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Server]:
    """A checkout in which bisection is built by asking a server, and that server."""
    made = Workspace.make(tmp_path_factory.mktemp("bisection") / "project", "bisection").adopt("bisection")
    made.project(teacher="endpoint")
    with serving(recovering) as server:
        made.quick(*paths.STAGES, BUILDERS_TEACHER_URL=server.url)
    return made, server


def files(workspace: Workspace) -> dict[str, bytes]:
    """Return all that a build leaves, but locks and measurements."""
    folder = workspace.root / "processed" / workspace.family
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if not name.startswith("metrics/") and not any(part.startswith(".") for part in Path(name).parts)
    }


@pytest.mark.parametrize("family", LINES)
def test_a_family_can_be_this_short(family: str) -> None:
    lines = [line for path in (TOYS / family).glob("*.py") for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= LINES[family]


def test_every_family_for_tests_is_measured() -> None:
    assert {path.parent.name for path in TOYS.glob("*/params.yaml")} == set(LINES)


def test_a_family_that_asks_nobody_counts_and_sorts(toy: Workspace) -> None:
    found = [(row["subset"], row["data"]["words"]) for row in toy.rows("validate")]
    assert found == [("default", 7), ("long", 13), ("long", 9), ("default", 3), ("long", 11)]
    assert {row["data"]["words"] for row in toy.rows("validate")} == {
        len(row["data"]["prompt"].split()) for row in toy.rows("validate")
    }


def test_a_process_of_its_own_and_this_one_build_the_same_bytes(toy: Workspace, samples: Callable[[str], Workspace]) -> None:
    assert files(samples("toy")) == files(toy)


def test_a_ledger_that_nothing_was_asked_of_replays_a_family_that_asks_nobody(toy: Workspace, tmp_path: Path) -> None:
    again = Workspace.make(tmp_path / "project", "toy").adopt("toy")
    again.project(teacher="ledger")
    again.quick(*paths.STAGES)
    assert files(again) == files(toy)


def test_bisection_finds_the_wrong_step_by_few_questions(bisected: tuple[Workspace, Server]) -> None:
    workspace, server = bisected
    assert [row["data"]["wrong"] for row in workspace.rows("validate")] == [3, 3]
    assert len(server.asked) == 2 * 2 * ROLLOUTS  # two halves of four steps, about each solution


def test_a_sealed_ledger_rebuilds_a_work_that_asks_by_what_it_was_told(
    bisected: tuple[Workspace, Server], tmp_path: Path
) -> None:
    made, _ = bisected
    sealed = tmp_path / "bisection.ledger.zst"
    with made.inside():
        exporting.run("bisection", sealed, accept_hazard=False)
    again = Workspace.make(tmp_path / "project", "bisection").adopt("bisection")
    again.project(teacher="ledger")
    with again.inside():
        importing.run(sealed)
    again.quick(*paths.STAGES)
    assert files(again) == files(made)


def test_explain_tells_each_stage_and_replays_what_was_asked(toy: Workspace, bisected: tuple[Workspace, Server]) -> None:
    output = toy.explained(toy.rows("validate")[0]["id"], show_text=False)
    assert "Tea is best when it is hot." in output  # no family without a hazard hides a text
    assert [stage for stage in paths.STAGES if f"{stage}: " not in output] == []
    [single] = toy.rejected("filter")
    assert "filter: rejected: single_word" in toy.explained(single["row"]["id"], show_text=False)
    workspace, _ = bisected
    output = workspace.explained(workspace.rows("validate")[0]["id"], show_text=False)
    asked = [int(index) for index in re.findall(r"index: (\d+)", output)]
    assert asked == [step * ROLLOUTS + sample for step in (2, 3) for sample in range(ROLLOUTS)]  # the later half by the replies


def test_the_funnel_counts_the_rows_of_both_subsets(toy: Workspace) -> None:
    with toy.inside(COLUMNS="200") as output:
        funnel.run("toy")
    lines = [line for line in output.getvalue().splitlines() if "│" in line]
    kept = {subset: next(line for line in lines if f" {subset} " in line) for subset in ("default", "long")}
    assert [f"processed/toy/release/{subset}" in line for subset, line in kept.items()] == [True, True]
    assert [reason for reason in ("single_word", "bad_prompt", "exact_duplicate") if reason not in output.getvalue()] == []


def test_a_release_is_published_to_a_folder_and_a_version_of_it_only_once(
    samples: Callable[[str], Workspace], tmp_path: Path
) -> None:
    made = committed(samples("toy").copied(tmp_path / "project"), "toy")
    shelf = tmp_path / "shelf"
    for last in ("v1.0.0 of ", "has this release already: nothing to do"):
        with made.inside(BUILDERS_DESTINATION=shelf.as_uri()) as output:
            publish.run("toy", publish.Permissions(sample=True, hazard=False, removals=False), dry_run=False)
        assert last in output.getvalue().splitlines()[-1]
    [version] = (shelf / "toy-sample").iterdir()
    assert sorted(path.name for path in version.glob("*/*.parquet")) == ["train-00000-of-00001.parquet"] * 2
    assert {path.parent.name for path in version.glob("*/*.parquet")} == {"default", "long"}


def test_what_a_family_for_tests_is_made_of_is_hashed_as_that_of_any_other(toy: Workspace) -> None:
    with toy.inside():
        own = [name for name in code.hashes("toy", "release") if "/toy/" in name]
    assert own == [f"builders/families/toy/{name}.py" for name in ("__init__", "collect", "filter", "synthesize")]
    assert not (PROJECT / "builders/families/toy").exists()
