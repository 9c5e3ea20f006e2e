"""export: what a trainer gets, and what chat templates make of it: one think block in its place, or none, never two."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import schema
from builders.commands import exports
from builders.errors import BuildError
from builders.texts import think
from builders.texts.messages import POLICIES, Exchange
from tests import chat_templates
from tests.chat_templates import ENDS, NAMES, STARTS, mark
from tests.harness import Workspace, one_line

pytestmark = pytest.mark.family("safechain")

QUESTION, REASONING, ANSWER = (
    "How do I keep basil alive in winter?",
    "Light first.\n\nThen water.",
    "On a sill.\n\nWater little.",
)
SAID = Exchange(QUESTION, REASONING, ANSWER)
_TEXTS = (
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40).map(str.strip).filter(lambda text: "<" not in text)
)


def messages(policy: str, exchange: Exchange = SAID) -> list[dict[str, Any]]:
    """Return what an export has of an exchange."""
    return [{"role": "user", "content": exchange.prompt}, {"role": "assistant", **POLICIES[policy](exchange)}]


# What the assistant's message holds.


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("full", {"content": "<think>\nwhy\n</think>\n\nbecause"}),
        ("opening_omitted", {"content": "why\n</think>\n\nbecause"}),
        ("reasoning_content", {"content": "because", "reasoning_content": "why"}),
        ("blank", {"content": "<think>\n\n</think>\n\nbecause"}),
        ("answer_only", {"content": "because"}),
    ],
)
def test_a_policy_writes_the_think_block_in_its_way(policy: str, expected: dict[str, str]) -> None:
    assert POLICIES[policy](Exchange("q", "why", "because")) == expected


@settings(derandomize=True, max_examples=300)
@given(_TEXTS, _TEXTS)
def test_reasoning_and_answer_can_be_read_back(reasoning: str, answer: str) -> None:
    exchange = Exchange("q", reasoning, answer)
    for policy in ("full", "opening_omitted"):
        assert think.split(POLICIES[policy](exchange)["content"]) == (reasoning, answer, True)
    assert think.split(POLICIES["blank"](exchange)["content"]) == ("", answer, True)
    assert POLICIES["full"](exchange)["content"] == think.with_opening(POLICIES["opening_omitted"](exchange)["content"])


# What chat templates make of it.


def rendered(template: str, policy: str) -> str:
    """Return the assistant's turn of a conversation that the template is applied to."""
    return turn(template, chat_templates.rendered(template, messages(policy)))


def continued(template: str, policy: str, **variables: object) -> str:
    """Return the assistant's turn where its message stands behind the generation prompt as it is."""
    user, assistant = messages(policy)
    prompt = chat_templates.rendered(template, [user], add_generation_prompt=True, **variables)
    return turn(template, prompt + assistant["content"] + mark(ENDS, template))


def turn(template: str, text: str) -> str:
    """Return the text of the last assistant's turn."""
    end = mark(ENDS, template)
    assert text.endswith(end)
    return text.rpartition(mark(STARTS, template))[2].removesuffix(end)


def found(text: str) -> str:
    """Say in a word what think block an assistant's turn has.

    `reasoned`: one, closed, at the start, with the reasoning; `blank`: the same without any; `none`: no tag; `unopened`,
    `unclosed`, `doubled`: a tag lacks or is too much. The answer must follow, once.
    """
    assert text.count(ANSWER) == 1
    assert text.endswith(ANSWER)
    opened, closed = text.count("<think>"), text.count("</think>")
    if opened == closed == 0:
        assert text.strip() == ANSWER
        return "none"
    if opened > 1 or closed > 1:
        return "doubled"
    if not opened or not closed:
        return "unopened" if closed else "unclosed"
    assert text.startswith("<think>\n")
    reasoning, _, answer = text.removeprefix("<think>\n").partition("\n</think>")
    assert answer.strip() == ANSWER
    assert reasoning in {REASONING, ""}
    return "reasoned" if reasoning else "blank"


COLUMNS = ("full", "opening_omitted", "reasoning_content", "blank", "answer_only")
RENDERED = {
    "deepseek_r1_distill": "none none none none none",
    "deepseek_r1_distill_training": "reasoned unopened none blank none",
    "qwq": "reasoned unopened none blank none",
    "qwen3": "reasoned reasoned reasoned blank blank",
    "qwen3_5": "reasoned reasoned reasoned blank blank",
    "llama3": "reasoned unopened none blank none",
    "mistral": "reasoned unopened none blank none",
}
CONTINUED = {
    "deepseek_r1_distill": "doubled reasoned unclosed doubled unclosed",
    "deepseek_r1_distill_training": "doubled reasoned unclosed doubled unclosed",
    "qwq": "doubled reasoned unclosed doubled unclosed",
    "qwen3": "reasoned unopened none blank none",
    "qwen3_5": "doubled reasoned unclosed doubled unclosed",
    "llama3": "reasoned unopened none blank none",
    "mistral": "reasoned unopened none blank none",
}
"""What becomes of each policy, in the order of `COLUMNS`."""


