"""code: the modules that a stage imports, and those that change its bytes."""

import ast
import json
import sys
from pathlib import Path

import pytest

from builders import family as families
from builders import paths
from builders.releases import code
from tests.harness import PROJECT, Workspace

STAGES = paths.STAGES


@pytest.mark.parametrize("family", families.names())
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_made_of_its_module_and_the_familys(stage: str, family: str) -> None:
    found = code.hashes(family, stage)
    assert f"builders/stages/{stage}.py" in found
    assert f"builders/families/{family}/__init__.py" in found
    if (PROJECT / "builders" / "families" / family / f"{stage}.py").is_file():
        assert f"builders/families/{family}/{stage}.py" in found
    assert not [
        name for name in found if any(f"builders/families/{other}/" in name for other in families.names() if other != family)
    ]


@pytest.mark.parametrize("family", families.names())
@pytest.mark.parametrize("stage", STAGES[:-1])
def test_whatever_python_imports_for_a_stage_is_found(stage: str, family: str, workspace: Workspace) -> None:
    """Python itself is asked: it imports at the top, reading finds what is imported inside functions too."""
    own = [name for name in (stage,) if (PROJECT / "builders/families" / family / f"{name}.py").is_file()]
    names = [f"builders.stages.{stage}", *(f"builders.families.{family}.{name}" for name in own)]
    lines = [f"import {name}" for name in names] + [
        "import sys",
        "print([module.__file__ for name, module in sys.modules.items() if name.startswith('builders')])",
    ]
    done = workspace.finished([sys.executable, "-c", "\n".join(lines)])
    assert done.returncode == 0, done.stderr
    imported = {Path(file).relative_to(workspace.root).as_posix() for file in ast.literal_eval(done.stdout)}
    read = {path.relative_to(PROJECT).as_posix() for path in code.modules(family, stage)}
    assert imported - read <= {"builders/__init__.py"}


def test_the_release_depends_on_what_every_stage_does() -> None:
    for family in families.names():
        everything = code.hashes(family, "release")
        for stage in STAGES:
            assert code.hashes(family, stage).items() <= everything.items()


def test_what_changes_no_bytes_is_left_out_and_data_beside_code_are_not() -> None:
    found = code.hashes("safechain", "judge")
    assert "builders/refusals/weights.json" in found
    assert not [name for name in found if name in {"builders/errors.py", "builders/progress.py", "builders/ledger/writer.py"}]


def test_an_edit_changes_the_file_of_the_stages_that_import_what_was_edited(workspace: Workspace) -> None:
    def written() -> dict[str, dict[str, str]]:
        done = workspace.run("code")
        assert done.returncode == 0, done.stderr
        folder = workspace.root / "processed/code/safechain"
        return {stage: json.loads((folder / f"{stage}.json").read_text()) for stage in STAGES}

    before = written()
    edited = workspace.root / "builders/families/safechain/filter.py"
    edited.write_text(edited.read_text() + "\n")
    after = written()
    assert {stage for stage in STAGES if before[stage] != after[stage]} == {"filter", "release"}
