"""docs/evaluate.md lists every table and figure of the papers with the task that measures it, and no task that there is not."""

import re
from typing import Any

import pytest

from tests.harness import PROJECT

_PAPERS = ("2506.13206", "2502.12025", "2505.18807", "2506.21571", "2508.00935", "2501.04686", "2505.23648")
_MARK = "<!-- papers:"


def listed() -> list[list[str]]:
    """Return the rows of the table of tables and figures."""
    table = (PROJECT / "docs" / "evaluate.md").read_text().partition(_MARK)[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.fixture(scope="module")
def tasks() -> set[str]:
    """Every task of the registry."""
    from builders.evaluation import registry

    return names(registry.TASKS)


def names(tasks: dict[str, tuple[Any, ...]]) -> set[str]:
    """Return the names of families' tasks."""
    from inspect_ai._util.registry import registry_unqualified_name

    return {registry_unqualified_name(task).rpartition("/")[2] for several in tasks.values() for task in several}


def test_every_task_named_is_registered_and_every_registered_task_is_named(tasks: set[str]) -> None:
    named = {name for row in listed() for name in re.findall(r"`(\w+)`", row[2])}
    assert named == tasks


def test_every_paper_is_there_and_what_is_not_built_says_why() -> None:
    rows = listed()
    assert [row for row in rows if len(row) != 4] == []
    papers = [row[0].rpartition(", ")[2] for row in rows if row[0]]
    assert papers == list(_PAPERS)
    assert [row for row in rows if not row[1] or not row[3]] == []
    assert [row[2] for row in rows if not re.fullmatch(r"not built|`\w+`(?:, `\w+`)*", row[2])] == []


def numbered(row: list[str], kind: str) -> set[int]:
    """Return the numbers of a row's figures or tables; those of another version of the paper are none."""
    found: set[int] = set()
    for listed_numbers in re.findall(rf"(?<!v1 ){kind}s?\.? (\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*)", row[1]):
        for part in listed_numbers.split(", "):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def test_no_figure_or_table_is_passed_over() -> None:
    """Of Thought Crime all are known by number; of the others a last row is for those that nobody here could read."""
    rows = listed()
    starts = [place for place, row in enumerate(rows) if row[0]]
    papers = [rows[start:end] for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)]
    assert set().union(*(numbered(row, "Fig") for row in papers[0])) == set(range(1, 20))
    assert set().union(*(numbered(row, "Table") for row in papers[0])) == set(range(1, 6))
    assert {paper[-1][1] for paper in papers[1:]} == {"any other table or figure"}


def test_every_number_that_the_page_explains_is_of_a_task_that_there_is(tasks: set[str]) -> None:
    page = (PROJECT / "docs" / "evaluate.md").read_text()
    explained = page.partition("| task | number | meaning |")[2].partition("\n\n")[0]
    named = [
        cell for line in explained.splitlines() if line.startswith("| `") for cell in re.findall(r"`(\w+)`", line.split("|")[1])
    ]
    assert {name if not name.startswith("_") else f"emergent_misalignment{name}" for name in named} == tasks
