"""params: what the stages are told, every key, in the order of the stages."""

import subprocess
import sys

import pytest
import yaml

from builders import family as families
from builders import paths
from builders.__main__ import main
from tests.harness import Workspace


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("family", families.names())
def test_every_key_of_every_stage_is_shown_and_would_be_taken_again(family: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["params", family]) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert list(shown) == ["profile", "teacher", family]
    assert list(shown[family]) == list(paths.STAGES)
    paths.params(family).write_text(yaml.safe_dump({shown["profile"]: shown[family]}, sort_keys=False))
    assert main(["params", family]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == shown


def test_a_reader_that_has_enough_is_no_error(here: Workspace) -> None:
    line = f"{sys.executable} -m builders params mmathcot | head -1"
    done = subprocess.run(["/bin/bash", "-c", line], cwd=here.root, capture_output=True, text=True, check=False, timeout=600)
    assert (done.stdout, done.stderr) == ("profile: sample\n", "")
