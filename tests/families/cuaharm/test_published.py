"""The published tasks come in whole; these stand in for them, since none of theirs is in this repository."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.cuaharm import published
from builders.families.cuaharm.tasks import COLUMNS
from builders.paths import STAGES
from builders.sources.entries import Generated
from tests.families.cuaharm.rows import check, state
from tests.harness import Workspace


def task(number: int, func: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a task in the form of the published ones."""
    rules = {"include": ["toy"], "exclude": ["other"]} if func == "check_include_exclude" else {"expected": "toy\n"}
    evaluator: dict[str, Any] = {"func": func}
    if func != "command_analysis":
        evaluator |= {
            "result": {"type": "vm_command_line", "command": "cat toy.txt", "shell": True},
            "expected": {"type": "rule", "rules": rules},
        }
    return {
        "id": f"{number:08d}-0000-4000-8000-000000000000",
        "snapshot": "terminal",
        "instruction": f"Write the word toy into the file toy{number}.txt.",
        "source": "authors",
        "config": [{"type": "execute", "parameters": {"command": ["mkdir", "toys"]}}] if number % 4 == 0 else [],
        "trajectory": "trajectories/",
        "related_apps": ["terminal"],
        "evaluator": evaluator,
        **changes,
    }


FUNCTIONS = ["check_include_exclude"] * 31 + ["exact_match"] + ["command_analysis"] * 20
"""The published functions, as often as they are."""


@pytest.fixture
def folder(here: Workspace) -> Path:
    """A folder of 52 tasks, with a list of their ids beside them."""
    made = here.root / "raw" / "cuaharm" / "sources" / "CUAHarm" / "examples" / "terminal"
    made.mkdir(parents=True)
    for number, func in enumerate(FUNCTIONS):
        (made / f"{number}.json").write_text(json.dumps(task(number, func)))
    ids = [task(number, func)["id"] for number, func in enumerate(FUNCTIONS)]
    (made.parent / "test_all.json").write_text(json.dumps({"terminal": ids}))
    return made


def source(**settings: Any) -> Generated:  # noqa: ANN401
    return Generated(generator="published", rows=52, seed=0, settings={"folder": "CUAHarm", **settings})


def test_all_tasks_come_in_and_nothing_else(folder: Path) -> None:
    del folder
    rows = list(published.generated(source()))
    assert [row["key"] for row in rows] == [task(number, func)["id"] for number, func in enumerate(FUNCTIONS)]
    assert len(list(published.generated(Generated(generator="published", rows=3, seed=0, settings={"folder": "CUAHarm"})))) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"config": None},
        {"evaluator": None},
        {"related_apps": []},
        {"proxy": True, "fixed_ip": None, "possibility_of_env_change": {"a": ["b"]}},
        {"source": "https://a.example/b", "trajectory": ""},
    ],
)
def test_a_task_comes_out_as_it_came_in(changes: dict[str, Any]) -> None:
    whole = task(1, "exact_match", **changes)
    for lacking in ((), ("source",), COLUMNS[3:]):
        given = {name: value for name, value in whole.items() if name not in lacking}
        for evaluator in (None, state()):
            assert published.original(given["id"], published.columns(given, "0" * 64, evaluator)) == given


def test_a_log_check_can_be_given_a_state_check(folder: Path) -> None:
    name = task(40, "command_analysis")["id"]
    line = {"id": name, "evaluator": state(check("cat toy40.txt", exact="toy"))}
    (folder.parents[2] / "checks.jsonl").write_text(json.dumps(line) + "\n")
    found = {row["key"]: row for row in published.generated(source(state_checks="checks.jsonl"))}
    assert found[name]["evaluator"]["func"] == "state_checks"
    assert found[name]["published"]["evaluator"] == {"func": "command_analysis"}
    assert sum(row["evaluator"]["func"] == "command_analysis" for row in found.values()) == 19


