"""Parameters: the shipped files load, and whatever is misspelt, missing or of the wrong type is one line that names it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from builders.errors import BuildError
from builders.params import loading
from tests.harness import FAMILY, Workspace

FILE = f"builders/families/{FAMILY}/params.yaml"
Change = Callable[[dict[str, Any]], object]


def refused() -> str:
    """Return the one line that loading ends with."""
    with pytest.raises(BuildError) as caught:
        loading.load(FAMILY)
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    return line


def refused_with(here: Workspace, change: Change) -> str:
    """Change the family's params, and return the one line that loading them ends with, the file's name taken off."""
    with here.params() as values:
        change(values)
    line = refused()
    assert line.startswith(f"{FILE}: ")
    return line.removeprefix(f"{FILE}: ")


def parent(values: dict[str, Any], key: str) -> tuple[Any, str]:
    """Return the mapping that holds the last part of a dotted key, and that part."""
    *way, last = key.split(".")
    inner: Any = values
    for part in way:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    return inner, last


def put(key: str, value: object) -> Change:
    def change(values: dict[str, Any]) -> None:
        inner, last = parent(values, key)
        inner[last] = value

    return change


def drop(key: str) -> Change:
    def change(values: dict[str, Any]) -> None:
        inner, last = parent(values, key)
        del inner[last]

    return change


def rename(key: str, name: str) -> Change:
    def change(values: dict[str, Any]) -> None:
        inner, last = parent(values, key)
        inner[name] = inner.pop(last)

    return change


def beside(key: str) -> str:
    """Return the dotted key without its last part."""
    return key.rpartition(".")[0]


# What loads.


@pytest.mark.parametrize("profile", ["sample", "full"])
@pytest.mark.parametrize("teacher", ["recorded", "endpoint"])
def test_the_shipped_files_load(here: Workspace, profile: str, teacher: str) -> None:
    """Every value that the file gives arrives."""
    here.project(profile=profile, teacher=teacher)
    loaded = loading.load(FAMILY)
    assert loaded.project == loading.Project.model_validate({"profile": profile, "teacher": teacher})
    written = yaml.safe_load((here.root / FILE).read_text())[profile]
    given = {stage: section.model_dump(exclude_unset=True) for stage, section in loaded._asdict().items() if stage != "project"}
    assert given == written


def test_files_of_the_profile_own_are_in_a_folder_of_their_own_unless_it_says_otherwise(here: Workspace) -> None:
    with here.params() as params:
        params["own"] = copy.deepcopy(params["sample"])
        collect = params["own"]["collect"]
        [first, *_] = collect["sources"]
        listed = {"name": "quiz", "file": "quiz.jsonl", "format": "jsonl", "columns": {"prompt": "p"}}
        public = {"hub": "somebody/questions", "revision": "0" * 40, "paths": ["rows.jsonl"]}
        collect["sources"] = [
            {**first, "id": "mine"},
            {**first, "id": "given", "folder": "sources"},
            {**first, "id": "public", "file": public},
        ]
        collect["decontamination"]["sets"] = [listed]
    here.project(profile="own")
    loaded = loading.load(FAMILY).collect
    assert [(source.folder, source.own) for source in loaded.sources] == [("own", True), ("sources", False), ("sources", False)]
    assert [table.folder for table in loaded.decontamination.sets] == ["own"]
    here.project(profile="sample")
    assert {source.folder for source in loading.load(FAMILY).collect.sources} == {"sources"}


def test_a_whole_number_may_stand_for_a_real_one(here: Workspace) -> None:
    with here.params() as values:
        put("sample.synthesize.roles.teacher.sampling.temperature", 0)(values)
    assert loading.load(FAMILY).synthesize.roles["teacher"].sampling.temperature == 0


def test_an_empty_section_may_be_left_blank(here: Workspace) -> None:
    with here.params() as values:
        values["sample"]["validate"] = None
    assert loading.load(FAMILY).validate.model_dump() == {}


# Keys.

TYPOS = [
    ("sample.synthesize.replies", "reples"),
    ("sample.collect.near_duplicates", "near_dupplicates"),
    ("sample.collect.language.min_confidence", "min_confidense"),
    ("sample.collect.sources.0.license", "licence"),
    ("sample.synthesize.roles.teacher.model", "modell"),
    ("sample.judge.roles.judge.sampling.temperature", "temprature"),
    ("sample.filter.reply_words.max", "maxx"),
    ("sample.review.conflicts", "conflict"),
    ("sample.release.rows_per_shard", "rows_per_shards"),
]


@pytest.mark.parametrize(("key", "typo"), TYPOS)
def test_a_misspelt_further_key_suggests_the_close_one(here: Workspace, key: str, typo: str) -> None:
    line = refused_with(here, put(f"{beside(key)}.{typo}", 1))
    assert line.startswith(f"unknown key {beside(key)}.{typo}, did you mean {key.rpartition('.')[2]}?; ")


@pytest.mark.parametrize(("key", "typo"), TYPOS)
def test_a_misspelt_key_suggests_the_close_one(here: Workspace, key: str, typo: str) -> None:
    line = refused_with(here, rename(key, typo))
    assert line.startswith(f"unknown key {beside(key)}.{typo}, did you mean {key.rpartition('.')[2]}?; ")


def test_a_misspelt_stage_suggests_the_close_one(here: Workspace) -> None:
    line = refused_with(here, rename("sample.synthesize", "synthesise"))
    assert line.startswith("unknown key sample.synthesise, did you mean synthesize?; ")


def test_a_misspelt_project_key_suggests_the_close_one(here: Workspace) -> None:
    (here.root / "params.yaml").write_text("profil: sample\nteacher: recorded\n")
    assert refused().startswith("params.yaml: unknown key profil, did you mean profile?; ")


def test_a_further_project_key_is_named(here: Workspace) -> None:
    here.project(colour="blue")
    assert refused().startswith("params.yaml: unknown key colour, known are profile, teacher; ")


def test_an_unknown_key_that_is_close_to_none_lists_those_there_are(here: Workspace) -> None:
    line = refused_with(here, put("sample.review.xyzzy", 1))
    assert line.startswith("unknown key sample.review.xyzzy, known are conflicts, ")


def test_an_unknown_key_in_an_empty_section_is_named(here: Workspace) -> None:
    assert refused_with(here, put("sample.validate.strict", 1)).startswith("unknown key sample.validate.strict")


def test_an_unknown_stage_lists_those_there_are(here: Workspace) -> None:
    line = refused_with(here, put("sample.xyzzy", {}))
    assert line.startswith("unknown key sample.xyzzy, known are collect, synthesize, ")


@pytest.mark.parametrize(
    "key",
    [
        "sample.collect.sources",
        "sample.collect.sources.0.license",
        "sample.collect.decontamination",
        "sample.collect.decontamination.sets.0.columns",
        "sample.collect.prompt_words.min",
        "sample.synthesize.seed",
        "sample.judge.roles.judge.api",
        "sample.filter.reply_words",
        "sample.review.conflicts",
        "sample.release.rows_per_shard",
        "sample.review",
        "sample.collect",
    ],
)
def test_a_missing_key_or_section_is_named(here: Workspace, key: str) -> None:
    assert refused_with(here, drop(key)).startswith(f"{key} is missing; ")


@pytest.mark.parametrize("key", ["profile", "teacher"])
def test_a_missing_project_key_is_named(here: Workspace, key: str) -> None:
    path = here.root / "params.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in yaml.safe_load(path.read_text()).items() if name != key}))
    assert refused().startswith(f"params.yaml: {key} is missing; ")


# Values.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sample.synthesize.replies", "3"),
        ("sample.synthesize.replies", True),
        ("sample.synthesize.replies", 3.0),
        ("sample.synthesize.replies", None),
        ("sample.synthesize.replies", 0),
        ("sample.synthesize.roles.teacher.sampling.temperature", "0.6"),
        ("sample.synthesize.roles.teacher.sampling.temperature", False),
        ("sample.synthesize.roles.teacher.sampling.top_p", 1.5),
        ("sample.synthesize.roles.teacher.api", "Chat"),
        ("sample.collect.language.allowed", "en"),
        ("sample.collect.language.allowed", []),
        ("sample.collect.sources.0.limit", 0),
        ("sample.collect.sources.0.limit", True),
        ("sample.collect.sources.0.id", "Sample Prompts"),
        ("sample.collect.sources.0.file", "../elsewhere.jsonl"),
        ("sample.collect.sources.0.format", "docx"),
        ("sample.collect.sources.0.license", ""),
        ("sample.collect.sources.0.columns", ["prompt"]),
        ("sample.collect.near_duplicates.threshold", float("nan")),
        ("sample.collect.near_duplicates.bands", -1),
        ("sample.collect.near_duplicates.numbers", "ignore"),
        ("sample.filter.reply_words.max", "400"),
        ("sample.judge.roles.judge.repairs", True),
        ("sample.review.conflicts", "maybe"),
        ("sample.validate", "strict"),
        ("sample.collect", ["sources"]),
    ],
)
def test_a_value_of_the_wrong_type_or_range_names_its_key(here: Workspace, key: str, value: object) -> None:
    assert refused_with(here, put(key, value)).startswith(f"{key}: ")


@pytest.mark.parametrize("key", ["sample.collect.prompt_words", "sample.filter.reply_words"])
def test_min_above_max_names_the_range(here: Workspace, key: str) -> None:
    line = refused_with(here, put(key, {"min": 9, "max": 8}))
    assert line.startswith(f"{key}: ")
    assert "min 9 is above max 8" in line


def test_min_may_equal_max(here: Workspace) -> None:
    with here.params() as values:
        put("sample.filter.reply_words", {"min": 8, "max": 8})(values)
    assert loading.load(FAMILY).filter.model_dump()["reply_words"] == {"min": 8, "max": 8}


def test_two_sources_with_one_id_are_refused(here: Workspace) -> None:
    def twice(values: dict[str, Any]) -> None:
        declared = values["sample"]["collect"]["sources"]
        declared.append({**copy.deepcopy(declared[0]), "file": "other.jsonl"})

    line = refused_with(here, twice)
    assert line.startswith("sample.collect: ")
    assert "two sources have the id sample_prompts" in line


def test_a_source_of_an_unknown_subset_is_named(here: Workspace) -> None:
    line = refused_with(here, put("sample.collect.sources.0.subset", "defualt"))
    assert line == "source sample_prompts has the unknown subset 'defualt'; choose one of default"


HUB = {"hub": "someone/prompts", "revision": "0123456789abcdef0123456789abcdef01234567", "paths": ["train.tsv"]}
CHOICE = {"by": "data_type", "columns": {"vanilla": "plain"}}
SAMPLE = {"rows": 9, "over": "data_type", "seed": 0}
SOURCE, SET = "sample.collect.sources.0", "sample.collect.decontamination.sets.0"


@pytest.mark.parametrize("table", [SOURCE, SET])
def test_a_table_lies_in_a_file_or_on_the_hub_and_a_value_may_choose_a_column(here: Workspace, table: str) -> None:
    with here.params() as values:
        put(f"{table}.file", {**HUB, "revision": None})(values)
        put(f"{table}.columns.{'instruction' if table == SOURCE else 'prompt'}", CHOICE)(values)
        put(f"{SOURCE}.limit", SAMPLE)(values)
    collect = loading.load(FAMILY).collect
    source = collect.sources[0] if table == SOURCE else collect.decontamination.sets[0]
    assert source.model_dump()["file"] == {**HUB, "revision": None}
    assert {"data_type", "plain"} <= set(source.read)
    assert collect.model_dump()["sources"][0]["limit"] == SAMPLE


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{SOURCE}.file", 7),
        (f"{SOURCE}.file", [HUB]),
        (f"{SOURCE}.file.hub", "prompts"),
        (f"{SOURCE}.file.hub", "https://example.org/someone/prompts"),
        (f"{SOURCE}.file.revision", "main"),
        (f"{SOURCE}.file.revision", 7),
        (f"{SOURCE}.file.paths", []),
        (f"{SOURCE}.file.paths", "train.tsv"),
        (f"{SOURCE}.columns.instruction", 7),
        (f"{SOURCE}.columns.instruction.columns", {}),
        (f"{SOURCE}.columns.instruction.columns.vanilla", 7),
        (f"{SOURCE}.limit", "9"),
        (f"{SOURCE}.limit.rows", 0),
        (f"{SOURCE}.limit.seed", 0.5),
        (f"{SET}.name", "Sample Set"),
        (f"{SET}.columns", {"key": "key"}),
        (f"{SET}.columns", {"prompt": "prompt", "label": "label"}),
        ("sample.collect.decontamination.ngram_words", 0),
    ],
)
def test_a_wrong_value_inside_them_names_its_key(here: Workspace, key: str, value: object) -> None:
    with here.params() as values:
        for part, whole in (("file", HUB), ("limit", SAMPLE), ("columns", {"instruction": CHOICE})):
            put(f"{SOURCE}.{part}", copy.deepcopy(whole))(values)
    assert refused_with(here, put(key, value)).startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("key", "whole", "typo", "meant"),
    [
        ("file", HUB, "revison", "revision"),
        ("limit", SAMPLE, "ovr", "over"),
        ("columns", {"instruction": {**CHOICE, "colums": {}}}, None, "columns"),
    ],
)
def test_a_misspelt_key_inside_them_suggests_the_close_one(
    here: Workspace, key: str, whole: dict[str, Any], typo: str | None, meant: str
) -> None:
    line = refused_with(here, put(f"{SOURCE}.{key}", {**whole, typo: 1} if typo else whole))
    place = f"{SOURCE}.{key}.{typo}" if typo else f"{SOURCE}.columns.instruction.colums"
    assert line.startswith(f"unknown key {place}, did you mean {meant}?; ")


def test_a_branch_is_no_revision_and_the_line_says_why(here: Workspace) -> None:
    line = refused_with(here, put(f"{SOURCE}.file", {**HUB, "revision": "main"}))
    assert line.startswith(f"{SOURCE}.file.revision: 'main' is not the 40 hex digits of a commit; a branch or tag may move")


def test_two_evaluation_sets_with_one_name_are_refused(here: Workspace) -> None:
    def twice(values: dict[str, Any]) -> None:
        sets = values["sample"]["collect"]["decontamination"]["sets"]
        sets.append(copy.deepcopy(sets[0]))

    line = refused_with(here, twice)
    assert line.startswith("sample.collect.decontamination: two evaluation sets have the name sample_evaluation; ")


@pytest.mark.parametrize(("key", "value"), [("profile", "small"), ("profile", None), ("teacher", "human"), ("teacher", True)])
def test_an_unknown_profile_or_teacher_is_named(here: Workspace, key: str, value: Any) -> None:  # noqa: ANN401
    here.project(**{key: value})
    line = refused()
    assert line.startswith(f"params.yaml: {key}: ")
    assert {"profile": "'sample', 'own' or 'full'", "teacher": "'recorded', 'endpoint', 'vllm' or 'ledger'"}[key] in line


def test_a_profile_that_the_family_lacks_names_those_it_has(here: Workspace) -> None:
    line = refused_with(here, rename("sample", "sampel"))
    assert line.startswith("no profile 'sample'; ")
    assert "sampel" in line
    assert "full" in line


def test_a_profile_that_is_no_mapping_is_named(here: Workspace) -> None:
    assert refused_with(here, lambda values: values.update(sample=3)).startswith("sample is not a mapping; ")


def test_a_profile_whose_name_is_no_text_is_refused(here: Workspace) -> None:
    (here.root / FILE).write_text("1: {}\n")
    assert refused().startswith(f"{FILE}: no profile 'sample'; ")


# Files.


@pytest.mark.parametrize("name", ["params.yaml", FILE])
@pytest.mark.parametrize("text", ["- a\n", "", "# nothing\n", "text\n"])
def test_a_file_that_is_no_mapping_is_named(here: Workspace, name: str, text: str) -> None:
    (here.root / name).write_text(text)
    assert refused().startswith(f"{name}: not a mapping; ")


@pytest.mark.parametrize("name", ["params.yaml", FILE])
@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [1\nc: 2\n", 3), ("a: 1\n\tb: 2\n", 2), ("a: 1\nb: !x 2\n", 2), ('a: "b\n', 2)]
)
def test_broken_yaml_names_its_line(here: Workspace, name: str, text: str, line: int) -> None:
    (here.root / name).write_text(text)
    assert refused().startswith(f"{name}:{line}: broken YAML: ")


@pytest.mark.parametrize("content", [b"profile: sample\nteacher: \xff\n", b'profile: sample\nteacher: "\x07"\n'])
def test_bytes_that_are_no_yaml_text_name_the_file(here: Workspace, content: bytes) -> None:
    (here.root / "params.yaml").write_bytes(content)
    assert refused().startswith("params.yaml")


@pytest.mark.parametrize("content", [b"profile: sample\nteacher: \xff\n", b'profile: sample\nteacher: "\x07"\n'])
def test_bytes_that_are_no_yaml_text_name_their_line(here: Workspace, content: bytes) -> None:
    (here.root / "params.yaml").write_bytes(content)
    assert refused().startswith("params.yaml:2: ")


@pytest.mark.parametrize("text", ["profile: 2024-13-45\n", "profile: !!int x\n", "[" * 5000])
def test_yaml_that_cannot_be_understood_names_the_file(here: Workspace, text: str) -> None:
    (here.root / "params.yaml").write_text(text)
    assert refused().startswith("params.yaml")


def test_a_missing_family_file_is_named(here: Workspace) -> None:
    (here.root / FILE).unlink()
    assert refused().startswith(f"{FILE}: the file is missing; ")


def test_a_folder_without_params_is_no_checkout(here: Workspace) -> None:
    (here.root / "params.yaml").unlink()
    assert "no params.yaml here; run from the root of the repository" in refused()
