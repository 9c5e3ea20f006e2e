"""cot2 with torch: rows become tensors, samplers work on them, and a small model learns from a release."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import PROJECT, Workspace

pytestmark = pytest.mark.train

CHECK = PROJECT / "tests" / "train" / "check_cot2.py"


def test_rows_of_a_release_become_tensors_and_a_model_learns_from_them(
    samples: Callable[[str], Workspace], tmp_path: Path
) -> None:
    release = samples("cot2").root / "processed/cot2/release"
    done = subprocess.run(
        [os.environ["TRACEWRIGHT_TRAIN"], CHECK, release],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["tensors", "collate", "samplers", "learning"]
