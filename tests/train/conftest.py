"""What the tests that need torch share: a script of this folder, run by the interpreter that has it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import PROJECT

Checked = Callable[[str, Path], list[str]]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """Run `check_<family>.py` on a release, and return what it says held."""

    def run(family: str, release: Path) -> list[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [os.environ["TRACEWRIGHT_TRAIN"], PROJECT / "tests" / "train" / f"check_{family}.py", release],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run
