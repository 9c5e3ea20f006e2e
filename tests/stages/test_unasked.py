"""Where nothing is to be asked, nobody has to be there: no server, no engine, no earlier reply."""

import pytest

from tests.doubles.teacher import Answer, serving
from tests.harness import Workspace, one_line

FAMILY = "mmathcot"
ASKING = ("synthesize", "judge")


@pytest.fixture
def made(workspace: Workspace) -> Workspace:
    """A workspace whose only rows are problems of the engine, which answers them itself."""
    with workspace.params(FAMILY) as params:
        chosen = params["sample"]["collect"]
        chosen["sources"] = [source for source in chosen["sources"] if source["answers"] == "symbolic"]
        for source in chosen["sources"]:
            source["file"]["rows"] = 10
    workspace.quick("collect", family=FAMILY)
    return workspace


@pytest.mark.parametrize("teacher", ["endpoint", "vllm", "ledger", "recorded"])
def test_problems_that_need_no_model_need_no_teacher(teacher: str, made: Workspace) -> None:
    made.project(teacher=teacher)
    said = made.quick(*ASKING, family=FAMILY)
    assert [line.partition(", rejected")[2] for line in said] == [" 0"] * len(said)
    assert sum(len(made.rows("judge", pool, FAMILY)) for pool in ("distill", "rewrite", "unify")) == 10


def test_a_stage_that_is_to_ask_somebody_names_who_is_missing_before_it_asks_anybody(workspace: Workspace) -> None:
    """With early stopping the judge is asked later than the teacher."""
    with workspace.params() as params:
        params["sample"]["synthesize"]["early_stopping"] = True
    workspace.project(teacher="endpoint")
    workspace.quick("collect")
    with serving(lambda _: Answer("An answer.")) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_JUDGE_URL": "nowhere"}
        said = one_line(workspace.run("synthesize", FAMILY, **environment))
        assert said.startswith("error: BUILDERS_JUDGE_URL: not an HTTP address")
        assert server.asked == []
