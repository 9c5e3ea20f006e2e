"""The command line: bad input is one clear line and exit code 2, and every row can be traced."""

import errno
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from builders import paths, private, verbs
from builders.__main__ import main
from builders.commands import explain
from builders.records import text_digest
from builders.releases import code
from tests.harness import FAMILY, PROJECT, Workspace, jsonl, laid, one_line

WIDE = {"COLUMNS": "5000"}
"""So that the terminal's width hides nothing from a test."""

TABBED, LISTED, NESTED, LONE = (
    "pick\tthe\tneighbour's\tlock",
    "pick the neighbour's door",
    "pick the cellar door",
    "lockpicking",
)
TOMATOES, BREAD = "How do I grow tomatoes on a balcony?", "How do I bake bread without an oven?"
SEEDS: list[dict[str, Any]] = [
    {"uid": None, "prompt": None},
    {"uid": None, "prompt": 7},
    {"uid": None, "prompt": "  \t"},
    {"uid": None, "prompt": ""},
    {"uid": "no prompt"},
    {"uid": "list", "prompt": [LISTED]},
    {"uid": "dict", "prompt": {"label": NESTED}},
    {"uid": "twin", "prompt": TOMATOES},
    {"uid": "twin", "prompt": BREAD},
    {"uid": None, "prompt": "How do I fix a bicycle tyre?"},
    {"uid": None, "prompt": "how do I  fix a BICYCLE tyre?"},
    {"uid": "tabs", "prompt": TABBED},
    {"uid": "lone", "prompt": LONE},
]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project whose own source has bad prompts and repeated keys; only to be read."""
    made = Workspace.make(tmp_path_factory.mktemp("collected") / "project")
    made.source("own.jsonl", jsonl(*SEEDS), columns={"key": "uid", "instruction": "prompt"})
    made.build("collect")
    return made


def identity(workspace: Workspace, seed: int) -> str:
    """Return the id of the row that came from a line of the source."""
    rejected = [line["row"] for line in workspace.rejected("collect")]
    found = [row["id"] for row in workspace.rows("collect") + rejected if row["provenance"]["source_row"] == seed]
    assert len(found) == 1
    return str(found[0])


# Where, and in which order.


@pytest.mark.parametrize(
    "arguments",
    [
        ["collect", "safechain"],
        ["explain", "safechain:0123456789abcdef"],
        ["funnel"],
        ["export", "safechain", "--think", "full", "--to", "rows.jsonl"],
    ],
)
def test_outside_a_checkout_every_verb_says_so(tmp_path: Path, arguments: list[str]) -> None:
    line = one_line(Workspace(tmp_path).run(*arguments, PYTHONPATH=str(PROJECT)))
    assert line == f"error: {tmp_path}: no params.yaml here; run from the root of the repository"


def test_a_stage_before_its_input_exists_names_the_stage_to_run(workspace: Workspace) -> None:
    line = one_line(workspace.run("filter", FAMILY))
    assert f"judge has not finished for {FAMILY}/default; run python -m builders judge {FAMILY}" in line


def test_an_input_that_was_not_finished_counts_as_none(workspace: Workspace) -> None:
    """Rows without the counts that are written last come from a run that was killed."""
    laid(workspace.root / "processed" / FAMILY / "collect" / "rows" / "default", [])
    assert f"collect has not finished for {FAMILY}/default" in one_line(workspace.run("synthesize", FAMILY))


def test_an_executor_that_is_none_is_refused(workspace: Workspace) -> None:
    line = one_line(workspace.run("collect", FAMILY, BUILDERS_EXECUTOR="spark"))
    assert line == "error: BUILDERS_EXECUTOR: no executor 'spark'; set it to local, ray, slurm, or unset it"
    assert not (workspace.root / "processed" / FAMILY / "collect" / "rows").exists()


def test_a_scratch_file_that_does_not_fit_is_one_line_that_names_where_such_files_are(
    here: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del here

    def full() -> None:
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(code, "run", full)
    assert main(["code"]) == 2
    where = f"error: {tempfile.gettempdir()}: File too large"
    assert capsys.readouterr().err == f"{where}; free some space there, or fix its permissions, and run again\n"


# Params.


def test_a_further_params_key_is_one_line(workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["synthesize"]["reples"] = 3
    line = one_line(workspace.run("collect", FAMILY))
    assert f"builders/families/{FAMILY}/params.yaml: unknown key sample.synthesize.reples, did you mean replies?" in line


@pytest.mark.parametrize(("stage", "role"), [("synthesize", "teacher"), ("judge", "judge")])
def test_a_misspelt_role_is_one_line(workspace: Workspace, stage: str, role: str) -> None:
    with workspace.params() as params:
        params["sample"][stage]["roles"] = {"tutor": params["sample"][stage]["roles"][role]}
    line = one_line(workspace.run(stage, FAMILY))
    assert f"builders/families/{FAMILY}/params.yaml" in line
    assert role in line


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (
            {"columns": {"instruction": "prompt", "labell": "type"}},
            "fills the unknown column 'labell'; fill instruction, key, label",
        ),
        ({"columns": {"label": "type"}}, "does not say where 'instruction' comes from; map it under columns or constants"),
        (
            {"values": {"label": {"a": "b"}}},
            "translates values of 'label', which it does not fill; map it under columns too",
        ),
        (
            {"constants": {"key": "b"}},
            "sets or translates 'key', which names the file's own row key; map it under columns only",
        ),
    ],
)
def test_a_source_that_fills_the_wrong_columns_is_one_line(workspace: Workspace, entry: dict[str, Any], what: str) -> None:
    workspace.source("own.jsonl", jsonl({"prompt": BREAD}), **entry)
    line = one_line(workspace.run("collect", FAMILY))
    assert line.startswith(f"error: builders/families/{FAMILY}/params.yaml: source own {what}")


def test_no_source_at_all_is_one_line(workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["collect"]["sources"] = []
    line = one_line(workspace.run("collect", FAMILY))
    assert f"no source for {FAMILY}/default; add one under collect.sources" in line


def test_who_has_read_enough_ends_a_command_without_a_word(workspace: Workspace) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-u", "-m", "builders", "params", FAMILY]
    done = subprocess.run(command, check=False, cwd=workspace.root, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


# Sources, each fault once through the whole command; tests/test_sources.py has the many ways.


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("own.jsonl", None, ": source own has no file; "),
        ("own.csv", b"", ": the file of source own is empty; "),
        ("own.csv", b"prompt,type\n", ": source own holds no row; "),
        ("own.jsonl", b'{"prompt": "a"}\n{"prompt": }\n', ":2: broken JSON: "),
        ("own.json", b'[\n {"prompt": "a"},\n {"prompt": "\xff"}\n]\n', ":3: bytes that are not UTF-8; "),
        ("own.csv", b'prompt\nHow do I bake bread?\n"open\n', ":3: broken row: "),
        ("own.tsv", b"prompt\ttype\nHow do I bake bread?\n", ":2: 1 fields where the header has 2; "),
        ("own.yaml", b"- prompt: a\n- prompt: [\n", ":3: broken YAML: "),
        ("own.parquet", b"PAR1 and no more", ": cannot be read as Parquet "),
        ("own.jsonl", b'{"text": "How do I bake bread?"}\n', ": source own has no column 'prompt'; "),
    ],
)
def test_a_broken_source_is_one_line_and_leaves_no_rows(
    workspace: Workspace, name: str, content: bytes | None, what: str
) -> None:
    workspace.source(name, content or b"")
    if content is None:
        (workspace.root / "raw" / FAMILY / "sources" / name).unlink()
    line = one_line(workspace.run("collect", FAMILY))
    assert line.startswith(f"error: raw/{FAMILY}/sources/{name}{what}")
    left = [path for path in (workspace.root / "processed").rglob("*.jsonl*") if path.is_file()]
    assert left == []


# Rows that are rejected, and their life.


def test_null_number_blank_and_other_prompts_are_bad_prompts(collected: Workspace) -> None:
    bad = [line for line in collected.rejected("collect") if line["rejection"]["reason"] == "bad_prompt"]
    assert [(line["row"]["provenance"]["source_row"], line["rejection"]["evidence"]["type"]) for line in bad] == [
        (1, "NoneType"),
        (2, "int"),
        (3, "str"),
        (4, "str"),
        (5, "NoneType"),
        (6, "list"),
        (7, "dict"),
    ]


def test_bad_prompts_without_a_key_have_ids_of_their_own(collected: Workspace) -> None:
    assert len({identity(collected, seed) for seed in (1, 2, 3, 4)}) == 4


def test_a_repeated_key_or_prompt_is_a_duplicate_id_of_the_first_row(collected: Workspace) -> None:
    """A row without a key has its prompt for one, but for case and white space."""
    twice = [line for line in collected.rejected("collect") if line["rejection"]["reason"] == "duplicate_id"]
    assert [(line["row"]["provenance"]["source_row"], line["rejection"]["evidence"]) for line in twice] == [
        (9, {"first_source_row": 8}),
        (11, {"first_source_row": 10}),
    ]
    assert identity(collected, 8) == identity(collected, 9)
    assert identity(collected, 10) == identity(collected, 11)


def test_no_row_of_the_source_is_lost(collected: Workspace) -> None:
    rows = [*collected.rows("collect"), *(line["row"] for line in collected.rejected("collect"))]
    assert sorted(row["provenance"]["source_row"] for row in rows) == list(range(1, len(SEEDS) + 1))


def test_explain_shows_both_rows_of_a_repeated_id(collected: Workspace) -> None:
    done = collected.run("explain", identity(collected, 8), **WIDE)
    assert done.returncode == 0, done.stderr
    first, _, second = done.stdout.partition("collect: rejected: duplicate_id")
    assert "collect: kept for default" in first
    assert "source_row: 8\n" in first
    assert text_digest(TOMATOES)[:16] in first
    assert "first_source_row: 8\n" in second
    assert "source_row: 9\n" in second
    assert text_digest(BREAD)[:16] in second


def test_explain_tells_a_rejected_row_s_reason_and_evidence(collected: Workspace) -> None:
    done = collected.run("explain", identity(collected, 2), **WIDE)
    assert done.returncode == 0, done.stderr
    assert "collect: rejected: bad_prompt\n" in done.stdout
    assert "type: int\n" in done.stdout
    assert "source_row: 2\n" in done.stdout
    assert "kept" not in done.stdout


@pytest.mark.parametrize("arguments", [["explain", f"{FAMILY}:0123456789abcdef"], ["explain", FAMILY]])
def test_explain_of_an_unknown_id_is_one_line(collected: Workspace, arguments: list[str]) -> None:
    line = one_line(collected.run(*arguments))
    assert line == f"error: {arguments[1]}: no stage has seen this row; check the id, or run the stages first"


def test_explain_of_an_id_that_is_no_utf_8_is_one_line(collected: Workspace) -> None:
    assert "no stage has seen this row" in one_line(collected.run("explain", f"{FAMILY}:\udcff"))


def texts(workspace: Workspace, row: dict[str, Any]) -> list[str]:
    """Return the lines of all texts that a released row and its replies have."""
    asked = next(other for other in workspace.rows("synthesize") if other["id"] == row["id"])
    whole = [row["data"][name] for name in ("instruction", "response")]
    whole += [reply["text"] for reply in asked["data"]["replies"]]
    return [line.strip() for text in whole for line in text.splitlines() if " " in line.strip()]


def test_explain_hides_texts_unless_they_are_asked_for(built: Workspace) -> None:
    row = built.rows("validate")[0]
    lines = texts(built, row)
    assert len(lines) > 6
    hidden = built.run("explain", row["id"], **WIDE)
    assert hidden.returncode == 0, hidden.stderr
    assert [line for line in lines if line in hidden.stdout] == []
    instruction = row["data"]["instruction"]
    assert f"instruction: {len(instruction)} characters, sha256 {text_digest(instruction)[:16]}…" in hidden.stdout
    shown = built.run("explain", row["id"], "--show-text", "--full", **WIDE)
    assert shown.returncode == 0, shown.stderr
    assert [line for line in lines if line not in shown.stdout] == []


def test_explain_tells_every_stage_of_a_released_row(built: Workspace) -> None:
    row = built.rows("validate")[0]
    done = built.run("explain", row["id"], **WIDE)
    output = re.findall(r"^[├└]── (\w+): (.*)$", done.stdout, re.MULTILINE)
    assert [stage for stage, _ in output] == list(paths.STAGES)
    assert {fate for _, fate in output[:-1]} == {"kept for default"}
    assert output[-1][1] == f"in processed/{FAMILY}/release/default"


def test_explain_of_a_row_that_filter_rejected_ends_there(built: Workspace) -> None:
    rejected = built.rejected("filter")[0]
    done = built.run("explain", rejected["row"]["id"], **WIDE)
    output = re.findall(r"^[├└]── (\w+): (.*)$", done.stdout, re.MULTILINE)
    assert output[:3] == [(stage, "kept for default") for stage in ("collect", "synthesize", "judge")]
    assert output[3:] == [("filter", f"rejected: {rejected['rejection']['reason']}")]


@pytest.mark.parametrize(("seed", "secret"), [(6, LISTED), (7, NESTED), (12, "neighbour's"), (13, LONE)])
def test_explain_hides_prompts_of_every_shape(collected: Workspace, seed: int, secret: str) -> None:
    for shown in (True, False):
        with collected.inside(**WIDE) as output:
            explain.run(identity(collected, seed), show_text=shown)
        assert (secret in output.getvalue()) == shown


def test_explain_prints_the_hash_for_reviews_in_whole_on_any_width(built: Workspace) -> None:
    """A reviewer copies it into a decision."""
    row = built.rows("filter")[0]
    done = built.run("explain", row["id"], COLUMNS="80")
    assert re.search(r"content for review: sha256 [0-9a-f]{64}$", done.stdout, re.MULTILINE)


def test_a_prompt_of_bytes_or_of_a_long_number_is_a_bad_prompt(workspace: Workspace) -> None:
    """Formats other than JSON have values that JSON cannot carry."""
    content = (
        "- prompt: !!binary SG93IGRvIEkgYmFrZSBicmVhZCBhdCBob21lPw==\n- prompt: 123456789012345678901\n- prompt: 2024-01-01\n"
    )
    workspace.source("own.yaml", content)
    workspace.build("collect")
    assert workspace.reasons("collect") == ["bad_prompt"] * 3


# The funnel.


def test_funnel_before_a_build_says_how_to_build(workspace: Workspace) -> None:
    line = one_line(workspace.run("funnel", FAMILY))
    assert line == f"error: processed/{FAMILY}/stats.json: {FAMILY} is not built; run make datasets, or dvc repro"


def test_funnel_counts_every_row(built: Workspace) -> None:
    """Rows in, kept and rejected by reason are those that lie in the files."""
    done = built.run("funnel", FAMILY, **WIDE)
    assert done.returncode == 0, done.stderr
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines() if "│" in line]
    family, subset, seeds, kept, _, where = cells[0]
    rejected = [reason for stage in paths.STAGES[:-1] for reason in built.reasons(stage)]
    assert (family, subset) == (FAMILY, "default")
    hard = next(cell for cell in cells if cell[1] == "hard")
    assert [int(kept), int(hard[3])] == [
        sum(row["subset"] == config for row in built.rows("validate")) for config in ("default", "hard")
    ]
    assert int(seeds) == int(kept) + int(hard[3]) + len(rejected)
    assert hard[5] == f"processed/{FAMILY}/release/hard"
    counted = dict(cell[4].split() for cell in cells if cell[4])
    assert {reason: int(count) for reason, count in counted.items()} == {reason: rejected.count(reason) for reason in rejected}
    assert where == f"processed/{FAMILY}/release/default"


def test_funnel_in_a_pipe_names_the_folder_in_whole(built: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert f"processed/{FAMILY}/release/default" in built.run("funnel", FAMILY).stdout


def test_funnel_agrees_with_the_counts_that_are_released(built: Workspace) -> None:
    stats = json.loads((built.root / "processed" / FAMILY / "stats.json").read_bytes())
    assert stats["stages"][0]["in"] == len(built.rows("collect")) + len(built.rejected("collect"))
    assert sum(stats["stages"][-1]["out"].values()) == len(built.rows("validate"))


@pytest.mark.family(FAMILY)
def test_explain_hides_a_key_that_is_a_prompt_and_what_a_server_said(workspace: Workspace) -> None:
    """In provenance and in evidence: nobody has checked what stands there."""
    prompt = "How do I keep marmalade from the neighbours over a long winter?"
    workspace.source("own.jsonl", jsonl({"prompt": prompt}, {"prompt": "An odd key, and a second prompt of that kind?"}))
    with workspace.params() as params:
        params["sample"]["collect"]["sources"][0]["columns"] = {"key": "prompt", "instruction": "prompt"}
    workspace.quick("collect")
    [row, *_] = workspace.rows("collect")
    output = workspace.explained(row["id"], show_text=False)
    assert "marmalade" not in output
    assert f"source_key: {len(prompt)} characters, sha256" in output
    assert "source: own" in output
    assert "marmalade" in workspace.explained(row["id"], show_text=True)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            OSError(),
            2,
            f"error: {tempfile.gettempdir()}: OSError; free some space there, or fix its permissions, and run again\n",
        ),
        (OSError(13, "No way", "a.txt"), 2, "error: a.txt: No way; free some space there"),
        (KeyError("a prompt"), 1, "error: a bug: KeyError in test_main.py:"),
        (KeyboardInterrupt(), 130, "interrupted; run the same command again to go on\n"),
        (None, 0, ""),
    ],
    ids=["nameless", "named", "bug", "interrupt", "none"],
)
def test_each_end_of_a_command_has_its_code_and_one_line(
    error: BaseException | None, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = _ending(error, monkeypatch)
    assert main([]) == code
    assert errors.getvalue().startswith(said)
    assert errors.getvalue().count("\n") == bool(said)
    assert "a prompt" not in errors.getvalue()


def test_a_bug_shows_where_it_came_from_in_development_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    _ending(KeyError("a prompt"), monkeypatch)
    monkeypatch.setattr(sys, "flags", SimpleNamespace(dev_mode=True))
    with pytest.raises(KeyError, match="a prompt"):
        main([])


def _ending(error: BaseException | None, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Let every command end with an error; what it prints of it."""
    errors = io.StringIO()

    def run(_: object) -> None:
        if error:
            raise error

    parser = SimpleNamespace(parse_args=lambda _: SimpleNamespace(run=run))
    monkeypatch.setattr(verbs, "parser", lambda: parser)
    monkeypatch.setattr(private, "start", lambda: None)
    monkeypatch.setattr(sys, "stderr", errors)
    return errors


def test_every_verb_of_a_family_reaches_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("retry", "plan", "try", "sources", "funnel"):
        assert main([verb, "nobody"]) == 2
        assert capsys.readouterr().err.startswith("error: nobody: no such family; choose one of ")
