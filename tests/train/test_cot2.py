"""cot2 with torch: rows become tensors, samplers work on them, and a small model learns from a release."""

from collections.abc import Callable

import pytest

from tests.harness import Workspace
from tests.train.conftest import Checked

pytestmark = pytest.mark.train


def test_rows_of_a_release_become_tensors_and_a_model_learns_from_them(
    samples: Callable[[str], Workspace], checked: Checked
) -> None:
    release = samples("cot2").root / "processed/cot2/release"
    assert checked("cot2", release) == ["tensors", "collate", "samplers", "learning"]
