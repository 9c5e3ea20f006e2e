"""The sample build writes the bytes that it wrote before: every row kept or rejected by a stage, every Parquet file."""

from collections.abc import Callable

import pytest

from builders import family as families
from tests import sample_bytes
from tests.harness import Workspace


@pytest.mark.parametrize("family", families.names())
def test_the_sample_build_writes_the_bytes_that_were_kept(family: str, samples: Callable[[str], Workspace]) -> None:
    """Where they were meant to change: `python -m tests.sample_bytes`, and the commit says which rows and why."""
    found = sample_bytes.digests(samples(family).root / "processed" / family)
    expected = sample_bytes.known()[family]
    assert {name for name in {*found, *expected} if found.get(name) != expected.get(name)} == set()
