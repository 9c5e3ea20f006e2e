"""The 16 published files come in without loss, or not at all, and one line says why."""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.cogtest import published
from builders.families.cogtest.habits import SAME_TASKS, SLUGS
from builders.params import loading
from builders.releases import overlap
from tests.doubles.sentences import sentence
from tests.families.cogtest import FAMILY
from tests.harness import Workspace


def write(folder: Path) -> Path:
    """Write 16 files in the published form, five of which are one and the same."""
    folder.mkdir(parents=True)
    for slug in SLUGS:
        of = SAME_TASKS[0] if slug in SAME_TASKS else slug
        tasks = [{"id": number, "instruction": f"As a porter, {sentence((of, number))}. What now?"} for number in range(1, 26)]
        (folder / f"{slug}.json").write_text(json.dumps({"instructions": tasks}))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "published")


def test_400_pairs_and_300_instructions_come_as_they_are(folder: Path) -> None:
    tasks = list(published.tasks(folder))
    assert len(tasks) == 400
    assert len({task["instruction"] for task in tasks}) == 300
    assert {task["habit"] for task in tasks if not task["unique"]} == set(SAME_TASKS)
    for task in tasks:
        slug, number = task["key"].split("/")
        rows = json.loads((folder / f"{slug}.json").read_text())["instructions"]
        assert rows[int(number) - 1] == {"id": int(number), "instruction": task["instruction"]}
        assert task["habit"] == slug


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv"])
def test_files_in_another_format_give_the_same_tasks(kind: str, folder: Path) -> None:
    wanted = list(published.tasks(folder))
    for file in folder.glob("*.json"):
        rows = json.loads(file.read_text())["instructions"]
        text = "".join(json.dumps(row) + "\n" for row in rows) if kind == "jsonl" else _delimited(rows, kind)
        file.with_suffix(f".{kind}").write_text(text)
        file.unlink()
    assert list(published.tasks(folder)) == wanted
    (folder / "persisting.json").write_text("{}")
    with pytest.raises(BuildError, match="a second file of its habit"):
        list(published.tasks(folder))


def _delimited(rows: list[dict[str, Any]], kind: str) -> str:
    target = io.StringIO()
    writer = csv.DictWriter(target, ["id", "instruction"], delimiter="," if kind == "csv" else "\t")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def _edit(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        file = folder / "persisting.json"
        file.write_text(json.dumps({"instructions": change(json.loads(file.read_text())["instructions"])}))

    return edit


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "persisting.json").unlink(), "1 of 16 files are missing, persisting.json the first"),
        (lambda folder: (folder / "juggling.json").write_text("{}"), "1 files are named after no habit"),
        (lambda folder: (folder / "persisting.json").write_text("[]"), "not an object with a list of instructions"),
        (lambda folder: (folder / "persisting.json").write_text("{"), "broken JSON"),
        (
            lambda folder: (folder / f"{SAME_TASKS[2]}.json").write_bytes((folder / "persisting.json").read_bytes()),
            "not the tasks",
        ),
        (_edit(lambda rows: rows[:-1]), "24 tasks, 25 were published"),
        (_edit(lambda rows: [*rows, {"id": 26, "instruction": "More?"}]), "26 tasks, 25 were published"),
        (_edit(lambda rows: [{**rows[0], "id": 7}, *rows[1:]]), "task 1 has another id"),
        (_edit(lambda rows: [*rows[:-1], {**rows[-1], "instruction": " "}]), "task 25 has another id, or no text"),
        (_edit(lambda rows: [{**row, "answer": 3} for row in rows]), "task 1 has other columns"),
        (_edit(lambda rows: [*rows[:2], "More?", *rows[3:]]), "task 3 has other columns"),
        (_edit(lambda rows: [*rows[:2], {"id": 3, "instruction": 7}, *rows[3:]]), "task 3 has another id, or no text"),
        (
            lambda folder: (folder / "persisting.json").write_text('{"instructions": [], "more": 1}'),
            "not an object with a list of instructions",
        ),
        (
            lambda folder: (folder / "persisting.json").write_text('{"instructions": {}}'),
            "not an object with a list of instructions",
        ),
    ],
)
def test_what_does_not_fit_is_one_line(change: Callable[[Path], object], message: str, folder: Path) -> None:
    change(folder)
    with pytest.raises(BuildError) as caught:
        list(published.tasks(folder))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_of_other_kinds_are_left_alone_and_a_mark_at_the_beginning_too(folder: Path) -> None:
    wanted = list(published.tasks(folder))
    (folder / "juggling.txt").write_text("none")
    (folder / "persisting.md").write_text("none")
    file = folder / "persisting.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert list(published.tasks(folder)) == wanted


def test_no_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="16 of 16 files are missing"):
        list(published.tasks(tmp_path))


def test_all_400_pairs_reach_the_release(workspace: Workspace) -> None:
    write(workspace.root / "raw" / FAMILY / "sources" / "published")
    with workspace.params(FAMILY) as params:
        params["sample"]["collect"]["sources"] = [params["full"]["collect"]["sources"][0]]
        params["sample"]["filter"]["tasks_per_habit"] = 25
    workspace.quick("collect", "synthesize", "judge", "filter", "review", "validate", family=FAMILY)
    kept = [row["data"] for row in workspace.rows("validate", family=FAMILY)]
    tasks = list(published.tasks(workspace.root / "raw" / FAMILY / "sources" / "published"))
    assert [
        {
            "key": row["provenance"]["source_key"],
            "habit": row["habit"],
            "instruction": row["instruction"],
            "unique": row["unique"],
        }
        for row in kept
    ] == tasks


def test_a_release_of_full_size_says_how_much_of_it_was_published(workspace: Workspace) -> None:
    write(workspace.root / "raw" / FAMILY / "sources" / "published")
    workspace.project(profile="full")
    workspace.quick("collect", family=FAMILY)
    with chdir(workspace.root):
        loaded = loading.load(FAMILY)
        published_set = loaded.release.published
        found = overlap.report(FAMILY, published_set, loaded.collect.decontamination, lambda pool: data(workspace, pool))
    assert found
    assert (found["set"], found["prompts"], found["found"]) == ("cogtest_published", 400, 300)
    assert found["subsets"]["traces"] == {"rows": 300, "equal": 300, "ngram": 0}


def data(workspace: Workspace, pool: str) -> list[dict[str, Any]]:
    return [row["data"] for row in workspace.rows("collect", pool, FAMILY)]


def test_the_full_size_is_collected_and_costed(workspace: Workspace) -> None:
    """400 pairs, and 300 different tasks about which a model reasons, each judged for all 16 habits."""
    write(workspace.root / "raw" / FAMILY / "sources" / "published")
    workspace.project(profile="full", teacher="endpoint")
    with workspace.params(FAMILY) as params:
        for stage in ("synthesize", "judge"):
            for role in params["full"][stage]["roles"].values():
                role["prices"] = {"prompt": 1.0, "completion": 2.0}
    workspace.quick("collect", family=FAMILY)
    pairs = [row for row in workspace.rows("collect", family=FAMILY) if row["provenance"]["source"] == "published"]
    assert (len(pairs), len(workspace.rows("collect", "traces", FAMILY))) == (400, 300)
    plan = workspace.run("plan", FAMILY)
    assert plan.returncode == 0, plan.stderr
    assert re.search(r"synthesize cogtest/traces: .*\b300 requests", plan.stdout)
    assert re.search(r"judge cogtest/traces.*\b4,800 requests", plan.stdout)
    assert re.search(r"all of cogtest: .*tokens, (at most )?[\d.]+; less", plan.stdout)