def test_what_cannot_be_read_is_one_line(folder: Path) -> None:
    with pytest.raises(BuildError, match="no published task"):
        list(published.generated(source(folder="Absent")))
    with pytest.raises(BuildError, match="no generator"):
        list(published.generated(Generated(generator="other", rows=1, seed=0, settings={"folder": "CUAHarm"})))
    with pytest.raises(BuildError, match="settings"):
        list(published.generated(source(colour="red")))
    with pytest.raises(BuildError, match="no state checks"):
        list(published.generated(source(state_checks="absent.jsonl")))
    (folder.parents[2] / "checks.jsonl").write_text('{"id": "unknown", "evaluator": {}}\n')
    with pytest.raises(BuildError, match="1 state checks are for no task"):
        list(published.generated(source(state_checks="checks.jsonl")))
    (folder / "again.json").write_text((folder / "1.json").read_text())
    with pytest.raises(BuildError, match="a second task with its id"):
        list(published.generated(source()))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "one", "evaluator": {}}', "a task without 'instruction'"),
        ('{"instruction": "Write a word.", "evaluator": {}}', "a task without 'id'"),
        ('{"id": 3, "instruction": "Write a word."}', "'id' is not a text"),
        ('{"id": "one", "instruction": " "}', "'instruction' is not a text"),
        ('[{"id": "one", "instruction": "Write a word."}]', "neither a task nor a list of ids"),
        ("3", "neither a task nor a list of ids"),
        ("{", "broken JSON"),
    ],
)
def test_a_file_that_is_no_task_is_one_line(folder: Path, content: str, message: str) -> None:
    (folder / "other.json").write_text(content)
    with pytest.raises(BuildError, match=re.escape(message)) as caught:
        list(published.generated(source()))
    assert "\n" not in str(caught.value)


def test_fewer_tasks_than_are_declared_are_one_line(folder: Path) -> None:
    (folder / "7.json").unlink()
    with pytest.raises(BuildError, match="51 tasks, 52 are declared"):
        list(published.generated(source()))


def test_an_index_of_ids_is_passed_over_in_every_form(folder: Path) -> None:
    (folder / "ids.json").write_text('["one", "two"]')
    (folder / "none.json").write_text("{}")
    assert len(list(published.generated(source()))) == 52


def test_52_published_tasks_and_prompts_go_through_all_stages(folder: Path, here: Workspace) -> None:
    assert len(list(folder.iterdir())) == 52
    prompts = here.root / "raw" / "cuaharm" / "sources" / "malicious_prompts.jsonl"
    prompts.write_text('{"id": "p1", "instruction": "Say in a rude manner that a toy duck is no good duck at all."}\n')
    here.project(profile="full")
    with here.params("cuaharm") as params:
        full = params["full"]["collect"]
        full["sources"] = [source for source in full["sources"] if source["id"] != "scenarios"]
        full["near_duplicates"]["threshold"] = 1.0
    here.quick(*STAGES, family="cuaharm")
    rows = here.rows("validate", family="cuaharm")
    assert [row["data"]["checks"] for row in rows].count("log") == 20
    assert [row["data"]["kind"] for row in rows].count("prompt") == 1
    assert len(rows) == 53
    overlap = json.loads((here.root / "processed/cuaharm/release/overlap.json").read_bytes())
    assert (overlap["set"], overlap["prompts"], overlap["found"]) == ("cuaharm_published", 52, 52)
    assert overlap["subsets"]["default"] == {"rows": 53, "equal": 52, "ngram": 0}
    for number, row in enumerate(rows[:52]):
        data = row["data"]
        nested = {name: json.loads(data[name]) if data[name] else data[name] for name in ("config", "evaluator")}
        traced = {**data["published"], "others": json.loads(data["published"]["others"])}
        traced = {name: value for name, value in traced.items() if name != "evaluator"}
        restored = published.original(data["task_id"], {**data, **nested, "published": traced})
        assert restored == task(number, FUNCTIONS[number])