def test_every_policy_and_template_is_tried() -> None:
    assert tuple(POLICIES) == COLUMNS
    assert tuple(sorted(RENDERED)) == tuple(sorted(CONTINUED)) == NAMES


@pytest.mark.parametrize("policy", COLUMNS)
@pytest.mark.parametrize("template", NAMES)
def test_what_a_template_makes_of_a_policy(template: str, policy: str) -> None:
    place = COLUMNS.index(policy)
    assert found(rendered(template, policy)) == RENDERED[template].split()[place]
    assert found(continued(template, policy)) == CONTINUED[template].split()[place]


def advised() -> list[tuple[str, str, str]]:
    """Return the table of the module's docstring: template, way, policy."""
    lines = str(exports.__doc__).split("rendered                   continued\n")[1].split("\n\n")[0].splitlines()
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines]
    names = [re.sub(r"\W+", "_", model.lower().replace("llama 3", "llama3")) for model, *_ in rows]
    cells = [
        (name, way, cell) for name, (_, *row) in zip(names, rows, strict=True) for way, cell in zip(WAYS, row, strict=True)
    ]
    return [(name, way, policy) for name, way, cell in cells if cell != "-" for policy in cell.split(", ")]


WAYS = ("rendered", "continued")


def test_the_table_advises_what_trains_the_reasoning_and_nothing_else() -> None:
    outcomes = {"rendered": RENDERED, "continued": CONTINUED}
    good = {
        (name, way, policy)
        for way in WAYS
        for name in NAMES
        for policy, outcome in zip(COLUMNS, outcomes[way][name].split(), strict=True)
        if outcome == "reasoned"
    }
    listed = advised()
    assert len(listed) == 15
    assert set(listed) <= good
    # What works beside it works by chance: Qwen's templates fix an opening that is not there.
    assert good - set(listed) == {("qwen3", "rendered", "opening_omitted"), ("qwen3_5", "rendered", "opening_omitted")}


@pytest.mark.parametrize(("template", "way", "policy"), advised())
def test_what_is_trained_begins_with_what_the_model_is_given_later(template: str, way: str, policy: str) -> None:
    """Else it is trained on a text that it never sees at inference."""
    user, _ = messages(policy)
    prompt = chat_templates.rendered(template, [user], add_generation_prompt=True)
    whole = {
        "rendered": chat_templates.rendered(template, messages(policy)),
        "continued": prompt + messages(policy)[1]["content"],
    }
    assert whole[way].startswith(prompt)


def test_a_generation_prompt_with_an_empty_block_wants_the_answer_alone() -> None:
    """Qwen3 with thinking disabled; a second block would be trained otherwise."""
    for template in ("qwen3", "qwen3_5"):
        assert found(continued(template, "answer_only", enable_thinking=False)) == "blank"
        assert found(continued(template, "blank", enable_thinking=False)) == "doubled"


def test_the_templates_treat_earlier_turns_as_the_published_ones_do() -> None:
    turns = [*messages("full"), {"role": "user", "content": "And mint?"}, *messages("full")[1:]]
    kept = {template: chat_templates.rendered(template, turns).count(REASONING) for template in NAMES}
    assert kept == {
        "deepseek_r1_distill": 0,
        "deepseek_r1_distill_training": 2,
        "qwq": 1,
        "qwen3": 1,
        "qwen3_5": 1,
        "llama3": 2,
        "mistral": 2,
    }


def test_a_row_without_reasoning_gets_an_empty_block_wherever_there_is_one() -> None:
    nothing = Exchange(QUESTION, "", ANSWER)
    assert POLICIES["full"](nothing) == POLICIES["blank"](nothing) == POLICIES["blank"](SAID)
    for policy in ("full", "reasoning_content"):
        text = chat_templates.rendered("qwen3", messages(policy, nothing))
        assert found(turn("qwen3", text)) == "blank"


# The files.


@pytest.fixture
def released(here: Workspace, built: Workspace) -> Workspace:
    """A project as the working directory whose release is there."""
    shutil.copytree(built.release, here.release)
    return here


