"""The release: images in the image column, the same bytes again, a funnel that accounts for every row."""

import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import orjson
import pytest
from datasets import Image as ImageFeature
from PIL import Image

from builders.errors import BuildError
from builders.families.mmathcot import made
from builders.families.mmathcot.problems.engine import figure
from builders.stages.running import run
from tests.harness import Workspace, every

CONFIGS = ("distill", "rewrite", "unify", "made")
_DONE = Path("processed/mmathcot")


def test_load_dataset_shows_images_in_the_image_column(release: Path, tmp_path: Path) -> None:
    shown = 0
    for config in CONFIGS:
        rows = every(release, config, cache_dir=str(tmp_path))
        assert isinstance(rows.features["image"], ImageFeature)
        for row in rows:
            assert (row["image"] is None) == (row["image_url"] is None) == (row["figure"] is None)
            if row["image"] is not None:
                assert row["image"].size == (row["figure"]["width"], row["figure"]["height"])
                assert len(row["image"].convert("L").getcolors(256)) > 1
                shown += 1
    assert shown > 60


def test_an_image_is_the_source_s_file_or_the_engine_s_figure_and_has_its_hash(
    release: Path, sample: Workspace, tmp_path: Path
) -> None:
    found = [every(release, config, cache_dir=str(tmp_path)) for config in ("distill", "made")]
    raw = [row for rows in found for row in rows.cast_column("image", ImageFeature(decode=False))]
    collected = [row for pool in ("distill", "made") for row in sample.rows("collect", pool, "mmathcot")]
    problems = {row["id"]: row["data"].get("made") for row in collected}
    for row in raw:
        data = row["image"]["bytes"]
        assert hashlib.sha256(data).hexdigest() == row["figure"]["sha256"]
        if problem := problems[row["id"]]:
            assert data == figure(made.unpacked(problem))
            assert json.loads(row["figure"]["facts"]) == problem["facts"]
        else:
            name = row["image_url"].replace("Plans/", "sample_images/drawings/")
            assert data == (sample.root / "raw/mmathcot/sources" / name).read_bytes()


def test_the_columns_of_the_published_set_are_there_and_well_formed(release: Path, tmp_path: Path) -> None:
    for config in CONFIGS:
        for row in every(release, config, cache_dir=str(tmp_path)):
            assert row["instruction"].partition("\nQuestion: ")[2].strip()
            *steps, last = row["output"].split("\n")
            assert steps[0].startswith("Step 1: ")
            assert last.startswith("†Answer: ")
            assert last.removeprefix("†Answer: ").strip()
            assert config in {row["module"], "made"}


@pytest.fixture
def validated(here: Workspace, sample: Workspace) -> Workspace:
    """A copy in which everything is done, to release again."""
    shutil.copytree(sample.root / _DONE, here.root / _DONE)
    return here


def test_released_again_it_is_the_same_to_the_byte(validated: Workspace, release: Path) -> None:
    shutil.rmtree(validated.root / _DONE / "release")
    run("release", "mmathcot")
    files = sorted(path.relative_to(release) for path in release.rglob("*") if path.is_file())
    assert Path("pictures/figures.png") in files
    for file in files:
        assert (validated.root / _DONE / "release" / file).read_bytes() == (release / file).read_bytes(), file


def test_an_image_that_cannot_be_opened_any_more_stops_the_release(validated: Workspace) -> None:
    (validated.root / "raw/mmathcot/sources/sample_images/drawings/garden.png").write_bytes(b"gone")
    with pytest.raises(BuildError, match="the image has changed since collect"):
        run("release", "mmathcot")


def test_the_funnel_by_source_accounts_for_every_row(release: Path) -> None:
    manifest = orjson.loads((release / "manifest.json").read_bytes())
    funnel = manifest["audit"]["funnel"]
    assert all(line["in"] == line["released"] + sum(line["rejected"].values()) for line in funnel)
    assert sum(line["in"] for line in funnel) == manifest["stages"][0]["in"]
    assert sum(line["released"] for line in funnel) == sum(manifest["rows"].values())
    assert {line["source"] for line in funnel} == {source["id"] for source in manifest["sources"]}


def test_kinds_and_depths_are_counted_and_every_problem_of_the_engine_is_verified_by_construction(release: Path) -> None:
    audit = orjson.loads((release / "manifest.json").read_bytes())["audit"]
    counted = sum(count for depths in audit["kinds"].values() for count in depths.values())
    assert counted == audit["verdicts"]["construction"] > 50
    assert set(audit["verdicts"]) == {"construction", "judge"}


def test_the_card_shows_the_contact_sheet_and_has_no_template_left(release: Path) -> None:
    card = (release / "DETAILS.md").read_text()
    assert "](pictures/figures.png)" in card
    assert not [mark for mark in ("{{", "{%") if mark in card + (release / "README.md").read_text()]
    assert "made by `problems`, seed 0" in card
    with Image.open(io.BytesIO((release / "pictures/figures.png").read_bytes())) as sheet:
        assert min(sheet.size) > 500


def test_the_card_shows_a_row_of_each_module_and_one_of_the_engine_with_their_figures(release: Path, tmp_path: Path) -> None:
    card = (release / "DETAILS.md").read_text().partition("## Sample rows")[2].partition("\n## ")[0]
    shown = re.findall(r"\| `id` \| `mmathcot:([0-9a-f]{16})` \|", card)
    found = {}
    for config in CONFIGS:
        for row in every(release, config, cache_dir=str(tmp_path)).cast_column("image", ImageFeature(decode=False)):
            found[row["id"].partition(":")[2]] = row
    rows = [found[name] for name in shown]
    assert [row["module"] for row in rows[:3]] == ["distill", "rewrite", "unify"]
    assert rows[-1]["source"].startswith("made_")
    assert "†Answer: " + rows[-1]["output"].rpartition("†Answer: ")[2] in card
    for name, row in zip(shown, rows, strict=True):
        path = f"pictures/{name}.png"
        assert (f'<img src="{path}" alt="The image of this row"' in card) == (row["image"] is not None)
        if row["image"] is not None:
            assert (release / path).read_bytes() == row["image"]["bytes"]


def test_image_hits_stand_beside_those_of_the_text(release: Path) -> None:
    counted = orjson.loads((release / "manifest.json").read_bytes())["decontamination"]["sample_evaluation"]
    assert (counted["exact"], counted["ngram"], counted["image"]) == (1, 0, 1)
