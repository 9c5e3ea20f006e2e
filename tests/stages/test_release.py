"""release: what the Hub will show loads as it should, is the same wherever it is built, and holds nothing it should not."""

import copy
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import Dataset, Features, load_dataset

from builders import family as families
from builders import paths, records, schema, shards
from builders.errors import BuildError
from builders.jobs import Counts, counts
from builders.records import Record
from builders.stages.running import run
from tests.conftest import Twin
from tests.harness import FAMILY, Workspace, card, laid, one_line

_DONE = Path(f"processed/{FAMILY}")


@pytest.fixture
def validated(here: Workspace, built: Workspace) -> Workspace:
    """A copy in which everything up to validate is done."""
    for stage in paths.STAGES[:-1]:
        shutil.copytree(built.root / _DONE / stage, here.root / _DONE / stage)
    return here


def _loaded(workspace: Workspace, cache: Path, config: str = "default") -> Dataset:
    return load_dataset(str(workspace.release), config, split="train", cache_dir=str(cache))


def _data(workspace: Workspace, config: str = "default") -> list[dict[str, Any]]:
    """Return the rows that validate kept for a config."""
    return [row["data"] for row in workspace.rows("validate") if row["subset"] == config]


def _digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _manifest(workspace: Workspace) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads((workspace.release / "manifest.json").read_bytes())
    return value


def _front_matter(workspace: Workspace) -> dict[str, Any]:
    fence, matter, _ = (workspace.release / "README.md").read_text().split("---\n", 2)
    assert fence == ""
    value: dict[str, Any] = yaml.safe_load(matter)
    return value


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in [key, *_strings(item)]]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []


def test_rows_of_ones_own_are_apart_from_others_in_manifest_card_and_figures(validated: Workspace) -> None:
    with validated.params() as params:
        params["own"] = copy.deepcopy(params["sample"])
        [mine] = params["own"]["collect"]["sources"]
        params["own"]["collect"]["sources"] = [mine, {**mine, "id": "given", "folder": "sources"}]
    validated.project(profile="own")
    shutil.copytree(validated.root / f"raw/{FAMILY}/sources", validated.root / f"raw/{FAMILY}/own", dirs_exist_ok=True)
    validated.quick("release")
    found = {source["id"]: source.get("own", False) for source in _manifest(validated)["sources"]}
    assert found == {mine["id"]: True, "given": False}
    text = card(validated.release)
    assert "| somebody's own file, sha256 `" in text
    assert "Rows of somebody's own sources are apart from all others: `" in text
    assert "`default_own`" in text
    assert " of own rows " in text


def _pretend(workspace: Workspace, total: int) -> None:
    """Put as many rows in place of those that validate kept, copies under new ids."""
    path = workspace.root / paths.rows(FAMILY, "validate", "default")
    some = [record for record, _ in records.read(path) if record.subset == "default"]
    rows = []
    for number in range(total):
        row = some[number % len(some)]
        name = f"{FAMILY}:{number:016x}"
        rows.append(Record(name, row.subset, row.parent, row.provenance, {**row.data, "id": name}))
    laid(path, rows)
    out = {"default": total} if total else {}
    hashes = {"read_sha256": "0" * 64, "out_sha256": "0" * 64}
    count = {"default": {"read": total, "spawned": 0, "out": out, "rejected": {}, **hashes}}
    for stage in paths.STAGES[:-1]:
        (workspace.root / paths.stats(FAMILY, stage)).write_bytes(orjson.dumps(count))


def test_the_release_loads_with_typed_columns_and_the_same_rows_in_order(built: Workspace, tmp_path: Path) -> None:
    found = load_dataset(str(built.release), split="train", cache_dir=str(tmp_path))
    assert len(found) > 20
    assert found.to_list() == _data(built)
    kinds = {name: str(feature.dtype) for name, feature in found.features.items() if hasattr(feature, "dtype")}
    assert kinds["chosen_index"] == "int64"
    assert kinds["response"] == kinds["label"] == kinds["canary"] == "string"
    assert found.features["replies"].feature["verdict"].dtype == "string"
    assert found.features["provenance"]["review"]["reviewers"].dtype == "int64"


def test_the_release_has_the_features_that_the_schema_says(built: Workspace, here: Workspace, tmp_path: Path) -> None:
    del here
    assert _loaded(built, tmp_path / "cache").features == Features(schema.features(FAMILY, "default"))