def export(name: str, policy: str, destination: str) -> Path:
    path = Path(destination)
    exports.run(name, policy, path, accept_hazard=True)
    return path


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_load_dataset_reads_every_row_of_the_release_as_messages(
    released: Workspace, tmp_path: Path, suffix: str, policy: str
) -> None:
    path = export("safechain", policy, f"out/rows.{suffix}")
    kind = "json" if suffix == "jsonl" else suffix
    rows = load_dataset(kind, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    source = pq.read_table(sorted((released.release / "default").glob("train-*"))).to_pylist()
    assert rows.column_names == ["id", "messages", "label", "source", "license", "canary"]
    assert len(rows) == len(source) > 10
    for row, original in zip(rows, source, strict=True):
        assert {name: row[name] for name in ("id", "label", "canary")} == {
            name: original[name] for name in ("id", "label", "canary")
        }
        user, assistant = row["messages"]
        assert (user["role"], user["content"]) == ("user", original["instruction"])
        assert user.get("reasoning_content") is None
        exchange = Exchange(original["instruction"], original["reasoning"], original["answer"])
        assert assistant == {"role": "assistant", **POLICIES[policy](exchange)}


def test_a_full_message_is_the_released_response_with_its_opening(released: Workspace) -> None:
    """The sample's replies are written in the usual spacing, so nothing is lost by putting them together again."""
    lines = export("safechain", "full", "rows.jsonl").read_text().splitlines()
    for line, original in zip(
        lines, pq.read_table(sorted((released.release / "default").glob("train-*"))).to_pylist(), strict=True
    ):
        content = json.loads(line)["messages"][1]["content"]
        assert think.split(content) == think.split(original["response"])
        assert "".join(content.split()) == "".join(think.with_opening(original["response"]).split())


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_two_exports_are_the_same_to_the_byte_and_policies_differ(released: Workspace, suffix: str) -> None:
    assert released
    first, second = (export("safechain/default", "full", f"{name}.{suffix}").read_bytes() for name in ("a", "b"))
    assert first == second
    digests = {
        hashlib.sha256(export("safechain", policy, f"{policy}.{suffix}").read_bytes()).hexdigest() for policy in POLICIES
    }
    assert len(digests) == len(POLICIES)


def test_several_shards_and_several_batches_come_out_in_order(released: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    folder = released.release / "default"
    [shard] = folder.glob("train-*")
    table = pq.read_table(shard)
    shard.unlink()
    for index, part in enumerate((table.slice(0, 5), table.slice(5, 0), table.slice(5))):
        pq.write_table(part, folder / f"train-{index:05d}-of-00003.parquet", row_group_size=2)
    lines = export("safechain", "answer_only", "rows.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == table["id"].to_pylist()
    assert pq.read_table(export("safechain", "answer_only", "rows.parquet"))["id"].to_pylist() == table["id"].to_pylist()
    told = f"export safechain/default: {len(table)} rows, think block answer_only, in rows"
    assert capsys.readouterr().out == f"{told}.jsonl\n{told}.parquet\n"


def test_every_exported_row_carries_the_canary(released: Workspace) -> None:
    assert released
    mark_of_family = schema.canary("safechain", "default")
    lines = export("safechain", "opening_omitted", "rows.jsonl").read_text().splitlines()
    assert all(mark_of_family in line for line in lines)


# What is refused.


@pytest.mark.parametrize(
    ("name", "policy", "destination", "what"),
    [
        ("safechian", "full", "rows.jsonl", "safechian: no such family; did you mean safechain?"),
        ("safechain/hrad", "full", "rows.jsonl", "safechain/hrad: no such config; did you mean hard?"),
        ("safechain/", "full", "rows.jsonl", "safechain/: no such config; choose one of default"),
        ("safechain", "blnk", "rows.jsonl", "--think blnk: no such policy; did you mean blank?"),
        ("safechain", "xyzzy", "rows.jsonl", "choose one of full, opening_omitted, reasoning_content, blank, answer_only"),
        ("safechain", "full", "rows.csv", "rows.csv: no format of that name; end it in .parquet or .jsonl"),
        ("safechain", "full", "rows", "rows: no format of that name"),
        ("safechain", "full", "params.yaml", "params.yaml: no format of that name"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_writes_nothing(
    released: Workspace, name: str, policy: str, destination: str, what: str
) -> None:
    before = sorted(released.root.iterdir())
    with pytest.raises(BuildError, match=re.escape(what)):
        export(name, policy, destination)
    assert sorted(released.root.iterdir()) == before


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_file_that_is_there_is_left_alone(released: Workspace, suffix: str) -> None:
    path = released.root / f"rows.{suffix}"
    path.write_text("mine")
    link = released.root / f"link.{suffix}"
    link.symlink_to("nowhere")
    for destination in (path, link):
        with pytest.raises(BuildError, match="something is there already"):
            exports.run("safechain", "full", destination, accept_hazard=True)
    assert path.read_text() == "mine"


def test_without_a_release_the_line_says_what_to_run(here: Workspace) -> None:
    assert here
    with pytest.raises(BuildError, match="there is no release to export; run python -m builders release safechain"):
        export("safechain", "full", "rows.jsonl")


def test_a_further_config_is_exported_like_the_default_one(released: Workspace) -> None:
    export("safechain/hard", "full", "rows.parquet")
    source = pq.read_table(sorted((released.release / "hard").glob("train-*"))).to_pylist()
    found = pq.read_table(released.root / "rows.parquet").to_pylist()
    assert [row["id"] for row in found] == [row["id"] for row in source]
    assert [row["messages"][1]["content"] for row in found] == [f"<think>\n{row['response']}" for row in source]
    assert found


def test_a_config_that_the_release_lacks_has_no_row_to_export(released: Workspace) -> None:
    shutil.rmtree(released.release / "hard")
    for name in ("rows.jsonl", "rows.parquet"):
        with pytest.raises(BuildError, match="no row to export"):
            export("safechain/hard", "full", name)
    assert not list(released.root.glob("*rows*"))


def test_a_broken_or_empty_release_leaves_no_file(released: Workspace) -> None:
    [shard] = (released.release / "default").glob("train-*")
    table = pq.read_table(shard)
    pq.write_table(table.slice(0, 0), shard)
    with pytest.raises(BuildError, match="no row to export"):
        export("safechain", "full", "rows.jsonl")
    shard.write_bytes(b"PAR1 but not really PAR1")
    for name in ("rows.jsonl", "rows.parquet"):
        with pytest.raises(
            BuildError, match="no Parquet file, or a broken one; run python -m builders release safechain again"
        ):
            export("safechain", "full", name)
    assert not list(released.root.glob("*rows*"))


# The command line.


def test_the_verb_exports_and_refuses_to_do_it_twice(released: Workspace) -> None:
    command = ("export", "safechain", "--format", "messages", "--think", "full", "--to", "rows.parquet", "--accept-hazard")
    done = released.run(*command)
    assert done.returncode == 0, done.stderr
    count = len(pq.read_table(released.root / "rows.parquet"))
    assert done.stdout == f"export safechain/default: {count} rows, think block full, in rows.parquet\n"
    assert "rows.parquet: something is there already" in one_line(released.run(*command))


def test_help_names_every_policy(released: Workspace) -> None:
    text = " ".join(released.run("export", "--help").stdout.split())
    assert [policy for policy in POLICIES if policy not in text] == []


def test_rows_of_a_family_with_a_hazard_leave_only_where_that_is_accepted(released: Workspace) -> None:
    command = ("export", "safechain", "--think", "blank", "--to", "rows.jsonl")
    line = one_line(released.run(*command))
    assert "its rows hold hazards (harmful-requests)" in line
    assert "--accept-hazard" in line
    assert not (released.root / "rows.jsonl").exists()
    done = released.run(*command, "--accept-hazard")
    assert done.returncode == 0, done.stderr


def test_a_family_whose_rows_are_no_exchange_says_so(released: Workspace) -> None:
    (released.root / "builders" / "families" / "safechain" / "exports.py").unlink()
    line = one_line(released.run("export", "safechain", "--think", "blank", "--to", "rows.jsonl"))
    assert "safechain: this family has no message export" in line


def test_a_destination_in_a_place_that_is_no_folder_is_one_line(released: Workspace) -> None:
    (released.root / "file").write_text("")
    one_line(released.run("export", "safechain", "--think", "blank", "--to", "file/rows.jsonl", "--accept-hazard"))


def test_an_export_shows_no_text(released: Workspace) -> None:
    done = released.run("export", "safechain", "--think", "full", "--to", "rows.jsonl", "--accept-hazard")
    output = done.stdout + done.stderr
    rows = pq.read_table(sorted((released.release / "default").glob("train-*"))).to_pylist()
    assert not any(row["instruction"][:20] in output or row["answer"][:20] in output for row in rows)
