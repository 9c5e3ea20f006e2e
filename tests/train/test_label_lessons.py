"""The head that the labels of dualmath are to teach: what it sees, how it is measured, and that it learns."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.harness import PROJECT

pytestmark = pytest.mark.train

CHECK = PROJECT / "tests" / "train" / "check_label_lessons.py"


def test_the_head_sees_learns_and_is_measured(tmp_path: Path) -> None:
    done = subprocess.run(
        [os.environ["TRACEWRIGHT_TRAIN"], CHECK],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["seen", "figures", "learning"]
