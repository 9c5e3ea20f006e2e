"""Law 1, nothing is lost: a stage that did not read all its rows, or did not write all it read, has not finished."""

import shutil
from pathlib import Path

import pytest

from builders import paths
from tests.harness import FAMILY, Workspace, one_line

_READ = "in self.decoded(self.files[rank]):"
_WRITTEN = "                (keep if rejection is None else reject)(records.encode(record, rejection))\n"
FAULTS = {
    "reads no further": (_READ, "in list(self.decoded(self.files[rank]))[:3]:"),
    "drops a row": (_WRITTEN, _WRITTEN.replace("(keep", "record.id[-1] in '01234567' and (keep", 1)),
    "writes a row twice": (_WRITTEN, 2 * _WRITTEN),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stage_that_loses_rows_is_one_line(fault: str, workspace: Workspace, built: Workspace) -> None:
    done = Path(f"processed/{FAMILY}")
    for stage in paths.STAGES[:-1]:
        shutil.copytree(built.root / done / stage, workspace.root / done / stage)
    module = workspace.root / "builders/pipeline.py"
    text = module.read_text()
    assert FAULTS[fault][0] in text
    module.unlink()
    module.write_text(text.replace(*FAULTS[fault]))
    assert f"validate {FAMILY}/default lost rows: in " in one_line(workspace.run("validate", FAMILY))
    assert "validate has not finished" in one_line(workspace.run("release", FAMILY))
