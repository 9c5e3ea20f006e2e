"""Law 1, nothing is lost: a stage that did not read all its rows, or did not write all it read, has not finished."""

import shutil
from pathlib import Path

import pytest

from tests.harness import FAMILY, Workspace, one_line

_READ = "            read += 1\n"
FAULTS = {
    "reads no further": (_READ, f"{_READ}            if read == 3:\n                break\n"),
    "drops a row": ("            write(*", "            read != 3 and write(*"),
    "writes a row twice": (_READ, f"{_READ}            if read == 3:\n                write(record, None)\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stage_that_loses_rows_is_one_line(fault: str, workspace: Workspace, built: Workspace) -> None:
    done = Path(f"processed/{FAMILY}")
    for stage in ("filter", "review"):
        shutil.copytree(built.root / done / stage, workspace.root / done / stage)
    module = workspace.root / "builders/stages/review.py"
    text = module.read_text()
    assert FAULTS[fault][0] in text
    module.write_text(text.replace(*FAULTS[fault]))
    assert f"review {FAMILY}/default lost rows: in " in one_line(workspace.run("review", FAMILY))
    assert "review has not finished" in one_line(workspace.run("validate", FAMILY))
