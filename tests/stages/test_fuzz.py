"""Ten thousand rows that nobody would write, in every format: each is kept or rejected, and none ends the build.

The seeds are fixed; `TRACEWRIGHT_SEED=<number>` tries others, and `python -m benchmarks.attack --seed` more of them.
"""

import os
from pathlib import Path

import pytest

from builders import contracts
from builders import family as families
from builders.errors import BuildError
from builders.jobs import counts
from builders.stages.running import run
from tests.doubles import hostile
from tests.harness import FAMILY, Workspace

SEED = int(os.environ.get("TRACEWRIGHT_SEED", "0"))
ROWS = dict.fromkeys(hostile.FORMATS, 1_920) | {"yaml": 400}
"""By format: what reads YAML is slow."""
COLUMNS = {"key": "key", "instruction": "prompt", "label": "topic"}


@pytest.fixture
def kinds(workspace: Workspace) -> Workspace:
    """A workspace in which only what is fuzzed is read."""
    with workspace.params() as params:
        params["sample"]["collect"]["decontamination"]["sets"] = []
    return workspace


@pytest.mark.parametrize("kind", hostile.FORMATS)
def test_every_row_is_kept_or_rejected(kind: str, kinds: Workspace) -> None:
    kinds.source(f"own.{kind}", hostile.rows(kind, ROWS[kind], SEED), columns=COLUMNS)
    with kinds.inside() as output:
        run("collect", FAMILY)
        [counted] = counts(FAMILY, "collect").values()
    assert counted.read == ROWS[kind]
    assert counted.read == sum(counted.out.values()) + sum(counted.rejected.values())
    assert counted.out
    assert "bad_prompt" in counted.rejected
    assert hostile.MARK not in output.getvalue()


@pytest.mark.parametrize("kind", hostile.FORMATS)
def test_a_file_with_wrong_bytes_is_read_or_is_one_line_without_its_text(kind: str, kinds: Workspace) -> None:
    whole = hostile.rows(kind, 20, SEED)
    for number in range(12):
        kinds.source(f"own.{kind}", hostile.spoilt(whole, SEED * 1000 + number), columns=COLUMNS)
        with kinds.inside():
            try:
                run("collect", FAMILY)
            except BuildError as error:
                line = str(error)
                assert len(line.splitlines()) == 1
                assert hostile.MARK not in line


POOLS = [
    (family, pool) for family in families.names() for pool in families.pools(family) if (family, pool) != ("mmathcot", "made")
]


@pytest.mark.parametrize(("family", "pool"), POOLS)
def test_whatever_stands_in_a_familys_columns_costs_its_row_at_most(family: str, pool: str, tmp_path: Path) -> None:
    """Where a column is a name, a text or a list to the family, a file may have anything there."""
    workspace = Workspace.make(tmp_path / "project", family)
    names = list(contracts.collecting(family).columns)
    content = hostile.columns(names, 80, SEED)
    workspace.source("own.jsonl", content, subset=pool, columns={name: name for name in ("key", *names)})
    with workspace.inside():
        run("collect", f"{family}/{pool}")
        counted = counts(family, "collect")[pool]
    assert counted.read == 80 == sum(counted.out.values()) + sum(counted.rejected.values())
