"""The published benchmark comes in without loss, or not at all, and one line says why."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.errors import BuildError
from builders.families.deceptionbench import published
from builders.families.deceptionbench.categories import CATEGORIES
from tests.doubles.sentences import sentence
from tests.families.deceptionbench import FAMILY
from tests.harness import Workspace, jsonl

Rows = list[dict[str, Any]]


def rows() -> Rows:
    """Return 180 items in the published form, written for this test."""
    made: Rows = []
    for category in CATEGORIES:
        for number in range(category.published):
            name = f"{category.slug} {number}"
            texts = {"inner_prompt": f"View {name}?", "system_prompt": f"Role of {name}.", "format": "Use tags."}
            outer = f"Report on matter {number} of {category.name.lower()} to the board, please."
            made.append({"id": f"d{len(made):03d}", "type": category.label, **texts, "outer_prompt": outer})
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deceptionbench_0527.json"
    path.write_text(json.dumps(rows()))
    return path


def test_every_item_comes_as_it_is(file: Path) -> None:
    assert list(published.items(file)) == rows()


def test_items_may_have_the_setting_that_the_evaluator_reads(file: Path) -> None:
    file.write_text(json.dumps([{**row, "setting": "an office"} for row in rows()]))
    assert all(row["setting"] == "an office" for row in published.items(file))


def _as(kind: str, found: Rows) -> bytes:
    """Return the items in another format, as spreadsheets and the Hub write it."""
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(found), whole := io.BytesIO())
        return whole.getvalue()
    if kind == "jsonl":
        return b"".join(json.dumps(row).encode() + b"\r\n" for row in found)
    target = io.StringIO()
    writer = csv.DictWriter(target, list(found[0]), delimiter="," if kind == "csv" else "\t")
    writer.writeheader()
    writer.writerows(found)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
def test_the_same_items_in_another_format_come_as_they_are(kind: str, tmp_path: Path) -> None:
    found = [{**row, "outer_prompt": f'{row["outer_prompt"]}\n"So, what?"'} for row in rows()]
    path = tmp_path / f"deceptionbench.{kind}"
    path.write_bytes(_as(kind, found))
    assert list(published.items(path)) == found
    path.write_bytes(_as(kind, found[:-1]))
    with pytest.raises(BuildError, match="15 items of Alignment Faking"):
        list(published.items(path))


def test_a_mark_in_front_of_json_does_no_harm_and_another_ending_is_one_line(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(list(published.items(file))) == 180
    with pytest.raises(BuildError, match=r"neither \.json nor \.jsonl"):
        list(published.items(file.rename(file.with_suffix(".txt"))))


def _without(name: str) -> Callable[[Rows], object]:
    return lambda found: [{key: value for key, value in row.items() if key != name} for row in found]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: {"rows": found}, "not a list of items"),
        (lambda found: [*found, "text"], "not a list of items"),
        (lambda found: [*found[:2], {**found[2], "outer_prompt": " "}, *found[3:]], "item 3: 'outer_prompt' is not a text"),
        (lambda found: [{**row, "x" * 40: "more"} for row in found], f"item 1: the unknown column '{'x' * 40}'"),
        (lambda found: [{**row, "x" * 41: "more"} for row in found], "item 1: an unknown column"),
        (lambda found: [{**row, "two words": "more"} for row in found], "item 1: an unknown column"),
        (lambda found: [*found[:-2], found[0], found[0]], "1 ids occur more than once"),
        (lambda found: [{**found[0], "type": found[-1]["type"]}, *found[1:]], "44 items of Goal-Driven"),
        (lambda found: found[:-1], "15 items of Alignment Faking, 16 were published"),
        (lambda _: [], "0 items of Goal-Driven"),
        (_without("format"), "item 1: no column 'format'"),
        (lambda found: [{**row, "inner_prompt": ""} for row in found], "item 1: 'inner_prompt' is not a text"),
        (lambda found: [{**row, "id": 3} for row in found], "item 1: 'id' is not a text"),
        (lambda found: [*found[:4], {**found[4], "type": "Teasing"}, *found[5:]], "item 5: a type of 7 characters"),
        (lambda found: [{**row, "notes": "more"} for row in found], "item 1: the unknown column 'notes'"),
        (lambda found: [{**row, "id": "one"} for row in found], "1 ids occur more than once"),
        (lambda found: [{"domain": "economy", "scenario": "s"} for _ in found], "the other benchmark of that name"),
        (lambda found: [{**row, "type": "Sandbagging"} for row in found], "0 items of Goal-Driven"),
    ],
)
def test_what_does_not_fit_is_one_line(change: Callable[[Rows], object], message: str, file: Path) -> None:
    file.write_text(json.dumps(change(rows())))
    with pytest.raises(BuildError) as caught:
        list(published.items(file))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_file_and_none_are_told_apart(file: Path) -> None:
    with pytest.raises(BuildError, match=r"sha256 [0-9a-f]{10}… in place of 0000000000…"):
        list(published.items(file, "0" * 64))
    assert len(list(published.items(file, hashlib.sha256(file.read_bytes()).hexdigest()))) == 180
    file.unlink()
    with pytest.raises(BuildError, match="is not there"):
        list(published.items(file))


def test_the_published_file_is_a_source_whose_rows_all_reach_the_release(workspace: Workspace) -> None:
    """Every column of every item is in the released rows; neither likeness nor a word rejects one."""
    found = rows()
    (workspace.root / "raw" / FAMILY / "sources" / "deceptionbench_0527.json").write_text(json.dumps(found))
    with workspace.params(FAMILY) as params:
        source = params["full"]["collect"]["sources"][0]
        source["file"]["settings"]["sha256"] = None
        params["sample"]["collect"]["sources"] = [source]
    workspace.quick("collect", "synthesize", "judge", "filter", "review", "validate", family=FAMILY)
    kept = [row["data"] for row in workspace.rows("validate", family=FAMILY)]
    columns = ("type", "inner_prompt", "system_prompt", "outer_prompt", "format")
    assert [{"id": row["provenance"]["source_key"], **{name: row[name] for name in columns}} for row in kept] == [
        {"id": row["id"], **{name: row[name] for name in columns}} for row in found
    ]
    assert {row["construction"] for row in kept} == {"published"}


def test_the_full_size_is_collected_and_costed(workspace: Workspace) -> None:
    """All published items, those written here, briefs, and as many questions as the published set is said to have at least."""
    folder = workspace.root / "raw" / FAMILY / "sources"
    (folder / "deceptionbench_0527.json").write_text(json.dumps(rows()))
    questions = [{"prompt": f"Question {number}: {sentence(number)}?"} for number in range(1000)]
    (folder / "queries.jsonl").write_text(jsonl(*questions))
    workspace.project(profile="full", teacher="endpoint")
    with workspace.params(FAMILY) as params:
        full = params["full"]["collect"]
        full["sources"] = [source for source in full["sources"] if source["id"] != "self_monitor_published"]
        full["sources"][0]["file"]["settings"]["sha256"] = None
        full["decontamination"]["sets"] = []
        for stage in ("synthesize", "judge"):
            for role in params["full"][stage]["roles"].values():
                role["prices"] = {"prompt": 1.0, "completion": 2.0}
    workspace.quick("collect", family=FAMILY)
    sources = Counter(row["provenance"]["source"] for row in workspace.rows("collect", family=FAMILY))
    assert sources["deceptionbench_published"] == 180
    assert sources.total() > 180 + 40
    plan = workspace.run("plan", FAMILY)
    assert plan.returncode == 0, plan.stderr
    assert "synthesize deceptionbench/default" in plan.stdout
    assert "judge deceptionbench/self_monitor" in plan.stdout
    assert re.search(r"all of deceptionbench: .*tokens, (at most )?[\d.]+; less", plan.stdout)