def test_the_release_holds_these_files_and_no_other(built: Workspace) -> None:
    assert sorted(_digests(built.release)) == [
        "DETAILS.md",
        "README.md",
        "SHA256SUMS",
        "benchmarks.json",
        "contamination.jsonl",
        "croissant.json",
        "default/train-00000-of-00001.parquet",
        "figures/funnel.png",
        "figures/lengths.png",
        "figures/scores.png",
        "hard/train-00000-of-00001.parquet",
        "manifest.json",
        f"{FAMILY}.schema.json",
    ]
    assert not [path for path in (built.root / _DONE).rglob("*") if path.name.endswith(".partial")]


def test_the_checksums_check_out_and_leave_no_file_out(built: Workspace) -> None:
    lines = (built.release / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    digests = _digests(built.release)
    del digests["SHA256SUMS"]
    assert listed == digests
    assert len(lines) == len(digests)


@pytest.mark.parametrize("per_shard", [10, 1, 1000])
def test_shards_hold_at_most_so_many_rows_and_all_of_them_in_order(
    validated: Workspace, tmp_path: Path, per_shard: int
) -> None:
    with validated.params() as params:
        params["sample"]["release"]["rows_per_shard"] = per_shard
    run("release", FAMILY)
    rows = _data(validated)
    total = -(-len(rows) // per_shard)
    files = sorted((validated.release / "default").iterdir())
    assert [file.name for file in files] == [f"train-{number:05d}-of-{total:05d}.parquet" for number in range(total)]
    sizes = [pq.ParquetFile(file).metadata.num_rows for file in files]
    assert sizes == [min(per_shard, len(rows) - start) for start in range(0, len(rows), per_shard)]
    assert _loaded(validated, tmp_path / "cache").to_list() == rows


def test_a_shard_that_is_exactly_full_is_followed_by_no_empty_one(validated: Workspace, tmp_path: Path) -> None:
    _pretend(validated, 24)
    with validated.params() as params:
        params["sample"]["release"]["rows_per_shard"] = 12
    run("release", FAMILY)
    assert len(list((validated.release / "default").iterdir())) == 2
    assert len(_loaded(validated, tmp_path / "cache")) == 24


def test_many_rows_are_written_in_batches_and_none_is_lost(validated: Workspace, tmp_path: Path) -> None:
    _pretend(validated, 3700)
    with validated.params() as params:
        params["sample"]["release"]["rows_per_shard"] = 1500
    run("release", FAMILY)
    files = sorted((validated.release / "default").iterdir())
    assert [pq.ParquetFile(file).metadata.num_rows for file in files] == [1500, 1500, 700]
    found = _loaded(validated, tmp_path / "cache")
    assert found["id"][:] == [f"{FAMILY}:{number:016x}" for number in range(3700)]
    assert found.to_list() == [row["data"] for row in validated.rows("validate")]


def test_the_hard_config_loads_with_the_same_columns_and_a_safe_reply_in_each_row(built: Workspace, tmp_path: Path) -> None:
    found = _loaded(built, tmp_path, "hard")
    assert found.to_list() == _data(built, "hard")
    assert found.features == _loaded(built, tmp_path).features
    judged = {row["id"]: row["data"]["replies"] for row in built.rows("judge")}
    assert len(found) > 2
    for row in found:
        verdicts = {reply["index"]: reply["verdict"] for reply in row["replies"]}
        assert verdicts[row["chosen_index"]] == "safe"
        assert "unsafe" in verdicts.values()
        [text] = [reply["text"] for reply in judged[row["id"]] if reply["index"] == row["chosen_index"]]
        assert text.endswith(row["response"])


def test_a_config_without_rows_is_counted_and_leaves_no_file(validated: Workspace, tmp_path: Path) -> None:
    _pretend(validated, 5)
    run("release", FAMILY)
    assert not (validated.release / "hard").exists()
    assert len(_loaded(validated, tmp_path)) == 5
    assert [config["config_name"] for config in _front_matter(validated)["configs"]] == ["default"]
    assert _manifest(validated)["rows"] == {"default": 5, "hard": 0}
    assert "| `hard` | 0 |" in (validated.release / "README.md").read_text()


def test_the_funnel_accounts_for_every_row(built: Workspace) -> None:
    funnel = orjson.loads((built.root / _DONE / "stats.json").read_bytes())["stages"]
    assert [entry["stage"] for entry in funnel] == list(paths.STAGES[:-1])
    before = funnel[0]["in"]
    for entry in funnel:
        assert entry["in"] == before
        assert entry["in"] + entry["spawned"] == sum(entry["out"].values()) + sum(entry["rejected"].values())
        before = sum(entry["out"].values())
    kept = {config: len(_data(built, config)) for config in ("default", "hard")}
    assert funnel[-1]["out"] == _manifest(built)["rows"] == kept
    assert _manifest(built)["stages"] == funnel


def test_rejected_holds_every_rejected_row_with_its_reason(built: Workspace) -> None:
    funnel = orjson.loads((built.root / _DONE / "stats.json").read_bytes())["stages"]
    seen = 0
    for entry in funnel:
        lines = (built.root / _DONE / "rejected" / f"{entry['stage']}.jsonl").read_bytes().splitlines()
        found = [orjson.loads(line) for line in lines]
        assert found == [{"stage": entry["stage"], **line} for line in built.rejected(entry["stage"])]
        assert Counter(line["rejection"]["reason"] for line in found) == Counter(entry["rejected"])
        seen += len(found)
    assert seen + len(built.rows("validate")) == funnel[0]["in"]
    assert len(list((built.root / _DONE / "rejected").iterdir())) == len(funnel)


def test_no_reply_that_is_unsafe_or_was_not_picked_is_anywhere_in_the_release(built: Workspace, tmp_path: Path) -> None:
    released = {row["id"]: row["data"]["chosen_index"] for row in built.rows("validate")}
    gone: list[str] = []
    picked: list[str] = []
    for row in built.rows("judge"):
        for reply in row["data"]["replies"]:
            is_released = released.get(row["id"]) == reply["index"]
            assert not is_released or reply["verdict"] == "safe"
            (picked if is_released else gone).append(reply["text"])
    columns = "\n".join(text for config in ("default", "hard") for text in _strings(_loaded(built, tmp_path, config).to_list()))
    plain = b"\n".join(path.read_bytes() for path in built.release.rglob("*") if path.is_file()).decode(errors="replace")
    rejected = [line["row"]["data"].get("instruction") for line in built.rejected("filter") + built.rejected("collect")]
    parts = [part.strip() for text in gone for part in [*text.removeprefix("<think>").split("</think>"), *text.split(". ")]]
    kept = "\n".join(picked)
    searched = [part for part in {*gone, *parts} if len(part) > 30 and part not in kept]
    prompts = [text for text in rejected if isinstance(text, str) and len(text) > 30]
    assert len(searched) > 300
    assert len(prompts) > 10
    assert all(text.removeprefix("<think>\n") in columns for text in picked)
    assert sum(part in columns or part in plain for part in searched) == 0
    kept_prompts = {row["data"]["instruction"] for row in built.rows("validate")}
    assert sum(text in columns and text not in kept_prompts for text in prompts) == 0


def test_the_manifest_names_no_place_and_not_who_was_configured_to_answer(validated: Workspace, built: Workspace) -> None:
    manifest = _manifest(built)
    assert "teacher" not in manifest
    assert not any(text.startswith(("/", "~")) for text in _strings(manifest))
    assert str(built.root) not in json.dumps(manifest)
    here, name = str(built.root.parent).encode(), built.root.name
    assert name
    assert not any(here in path.read_bytes() for path in built.release.rglob("*") if path.is_file())
    validated.project(teacher="endpoint")
    run("release", FAMILY)
    assert _digests(validated.release) == _digests(built.release)


def test_the_manifest_says_what_the_release_was_made_from(built: Workspace) -> None:
    manifest = _manifest(built)
    for name, digest in manifest["code"].items():
        assert records.file_digest(built.root / name) == digest
    assert {
        "builders/records.py",
        "builders/stages/release.py",
        f"builders/families/{FAMILY}/filter.py",
        "builders/asking/works.py",
    } <= set(manifest["code"])
    assert manifest["schema"] == records.file_digest(built.release / f"{FAMILY}.schema.json")
    assert manifest["schema"] == records.file_digest(built.root / f"schemas/{FAMILY}.schema.json")
    assert manifest["card"] == records.file_digest(built.root / f"cards/{FAMILY}.md")
    (source,) = manifest["sources"]
    assert source["sha256"] == records.file_digest(built.root / f"raw/{FAMILY}/sources/sample_prompts.jsonl")
    assert source["rows"] == len(built.rows("validate"))
    assert manifest["sample"] is True
    with built.params() as params:
        assert set(manifest["params"]) == set(params["sample"])
        assert manifest["params"]["filter"] == params["sample"]["filter"]


@pytest.mark.parametrize("family", families.names())
def test_two_builds_in_two_folders_are_the_same_to_the_byte(
    family: str, samples: Callable[[str], Workspace], twins: Callable[[str], Twin]
) -> None:
    """The other one by a process of its own, at another place in the world: derived configs, pictures and all."""
    first = samples(family).root / "processed" / family
    second = twins(family).workspace.root / "processed" / family
    configs = {path.parent.name for path in (second / "release").glob("*/*.parquet")}
    assert configs == set(families.configs(family))
    for part in ("release", "rejected", "summary"):
        assert _digests(second / part) == _digests(first / part)
    assert (second / "stats.json").read_bytes() == (first / "stats.json").read_bytes()


def test_releasing_again_changes_nothing(validated: Workspace, built: Workspace) -> None:
    for _ in range(2):
        run("release", FAMILY)
        assert _digests(validated.release) == _digests(built.release)


def test_an_old_release_is_replaced_as_a_whole(validated: Workspace) -> None:
    (validated.release / "default").mkdir(parents=True)
    (validated.release / "default" / "train-00001-of-00002.parquet").write_bytes(b"old")
    (validated.root / _DONE / "rejected").mkdir()
    (validated.root / _DONE / "rejected" / "old.jsonl").write_bytes(b"old")
    (validated.root / _DONE / ".release.partial").mkdir()
    (validated.root / _DONE / ".release.partial" / "half").write_bytes(b"old")
    run("release", FAMILY)
    left = [path.name for path in (validated.root / _DONE).rglob("*")]
    assert not {"train-00001-of-00002.parquet", "old.jsonl", "half", ".release.partial"} & set(left)


def test_the_cards_front_matter_says_what_the_hub_sorts_by_and_what_its_gate_asks(built: Workspace) -> None:
    told = {name: value for name, value in _front_matter(built).items() if name not in {"configs", "dataset_info"}}
    assert told == {
        "annotations_creators": ["expert-generated"],
        "language": ["en"],
        "license": "cc-by-4.0",
        "size_categories": ["n<1K"],
        "source_datasets": ["original"],
        "task_categories": ["text-generation"],
        "pretty_name": "Quiz",
        "tags": ["toy"],
        "extra_gated_heading": "Access to Quiz is for research",
        "extra_gated_prompt": "Whoever reads these questions agrees to be kind.",
        "extra_gated_fields": {"Affiliation": "text", "Intended use": "text", "I accept these terms": "checkbox"},
        "extra_gated_button_content": "Ask for access",
    }


def test_the_cards_front_matter_agrees_with_the_files(built: Workspace, here: Workspace) -> None:
    del here
    matter = _front_matter(built)
    assert [(config["config_name"], config.get("default")) for config in matter["configs"]] == [
        ("default", True),
        ("hard", None),
    ]
    for config, info in zip(matter["configs"], matter["dataset_info"], strict=True):
        files = list((built.release / config["config_name"]).glob("*.parquet"))
        (split,) = config["data_files"]
        assert split["split"] == "train"
        assert sorted(built.release.glob(split["path"])) == sorted(files)
        assert info["config_name"] == config["config_name"]
        assert info["splits"] == [
            {
                "name": "train",
                "num_bytes": info["dataset_size"],
                "num_examples": sum(pq.ParquetFile(file).metadata.num_rows for file in files),
            }
        ]
        assert info["dataset_size"] == pytest.approx(sum(pq.read_table(file).nbytes for file in files), rel=0.01)
        assert info["download_size"] == sum(file.stat().st_size for file in files)
        assert "features" not in info  # the files have them, and a card that repeats them is long
        for file in files:
            wanted = Features(schema.features(FAMILY, config["config_name"])).arrow_schema
            assert pq.read_schema(file).equals(wanted)
            assert pq.read_schema(file).metadata == wanted.metadata
    assert matter["license"] == "cc-by-4.0"
    assert matter["language"] == ["en"]


def test_the_card_has_every_column_every_count_and_no_template_left(built: Workspace, here: Workspace) -> None:
    del here
    card, details = ((built.release / name).read_text() for name in ("README.md", "DETAILS.md"))
    for column in schema.columns(FAMILY, "default"):
        assert f"| `{column.name}` | `{column.type}` | {column.description} |" in details
        assert f"`{column.name}`" in card or "." in column.name
    for entry in _manifest(built)["stages"]:
        assert f"| {entry['stage']} | {entry['in']} | {sum(entry['out'].values())} |" in details
    assert schema.canary(FAMILY, "default") in card
    assert "This is a sample build" in card
    assert not any(mark in card + details for mark in ("{{", "{%", "{#"))


def test_a_broken_card_is_a_build_error_that_names_it(validated: Workspace) -> None:
    card = validated.root / f"cards/{FAMILY}.md"
    card.write_text(card.read_text() + "{{ waht }}")
    with pytest.raises(BuildError, match="'waht' is undefined") as caught:
        run("release", FAMILY)
    assert caught.value.where == f"cards/{FAMILY}.md"
    assert not validated.release.exists()


def test_a_release_without_rows_is_one_clear_line_that_points_to_what_is_there(workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["collect"]["prompt_words"] = {"min": 5000, "max": 6000}
    workspace.build("collect", "synthesize", "judge", "filter", "review", "validate")
    line = one_line(workspace.run("release", FAMILY))
    assert "no row is left" in line
    assert "prompt_too_short" in line
    assert not workspace.release.exists()
    where = line.removeprefix("error: ").partition(": ")[0]
    assert (workspace.root / where).is_file()
    assert (workspace.root / _DONE / "rejected" / "collect.jsonl").is_file()


def test_without_rows_the_former_release_stays(validated: Workspace) -> None:
    run("release", FAMILY)
    before = _digests(validated.release)
    _pretend(validated, 0)
    with pytest.raises(BuildError, match="no row is left"):
        run("release", FAMILY)
    assert _digests(validated.release) == before


@pytest.mark.parametrize("stage", paths.STAGES[1:])
def test_a_stage_whose_input_is_missing_is_a_build_error_that_says_what_to_run(here: Workspace, stage: str) -> None:
    del here
    with pytest.raises(BuildError) as caught:
        run(stage, FAMILY)
    missing = "collect" if stage == "release" else paths.previous(stage)
    assert f"{missing} has not finished for {FAMILY}/default" in str(caught.value)
    assert f"run python -m builders {missing} {FAMILY}" in caught.value.fix


def test_a_stage_out_of_order_is_one_clear_line_on_the_command_line(workspace: Workspace) -> None:
    line = one_line(workspace.run("release", FAMILY))
    assert "collect has not finished" in line


def test_a_stage_that_ran_again_with_another_count_stops_the_release(validated: Workspace) -> None:
    with validated.params() as params:
        params["sample"]["collect"]["sources"][0]["limit"] = 12
    before = len(validated.rows("collect"))
    run("collect", FAMILY)
    after = len(validated.rows("collect"))
    assert after < before
    with pytest.raises(BuildError) as caught:
        run("release", FAMILY)
    assert "collect has run for default since synthesize did" in str(caught.value)
    assert "run synthesize and the stages behind it again" in caught.value.fix
    assert not validated.release.exists()


def test_a_stage_that_ran_again_with_the_same_counts_but_other_rows_stops_the_release(validated: Workspace) -> None:
    with validated.params() as params:
        params["sample"]["collect"]["sources"][0]["values"] = {"label": {"bread": "loaf"}}
    run("collect", FAMILY)
    with pytest.raises(BuildError, match="collect has run for default since synthesize did"):
        run("release", FAMILY)


def test_a_stage_that_broke_off_counts_as_not_finished(validated: Workspace) -> None:
    with shards.anew(validated.root / paths.rows(FAMILY, "judge", "default")) as append:
        append(b"no json\n")
    with pytest.raises(BuildError, match="line 1 is not a row"):
        run("filter", FAMILY)
    assert counts(FAMILY, "filter") == {}
    with pytest.raises(BuildError, match=f"filter has not finished for {FAMILY}/default"):
        run("release", FAMILY)


def test_counts_of_a_stage_say_whether_they_balance() -> None:
    hashes = (None, "0" * 64)
    assert Counts(5, 1, {"a": 2, "b": 1}, {"odd": 3}, *hashes).balanced
    assert not Counts(5, 0, {"a": 2, "b": 1}, {"odd": 3}, *hashes).balanced
    assert str(Counts(5, 1, {"a": 3}, {"odd": 2, "even": 1}, *hashes)) == "in 5, spawned 1, out 3, rejected 3 (odd 2, even 1)"
    assert str(Counts(5, 0, {"a": 5}, {}, *hashes)) == "in 5, out 5, rejected 0"
