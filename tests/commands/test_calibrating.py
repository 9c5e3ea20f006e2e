"""calibrate and compare: what there is nothing to measure of, and what cannot be written, are one line."""

from pathlib import Path

import pytest

from builders.commands import calibrating, comparing
from builders.errors import BuildError


def test_a_family_without_anything_to_measure_says_so() -> None:
    with pytest.raises(BuildError, match=r"^mmathcot: nothing of it has to be measured; choose another family$"):
        calibrating.run("mmathcot", None, None)


def test_a_table_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    comparing._write(tmp_path / "a.md", "ä\n")  # noqa: SLF001
    assert (tmp_path / "a.md").read_bytes() == "ä\n".encode()
    with pytest.raises(BuildError) as caught:
        comparing._write(tmp_path, "a")  # noqa: SLF001
    assert str(caught.value) == f"{tmp_path}: cannot be written: Is a directory; name another file"
