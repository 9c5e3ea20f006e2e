"""Where nothing is to be asked, nobody has to be there: no server, no engine, no earlier reply."""

import pytest

from tests.harness import Workspace

FAMILY = "mmathcot"
ASKING = ("synthesize", "judge")


@pytest.fixture
def made(workspace: Workspace) -> Workspace:
    """A workspace whose only rows are problems of the engine, which answers them itself."""
    with workspace.params(FAMILY) as params:
        section = params["sample"]["collect"]
        section["sources"] = [source for source in section["sources"] if source.get("answers") == "symbolic"]
        for source in section["sources"]:
            source["file"]["rows"] = 10
    workspace.quick("collect", family=FAMILY)
    return workspace


@pytest.mark.parametrize("teacher", ["endpoint", "vllm", "ledger", "recorded"])
def test_problems_that_need_no_model_need_no_teacher(teacher: str, made: Workspace) -> None:
    made.project(teacher=teacher)
    lines = made.quick(*ASKING, family=FAMILY)
    assert [line.partition(", rejected")[2] for line in lines] == [" 0"] * len(lines)
    assert sum(len(made.rows("judge", pool, FAMILY)) for pool in ("made",)) == 10
