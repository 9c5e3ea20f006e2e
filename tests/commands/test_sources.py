"""sources: what each source would give, and why rows fall out, without a stage that runs or a text of hazard that is shown."""

from pathlib import Path

import pytest

from builders.commands import sources
from builders.errors import BuildError
from tests.harness import FAMILY, Workspace, declared, jsonl

PLAIN = "toy"
KEPT = "Why does the old harbour clock run slow after rain?"
ROWS = (
    {"prompt": KEPT, "topic": "clocks", "note": "x", "a title with words in it": 1},
    {"prompt": None, "topic": "tides", "note": None},
    {"prompt": KEPT.upper(), "topic": "clocks", "note": 2},
)
COLUMNS = {"instruction": "prompt", "label": "topic"}


def shown(workspace: Workspace, name: str = FAMILY) -> str:
    with workspace.inside() as said:
        sources.run(name)
    return said.getvalue()


def test_a_source_shows_its_columns_and_rows_and_why_they_fall_out_and_no_text(workspace: Workspace) -> None:
    workspace.source("own.jsonl", jsonl(*ROWS), columns=COLUMNS, constants={}, license="MIT")
    lines = shown(workspace).splitlines()
    assert lines[0] == "own: default, MIT, jsonl in sources/own.jsonl"
    assert lines[1] == "  columns of the file: prompt*, topic*, (a name of 4 characters), (a name of 24 characters)"
    assert lines[2].startswith(f"  instruction: str, {len(KEPT)} characters, sha256 ")
    assert lines[3].startswith("  label: str, 6 characters, sha256 ")
    assert "own: 3 rows, 1 kept, 2 rejected" in lines
    assert any(line.startswith("  bad_prompt 1; first: row 2 ") for line in lines)
    assert any(line.startswith("  duplicate_id 1; first: row 3 ") for line in lines)
    assert KEPT.casefold() not in "\n".join(lines).casefold()


def test_a_value_of_all_rows_is_shown_and_the_file_of_a_row_that_falls_out(workspace: Workspace) -> None:
    folder = workspace.root / "raw" / FAMILY / "sources" / "parts"
    folder.mkdir()
    (folder / "1.jsonl").write_text(jsonl(ROWS[0]))
    (folder / "2.jsonl").write_text(jsonl(ROWS[1]))
    with workspace.params() as params:
        entry = declared(Path("own.jsonl"), columns={"instruction": "prompt"}, constants={"label": "clocks"})
        params["sample"]["collect"]["sources"] = [{**entry, "file": "parts"}]
    said = shown(workspace)
    assert "  label: clocks (of every row)\n" in said
    assert '  bad_prompt 1; first: row 1 {"file":"parts/2.jsonl",' in said


@pytest.mark.family("dualmath")
def test_of_a_subset_its_own_sources_are_shown(workspace: Workspace) -> None:
    with workspace.params("dualmath") as params:
        sources_of = {source["id"]: source["subset"] for source in params["sample"]["collect"]["sources"]}
    assert set(sources_of.values()) == {"bel", "mie"}
    said = shown(workspace, "dualmath/mie")
    assert {line.partition(":")[0] for line in said.splitlines() if ": mie, " in line or ": bel, " in line} == {
        name for name, subset in sources_of.items() if subset == "mie"
    }


def test_no_stage_runs_and_nothing_is_kept(workspace: Workspace) -> None:
    workspace.source("own.jsonl", jsonl(*ROWS), columns=COLUMNS)
    shown(workspace)
    left = [path for path in (workspace.root / "processed").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []


def test_a_family_without_hazard_shows_its_first_values(workspace: Workspace) -> None:
    workspace.adopt(PLAIN)
    long = f"{KEPT} {'And so on. ' * 5}".strip()
    workspace.source(
        "own.jsonl", jsonl({"prompt": long, "topic": None, "note": 1}), PLAIN, columns={"prompt": "prompt", "label": "topic"}
    )
    said = shown(workspace, PLAIN)
    assert "  columns of the file: prompt*, topic*, note\n" in said
    assert f"  prompt: {long[:60]}… ({len(long)} characters)\n  label: nothing\n" in said
    assert "own: 1 rows, 1 kept, 0 rejected" in said


@pytest.mark.parametrize(("more", "shown_as"), [(0, "{}"), (1, "{}… (61 characters)")])
def test_a_first_value_of_sixty_characters_is_shown_whole(more: int, shown_as: str, workspace: Workspace) -> None:
    workspace.adopt(PLAIN)
    columns = {"prompt": "prompt", "label": "topic"}
    text = f"{KEPT} {'And so on. ' * 9}"[:60]
    assert len(text.strip()) == 60
    workspace.source("own.jsonl", jsonl({"prompt": text + "x" * more, "topic": "a"}), PLAIN, columns=columns)
    assert f"  prompt: {shown_as.format(text)}\n" in shown(workspace, PLAIN)


def test_every_source_that_cannot_be_read_is_a_line(workspace: Workspace) -> None:
    workspace.source("own.jsonl", "", columns=COLUMNS)
    with workspace.params() as params:
        collect = params["sample"]["collect"]
        collect["sources"].append(declared(Path("absent.csv"), id="absent", columns=COLUMNS))
    with workspace.inside() as said, pytest.raises(BuildError, match="source absent has no file"):
        sources.run(FAMILY)
    assert (
        said.getvalue()
        == f"error: raw/{FAMILY}/sources/own.jsonl: the file of source own is empty; fill it or take it out of params.yaml\n"
    )


def test_a_family_without_sources_says_so(workspace: Workspace) -> None:
    with workspace.params() as params:
        params["sample"]["collect"]["sources"] = []
    with pytest.raises(BuildError, match=f"no source for {FAMILY}; add one under collect.sources"):
        shown(workspace)
