"""The full profile through all stages, on small files in the layouts of its real sources, and models on the loopback."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import yaml
from datasets import load_dataset

from builders import records
from builders.families.mmathcot import wording
from tests.doubles import hub, layouts
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace

_PARAMS = Path(wording.__file__).parent / "params.yaml"
VERDICT = {"fidelity": "yes", "fidelity_reason": "It is sure.", "consistency": "yes", "consistency_reason": "It is the one."}


def text_of(request: Received) -> str:
    content = request.body["messages"][0]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])


def script(request: Received) -> Answer:
    """Answer as teacher and judge: a solution of its own words with the answer that was told."""
    text = text_of(request)
    if "<BEGIN KNOWN ANSWER>" in text:
        return Answer(json.dumps(VERDICT))
    found = re.search(r"^Final answer: (.*)$", text, re.MULTILINE)
    assert found, "the model is told the answer"
    day = re.findall(r"on day (\d+)", text)[0]
    return Answer(
        f"Step 1: Read the number on day {day} off the text.\nStep 2: Put both amounts together.\n†Answer: {found[1]}"
    )


class Full(NamedTuple):
    """The full profile, built."""

    workspace: Workspace
    lines: str
    plan: str
    asked: list[Received]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Full:
    workspace = Workspace.make(tmp_path_factory.mktemp("full") / "project", "mmathcot")
    workspace.project(profile="full", teacher="endpoint")
    with hub.serving() as served, serving(script) as server:
        layouts.mmathcot(workspace, served)
        environment = {**served.environment(), "BUILDERS_TEACHER_URL": server.url}
        lines = workspace.whole("mmathcot", **environment)
        plan = workspace.run("plan", "mmathcot", **environment)
    assert plan.returncode == 0, plan.stderr
    return Full(workspace, lines, plan.stdout, server.asked)


def released(full: Full, config: str) -> list[dict[str, Any]]:
    found = load_dataset(str(full.workspace.release), config)
    return [row for split in found.values() for row in split]


def test_every_source_is_read_as_it_lies_and_released(full: Full) -> None:
    sources = Counter(row["source"] for config in ("distill", "rewrite", "unify", "made") for row in released(full, config))
    wanted = {
        "mathv360k": 40,
        "mavis_geo": 20,
        "mavis_meta": 20,
        "varsity_tutors": 20,
        "geo170k": 20,
        "multimath": 20,
    }
    published = {"published_distill": 20, "published_rewrite": 20, "published_unify": 20}
    made = {name: count for name, count in sources.items() if name.startswith("made_")}
    assert {name: count for name, count in sources.items() if name not in made} == {**wanted, **published}, full.lines
    assert sum(made.values()) == 20


def test_rows_of_the_engine_are_a_config_of_their_own(full: Full) -> None:
    assert all(row["source"].startswith("made_") for row in released(full, "made"))
    assert not [row["source"] for config in ("distill", "rewrite", "unify") for row in released(full, config) if row["depth"]]


def test_the_bytes_of_an_image_inside_a_table_are_released_as_they_are(full: Full) -> None:
    rows = [row for row in released(full, "rewrite") if row["source"] in {"mavis_geo", "mavis_meta"}]
    numbers = [int(re.findall(r"on day (\d+)", row["question"])[0]) for row in rows]
    wanted = {records.bytes_digest(layouts.picture(number)) for number in numbers}
    assert {row["figure"]["sha256"] for row in rows} == wanted
    assert all(row["image"].size == (96, 96) for row in rows)


def test_hints_and_lead_ins_are_taken_off_and_choices_are_options(full: Full) -> None:
    rows = [row for config in ("distill", "rewrite", "unify") for row in released(full, config)]
    asked = {row["question"].partition("\n")[0] for row in rows}
    assert asked == {layouts.problem(int(re.findall(r"on day (\d+)", question)[0]))[0] for question in asked}
    assert not [row["id"] for row in rows if "Hint" in row["instruction"] or "<image>" in row["question"]]
    assert not [row["id"] for row in rows if row["answer"] in set("ABCD") and len(row["options"]) != 4]
    assert sum(row["form"] == "choice" for row in rows) == 20 + 20 + 20 + 20


def test_each_row_has_flat_columns_messages_and_one_split_for_its_image(full: Full) -> None:
    splits: dict[str, set[str]] = {}
    for config in ("distill", "rewrite", "unify", "made"):
        for split, rows in load_dataset(str(full.workspace.release), config).items():
            for row in rows:
                splits.setdefault(row["prompt_family"], set()).add(split)
                assert row["license"] == row["licence"] == row["provenance"]["license"]
                assert row["teacher"] == row["provenance"]["teacher"]["model"]
                assert row["domain"] == row["kind"]
                assert row["messages"][1]["content"] == row["output"]
                assert row["messages"][0]["content"].startswith("<image>\n") == (row["image"] is not None)
    assert all(len(found) == 1 for found in splits.values())


def test_the_plan_has_the_arithmetic_of_every_pool(full: Full) -> None:
    assert re.search(r"synthesize mmathcot/distill: about 60 requests", full.plan)
    assert re.search(r"synthesize mmathcot/rewrite: about 100 requests", full.plan)
    assert re.search(r"synthesize mmathcot/unify: about 40 requests", full.plan)
    assert "all of mmathcot: about" in full.plan


def test_mavis_s_own_json_is_read_by_whoever_has_it(full: Full, tmp_path: Path) -> None:
    """Its source is a comment of the params, for nobody can fetch the file any more: without the marks it is read."""
    workspace = full.workspace.copied(tmp_path / "project")
    text, marks = re.subn(r"^      # (- id: mavis\n|  \S.*\n)", r"      \1", _PARAMS.read_text(), flags=re.MULTILINE)
    assert marks == 7
    collect = yaml.safe_load(text)["full"]["collect"]
    with workspace.params() as params:
        params["full"]["collect"]["sources"] = [source for source in collect["sources"] if source["id"] == "mavis"]
        sets = [known for known in collect["decontamination"]["sets"] if known["name"] == "geoqa"]
        params["full"]["collect"]["decontamination"]["sets"] = sets
    file = workspace.root / "raw/mmathcot/sources/MAVIS/mavis_instruct.json"
    seeds = json.loads(file.read_text())
    seeds[0]["conversations"][0]["value"] = layouts.GEOQA
    file.write_text(json.dumps(seeds))
    workspace.quick("collect")
    rows = workspace.rows("collect", "rewrite")
    assert len(rows) == 19
    assert {row["data"]["kind"] for row in rows} == {"text dominant", "text lite", "vision dominant"}
    assert workspace.reasons("collect", "rewrite") == ["contaminated"]


def test_a_folder_that_nobody_filled_says_how_to_fill_it(full: Full) -> None:
    (full.workspace.root / "raw/mmathcot/sources/MMathCoT-1M/train.jsonl").rename(full.workspace.root / "moved")
    with full.workspace.inside(), pytest.raises(Exception, match=r"fetch it: hf download URSA-MATH/MMathCoT-1M train\.jsonl"):
        _collect()
    (full.workspace.root / "moved").rename(full.workspace.root / "raw/mmathcot/sources/MMathCoT-1M/train.jsonl")


def _collect() -> None:
    from builders.stages.running import run

    run("collect", "mmathcot/unify")


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("<image>\nHint: Please answer the question and provide the final answer at the end.\nQuestion: Find x.", "Find x."),
        ("First perform reasoning, then finally answer the question.\nQuestion:Find x.", "Find x."),
        ("Hint: Please answer the question requiring a yes or no.\nIs x even?", "Is x even?"),
        ("Question: Find x.", "Find x."),
        ("A survey has one line.\nQuestion: how many?", "A survey has one line.\nQuestion: how many?"),
        ("Find x. The question: is it even?", "Find x. The question: is it even?"),
    ],
)
def test_what_a_source_says_of_how_to_answer_is_no_part_of_the_question(given: str, plain: str) -> None:
    assert wording.plain(given) == plain


@pytest.mark.parametrize(
    ("given", "bare"),
    [
        ("The answer is B", "B"),
        ("The answer is 12.", "12"),
        ("Answer: 3.5", "3.5"),
        ("12.", "12."),
        ("the final answer is: yes", "yes"),
    ],
)
def test_what_announces_an_answer_is_no_part_of_it(given: str, bare: str) -> None:
    assert wording.answer(given) == bare


def test_the_manifest_pins_what_a_folder_held(full: Full) -> None:
    manifest = orjson.loads((full.workspace.release / "manifest.json").read_bytes())
    pinned = {one["id"]: one for one in manifest["sources"]}
    assert len(pinned["multimath"]["sha256"]) == 64
    assert pinned["geo170k"]["revision"] == "5892c910712c607898ca423b72f1d75e7edee685"
